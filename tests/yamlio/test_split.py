from __future__ import annotations

import pytest

from edgegen.yamlio.split import split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("a: 1", [(0, 1, "a: 1")]),
        ("# c\n", [(0, 1, "# c\n")]),
        ("a\n---\nb\n", [(0, 1, "a\n"), (1, 2, "---\nb\n")]),
        ("# c\n---\na\n", [(0, 1, "# c\n---\na\n")]),
        ("a\r\n---\r\nb", [(0, 1, "a\r\n"), (1, 2, "---\r\nb")]),
        ("---\n---\n# c\n---\na\n", [(2, 4, "---\na\n")]),
        ("a\n---\n", [(0, 1, "a\n")]),
        ("a\n---", [(0, 1, "a\n")]),
        ("a\n--- # c", [(0, 1, "a\n")]),
        ("a\n---#c\n# d\nb", [(0, 1, "a\n"), (1, 3, "# d\nb")]),
        ("a\n--- \u2003\nb", [(0, 1, "a\n"), (1, 3, "b")]),
        ("a\n---\n\t\n---\nb", [(0, 1, "a\n"), (1, 2, "---\n\t\n"), (2, 4, "---\nb")]),
        ("a\n...\n...\n# c\n...", [(0, 1, "a\n...\n")]),
        ("a\n... # c\n# d\n---\nb", [(0, 1, "a\n... # c\n"), (1, 3, "# d\n---\nb")]),
        ("a\n...\n%TAG ! x\n---\nb", [(0, 1, "a\n...\n"), (1, 4, "---\nb")]),
        ("a: |\n  x\n---\nb", [(0, 1, "a: |\n  x\n"), (1, 3, "---\nb")]),
        ("a: '\n---\n'", [(0, 1, "a: '\n"), (1, 2, "---\n'")]),
        ("a: |\n  ---\n  ...\n", [(0, 1, "a: |\n  ---\n  ...\n")]),
        ("a\n...c\n", [(0, 1, "a\n...c\n")]),
        ("--- # c\n  %x\n", [(0, 1, "--- # c\n  %x\n")]),
    ],
)
def test_split(text, parts):
    assert [tuple(part) for part in split(text)] == [(*part, None) for part in parts]


STANDS_ALONE = "a separator stands alone on its line"
LOST = 'nothing behind "..." is read without a "---"'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a\n...\nb\n...\n", [(0, 1, None), (1, 3, LOST)]),
        ("a\n... b\n---\nc\n", [(0, 1, None), (1, 2, LOST), (2, 3, None)]),
        ("---\n---\n...\na\n", [(2, 4, LOST)]),
        ("---\n...\na\n", [(1, 3, LOST)]),
        ("a\n---b\n...c\n", [(0, 1, None), (1, 2, STANDS_ALONE)]),
        ("--- !!map\na: 1\n---\nb\n", [(0, 1, STANDS_ALONE), (1, 3, None)]),
        ("---#c\na\n", [(0, 1, STANDS_ALONE)]),
        ("a\n---\n---#c\nb\n", [(0, 1, None), (2, 3, STANDS_ALONE)]),
    ],
)
def test_split_tells_what_no_reader_takes(text, parts):
    found = [(part.number, part.line, part.flaw and part.flaw.message) for part in split(text)]
    assert found == parts
