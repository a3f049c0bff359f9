"""What matches mean, and the numbers that Traefik gives them."""

from __future__ import annotations

import pytest

from edgegen.model.resource import Origin, Resource
from edgegen.routing.matches import (
    EXACT,
    PREFIX,
    REGEX,
    Condition,
    Match,
    below,
    is_plain_path,
    match_of,
    may_meet,
    rules_of,
)
from edgegen.yamlio import read_bytes


def _route(kind: str, rules: str) -> Resource:
    text = f"apiVersion: gateway.networking.k8s.io/v1\nkind: {kind}\nspec:\n  rules: {rules}\n"
    (document,) = read_bytes("route.yaml", text.encode()).documents
    assert isinstance(document.value, dict)
    return Resource(document.value, Origin(document))


def _ranks(kind: str, rules: str) -> list[int]:
    return [rule.rank for rule in rules_of(_route(kind, rules))]


@pytest.mark.parametrize(
    ("match", "rank"),
    [
        ("{}", 1),
        ("{path: {value: /}}", 1),
        ("{path: {value: /api}}", 10_400),
        ("{path: {value: /api/}}", 10_500),
        ("{path: {value: /ü}}", 10_300),
        ("{path: {type: RegularExpression, value: '^/$'}}", 10_300),
        ("{path: {type: Exact, value: /}}", 100_000),
        ("{method: GET}", 1_001),
        ("{headers: [{name: a, value: b}, {name: c, value: d}]}", 201),
        ("{queryParams: [{name: a, value: b}]}", 11),
    ],
)
def test_rank_of_an_http_match(match: str, rank: int) -> None:
    # The only rule of a route adds one.
    assert _ranks("HTTPRoute", f"[{{matches: [{match}]}}]") == [rank + 1]


def test_earlier_rules_rank_higher() -> None:
    assert _ranks("HTTPRoute", "[{}, {}, {matches: [{}, {method: GET}]}]") == [4, 3, 2, 1_002]


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("{}", 'PathPrefix("/")'),
        ("{method: {service: a.B, method: Get}}", r'PathRegexp("/a\\.B/Get")'),
        ("{method: {service: a.B}}", r'PathRegexp("/a\\.B/[^/]+")'),
        ("{method: {method: Get}}", 'PathRegexp("/[^/]+/Get")'),
        (
            r"{method: {type: RegularExpression, service: 'x\.[A-Z]', method: Do}}",
            r'PathRegexp("/x\\.[A-Z]/Do")',
        ),
        ("{headers: [{name: x, value: v}]}", 'PathPrefix("/") && Header("x","v")'),
        (
            "{headers: [{name: x, value: v, type: RegularExpression}]}",
            'PathPrefix("/") && HeaderRegexp("x","v")',
        ),
    ],
)
def test_rank_of_a_grpc_match_is_the_length_of_its_text(match: str, text: str) -> None:
    assert _ranks("GRPCRoute", f"[{{matches: [{match}]}}]") == [len(text)]


def test_a_grpc_match_takes_more_than_it_asks_for() -> None:
    (rule,) = rules_of(_route("GRPCRoute", "[{matches: [{method: {service: a.B, method: Get}}]}]"))
    assert (rule.match.path_type, rule.match.path) == (EXACT, "/a.B/Get")
    assert rule.taken.path_type == REGEX


def test_tls_comes_before_every_request() -> None:
    (tls,) = _ranks("TLSRoute", "[{}]")
    exact = "{path: {type: Exact, value: /}, method: GET}"
    assert tls > _ranks("HTTPRoute", f"[{{matches: [{exact}]}}]")[0]


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        ("/a", "/a", True),
        ("/a/b", "/a", True),
        ("/a/", "/a", True),
        ("/a", "/a/", True),
        ("/ab", "/a", False),
        ("/", "/a", False),
        ("/a", "/", True),
        ("", "/", True),
    ],
)
def test_below(path: str, prefix: str, expected: bool) -> None:
    assert below(path, prefix) is expected


@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/a.b/..c/...", "/a~b/$x", "/a;b"])
def test_plain_paths(path: str) -> None:
    assert is_plain_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "a", "//", "/a//b", "/a/../b", "/a/..", "/a/.", "/./a", "/%61", "/a%2Fb", "/a?b", "/a\\b"],
)
def test_paths_that_readers_take_differently(path: str) -> None:
    assert not is_plain_path(path)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Match(), Match(EXACT, "/x"), True),
        (Match(PREFIX, "/a"), Match(PREFIX, "/a/b"), True),
        (Match(PREFIX, "/a"), Match(PREFIX, "/ab"), False),
        (Match(PREFIX, "/a/"), Match(EXACT, "/a"), True),
        (Match(EXACT, "/a"), Match(EXACT, "/a/"), False),
        (Match(REGEX, "^/x$"), Match(EXACT, "/y"), True),
        (Match(method="GET"), Match(method="POST"), False),
        (Match(method="GET"), Match(), True),
    ],
)
def test_may_meet(first: Match, second: Match, expected: bool) -> None:
    assert may_meet(first, second) is expected
    assert may_meet(second, first) is expected


def test_headers_that_exclude_each_other() -> None:
    one = match_of({"headers": [{"name": "X-Beta", "value": "1"}]})
    other = match_of({"headers": [{"name": "x-beta", "value": "2"}]})
    regex = match_of({"headers": [{"name": "x-beta", "value": ".", "type": REGEX}]})
    assert not may_meet(one, other)
    assert may_meet(one, regex)


def test_equal_matches_have_one_key() -> None:
    one = match_of({"path": {"value": "/a/"}, "headers": [{"name": "A", "value": "1"}]})
    other = match_of({"path": {"value": "/a"}, "headers": [{"name": "a", "value": "1"}]})
    assert one.key() == other.key()
    assert one.key() != match_of({"path": {"type": EXACT, "value": "/a"}}).key()


def test_traefik_asks_for_every_header_where_names_differ_in_case() -> None:
    headers = "[{name: X-B, value: '1'}, {name: x-b, value: ^1$, type: RegularExpression}]"
    (rule,) = rules_of(_route("HTTPRoute", f"[{{matches: [{{headers: {headers}}}]}}]"))
    assert rule.match.headers == (Condition("x-b", "1", regex=False),)
    assert rule.taken.headers == (*rule.match.headers, Condition("x-b", "^1$", regex=True))
    assert rule.rank == 1 + 2 * 100 + 1
