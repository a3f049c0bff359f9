from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import product

import differential
import pytest

from edgegen.yamlio import plain
from edgegen.yamlio.build import build
from edgegen.yamlio.limits import DEFAULT_LIMITS
from edgegen.yamlio.plain import read_plain
from edgegen.yamlio.reader import read_bytes
from edgegen.yamlio.split import split

DIFFERENTIAL = 6_000
NESTED = ("x:", "x: 1", "- x", "- x:", "- x: 1")
JUDGED = 400


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b\n", {"a": "b"}),
        ("a: b", {"a": "b"}),
        ("a:\n", {"a": None}),
        ("b: 1\na: 2\n", {"b": 1, "a": 2}),
        ("a: y\nb: 1.0\nc: 1.5\nd: 010\n", {"a": True, "b": 1, "c": 1.5, "d": 8}),
        ("a: b c\nd: e:f\ng: h::1/64\n", {"a": "b c", "d": "e:f", "g": "h::1/64"}),
        ("a: y # c\n", {"a": True}),
        ("a: -1\nb: 12:30\nc: 2024-01-01\n", {"a": -1, "b": "12:30", "c": "2024-01-01"}),
        ("a: ${b}\nc: Host(`d`) && e | f\n", {"a": "${b}", "c": "Host(`d`) && e | f"}),
        ("a: ' b # c: '\nd: \" e: 'f' \"\n", {"a": " b # c: ", "d": " e: 'f' "}),
        ("a: ''\nb: \"\"\nc: '1'\nd: \"y\"\n", {"a": "", "b": "", "c": "1", "d": "y"}),
        ("a: 'é\xa0🚀'  # é\n", {"a": "é\xa0🚀"}),
        ("a:\n  b:\n    c: d\n  e: f\n", {"a": {"b": {"c": "d"}, "e": "f"}}),
        ("a:\n- b\n- c: d\n  e:\n  - f\n  g: h\ni:\n", {"a": ["b", {"c": "d", "e": ["f"], "g": "h"}], "i": None}),
        ("a:\n   - b\n   -   c: d\n       e: f\n", {"a": ["b", {"c": "d", "e": "f"}]}),
        ("a:\n- b:\n- c:\n", {"a": [{"b": None}, {"c": None}]}),
        ("a: []\nb: {}\nc: [1, y, 'y']\n", {"a": [], "b": {}, "c": [1, True, "y"]}),
        ("a: {b: c, d: [{e: 1}]}\n", {"a": {"b": "c", "d": [{"e": 1}]}}),
        ("a: { b: [ c ] }\nd: [[], {}]\n", {"a": {"b": ["c"]}, "d": [[], {}]}),
        ("# c\n\n--- # c\n# c\na: b\n  # c\n\n", {"a": "b"}),
        ("$patch: delete\nyes_: 1\n", {"$patch": "delete", "yes_": 1}),
    ],
)  # fmt: skip
def test_plain_documents_are_read(text, value):
    found = read_plain(text, DEFAULT_LIMITS)
    expected = build(text, DEFAULT_LIMITS).value
    assert repr(found) == repr(expected)
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "# a\n", "---\n", "a", "- a\n", "[]\n", "{a: b}\n", " a: b\n"),
        *("a: b\n  c\n", "a: b\n  c: d\n", "a: b\n # c\n  d\n", "a:\n  b\n", "a: 'b\n  c'\n"),
        *("- a: b\n", "a: b\n- c\n", "a:\n  b: c\n- d\n", "a:\n  b:\n- d\n", "a:\n- b\n  c: d\n"),
        *("a:\n    b: c\n  d: e\n", "a:\n  b: c\n d: e\n", "a:\n- b\n - c\n", "a:\n  - b\n  c: d\n"),
        *("a:\n- b: c\n   d: e\n", "a:\n- b: c\n d: e\n", "a:\n-\n", "a:\n- # b\n", "a:\n- - b\n"),
        *("a: b\na: c\n", "a:\n  b: 1\n  b: 2\n", "a: {b: c, b: d}\n", "a: {y: 1}\n"),
        *("y: 1\n", "null: 1\n", "1: 2\n", "<<: {a: b}\n", "'a': b\n", "é: a\n", "a : b\n", "? a\n"),
        *("a: .inf\n", "a: [.nan]\n", "a: &b c\n", "a: *b\n", "a: !b c\n", "a: |\n  b\n", "a: >-\n"),
        *("a: @b\n", "a: `b`\n", "a: %b\n", "a: -\n", "a: - b\n", "a: ?b\n", "a: =\n", "a: é\n"),
        *("a: b: c\n", "a: b:\n", "a: b #c#\n" * 2, "a: b#c\n", "a: it's\n", 'a: "b\\n"\n'),
        *("a: 'b''c'\n", "a: 'b' c\n", "a: 'b'# c\n", 'a: "b": c\n', "a: 'b\n", "a: b\\c\n"),
        *("a: [b,c]\n", "a: [b, ]\n", "a: [b\n", "a: [b]]\n", "a: [b] c\n", "a: [b: c]\n", "a: {b}\n"),
        *("a: {b:c}\n", "a: {b: }\n", "a: {'b': c}\n", "a: [b}\n", "a: [b?]\n", "a: [-b]\n"),
        *("a: [::1]\n", "a: [b]#c\n", "a: [b c]\n", "a: ${b}: c\n", "a: [[[[[b]]]]]\n"),
        *("a:\tb\n", "\ta: b\n", "a: b\t\n", "a: b # \t\n", "a: 'b\tc'\n", "a: b\r\nc: d\r\n"),
        *("a: 'b\rc'\n", "# a\r\nb: c\n", "a: [  b]\n", "a: {  b: c}\n"),
        *("a: 'b\x85'\n", "# \u2028a: b\nc: d\n", "a: '\u2029'\n", "a: '\ufeff'\n", "\ufeffa: b\n"),
        *("a: b\xa0c\n", "a: '\x00'\n", "a: '\x7f'\n", "a: '\ud800'\n", "a: '\ufffe'\n"),
        *("%YAML 1.1\n---\na: b\n", "--- a: b\n", "a: b\n...\n", "a: b\n---\nc: d\n", "---\n---\n"),
        *("a" * 129 + ": b\n", "a" * 2_000 + ": b\n"),
    ],
)  # fmt: skip
def test_all_else_is_left_to_the_event_parser(text):
    assert read_plain(text, DEFAULT_LIMITS) is None


