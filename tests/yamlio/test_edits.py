"""Edits change what they name and keep the rest of the user's file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.yamlio import read_bytes
from edgegen.yamlio.edits import (
    AddEntries,
    Change,
    QuoteValue,
    RemoveEntry,
    RenameKey,
    SetValue,
    apply_edits,
    edits_of,
)


def changed(text: str, *changes: Change, document: int = 0) -> str | None:
    """Return the text with some changes made; None when they cannot be."""
    found = {one.index: one for one in read_bytes("a.yaml", text.encode()).documents}[document]
    edits = edits_of(found, changes)
    return apply_edits(text, edits)[0] if edits else None


ROUTE = """\
# About the route.
apiVersion: gateway.networking.k8s.io/v1beta1   # old
kind: HTTPRoute
metadata: {name: a, annotations: {metallb.universe.tf/pool: "x"}}
spec:
    parentRefs:
    - name: public   # the edge
      port:
    rules:
      -   matches: [{path: {value: /a}}]
"""


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (SetValue(("apiVersion",), "g/v1"), "gateway.networking.k8s.io/v1beta1", "g/v1"),
        (SetValue(("spec", "parentRefs", 0, "port"), 443), "port:", "port: 443"),
        (SetValue(("metadata", "annotations", "metallb.universe.tf/pool"), "on"), '"x"', '"on"'),
        (RenameKey(("metadata", "annotations", "metallb.universe.tf/pool"), "metallb.io/pool"),
         "metallb.universe.tf/pool:", "metallb.io/pool:"),
        (RenameKey(("spec", "parentRefs"), "y"), "parentRefs:", '"y":'),
        (AddEntries(("spec", "parentRefs", 0), (("group", "g"), ("kind", "Gateway"), ("name", "z"))),
         "- name: public", "- group: g\n      kind: Gateway\n      name: public"),
        (AddEntries(("spec", "rules", 0, "matches", 0, "path"), (("type", "PathPrefix"),)),
         "{value: /a}", "{type: PathPrefix, value: /a}"),
        (AddEntries((), (("a", [1, {"b": None}]),)),
         "apiVersion: gate", "a: [1, {b: null}]\napiVersion: gate"),
        (RemoveEntry(("apiVersion",)),
         "apiVersion: gateway.networking.k8s.io/v1beta1   # old\n", ""),
        (RemoveEntry(("spec", "parentRefs")),
         "    parentRefs:\n    - name: public   # the edge\n      port:\n", ""),
        (RemoveEntry(("metadata", "name")), "name: a, ", ""),
        (RemoveEntry(("metadata", "annotations")),
         ', annotations: {metallb.universe.tf/pool: "x"}', ""),
    ],
)  # fmt: skip
def test_one_change(change: Change, old: str, new: str) -> None:
    assert ROUTE.count(old) == 1
    assert changed(ROUTE, change) == ROUTE.replace(old, new)
    crlf = ROUTE.replace("\n", "\r\n")
    expected = crlf.replace(old.replace("\n", "\r\n"), new.replace("\n", "\r\n"))
    assert changed(crlf, change) == expected


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("a: 1\n", SetValue(("b",), 2)),
        ("a: {b: 1}\n", SetValue(("a",), 2)),
        ("a: |\n  x\n", SetValue(("a",), 2)),
        ("a: !!str 1\n", SetValue(("a",), 2)),
        ("a: &x 1\nb: *x\n", SetValue(("a",), 2)),
        ("a: &x 1\nb: *x\n", SetValue(("b",), 2)),
        ("a: &x {c: 1}\nb: {<<: *x}\n", SetValue(("b", "c"), 2)),
        ("a: 1\nb: 2\n", RenameKey(("a",), "b")),
        ("- a\n", RenameKey((0,), "b")),
        ("a: {b: 1}\n", AddEntries(("a",), (("b", 2),))),
        ("a: [1]\n", AddEntries(("a",), (("b", 2),))),
        ("a: 1\n", RemoveEntry(("a",))),
        ("- a: 1\n  # of b\n  b: 2\n", RemoveEntry((0, "a"))),
    ],
)
def test_what_cannot_be_changed_alone_is_left(text: str, change: Change) -> None:
    assert changed(text, change) is None


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("1.30", '"1.30"'),
        ("0x1F", '"0x1F"'),
        ("yes", '"yes"'),
        ("True", '"True"'),
        ("1_000 # one", '"1_000" # one'),
        ("12e3", '"12e3"'),
        ("a", None),
        ("'1'", None),
        ("", None),
        ("~", None),
        ("&x 1", None),
        ("!!int 1", None),
        ("[1]", None),
    ],
)
def test_a_scalar_in_quotes(written: str, quoted: str | None) -> None:
    expected = None if quoted is None else f"a: {quoted}\n"
    assert changed(f"a: {written}\n", QuoteValue(("a",))) == expected


def test_the_first_entry_of_an_item() -> None:
    assert changed("- a: 1\n  b: 2\n", RemoveEntry((0, "a"))) == "- b: 2\n"


def test_a_block_scalar_goes_as_a_whole() -> None:
    text = "a: 1\nb: |\n  x\n  y\n# c's\nc: 2\n"
    assert changed(text, RemoveEntry(("b",))) == "a: 1\n# c's\nc: 2\n"


def test_the_second_document_of_a_stream() -> None:
    text = "# one\na: 1\n---\n# two\na: 1\nb: 2\n---\na: 1\n"
    assert changed(text, SetValue(("a",), 9), document=1) == text.replace("two\na: 1", "two\na: 9")


def test_several_changes_of_one_document() -> None:
    text = "a: {old: 1, x: 2}\nb: 3\n"
    found = changed(text, RenameKey(("a", "old"), "new"), SetValue(("b",), "4"))
    assert found == 'a: {new: 1, x: 2}\nb: "4"\n'


def test_overlapping_edits_wait_for_another_run() -> None:
    text = "a: 1\nb: 2\n"
    [document] = read_bytes("a", text.encode()).documents
    edits = [
        *edits_of(document, [RemoveEntry(("a",))]),
        *edits_of(document, [SetValue(("a",), 5)]),
        *edits_of(document, [SetValue(("b",), 7)]),
    ]
    assert apply_edits(text, edits) == ("b: 7\n", 2)


def test_the_same_edit_twice_is_made_once() -> None:
    text = "a: 1\n"
    [document] = read_bytes("a", text.encode()).documents
    edits = edits_of(document, [SetValue(("a",), 5)]) * 2
    assert apply_edits(text, edits) == ("a: 5\n", 1)


_SCALARS = st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none())


@given(value=_SCALARS, flow=st.booleans())
def test_any_scalar_reads_back(value: Any, flow: bool) -> None:
    text = "a: {b: 1, c: 2}\n" if flow else "a:\n  b: 1 # one\n  c: 2\n"
    try:
        new = changed(text, SetValue(("a", "b"), value), AddEntries(("a",), (("d", value),)))
    except ValueError:  # a lone surrogate
        return
    assert new is not None
    [document] = read_bytes("a", new.encode()).documents
    assert document.value == {"a": {"b": value, "c": 2, "d": value}}
