from __future__ import annotations

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from edgegen.yamlio.emitter import emit
from edgegen.yamlio.reader import read_bytes
from edgegen.yamlio.scalars import json_value


def words(text: str) -> list[str]:
    return text.split()


HOSTILE = [
    *words("y n Y N yes no on off On true false TRUE null Null ~ = << oN nUll nan inf NaN e1"),
    *words("1 0 -1 +1 1e3 1E3 1.0 .5 5. 0o14 08 010 0x1F 0b1 0b-1 1_000 1e400 .inf -.inf .nan"),
    *words("12:30 64512:10 2024-01-01 2024-01-01T00:00:00Z 10.0.0.0/8 1.2.3.4 1.2.3 1.2"),
    *words("::1 fc00::1 fc00::/7 2001:db8::1 host:80 http://x/ /api /api/ *.x.com &a *a a,b a#b"),
    *words("- -- --- ... ? : , [ ] { } # & * ! | > ' \" % @ ` \\ {a} [a] !!str -a ?a :a a: a:b"),
    *words("${vars.x} $${x} {{x}} %YAML a- a. a/ a_ /a- -_ _a .a a.b.c a\\n a\\tb \"a\" 'a'"),
    *("", " ", " a", "a ", "a  b", "a b", "a - b", "a -", "- a", "a #b", "a: b", "null x", "y y"),
    *("\t", "a\tb", "\n", "\n\n", "a\n", "a\nb", "a\nb\n", "a\n\nb", "\na", "a\n\n", "a\n\t"),
    *("a \nb", "a\n b", "---\na\n", "a\n---\nb\n", "a\n...\nb", "# x\ny\n", "a: b\nc: d\n"),
    *("\r", "\r\n", "a\r\nb", "\x00", "\x07", "\x1b[0m", "a\x0bb", "|\nx", "- a\n- b", "%x\ny"),
    *(
        "é",
        "日本",
        "😀",
        "\u0301a",
        "a\u200bb",
        "\u200f",
        "\u202ea",
        "a\u2028b",
        "a\u2029",
        "\u00a0",
    ),
    *("\u00ad", "\ufeff", "a\ufeff", "\ufffe", "\uffff", "\ufe0f", "\U000e0041", "\u3000a\nb"),
    *("x" * 2_000, "x y " * 300 + "z", "line\n" * 300, "a" * 200 + ": " + "b" * 200),
]


def hostile_strings(count: int) -> list[str]:
    rng = random.Random(3)  # noqa: S311 # repeatable, no secret
    letters = [
        *"yYnNoO0123456789abAB.:/-_ #'\"{}[],&*!|>%@`\\\t\n~?=<+é\u3000\u2029\ufeff\u200d\x01"
    ]
    found = dict.fromkeys(HOSTILE)
    while len(found) < count:
        found["".join(rng.choices(letters, k=rng.randint(1, 7)))] = None
    return list(found)


STRINGS = hostile_strings(1_400)
KEYS = [text for text in STRINGS if len(emit(text)) < 1_000]


def objects(strings: list[str]) -> list[dict]:
    keys = [text for text in strings if text in KEYS]
    specs = {
        "values": {
            "items": strings,
            "entries": {f"k{number}": text for number, text in enumerate(strings)},
            "deep": [[{"a": [text]}] for text in strings],
        },
        "keys": {"one": [{key: 1} for key in keys], "all": dict.fromkeys(keys, True)},
    }
    return [
        {"apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": name}, "spec": spec}
        for name, spec in specs.items()
    ]


def test_the_api_machinery_reads_back_what_was_emitted(judge):
    given_objects = objects(STRINGS)
    read = judge("---\n".join(map(emit, given_objects)))
    for given_object, got in zip(given_objects, read, strict=True):
        assert got["spec"] == given_object["spec"]


def test_the_api_machinery_reads_it_back_through_kustomize(judge, kustomize):
    """Kustomize merges `<<` even where it is quoted, and stops at U+FFFE and U+FFFF."""
    given_objects = objects([text for text in STRINGS if text not in ("<<", "\ufffe", "\uffff")])
    read = judge(kustomize("---\n".join(map(emit, given_objects))))
    by_name = {got["metadata"]["name"]: got["spec"] for got in read}
    for given_object in given_objects:
        assert by_name[given_object["metadata"]["name"]] == given_object["spec"]


