from __future__ import annotations

import pytest

from edgegen.stack.label_queries import is_label_query, label_query

LABELS = {"edge": "public", "tier": "a", "edgegen.dev/team": "pay"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "edge=public",
        "edge==public",
        "edge = public , tier=a",
        "tier!=b",
        "none!=b",
        "edge",
        "!none",
        "edge in (public, internal)",
        "edge notin (internal)",
        "edgegen.dev/team=pay,edge in (public),!old",
    ],
)
def test_selects(text: str) -> None:
    assert is_label_query(text)
    assert label_query(text)(LABELS)


@pytest.mark.parametrize(
    "text", ["edge=internal", "none", "!edge", "edge notin (public)", "tier=a,edge=x", "edge="]
)
def test_does_not_select(text: str) -> None:
    assert is_label_query(text)
    assert not label_query(text)(LABELS)


@pytest.mark.parametrize("text", ["edge=public=x", "a in", "a in (", "=", "a b", "ä=1("])
def test_what_is_no_selector_selects_nothing(text: str) -> None:
    assert not is_label_query(text)
    assert not label_query(text)(LABELS)
