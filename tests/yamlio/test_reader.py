from __future__ import annotations

import pickle
import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgegen.diagnostics import Note, Place, Problem
from edgegen.yamlio.limits import DEFAULT_LIMITS, Limits
from edgegen.yamlio.places import locate
from edgegen.yamlio.reader import read_bytes

HEAD = "apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: a}\n"

ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"
TWO = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n"
LOST = 'nothing behind "..." is read without a "---"'
STANDS_ALONE = "a separator stands alone on its line"
DIRECTIVE = "the reader of the API server takes no directive here"

MANIFEST = """\
# the shop's route
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop   # a comment
  labels: {app: shop, "tier": 'front'}
spec:
  hostnames: ["*.example.com", shop.example.com]
  defaults: &defaults
    weight: 1
    port: 80
  rules:
  - matches:
    - path: {type: PathPrefix, value: /api}
    backendRefs:
    - <<: *defaults
      name: api
  - note: |
      kept # as it is
        indented
    folded: >-
      one
      line

      two
    quoted: "a\\tb \\u00e9
      c"
"""


def value_of(text: str) -> object:
    reading = read_bytes("f.yaml", text.encode())
    assert reading.problems == []
    assert len(reading.documents) == 1
    return reading.documents[0].value


def rules_of(data: bytes | str, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    raw = data.encode() if isinstance(data, str) else data
    return [problem.rule for problem in read_bytes("f.yaml", raw, limits).problems]


def values_of(data: bytes | str) -> list[object]:
    raw = data.encode() if isinstance(data, str) else data
    return [document.value for document in read_bytes("f.yaml", raw).documents]


def test_a_manifest_is_read_as_the_api_machinery_reads_it(judge):
    expected = judge(MANIFEST)[0]
    expected["metadata"]["labels"].pop("a")
    assert value_of(MANIFEST) == expected


@pytest.mark.parametrize(
    "spec",
    [
        "spec: [fc00::/7]\n",
        "spec: {b: fc00::1}\n",
        "spec: [http://x:80/]\n",
        "spec: {b:1}\n",
        "spec: {y: 1, On: 2, 1.0: 3, 1e6: 4, 010: 5, .inf: 6, 2024-01-01: 7}\n",
        "spec: {a: 1, <<: {a: 2, b: 3}}\n",
        "spec: {<<: [{a: 1}, {a: 2, b: 3}], b: 4}\n",
        "spec: {<<: {a: 1}, <<: {a: 2}}\n",
        "spec: {k: &k y, *k : 1}\n",
        "spec: {k: &k 1.0, *k : 1}\n",
        "spec: [&a [&a 1, *a], *a]\n",
        "spec: {? &x <<: {a: 1}, ! <<: {b: 1}}\n",
        "spec: [!foo 1, !!str 1, ! 1, !!set {a}, !!map [1], !!binary 4oI=]\n",
        "spec: {a: ['x?', \"?\"], b: {c: d}}\nrest: a?b\n",
        'spec: "\\\\/"\n',
        "spec: ['1', \"y\", '', ~, '~']\n",
        "spec: |\n  text",
        "spec: |+\n  text\n\n",
        "spec: >\n  a\n   b\n  c\n",
        "spec:\n- - 1\n  - 2\n-\n- ? a\n",
        'spec: "\\x41\\u00e9\\U0001F600\\e\\_"\n',
        'spec: "a\u2028b"\n',
    ],
)
def test_oddities_are_read_as_the_api_machinery_reads_them(spec, judge):
    (document,) = read_bytes("f.yaml", (HEAD + spec).encode()).documents
    assert document.value["spec"] == judge(HEAD + spec)[0].get("spec")


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        ("spec: {null: 1}\n", "yaml-bad-key"),
        ("spec: {? : 1}\n", "yaml-bad-key"),
        ("spec: {18446744073709551615: 1}\n", "yaml-bad-key"),
        ("spec: {[a]: 1}\n", "yaml-bad-key"),
        ("spec: {{a: b}: 1}\n", "yaml-bad-key"),
        ("spec: {a: &a [1], *a : 1}\n", "yaml-bad-key"),
        ("spec: [.inf]\n", "yaml-unrepresentable"),
        ("spec: {a: -.INF}\n", "yaml-unrepresentable"),
        ("spec: [&x .nan]\n", "yaml-unrepresentable"),
        ("spec: !!int foo\n", "yaml-unrepresentable"),
        ("spec: *nope\n", "yaml-syntax"),
        ("spec: &a [*a]\n", "yaml-syntax"),
        ("spec: &a {b: *a}\n", "yaml-syntax"),
        ("spec: {<<: 1}\n", "yaml-syntax"),
        ("spec: {<<: [1]}\n", "yaml-syntax"),
        ("spec: {a: &a [{}], <<: *a}\n", "yaml-syntax"),
        ("spec: [::1]\n", "yaml-syntax"),
        ('spec: "\\ud83d\\ude00"\n', "yaml-syntax"),
        ("spec: [1, 2\n", "yaml-syntax"),
        ("spec: {a: [^/b?$]}\n", "yaml-syntax"),
        ('spec: "\\/"\n', "yaml-syntax"),
        ('spec: "\\\\\\/"\n', "yaml-syntax"),
        ("spec:\n\ta: 1\n", "yaml-syntax"),
    ],
)
def test_what_the_api_machinery_refuses_is_one_problem_and_no_document(spec, rule, refuses):
    assert rules_of(HEAD + spec) == [rule]
    assert values_of(HEAD + spec) == []
    assert refuses(HEAD + spec)


