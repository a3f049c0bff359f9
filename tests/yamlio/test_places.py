from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgegen.yamlio.document import Document
from edgegen.yamlio.emitter import emit
from edgegen.yamlio.places import Comment, comment_lines, locate
from edgegen.yamlio.reader import read_bytes

TEXT = """\
---
first: document
---
# head
kind: "Foo # not"   # tail
metadata:
  näme: é
  "q": y
list:
- name: a
  v: 1
- - x
  - y
- {f: 1,
   g: 2}
- &a z
- *a
-
block: | # header
  # not a comment
  text
# real
anchored: &m
  k: v
  deep: [1, {z: 2}]
use: *m
merged:
  <<: *m
  own: 1
both: {<<: [{p: 1}, {p: 2, q: 3}], r: 4}
nul:
multi: "a
  b # no
  c" # yes
plain: a
  b
yes: truth
1.0: one
twice: 1
twice: 2
# end"""
LINES = TEXT.split("\n")


@pytest.fixture(scope="module")
def document() -> Document:
    return read_bytes("f.yaml", TEXT.encode()).documents[1]


def shown(document, path, *, value=False) -> tuple[int, int, str]:
    place = locate(document, path, value=value)
    assert (place.path, place.document, place.line) == ("f.yaml", 1, place.end_line)
    return place.line, place.column, LINES[place.line - 1][place.column - 1 : place.end_column - 1]


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (5, 1, "kind"), (5, 1, "kind")),
        (("kind",), (5, 1, "kind"), (5, 7, '"Foo # not"')),
        (("metadata",), (6, 1, "metadata"), (7, 3, "näme")),
        (("metadata", "näme"), (7, 3, "näme"), (7, 9, "é")),
        (("metadata", "q"), (8, 3, '"q"'), (8, 8, "y")),
        (("list",), (9, 1, "list"), (10, 3, "name")),
        (("list", 0), (10, 3, "name"), (10, 3, "name")),
        (("list", 0, "v"), (11, 3, "v"), (11, 6, "1")),
        (("list", 1), (12, 5, "x"), (12, 5, "x")),
        (("list", 1, 1), (13, 5, "y"), (13, 5, "y")),
        (("list", 2), (14, 3, "{f: 1,"), (14, 3, "{f: 1,")),
        (("list", 2, "g"), (15, 4, "g"), (15, 7, "2")),
        (("list", 3), (16, 3, "&a z"), (16, 3, "&a z")),
        (("list", 4), (17, 3, "*a"), (17, 3, "*a")),
        (("list", 5), (18, 1, "-"), (18, 1, "-")),
        (("block",), (19, 1, "block"), (19, 8, "| # header")),
        (("anchored", "deep", 1, "z"), (25, 14, "z"), (25, 17, "2")),
        (("use",), (26, 1, "use"), (26, 6, "*m")),
        (("use", "k"), (24, 3, "k"), (24, 6, "v")),
        (("merged", "k"), (24, 3, "k"), (24, 6, "v")),
        (("merged", "own"), (29, 3, "own"), (29, 8, "1")),
        (("both", "p"), (30, 14, "p"), (30, 17, "1")),
        (("both", "q"), (30, 28, "q"), (30, 31, "3")),
        (("nul",), (31, 1, "nul"), (31, 4, ":")),
        (("multi",), (32, 1, "multi"), (32, 8, '"a')),
        (("plain",), (35, 1, "plain"), (35, 8, "a")),
        (("true",), (37, 1, "yes"), (37, 6, "truth")),
        (("1",), (38, 1, "1.0"), (38, 6, "one")),
        (("twice",), (40, 1, "twice"), (40, 8, "2")),
    ],
)
def test_places_of_values(document, path, key, value):
    assert shown(document, path) == key
    assert shown(document, path, value=True) == value


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        (("nope",), (5, 1, "kind")),
        (("metadata", "nope", "x"), (6, 1, "metadata")),
        (("list", 9), (9, 1, "list")),
        (("list", -1), (9, 1, "list")),
        (("list", "name"), (9, 1, "list")),
        (("list", 0, "nope"), (10, 3, "name")),
        (("kind", "x"), (5, 1, "kind")),
        (("metadata", 0), (6, 1, "metadata")),
    ],
)
def test_a_missing_path_falls_back_to_its_parent(document, path, parent):
    assert shown(document, path) == parent
    assert shown(document, path, value=True) == parent


def test_carriage_returns_and_a_byte_order_mark_are_outside_of_spans():
    (document,) = read_bytes("f.yaml", b"\xef\xbb\xbfa: {b: 1,\r\n  c: 2}\r\n").documents
    place = locate(document, ("a",), value=True)
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 4, 1, 10)
    assert locate(document, ("a", "c")).column == 3


def test_comments(document):
    assert comment_lines(document) == [
        Comment(4, 1, "# head", alone=True),
        Comment(5, 21, "# tail", alone=False),
        Comment(19, 10, "# header", alone=False),
        Comment(22, 1, "# real", alone=True),
        Comment(34, 6, "# yes", alone=False),
        Comment(41, 1, "# end", alone=True),
    ]


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("a: b#c\n", []),
        ("a: b\n", []),
        ('a: "x # y" # z # w\r\n', [(1, 12, "# z # w", False)]),
        ("a: >-\n  # x\n\n  # y\n # z\n", [(5, 2, "# z", True)]),
        ("a: [b, # x\n  'c # d', # y\n  e]\n", [(1, 8, "# x", False), (2, 12, "# y", False)]),
        ("--- # x\na: 1\n... # y\n", [(1, 5, "# x", False), (3, 5, "# y", False)]),
        ("a:\t# x\n  1\n", [(1, 4, "# x", False)]),
        ("a: |\n  x\n  #", []),
        ("a: x # é\n# #", [(1, 6, "# é", False), (2, 1, "# #", True)]),
    ],
)
def test_comments_of_small_texts(text, comments):
    (document,) = read_bytes("f.yaml", text.encode()).documents
    assert [tuple(comment) for comment in comment_lines(document)] == comments


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé #:\n'", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé# ", max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("abc", max_size=2), JSON, min_size=1, max_size=4))
def test_every_place_lies_in_its_file_and_shows_its_key(value):
    text = "# head\nx: 1\n---\n" + emit(value)
    document = read_bytes("f.yaml", text.encode()).documents[1]
    lines = text.split("\n")
    for path in paths(value):
        for wants_value in (False, True):
            place = locate(document, path, value=wants_value)
            assert 4 <= place.line == place.end_line <= len(lines)
            assert 1 <= place.column <= place.end_column <= len(lines[place.line - 1]) + 1
        if path and isinstance(path[-1], str):
            place = locate(document, path)
            written = lines[place.line - 1][place.column - 1 : place.end_column - 1]
            assert emit({path[-1]: 1}) == f"{written}: 1\n"
