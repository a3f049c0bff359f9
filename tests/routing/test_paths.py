from __future__ import annotations

import pytest

from edgegen.routing import paths


@pytest.mark.parametrize(
    ("path", "prefix", "replacement", "replaced"),
    [
        ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
        ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
        ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
        ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
        ("/foo", "/foo", "/xyz", "/xyz"),
        ("/foo/", "/foo", "/xyz", "/xyz/"),
        ("/foo/bar", "/foo", "", "/bar"),
        ("/foo/", "/foo", "", "/"),
        ("/foo", "/foo", "", "/"),
        ("/foo/", "/foo", "/", "/"),
        ("/foo", "/foo", "/", "/"),
    ],
)
def test_the_specification_replaces_a_prefix(
    path: str, prefix: str, replacement: str, replaced: str
) -> None:
    assert paths.replaced_prefix(path, prefix, replacement) == replaced


@pytest.mark.parametrize(
    ("path", "prefix", "replacement", "replaced"),
    [
        ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
        ("/foo/", "/foo/", "/bar", "/bar/"),
        ("/foo", "/foo/", "/bar", "/bar"),
        ("/foo/x", "/foo", "", "x"),
        ("/foo/x/", "/foo", "bar", "bar/x/"),
        ("/%2Fx", "/", "/", "/%2Fx"),
        ("/v1/x", "/v[0-9]", "/new", "/new/v1/x"),
    ],
)
def test_traefik_replaces_a_prefix(path: str, prefix: str, replacement: str, replaced: str) -> None:
    assert paths.traefik_replaced_prefix(path, prefix, replacement) == replaced


@pytest.mark.parametrize(
    ("path", "normalised"),
    [
        ("/a//b/../c%41%2f/", "/a/cA%2F/"),
        ("/%2e%2e/a", "/a"),
        ("/a/..", "/"),
        ("/a/.", "/a"),
        ("//", "/"),
        ("/%zz", None),
        ("/%4", None),
    ],
)
def test_traefik_resolves_a_path_first(path: str, normalised: str | None) -> None:
    assert paths.normalised(path) == normalised


def test_reserved_characters_stay_encoded_for_routing() -> None:
    assert paths.routing_path("/p%20q%2Fx%C3%A9") == "/p q%2Fxé"


@pytest.mark.parametrize(
    ("path", "parts"), [("", ("/", None)), ("/a?", ("/a", "")), ("/a?b?c", ("/a", "b?c"))]
)
def test_path_and_query(path: str, parts: tuple[str, str | None]) -> None:
    assert paths.split(path) == parts