@pytest.mark.parametrize(
    ("data", "rules", "values"),
    [
        (b"", [], []),
        (b"\n# only a comment\n", [], []),
        (b"~\n", [], []),
        (b"a: 1", [], [{"a": 1}]),
        (b"a: |\n  x", [], [{"a": "x\n"}]),
        (b"a:\n\tb: 1\n", ["yaml-syntax"], []),
        (b"\xef\xbb\xbfa: 1\n", [], [{"a": 1}]),
        (b"a: 1\n---\n\xef\xbb\xbfb: 1\n", ["yaml-encoding"], [{"a": 1}, {"b": 1}]),
        (b"a: '\xef\xbb\xbf'\n", ["yaml-encoding"], [{"a": "\ufeff"}]),
        (b"a: 1\r\nb: |\r\n  x\r\n  y\r\n", [], [{"a": 1, "b": "x\ny\n"}]),
        (b"a: 1\rb: 2\n", ["yaml-control-character"], []),
        (b"a: \xff\n---\nb: 1\n", ["yaml-encoding"], [{"b": 1}]),
        (b"a: \xed\xa0\x80\n", ["yaml-encoding"], []),
        ("a: 1\n".encode("utf-16"), ["yaml-encoding"], []),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", ["yaml-encoding"], []),
        (b"a: \x00\n---\nb: 1\n", ["yaml-control-character"], [{"b": 1}]),
        (b"a: '\x1b[0m'\n", ["yaml-control-character"], []),
        ("a: '\x85'\n".encode(), ["yaml-control-character"], []),
        ("a: '\ufffe'\n".encode(), ["yaml-control-character"], []),
        (b'a: "\\x85"\n', ["yaml-control-character"], [{"a": "\x85"}]),
        (b'a: "\\u007F"\n', ["yaml-control-character"], [{"a": "\x7f"}]),
        (b'a: "\\uFFFE"\n', ["yaml-control-character"], [{"a": "\ufffe"}]),
        (b'a: "\\N"\n', ["yaml-control-character"], [{"a": "\x85"}]),
        (b"a: '\\x85'\n", [], [{"a": "\\x85"}]),
        (b'a: "\\e\\t"\n', [], [{"a": "\x1b\t"}]),
        (b"a: 1\na: 2\n", ["yaml-duplicate-key"], [{"a": 2}]),
        (b"yes: 1\ntrue: 2\n", ["yaml-duplicate-key"], [{"true": 2}]),
        # kubectl picks one of these at random: two keys for go-yaml, one for JSON
        (b"{1: a, '1': b}\n", ["yaml-duplicate-key"], [{"1": "b"}]),
        (b"a: !foo 1\n", ["yaml-unknown-tag"], [{"a": "1"}]),
        (b"a: !!set {b}\n", ["yaml-unknown-tag"], [{"a": {"b": None}}]),
        (b"a: !!str {b: 1}\n", ["yaml-unknown-tag"], [{"a": {"b": 1}}]),
        (b"a: !!map {b: !!str 1}\n", [], [{"a": {"b": "1"}}]),
        (b"a: 1\n<<: {a: 2}\n", ["yaml-merge-key-order"], [{"a": 2}]),
        (b"<<: {a: 2}\na: 1\n", [], [{"a": 1}]),
        (b"<<: {a: 2}\n<<: {b: 1}\n", ["yaml-duplicate-key"], [{"a": 2, "b": 1}]),
        (b"'<<': 1\n", [], [{"<<": 1}]),
        (b"%YAML 1.1\n---\na: 1\n", ["yaml-syntax"], []),
        (b"%YAML 1.2\n---\na: 1\n", ["yaml-syntax"], []),
        (b"%TAG ! tag:yaml.org,2002:\n---\na: !str 1\n", ["yaml-syntax"], []),
    ],
)
def test_nasty_bytes(data, rules, values):
    assert rules_of(data) == rules
    assert values_of(data) == values


