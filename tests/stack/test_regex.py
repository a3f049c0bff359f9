from __future__ import annotations

import time

import pytest

from edgegen.stack import regex


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b.d", "abcd", True),
        ("^b", "ab", False),
        (r"\d+$", "a1", True),
        ("(?i)A", "a", True),
        (r"\p{Greek}", "Ω", True),
        ("(?=a)", "a", False),
    ],
)
def test_expressions_are_searched_as_in_go(pattern: str, text: str, found: bool) -> None:
    assert regex.searches(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("a+", None),
        ("(?=a)", "invalid perl operator: (?="),
        ("a(", "missing ): a("),
        ("a{1001}", "invalid repetition size: {1001}"),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("a" * 10_001, "has more than 10000 characters"),
    ],
)
def test_what_re2_refuses(pattern: str, fault: str | None) -> None:
    assert regex.fault(pattern) == fault


def test_a_lone_surrogate_is_refused() -> None:
    assert regex.fault("\udc80") is not None
    assert not regex.searches("a", "\udc80")


@pytest.mark.parametrize(
    ("pattern", "template", "text", "replaced"),
    [
        (r"^/api/(\w+)/(?P<id>\d+)", "/$2-${id}-$1-$1x$$", "/api/foo/12?y", "/12-12-foo-$?y"),
        ("x*", "-", "abxc", "-a-b-c-"),
        ("a", "$9", "bab", "bb"),
        ("(", "-", "a", "a"),
    ],
)
def test_replacing_follows_go(pattern: str, template: str, text: str, replaced: str) -> None:
    assert regex.replace_all(pattern, template, text) == replaced


def test_no_expression_explodes() -> None:
    started = time.perf_counter()
    assert not regex.searches("(a*)*(a*)*b", "a" * 50_000)
    assert time.perf_counter() - started < 5
