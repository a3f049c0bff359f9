"""Texts that an expression takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.stack import regex
from edgegen.stack.regex_members import members


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["/"]),
        ("^/$", ["/"]),
        (r"^/api/v[0-9]+/.*", ["/api/v0/a"]),
        (r"/(a|b)/x{2,3}$", ["/a/xx"]),
        (r"^/foo|/bar$|baz", ["/foo", "/bar", "/baz"]),
        (r"(?i)^/Shop(?:/|$)", ["/Shop/"]),
        (r"^/\pL{3}\Qa.b\E\d?", ["/aaaa.b0"]),
        (r"/[[:alpha:]]+[]a]", ["/aa"]),
        (r"^(?P<n>/y)\x41", ["/yA"]),
        (r"^/a{0}b", ["/b"]),
        (r"\.css$", ["/.css"]),
        (r"^/(?:$|x)", ["/"]),
        (r"^/a*?$", ["/a"]),
        (r"(", []),
        (r"^x", []),  # no path starts so
        (r"[^\x00-\x{10ffff}]", []),
    ],
)
def test_one_text_a_branch(pattern: str, expected: list[str]) -> None:
    assert list(members(pattern, prefix="/")) == expected


@pytest.mark.parametrize(
    "pattern", ["(" * 200 + "a" + ")" * 200, "(?:a{900}){1}" * 5, "a{1000}" * 3]
)
def test_what_is_too_large_is_given_up(pattern: str) -> None:
    assert list(members(pattern)) == []


@given(st.text(alphabet=r"ab/.*+?()[]{}|^$\dwsQEAz01,-:=!<>Pi", max_size=20))
def test_whatever_is_made_up_is_taken(pattern: str) -> None:
    for text in members(pattern, prefix="/"):
        assert text.startswith("/")
        assert regex.searches(pattern, text)