def test_a_duplicate_key_names_its_place_and_the_first_one():
    reading = read_bytes("f.yaml", b"x: 0\n---\n\xc3\xa9: {b: 1,\n    b: 2}\n")
    assert reading.problems == [
        Problem(
            rule="yaml-duplicate-key",
            message='"b" is set twice in one mapping',
            place=Place("f.yaml", 4, 5, 4, 6, 1),
            help="remove one of the two, the last one wins",
            notes=(Note(Place("f.yaml", 3, 5, 3, 6, 1), "first set here"),),
        )
    ]


@pytest.mark.parametrize("text", ["{1: a, '1': b}\n", "{y: a, 'true': b}\n", "{1: a, 1.0: b}\n"])
def test_which_of_two_keys_of_unlike_types_counts_is_chance(text):
    (problem,) = read_bytes("f.yaml", text.encode()).problems
    assert problem.help == "remove one of the two, which of the two counts is chance"


@pytest.mark.parametrize(
    ("text", "place", "message", "names"),
    [
        (ONE + "...\n" + TWO, (5, 1, 15), LOST, ["one"]),
        (ONE + "...\n# c\n---\n" + TWO, None, "", ["one", "two"]),
        (ONE + "...\n%YAML 1.1\n---\n" + TWO, None, "", ["one", "two"]),
        (ONE + "... x\n---\n" + TWO, (4, 5, 6), LOST, ["one", "two"]),
        ("---\n---\n...\n" + ONE, (4, 1, 15), LOST, []),
        ("---\n...\n" + ONE, (3, 1, 15), LOST, []),
        ("...\n", (1, 1, 4), '"..." ends no document', []),
        ("%YAML 1.1\n---\n" + ONE, (1, 1, 10), DIRECTIVE, []),
        ("# c\n%TAG ! x\n---\n" + ONE, (2, 1, 9), DIRECTIVE, []),
        (ONE + "---\n%YAML 1.1\n---\n" + TWO, (5, 1, 10), DIRECTIVE, ["one", "two"]),
        ("---\n%YAML 1.1\n---\n" + ONE, None, "", ["one"]),
        ("--- !!map\n" + ONE, (1, 5, 10), STANDS_ALONE, []),
        (ONE + "--- &a\n" + TWO, (4, 5, 7), STANDS_ALONE, ["one"]),
        (ONE + "---x\n" + TWO, (4, 4, 5), STANDS_ALONE, ["one"]),
        ("---\n\t\n---\n" + ONE, (2, 1, 2), "a tab in the indentation", ["one"]),
        (ONE + "---#c\n" + TWO, None, "", ["one", "two"]),
        (ONE + "---\u00a0\n" + TWO, None, "", ["one", "two"]),
        (ONE + "---\u2003\n" + TWO, None, "", ["one", "two"]),
        (ONE + "---\v\n" + TWO, None, "", ["one", "two"]),
        (ONE + "---\n---#c\n" + TWO, (5, 4, 6), STANDS_ALONE, ["one"]),
        ("---#c\n" + ONE, (1, 4, 6), STANDS_ALONE, []),
    ],
)
def test_documents_start_and_end_where_the_api_machinery_says(
    text, place, message, names, judge, refuses
):
    reading = read_bytes("f.yaml", text.encode())
    found = [document.value["metadata"]["name"] for document in reading.documents]
    assert found == names
    if place is None:
        assert reading.problems == []
        assert [value["metadata"]["name"] for value in judge(text)] == names
        return
    (problem,) = reading.problems
    at = problem.place
    assert (problem.rule, problem.message) == ("yaml-syntax", message)
    assert (at.line, at.column, at.end_column) == place
    assert refuses(text) or message == LOST