@pytest.mark.parametrize("first", ["a:", "a:\n- b:", "a:\n  b:", "a: b"])
def test_every_nesting_of_three_lines_reads_as_by_events(first):
    lines = ["", "#", *(" " * n + line for n in range(5) for line in NESTED)]
    for chosen in product(lines, repeat=3):
        text = "\n".join((first, *(line.replace("x", f"x{n}") for n, line in enumerate(chosen))))
        if (value := read_plain(text, DEFAULT_LIMITS)) is not None:
            assert repr((value, False)) == repr(tuple(build(text, DEFAULT_LIMITS))), text


def test_limits_are_left_to_the_event_parser():
    text = "a:\n  b:\n  - c: 1\n"
    depth = next(depth for depth in range(1, 20) if _fits(text, depth=depth))
    assert depth >= 4
    assert read_bytes("f.yaml", text.encode(), replace(DEFAULT_LIMITS, depth=3)).documents == []
    assert not _fits(text, nodes=len(text) - 1)
    assert _fits(text, nodes=len(text))
    assert not _fits(text, scalar_bytes=len(text) - 1)
    assert not _fits("a: 'é'", scalar_bytes=4 * len("a: 'é'") - 1)
    assert _fits("a: 'é'", scalar_bytes=4 * len("a: 'é'"))


def _fits(text: str, **limits: int) -> bool:
    return read_plain(text, replace(DEFAULT_LIMITS, **limits)) is not None


