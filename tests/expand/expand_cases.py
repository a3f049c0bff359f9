"""Fragments as text to what they expand to, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand import Expansion, expand
from edgegen.model.facts import facts_of
from edgegen.model.path import format_path
from edgegen.model.resource import How, Origin, Resource
from edgegen.stack.tenants import tenants_of
from edgegen.yamlio import read_bytes

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

CLUSTER = """
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: c1}
spec:
  kubernetes: {version: "1.33"}
  network:
    segments: [{name: lan, cidrs: [10.0.0.0/24]}]
"""

POOL = """
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: main}
spec: {addresses: [10.0.0.16/28], segment: lan, l2: {}}
"""

EDGE = """
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: public}
spec:
  pool: main
  vips: [10.0.0.20]
  listeners:
    - {name: http, port: 80, redirect: true}
    - {name: https, port: 443, hostname: "*.example.com", certificate: wildcard}
"""

TEAM = """
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: shop}
spec:
  namespaces: [shop, shop-core]
  hostnames: ["*.shop.example.com"]
  edges: [public]
"""

BASIS = "---".join([CLUSTER, POOL, EDGE, TEAM])

MANAGED: dict[str, Json] = {"app.kubernetes.io/managed-by": "edgegen"}
OF_SHOP: dict[str, Json] = {**MANAGED, "edgegen.dev/team": "shop"}
GATEWAY_API = "gateway.networking.k8s.io"


@dataclass(frozen=True)
class Expanded:
    """An expansion, with short ways to ask it."""

    expansion: Expansion
    given: tuple[Resource, ...]

    def resource(self, name: str) -> Resource:
        """The resource of a name like `Gateway/traefik-public/public`."""
        (found,) = [one for one in self.expansion.resources if str(one.id) == name]
        return found

    def value(self, name: str) -> Json:
        return self.resource(name).value

    def spec(self, name: str) -> dict[str, Json]:
        return self.resource(name).spec

    def values(self, edge: str = "public") -> dict[str, Json]:
        """The Helm values of an edge."""
        values = self.resource(f"HelmValues/traefik-{edge}/traefik-{edge}").value["values"]
        assert isinstance(values, dict)
        return values

    @property
    def names(self) -> list[str]:
        """Names of everything but edgegen's kinds, in order."""
        return [str(one.id) for one in self.expansion.resources if one.id.group != "edgegen.dev"]

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Rule, place and message of each fault."""
        return [
            (fault.rule, f"{fault.at.resource} {format_path(fault.at.field)}", fault.message)
            for fault in self.expansion.faults
        ]

    @property
    def helps(self) -> list[str]:
        return [fault.help for fault in self.expansion.faults]

    def source(self, name: str, *path: str | int) -> str:
        """Where a value comes from: `Edge/public spec.pool (derived: note)`."""
        origin = self.resource(name).origin(path)
        return described(origin)

    def document_path(self, name: str, *path: str | int) -> tuple[str, Path]:
        """File and path of the text that decided a value."""
        last = self.resource(name).chain(path)[-1]
        assert not isinstance(last.holder, Resource)
        return last.holder.path, last.path


def described(origin: Origin) -> str:
    holder = str(origin.holder.id) if isinstance(origin.holder, Resource) else origin.holder.path
    how = "" if origin.how is How.WRITTEN else f" ({origin.how.value}"
    note = f": {origin.note}" if origin.note else ""
    return f"{holder} {format_path(origin.path)}" + (f"{how}{note})" if how else "")


def expanded(platform: str = BASIS, **teams: str) -> Expanded:
    """Expand the platform's documents and those of each team."""
    resources = [*_resources(platform, None)]
    for team, text in teams.items():
        resources += _resources(text, team)
    return expanded_resources(resources)


def expanded_resources(resources: list[Resource]) -> Expanded:
    cluster = next((one for one in resources if one.kind == "Cluster"), None)
    expansion = expand(resources, facts_of(cluster), tenants_of(resources))
    return Expanded(expansion, tuple(resources))


def _resources(text: str, team: str | None) -> Iterator[Resource]:
    path = f"teams/{team}/all.yaml" if team else "clusters/c1/all.yaml"
    for document in read_bytes(path, text.encode()).documents:
        if isinstance(document.value, dict):
            yield Resource(document.value, Origin(document), {}, team, (document,))


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Yield path and value of every scalar and empty container."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value