def test_a_merge_over_an_earlier_key_names_both():
    reading = read_bytes("f.yaml", b"a: 1\n<<: {a: 2}\n")
    (problem,) = reading.problems
    assert problem.message == '"<<" overrides "a", which stands before it'
    assert problem.place == Place("f.yaml", 2, 1, 2, 3, 0)
    assert problem.notes == (Note(Place("f.yaml", 1, 1, 1, 2, 0), "overridden here"),)


def test_three_broken_documents_hide_no_other():
    texts = [f"kind: ConfigMap\nmetadata: {{name: c{number}}}\n" for number in range(1_000)]
    texts[10], texts[500], texts[999] = "a: [1\n", "a: 'x\n", "a: b: c\n"
    reading = read_bytes("f.yaml", "---\n".join(texts).encode())
    expected = [number for number in range(1_000) if number not in (10, 500, 999)]
    assert [document.index for document in reading.documents] == expected
    names = [document.value["metadata"]["name"] for document in reading.documents]
    assert names == [f"c{number}" for number in expected]
    broken = [(problem.place.line, problem.place.document) for problem in reading.problems]
    assert broken == [(31, 10), (1_500, 500), (2_996, 999)]


def test_aliases_share_one_object():
    value = value_of("a: &x {k: [1]}\nb: *x\nc: [*x]\n")
    assert value["b"] is value["a"]
    assert value["c"][0] is value["a"]


def test_documents_survive_pickling():
    (document,) = read_bytes("f.yaml", b"\n\na: [1, x]\n").documents
    copy = pickle.loads(pickle.dumps(document))  # noqa: S301 # our own bytes
    assert (copy.path, copy.index, copy.line) == ("f.yaml", 0, 1)
    assert (copy.text, copy.value) == ("\n\na: [1, x]\n", {"a": [1, "x"]})


LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 40)
)
MERGES = "a: &a {" + ",".join(f"k{n}: 1" for n in range(1_000)) + "}\n" + "b: {<<: *a}\n" * 5_000
ALIAS_CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5_000))
MERGE_CHAIN = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 5_000)
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (LAUGHS, "yaml-too-large"),
        (MERGES, "yaml-too-large"),
        (ALIAS_CHAIN, "yaml-too-large"),
        (MERGE_CHAIN, "yaml-too-large"),
        ("[" * 300_000, "yaml-too-large"),
        ("{a: " * 100_000, "yaml-too-large"),
        ("- " * 300_000, "yaml-too-large"),
        ("".join(" " * n + "a:\n" for n in range(2_000)), "yaml-too-large"),
        ("a: " + "x" * 2_000_000, "yaml-too-large"),
        ("x" * 2_000_000 + ": 1", "yaml-too-large"),
        ('a: "' + "\\n" * 1_500_000 + '"', "yaml-too-large"),
        ("a: " + "é" * 700_000, "yaml-too-large"),
        ("---\n" + "".join(f"%TAG !a{n}! x\n" for n in range(50_000)) + "a: 1", "yaml-too-large"),
        ("{" * 300_000, "yaml-bad-key"),
        ("? " * 300_000, "yaml-bad-key"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_bombs_cost_one_problem_and_little_time(text, rule):
    started = time.process_time()
    assert rules_of(text) == [rule]
    assert time.process_time() - started < 5


def test_the_limits_are_exact():
    limits = replace(DEFAULT_LIMITS, file_bytes=40, scalar_bytes=8, depth=3, nodes=10)
    assert rules_of("a" * 8, limits) == []
    assert rules_of("a" * 9, limits) == ["yaml-too-large"]
    assert rules_of("é" * 4, limits) == []
    assert rules_of("é" * 4 + "a", limits) == ["yaml-too-large"]
    assert rules_of("[[[1]]]", limits) == []
    assert rules_of("[[[[1]]]]", limits) == ["yaml-too-large"]
    assert rules_of("[1,2,3,4,5,6,7,8,9,10]", limits) == []
    assert rules_of("[1,2,3,4,5,6,7,8,9,10,11]", limits) == ["yaml-too-large"]
    assert rules_of("[&a [1,2], *a, *a]", limits) == ["yaml-too-large"]
    assert rules_of("[&a [1,2], *a]", limits) == []
    assert rules_of("#" * 40, limits) == []
    assert rules_of("#" * 41, limits) == ["yaml-too-large"]


def test_aliases_deepen_as_if_they_were_written_out():
    limits = replace(DEFAULT_LIMITS, depth=3)
    assert rules_of("[&a [[1]]]", limits) == []
    assert rules_of("[&a [[1]], *a]", limits) == []
    assert rules_of("[&a [[1]], [*a]]", limits) == ["yaml-too-large"]


def test_problems_of_a_document_are_capped_and_the_cap_is_said():
    reading = read_bytes("f.yaml", b"a: 1\n" * 10, replace(DEFAULT_LIMITS, problems=3))
    messages = [problem.message for problem in reading.problems]
    assert messages == ['"a" is set twice in one mapping'] * 3 + ["more problems in this document"]


def test_the_slots_of_a_memo_do_not_mix_types():
    assert value_of("[1, '1', \"1\", true, 'true', 1.5, '1.5', ~, '~', '', y]") == [
        *(1, "1", "1", True, "true", 1.5, "1.5", None, "~", "", True),
    ]


TOKENS = [
    *(
        " ",
        "  ",
        "\t",
        ": ",
        ":",
        "- ",
        "#",
        " # c",
        '"',
        "'",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a ",
        "*a",
    ),
    *("!", "!!int ", "|", ">", "%", "@", "?", "<<: *a", "~", "---\n", "...\n", "\\x41", "\r", "\n"),
    *("\x00", "\x85", "\ufeff", "\u2028", "é", "😀", "${vars.x}", ".inf", "0x1", "- - - ", "[[[["),
]


def mutants(count: int, seed: int) -> list[bytes]:
    rng = random.Random(seed)  # noqa: S311 # repeatable, no secret
    found = []
    for _ in range(count):
        lines = (MANIFEST * rng.randint(1, 2)).splitlines(keepends=True)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(lines))
            line = lines[at]
            column = rng.randint(0, len(line))
            action = rng.random()
            if action < 0.5:
                lines[at] = line[:column] + rng.choice(TOKENS) + line[column:]
            elif action < 0.7:
                lines[at] = " " * rng.randint(0, 8) + line.lstrip(" ")
            elif action < 0.85:
                lines.insert(at, line)
            else:
                lines[at] = line[:column]
        data = bytearray("".join(lines).encode())
        if rng.random() < 0.2:
            data[rng.randrange(len(data))] = rng.randrange(256)
        found.append(bytes(data))
    return found


def _assert_sane(data: bytes) -> None:
    started = time.process_time()
    reading = read_bytes("f.yaml", data)
    assert time.process_time() - started < 2
    lines = data.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape").split("\n")
    for problem in reading.problems:
        for place in (problem.place, *(note.place for note in problem.notes)):
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.column <= place.end_column <= len(lines[place.line - 1]) + 1
            assert place.line == place.end_line
            shown = place.column < place.end_column or not lines[place.line - 1].rstrip("\r")
            assert shown or problem.message.startswith("the file ")
    syntax = [p.place.document for p in reading.problems if p.rule == "yaml-syntax"]
    assert len(syntax) == len(set(syntax))
    broken = {document.index for document in reading.documents} & set(syntax)
    assert broken == set()


