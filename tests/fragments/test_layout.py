from __future__ import annotations

import pytest

from edgegen.fragments.layout import NOWHERE, Home, Layer, home_of, is_repository, team_of
from edgegen.sources import Memory


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("edgegen.yaml", Home(Layer.SETTINGS)),
        ("policies/rules.yaml", Home(Layer.POLICY)),
        ("policies/teams/shop.yaml", Home(Layer.TEAM_POLICY)),
        ("policies/teams/eu/shop.yaml", Home(Layer.TEAM_POLICY)),
        ("clusters/prod/cluster.yaml", Home(Layer.CLUSTER, name="prod")),
        ("clusters/prod/net/pools.yaml", Home(Layer.CLUSTER, name="prod")),
        ("clusters/_layers/base/edges.yaml", Home(Layer.SHARED, name="base")),
        ("teams/shop/routes.yaml", Home(Layer.TEAM, "shop")),
        ("teams/shop/deep/er/routes.yaml", Home(Layer.TEAM, "shop")),
        ("teams/shop/layers/prod/x.yaml", Home(Layer.TEAM_LAYER, "shop", "prod")),
        ("teams/shop/clusters/prod/x.yaml", Home(Layer.TEAM_CLUSTER, "shop", "prod")),
        ("clusters/stray.yaml", NOWHERE),
        ("clusters/_layers/stray.yaml", NOWHERE),
        ("teams/stray.yaml", NOWHERE),
        ("teams/shop/layers/stray.yaml", NOWHERE),
        ("README.md", NOWHERE),
    ],
)
def test_the_home_of_a_path(path: str, home: Home) -> None:
    assert home_of(path) == home


def test_the_team_of_a_path() -> None:
    assert team_of("teams/shop/a.yaml") == "shop"
    assert team_of("teams/shop/clusters/prod/a.yaml") == "shop"
    assert team_of("clusters/prod/a.yaml") is None
    assert team_of("policies/teams/shop.yaml") is None


def test_what_is_a_repository() -> None:
    fragment = b"apiVersion: edgegen.dev/v1alpha1\nkind: Cluster\n"
    flux = b"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
    assert is_repository(Memory({"edgegen.yaml": b""}))
    assert is_repository(Memory({"clusters/prod/c.yaml": fragment}))
    assert not is_repository(Memory({"clusters/prod/c.yaml": flux}))
    assert not is_repository(Memory({"clusters/prod/kustomization.yaml": fragment}))
    assert not is_repository(Memory({"a.yaml": fragment}))
