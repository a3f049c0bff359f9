from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.model.ids import ResourceId
from edgegen.render.names import MAX_NAME_BYTES, encode, file_name, file_names

GATEWAY = "gateway.networking.k8s.io"
ALPHABET = "abAB09.-_%/\\: ~é\u2028\U0001f600\0"
words = st.text(ALPHABET, max_size=8) | st.text(ALPHABET, min_size=180, max_size=260)
groups = st.sampled_from(["", GATEWAY, "traefik.io", "metallb.io", "apps", "x.y"]) | words
kinds = st.sampled_from(["Route", "ROUTE", "A.b", "A"]) | words
ids = st.builds(ResourceId, groups, kinds, words, words)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ((GATEWAY, "HTTPRoute", "bread", "cake"), "httproute_bread_cake.yaml"),
        ((GATEWAY, "GatewayClass", "", "traefik-dmz"), "gatewayclass_traefik-dmz.yaml"),
        (("", "Service", "a", "b.c"), "service_a_b.c.yaml"),
        (("metallb.io", "BGPPeer", "m", "tor"), "bgppeer_m_tor.yaml"),
        (("traefik.io", "Middleware", "m", "x"), "middleware_m_x.yaml"),
        (("argoproj.io", "Application", "m", "x"), "application_m_x.yaml"),
        (("helm.toolkit.fluxcd.io", "HelmRelease", "m", "x"), "helmrelease_m_x.yaml"),
        (("cert-manager.io", "Certificate", "m", "x"), "certificate.cert-manager.io_m_x.yaml"),
        (("apps", "Deployment", "m", "x"), "deployment.apps_m_x.yaml"),
        (("rbac.x", "ClusterRole", "", "system:a_B"), "clusterrole.rbac.x_system%3Aa%5F%42.yaml"),
        (("", "Service", "", "é"), "service_%C3%A9.yaml"),
    ],
)
def test_names_by_the_layout(identity: tuple[str, str, str, str], name: str) -> None:
    assert file_name(ResourceId(*identity)) == name


def test_a_hyphen_does_not_join_namespace_and_name() -> None:
    assert file_name(ResourceId("", "Service", "a-b", "c")) == "service_a-b_c.yaml"
    assert file_name(ResourceId("", "Service", "a", "b-c")) == "service_a_b-c.yaml"


def test_two_hundred_bytes_stay_whole_and_one_more_is_cut() -> None:
    fits = ResourceId("", "Service", "", "n" * (MAX_NAME_BYTES - len("service_.yaml")))
    long = fits._replace(name=f"{fits.name}n")
    other = fits._replace(name=f"{fits.name}m")
    assert file_name(fits) == f"service_{fits.name}.yaml"
    assert len(file_name(long)) == MAX_NAME_BYTES
    assert re.fullmatch(r"service_n+__[0-9a-f]{32}\.yaml", file_name(long))
    assert file_name(long) != file_name(other)


def test_a_cut_name_cannot_be_claimed_by_a_short_one() -> None:
    cut = file_name(ResourceId("", "Service", "", "n" * 253)).removesuffix(".yaml")
    claim = ResourceId("", "Service", "", cut.removeprefix("service_"))
    assert file_name(claim) != f"{cut}.yaml"


def test_an_escape_is_never_cut_in_half() -> None:
    for length in range(1, 70):
        name = file_name(ResourceId("", "Service", "x" * length, "é" * 60))
        assert re.fullmatch(r"(?:[a-z0-9._-]|%[0-9A-F]{2})+", name)


def test_kinds_that_differ_in_case_alone_are_kept_apart() -> None:
    kinds = ["ABC", "ABc", "AbC", "Abc", "aBC", "aBc", "abC", "abc"]
    names = file_names(ResourceId("", kind, "a", "b") for kind in kinds)
    first, *others = (names[ResourceId("", kind, "a", "b")] for kind in kinds)
    assert first == "abc_a_b.yaml"
    for name in others:
        assert re.fullmatch(r"abc_a_b__[0-9a-f]{32}\.yaml", name)


def test_a_dot_in_a_kind_is_not_the_start_of_a_group() -> None:
    assert file_name(ResourceId("y", "A.x", "", "n")) == "a%2Ex.y_n.yaml"
    assert file_name(ResourceId("x.y", "A", "", "n")) == "a.x.y_n.yaml"


@given(st.lists(ids, max_size=12))
def test_names_are_safe_and_no_two_alike(resources: list[ResourceId]) -> None:
    names = file_names(resources)
    assert set(names) == set(resources)
    assert len(set(names.values())) == len(names)
    assert list(names.values()) == sorted(names.values())
    for name in names.values():
        assert re.fullmatch(r"(?!\.)(?:[a-z0-9._-]|%[0-9A-F]{2}|%(?=[_.]))+\.yaml", name), name
        assert len(name.encode()) <= MAX_NAME_BYTES
    assert file_names(reversed(resources)) == names


@given(words)
def test_a_part_can_be_read_back(part: str) -> None:
    encoded = encode(part)
    assert encoded not in ("", ".", "..")
    assert not set(encoded) & set("/_\\")
    assert unquote(encoded) == part or (part, encoded) == ("", "%")


@given(words, words)
def test_two_parts_never_encode_alike(first: str, second: str) -> None:
    assert (encode(first) == encode(second)) == (first == second)