def test_readers_of_yaml_11_and_12_read_it_back():
    for given_object in objects(STRINGS):
        text = emit(given_object)
        assert yaml.safe_load(text) == given_object
        assert YAML(typ="safe", pure=True).load(text) == given_object


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null\n"),
        (True, "true\n"),
        (0, "0\n"),
        (-5, "-5\n"),
        (1.0, "1\n"),
        (-0.0, "0\n"),
        (0.5, "0.5\n"),
        (1e-07, "1.0e-07\n"),
        (1.5e300, "1.5e+300\n"),
        (1e21, "1.0e+21\n"),
        (2.0**63, "9.223372036854776e+18\n"),
        ("", '""\n'),
        ("a", "a\n"),
        ("y", '"y"\n'),
        ("a\nb\n", "|\n  a\n  b\n"),
        ({}, "{}\n"),
        ([], "[]\n"),
        ([[], {}, [1, [2]], {"a": [3]}], "- []\n- {}\n- - 1\n  - - 2\n- a:\n  - 3\n"),
        (["a\n\nb"], "- |-\n  a\n\n  b\n"),
        ({"k": {"a": "x\ny\n"}}, "k:\n  a: |\n    x\n    y\n"),
        ({"k": "x\n\n"}, 'k: "x\\n\\n"\n'),
        ({"k": [{"b": "1", "a": None}]}, 'k:\n- a: null\n  b: "1"\n'),
        ({"b": 1, "B": 2, "é": 3, "y": 4}, 'B: 2\nb: 1\n"y": 4\n"é": 3\n'),
        ("a\u2028\x7f\U000e0041", '"a\\u2028\\u007f\\U000e0041"\n'),
    ],
)
def test_the_form_of_the_text(value, text):
    assert emit(value) == text


def test_kubernetes_order_at_the_root_only():
    metadata = {
        "labels": {"b": "1", "a": "2"},
        "annotations": {},
        "namespace": "ns",
        "name": "x",
        "a": 1,
    }
    value = {"spec": {"kind": 1, "apiVersion": 2, "metadata": {"name": 1, "labels": 2}}}
    value |= {"metadata": metadata, "kind": "K", "apiVersion": "v1", "data": {}}
    assert emit(value) == (
        "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  namespace: ns\n  labels:\n"
        '    a: "2"\n    b: "1"\n  annotations: {}\n  a: 1\ndata: {}\nspec:\n'
        "  apiVersion: 2\n  kind: 1\n  metadata:\n    labels: 2\n    name: 1\n"
    )


def test_the_order_of_insertion_does_not_matter():
    one = {"metadata": {"name": "a", "x": 1}, "kind": "K", "z": {"p": 1, "q": 2}}
    two = {"z": {"q": 2, "p": 1}, "kind": "K", "metadata": {"x": 1, "name": "a"}}
    assert emit(one) == emit(two)


def test_the_longest_key():
    assert read_bytes("f", emit({"k" * 1_024: 1}).encode()).documents[0].value == {"k" * 1_024: 1}
    quoted = ":" * 1_022
    assert read_bytes("f", emit({quoted: 1}).encode()).documents[0].value == {quoted: 1}
    for key in ("k" * 1_025, quoted + ":"):
        with pytest.raises(ValueError, match="longer than 1024"):
            emit({key: 1})


@pytest.mark.parametrize(
    "value", ["\ud800", {"a\udfff": 1}, ["x\n\ud800"], float("inf"), float("nan")]
)
def test_what_no_reader_could_read_is_refused(value):
    with pytest.raises(ValueError, match=r"surrogate|JSON"):
        emit(value)


TEXTS = st.text(max_size=8) | st.text("yno019.-:#\n 'a\"\\\té", max_size=8) | st.sampled_from(KEYS)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False).map(
    lambda number: json_value(number, "")
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(VALUES)
def test_reading_gives_back_what_was_emitted(value):
    reading = read_bytes("f.yaml", emit({"root": value}).encode())
    assert [p for p in reading.problems if p.rule != "yaml-control-character"] == []
    (document,) = reading.documents
    assert document.value == {"root": value}
    assert emit(document.value) == emit({"root": value})