@pytest.mark.parametrize("depth", range(1, 12))
def test_no_document_deeper_than_the_limit_passes(depth):
    limits = replace(DEFAULT_LIMITS, depth=depth)
    for levels in range(1, 12):
        lists = "a:\n" + "".join("  " * n + "- a:\n" for n in range(levels))
        for last in ("- [[[[b]]]]\n", "- a: [[[[b]]]]\n", "  b: {c: {d: {e: {}}}}\n", "- b\n"):
            text = lists + "  " * levels + last
            value = read_plain(text, limits)
            assert value is None or value == build(text, limits).value


def test_flow_collections_are_not_shared_and_strings_are():
    text = "a:\n- b: [{c: long-word}]\n- b: [{c: long-word}]\n"
    value = read_plain(text, DEFAULT_LIMITS)
    first, second = (item["b"] for item in value["a"])
    assert first == second == [{"c": "long-word"}]
    assert first is not second
    assert first[0] is not second[0]
    other = build("a: long-word\n", DEFAULT_LIMITS).value
    assert first[0]["c"] is second[0]["c"] is other["a"]


def test_the_memo_of_lines_is_bounded():
    text = "a:\n" + "".join(f"- b{number}\n" for number in range(40_000))
    assert len(read_plain(text, DEFAULT_LIMITS)["a"]) == 40_000
    assert len(plain._LINES) <= 32_768
    read_plain(f"a: {'x' * 100}\n", DEFAULT_LIMITS)
    assert all(len(line) <= 80 for line in plain._LINES)


@pytest.mark.parametrize(
    "line",
    [
        *("a: " + "b " * 400_000 + "b#", "a: " + "b  " * 300_000, "a: " + " " * 900_000 + "\t"),
        *("a: " + ":" * 900_000, "a: " + "b:" * 400_000 + " c", " " * 900_000 + "\t"),
        *("- " + " " * 900_000 + "\t", "a: [" + "b, " * 300_000 + "\t", "a: " + "[" * 900_000),
        *("a: " + "[" * 300_000 + "]" * 300_000, "a: ['" + "', '" * 200_000, "a: '" + "b" * 900_000),
        *("#" * 900_000 + "\t", "a: b " + "# " * 400_000 + "\t", "a.b/" * 200_000, "\n" * 900_000),
        *("#\n" * 450_000 + "--", "a: [" + "{" * 400_000, "a: {" + "b: [" * 200_000 + "]" * 200_000),
    ],
    ids=lambda line: repr(line[:12]),
)  # fmt: skip
def test_hostile_lines_cost_little_time(line):
    started = time.process_time()
    assert read_plain(line, DEFAULT_LIMITS) is None
    assert time.process_time() - started < 1


def test_mutants_read_as_by_events():
    seed = random.SystemRandom().randrange(10**9)
    result = differential.run(differential.own_seeds(), DIFFERENTIAL, seed)
    assert result.accepted == DIFFERENTIAL
    assert result.differences == [], f"seed {seed}"


def test_mutants_read_as_the_api_machinery_reads_them(judge):
    seed = random.SystemRandom().randrange(10**9)
    rng = random.Random(seed)  # noqa: S311 # repeatable, no secret
    texts = differential.own_seeds()
    accepted: list[str] = []
    while len(accepted) < JUDGED:
        for part in split(differential.mutate(rng, texts)):
            body = "".join(f"  {line}\n" for line in part.text.split("\n") if line != "---")
            head = f"apiVersion: x.io/v1\nkind: Foo\nmetadata:\n  name: m{len(accepted)}\nspec:\n"
            if read_plain(head + body, DEFAULT_LIMITS) is not None:
                accepted.append(head + body)
    ours = [read_plain(text, DEFAULT_LIMITS) for text in accepted]
    wrong = [
        (text, mine, his)
        for text, mine, his in zip(accepted, ours, judge("---\n".join(accepted)), strict=True)
        if repr(_sorted(mine["spec"])) != repr(_sorted(his.get("spec")))
    ]
    assert wrong == [], f"seed {seed}"


def _sorted(value: object) -> object:
    """Return a value with its keys in order, as the API machinery writes them."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
