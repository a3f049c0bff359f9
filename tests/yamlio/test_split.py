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
        ("--- {a: b}\n--- |\n  x\n", [(0, 1, "--- {a: b}\n"), (1, 2, "--- |\n  x\n")]),
        ("a\n...\nb\n...\n", [(0, 1, "a\n...\n"), (1, 3, "b\n...\n")]),
        ("a\n...\n...\n# c\n...", [(0, 1, "a\n...\n")]),
        ("a\n... # c\n# d\n---\nb", [(0, 1, "a\n... # c\n"), (1, 3, "# d\n---\nb")]),
        ("%YAML 1.1\n# c\n---\na\n", [(0, 1, "%YAML 1.1\n# c\n---\na\n")]),
        ("a\n...\n%TAG ! x\n---\nb", [(0, 1, "a\n...\n"), (1, 3, "%TAG ! x\n---\nb")]),
        ("a: |\n  x\n---\nb", [(0, 1, "a: |\n  x\n"), (1, 3, "---\nb")]),
        ("a: '\n---\n'", [(0, 1, "a: '\n"), (1, 2, "---\n'")]),
        ("a: |\n  ---\n  ...\n", [(0, 1, "a: |\n  ---\n  ...\n")]),
        ("a\n---b\n...c\n", [(0, 1, "a\n---b\n...c\n")]),
        ("---\ta\n---\tb\n", [(0, 1, "---\ta\n"), (1, 2, "---\tb\n")]),
        ("--- # c\n  %x\n", [(0, 1, "--- # c\n  %x\n")]),
    ],
)
def test_split(text, parts):
    assert [tuple(part) for part in split(text)] == parts