def test_mutated_manifests_never_raise():
    for data in mutants(1_500, 11):
        _assert_sane(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    _assert_sane(data)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*TOKENS, "a", "b", "1", "\n", "\n  "]), max_size=40).map("".join))
def test_no_tokens_raise(text):
    _assert_sane(text.encode())


def test_mutants_agree_with_the_api_machinery(judge, refuses):
    """One stream of all mutants that we accept; the ones we refuse are asked for one by one."""
    accepted, refused = [], []
    for number, data in enumerate(mutants(400, 5)):
        text = f"apiVersion: x.io/v1\nkind: Foo\nmetadata: {{name: m{number}}}\nspec:\n" + "".join(
            f"  {line}\n" for line in data.decode(errors="ignore").split("\n") if line.strip()
        )
        reading = read_bytes("f.yaml", text.encode())
        if reading.documents:
            accepted.append((text, reading.documents[0].value))
        elif [p.rule for p in reading.problems] == ["yaml-syntax"]:
            refused.append(text)
    read = judge("---\n".join(text for text, _ in accepted))
    wrong = [
        (text, ours["spec"], theirs["spec"])
        for (text, ours), theirs in zip(accepted, read, strict=True)
        if ours["spec"] != theirs["spec"]
    ]
    assert wrong == []
    assert [text for text in refused[:60] if not refuses(text)] == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("n: 1", ["n/false"]),
        ("a: {n: 1, on: 2}", ["n/false", "on/true"]),
        ("010: a\n0x1F: b\n1e3: c", ["010/8", "0x1F/31", "1e3/1000"]),
        ("'n': 1\n\"on\": 2", []),
        ("1: a\n80: b\ntrue: c\nfalse: d\nnone: e", []),
        ("<<: {a: 1}\nb: 2", []),
    ],
)
def test_keys_that_are_read_as_something_else(text: str, read: list[str]) -> None:
    problems = read_bytes("a.yaml", text.encode()).problems
    assert [p.rule for p in problems] == ["yaml-key-not-text"] * len(read)
    words = [p.message.split('"')[1::2] for p in problems]
    assert ["/".join(pair) for pair in words] == read


ONE_JSON = '{"kind": "A", "metadata": {"name": "one"}}'
TWO_JSON = '{"kind": "B", "metadata": {"name": "two"}}'


@pytest.mark.parametrize("between", ["\n", "", "\n\n  "])
def test_json_objects_one_after_the_other(between: str) -> None:
    reading = read_bytes("a.json", f"{ONE_JSON}{between}{TWO_JSON}\n".encode())
    assert reading.problems == []
    assert [(d.index, d.value) for d in reading.documents] == [
        (0, {"kind": "A", "metadata": {"name": "one"}}),
        (1, {"kind": "B", "metadata": {"name": "two"}}),
    ]
    text = ONE_JSON + between
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n") - 1
    place = locate(reading.documents[1], ("kind",))
    assert (place.line, place.column, place.document) == (line, column + 2, 1)


@pytest.mark.parametrize(
    ("escaped", "value"),
    [(r"\ud83d\ude00", "\U0001f600"), (r"\ud83d", "\ufffd"), (r"\\ud83d\ud83d", "\\ud83d\ufffd")],
)
def test_escapes_that_json_has_alone(escaped: str, value: str) -> None:
    text = f'{{"kind": "A", "data": {{"x": "{escaped}"}},\n"last": 1}}'
    reading = read_bytes("a.json", text.encode())
    assert reading.problems == []
    (document,) = reading.documents
    assert document.value == {"kind": "A", "data": {"x": value}, "last": 1}
    assert (locate(document, ("last",)).line, locate(document, ("last",)).column) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        '---\n{"a": "\\ud83d\\ude00"}',
        'a: "\\ud83d\\ude00"',
        f"{ONE_JSON} {{a: b}}",
        f"{ONE_JSON} [1]",
        f"# note\n{ONE_JSON}{TWO_JSON}",
    ],
)
def test_what_is_no_stream_of_json_is_yaml(text: str) -> None:
    reading = read_bytes("a.json", text.encode())
    assert [p.rule for p in reading.problems] == ["yaml-syntax"]
    assert reading.documents == []
