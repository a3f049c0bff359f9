from __future__ import annotations

import pytest

from edgegen.model.facts import Facts
from edgegen.render.charts import (
    Chart,
    Upstream,
    gateway_crds,
    merge_values,
    metallb_chart,
    metallb_values,
    traefik_chart,
    traefik_crds,
)


@pytest.mark.parametrize(
    ("bgp", "frr_k8s", "frr"),
    [("frr-k8s", True, False), ("frr", False, True), ("native", False, False)],
)
def test_bgp_mode_sets_both_switches(bgp: str, frr_k8s: bool, frr: bool) -> None:
    assert metallb_values(Facts(metallb_bgp=bgp)) == {
        "frrk8s": {"enabled": frr_k8s},
        "speaker": {"frr": {"enabled": frr}},
    }


def test_written_values_are_kept_beside_the_mode_and_never_change_it() -> None:
    facts = Facts(
        metallb_bgp="native",
        metallb_class="metallb",
        metallb_values={
            "frrk8s": {"enabled": True, "external": False},
            "speaker": {"tolerations": [{"operator": "Exists"}], "frr": None},
            "controller": {"nodeSelector": None},
        },
    )
    assert metallb_values(facts) == {
        "frrk8s": {"enabled": False, "external": False},
        "speaker": {"tolerations": [{"operator": "Exists"}], "frr": {"enabled": False}},
        "controller": {"nodeSelector": None},
        "loadBalancerClass": "metallb",
    }


def test_helm_merges_mappings_replaces_lists_and_keeps_null() -> None:
    low = {"a": {"b": 1, "c": [1, 2]}, "d": 1, "e": {"f": 1}}
    high = {"a": {"c": [3], "n": None}, "d": {"x": 1}, "e": None}
    assert merge_values(low, high) == {
        "a": {"b": 1, "c": [3], "n": None},
        "d": {"x": 1},
        "e": None,
    }
    assert low == {"a": {"b": 1, "c": [1, 2]}, "d": 1, "e": {"f": 1}}


def test_crds_come_from_upstream_at_a_tag() -> None:
    facts = Facts(gateway_api="1.6.1", gateway_channel="experimental", traefik_chart="v41.3.0")
    assert gateway_crds(facts) == Upstream(
        "https://github.com/kubernetes-sigs/gateway-api.git", "v1.6.1", "config/crd/experimental"
    )
    assert traefik_crds(facts) == Upstream(
        "https://github.com/traefik/traefik-helm-chart.git", "v41.3.0", "traefik/crds"
    )


def test_charts_come_from_their_own_repositories_or_from_a_mirror() -> None:
    facts = Facts(traefik_chart="41.3.0", metallb_chart="0.16.1", metallb_namespace="lb")
    mirrored = Facts(
        traefik_chart="41.3.0",
        metallb_chart="0.16.1",
        sources={"traefik": "oci://mirror.test/charts", "metallb": "https://mirror.test/m"},
    )
    assert traefik_chart(facts, "dmz") == Chart(
        "https://traefik.github.io/charts", "traefik", "41.3.0", "traefik-dmz", "traefik-dmz"
    )
    assert metallb_chart(facts) == Chart(
        "https://metallb.github.io/metallb", "metallb", "0.16.1", "metallb", "lb"
    )
    assert traefik_chart(mirrored, "a") == Chart(
        "oci://mirror.test/charts", "traefik", "41.3.0", "traefik-a", "traefik-a"
    )
    assert metallb_chart(mirrored) == Chart(
        "https://mirror.test/m", "metallb", "0.16.1", "metallb", "metallb-system"
    )


def test_a_version_is_never_guessed() -> None:
    facts = Facts()
    assert gateway_crds(facts) is None
    assert traefik_crds(facts) is None
    assert metallb_chart(facts) is None
    assert traefik_chart(facts, "dmz") is None
