"""From fragments to the merged resources of one cluster.

Order of the stack: the layers as listed, the cluster, the team, the team's
layers, the team's overrides in that cluster. Variables are substituted in each
fragment first; identity, tenancy and merging see the substituted text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.fragments.layout import Layer
from edgegen.fragments.pieces import Identity, Memo, Merged, Piece, Ranked, Removed
from edgegen.fragments.tenancy import platform_faults, team_faults
from edgegen.fragments.unreached import Reach, override_without_team
from edgegen.fragments.variables import Environment, Scalar, names_in, substitute
from edgegen.model.facts import Facts, facts_of
from edgegen.model.fault import Fault
from edgegen.model.ids import EDGEGEN_GROUP, METALLB_GROUP, name_fault, namespace_fault
from edgegen.model.path import value_at
from edgegen.schema.words import closest
from edgegen.stack.selectors import matches
from edgegen.stack.tenants import Team, Tenants, tenants_of

if TYPE_CHECKING:
    from edgegen.fragments.repository import Fragment, Reading
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_PLATFORM_KINDS = frozenset({"Cluster", "AddressPool", "Edge"})

_HOMES = {
    "Team": "a Team belongs to policies/teams/, where only the platform grants rights",
    "Delegation": "a Delegation belongs to the folder of the team that owns the hostname",
    "Route": "a Route belongs to a team's folder; a platform team is a Team too",
    "RuleSettings": "RuleSettings belong to policies/",
    "Exemption": "an Exemption belongs to policies/",
    "Settings": "Settings belong to edgegen.yaml",
    "RouteTest": "RouteTests belong to tests/edge/",
}
"""Kinds that mean nothing in a cluster's or layer's folder, and where they belong."""


@dataclass(frozen=True, slots=True)
class Composition:
    """The merged resources of one cluster, before expansion, in a fixed order.

    `declared_teams` are those of the whole repository, selected here or not;
    `removed` are the resources that fragments deleted, `reach` is None where the
    layers are not known.
    """

    facts: Facts
    tenants: Tenants
    resources: tuple[Resource, ...]
    faults: tuple[Fault, ...]
    declared_teams: frozenset[str] = frozenset()
    removed: tuple[Removed, ...] = ()
    reach: Reach | None = None


class Composer:
    """Composes the clusters of one repository; keeps what clusters share."""

    def __init__(self, shared: Reading, layers: Sequence[str], output: str = "rendered") -> None:
        """Take what all clusters have in common.

        Args:
            shared: fragments of policies, layers and teams.
            layers: the layer folders that exist.
            output: folder of the output, from which `gitops.path` derives.
        """
        self.shared = shared
        self.layers = layers
        self.output = output
        self.memo = Memo()
        self.declared_teams = frozenset(
            name
            for fragment in shared.of(Layer.TEAM_POLICY)
            if isinstance(name := value_at(fragment.value, ("metadata", "name")), str)
        )

    def compose(self, name: str, own: Reading) -> Composition:
        """Merge everything that concerns one cluster.

        Args:
            own: the fragments of its folder, and the teams' overrides for it.
        """
        return _Stack(self, name, own).compose()

    def reach(self, name: str, own: Reading) -> Reach:
        """Tell which layers and teams a cluster takes, without merging what they hold."""
        return _Stack(self, name, own).reach()


class _Stack:
    """The composition of one cluster: its fragments by identity, and its faults."""

    def __init__(self, composer: Composer, name: str, own: Reading) -> None:
        self._composer = composer
        self._name = name
        self._own = own
        self._memo = Memo()  # what only this cluster has is forgotten with it
        self._faults: list[Fault] = []
        self._removed: list[Removed] = []
        self._team_namespaces: set[str] = set()

    def compose(self) -> Composition:
        """Merge everything that concerns the cluster."""
        cluster, environment = self._cluster()
        facts = facts_of(cluster, self._name, self._composer.output)
        layers = _layers([cluster.value]) if cluster else []
        teams = self._teams(environment, facts)
        self._team_namespaces = {
            namespace for team in tenants_of(teams).teams.values() for namespace in team.namespaces
        }
        stacks: dict[Identity, list[Ranked]] = {}
        for rank, fragment in self._platform_fragments(layers):
            if not _is(fragment, "Cluster"):
                self._admit_platform(rank, fragment, environment, facts, stacks)
        for team in tenants_of(teams).teams.values():
            here = {**environment, "team.name": team.name}
            for rank, fragment in self._team_fragments(team.name, layers):
                self._admit_team(rank, fragment, here, team, stacks)
        self._faults += self._without_team({team.name for team in teams})
        merged = list(self._of_some_team(self._merge_all(stacks)))
        resources = [*teams, *([cluster] if cluster else []), *merged]
        resources.sort(key=lambda resource: (resource.id, resource.team or ""))
        return Composition(
            facts,
            tenants_of(resources),
            tuple(resources),
            tuple(self._faults),
            self._composer.declared_teams,
            tuple(self._removed),
            self._reach(cluster, layers, teams),
        )

    def reach(self) -> Reach:
        """Tell which layers and teams the cluster takes, without merging what they hold."""
        cluster, environment = self._cluster()
        facts = facts_of(cluster, self._name, self._composer.output)
        layers = _layers([cluster.value]) if cluster else []
        teams = self._teams(environment, facts)
        return Reach(frozenset(layers), frozenset(team.name for team in teams))

    def _reach(
        self, cluster: Resource | None, layers: Sequence[str], teams: Sequence[Resource]
    ) -> Reach | None:
        listed = cluster.spec.get("layers", []) if cluster else None
        unclear = cluster is not None and not cluster.spec
        if not isinstance(listed, list) or unclear or self._own.problems:
            return None
        return Reach(frozenset(layers), frozenset(team.name for team in teams))

    # The Cluster document and its variables

    def _cluster(self) -> tuple[Resource | None, Environment]:
        own = [f for f in self._own.of(Layer.CLUSTER, name=self._name) if _is(f, "Cluster")]
        listed = _layers([fragment.value for fragment in own])
        fragments = [
            (rank, fragment)
            for rank, layer in enumerate(listed)
            for fragment in self._composer.shared.of(Layer.SHARED, name=layer)
            if _is(fragment, "Cluster")
        ]
        fragments += [(len(listed), fragment) for fragment in own]
        self._faults += self._cluster_faults(own)
        for _, fragment in fragments[: len(fragments) - len(own)]:
            self._faults += _facts_of_one_cluster(fragment)
        for _, fragment in fragments:
            self._faults += _circular(fragment)
        environment = _environment(self._name, [fragment.value for _, fragment in fragments])
        ranked = [(rank, self._piece(fragment, environment)) for rank, fragment in fragments]
        if not ranked:
            return None, environment
        identity = Identity(EDGEGEN_GROUP, "Cluster", "", self._name)
        return self._merge(identity, ranked), environment

    def _cluster_faults(self, own: Sequence[Fragment]) -> Iterator[Fault]:
        for fragment in own:
            written = value_at(fragment.value, ("metadata", "name"))
            if not isinstance(written, str):
                if not _is_told(self._memo.piece(fragment, {})):
                    yield _nameless(fragment)
            elif written != self._name:
                yield Fault(
                    "cluster-name-mismatch",
                    fragment.at("metadata", "name"),
                    f'Cluster "{written}" stands in the folder of cluster "{self._name}"',
                    help=f"name it {self._name}, or move the folder",
                )
            layers = value_at(fragment.value, ("spec", "layers"))
            for index, layer in enumerate(layers if isinstance(layers, list) else ()):
                if isinstance(layer, str) and layer not in self._composer.layers:
                    yield _unknown_layer(fragment, index, layer, self._composer.layers)
        first = next(iter(self._own.of(Layer.CLUSTER, name=self._name)), None)
        if not own and first is not None:
            yield Fault(
                "cluster-without-facts",
                first.at(),
                f'no Cluster document describes cluster "{self._name}"',
                help=f"add one to clusters/{self._name}/, with metadata.name: {self._name}",
            )

    # Teams

    def _teams(self, environment: Environment, facts: Facts) -> list[Resource]:
        stacks: dict[Identity, list[Ranked]] = {}
        for fragment in self._composer.shared.of(Layer.TEAM_POLICY):
            piece = self._piece(fragment, environment)
            if _is(fragment, "Team"):
                self._stack(0, piece, "", "", stacks)
            else:
                remedy = "policies/teams/ holds Team documents"
                self._faults.append(_misplaced_kind(fragment, remedy))
        merged = self._merge_all(stacks)
        return sorted(
            (team for team in merged if _selected(team, facts)), key=lambda team: team.name
        )

    # Fragments of the stack

    def _platform_fragments(self, layers: Sequence[str]) -> Iterator[tuple[int, Fragment]]:
        for rank, layer in enumerate(layers):
            for fragment in self._composer.shared.of(Layer.SHARED, name=layer):
                yield rank, fragment
        for fragment in self._own.of(Layer.CLUSTER, name=self._name):
            yield len(layers), fragment

    def _team_fragments(self, team: str, layers: Sequence[str]) -> Iterator[tuple[int, Fragment]]:
        first = len(layers) + 1
        for fragment in self._composer.shared.of(Layer.TEAM, team):
            yield first, fragment
        for rank, layer in enumerate(layers, first + 1):
            for fragment in self._composer.shared.of(Layer.TEAM_LAYER, team, layer):
                yield rank, fragment
        for fragment in self._own.of(Layer.TEAM_CLUSTER, team, self._name):
            yield first + len(layers) + 1, fragment

    def _without_team(self, teams: Collection[str]) -> Iterator[Fault]:
        for home, fragments in self._own.by_home.items():
            known = home.team in self._composer.declared_teams and home.team not in teams
            if home.layer is Layer.TEAM_CLUSTER and known:
                yield from override_without_team(fragments, home.team, self._name)

    def _admit_platform(
        self,
        rank: int,
        fragment: Fragment,
        environment: Environment,
        facts: Facts,
        stacks: dict[Identity, list[Ranked]],
    ) -> None:
        piece = self._piece(fragment, environment)
        refused = list(platform_faults(fragment, piece.value))
        overrides = _is(fragment, "Route") and _namespace(piece) in self._team_namespaces
        if fragment.is_edgegen and fragment.kind in _HOMES and not overrides:
            refused.append(_misplaced_kind(fragment, _HOMES[fragment.kind]))
        self._faults += refused
        known = overrides or fragment.kind in _PLATFORM_KINDS
        if refused or (fragment.is_edgegen and not known):
            return
        namespace = _namespace(piece)
        if not namespace and fragment.group == METALLB_GROUP:
            namespace = facts.metallb_namespace
        self._stack(rank, piece, namespace, "", stacks)

    def _admit_team(
        self,
        rank: int,
        fragment: Fragment,
        environment: Environment,
        team: Team,
        stacks: dict[Identity, list[Ranked]],
    ) -> None:
        piece = self._piece(fragment, environment)
        lending = _is(fragment, "Delegation")
        namespace = "" if lending else _namespace(piece) or next(iter(team.namespaces), "")
        refused = [
            *team_faults(fragment, piece.value, team, namespace),
            *platform_faults(fragment, piece.value),
        ]
        self._faults += refused
        if not refused:
            self._stack(rank, piece, namespace, team.name if lending else "", stacks)

    def _stack(
        self,
        rank: int,
        piece: Piece,
        namespace: str,
        scope: str,
        stacks: dict[Identity, list[Ranked]],
    ) -> None:
        fragment = piece.fragment
        name = value_at(piece.value, ("metadata", "name"))
        if not isinstance(name, str) or not name:
            if not _is_told(piece):
                self._faults.append(_nameless(fragment))
            return
        fault = _malformed(piece, namespace, name)
        if fault is not None:
            self._faults.append(fault)
            return
        identity = Identity(fragment.group, fragment.kind, namespace, name, scope)
        stacks.setdefault(identity, []).append((rank, piece))

    # What clusters share

    def _piece(self, fragment: Fragment, environment: Environment) -> Piece:
        own = fragment.home.layer in (Layer.CLUSTER, Layer.TEAM_CLUSTER)
        memo = self._memo if own else self._composer.memo
        piece = memo.piece(fragment, environment)
        self._faults += piece.faults
        return piece

    def _merge(self, identity: Identity, ranked: Sequence[Ranked]) -> Resource | None:
        own = any(piece.own for _, piece in ranked)
        merged: Merged = (self._memo if own else self._composer.memo).merge(identity, ranked)
        self._faults += merged.faults
        if merged.removed is not None:
            self._removed.append(merged.removed)
        return merged.resource

    def _merge_all(self, stacks: Mapping[Identity, Sequence[Ranked]]) -> list[Resource]:
        found = (self._merge(identity, ranked) for identity, ranked in stacks.items())
        return [resource for resource in found if resource is not None]

    def _of_some_team(self, resources: list[Resource]) -> Iterator[Resource]:
        """Drop a Route that only the platform wrote: it may override a team's, not publish."""
        written = [str(r.id) for r in resources if r.kind == "Route" and r.team is not None]
        for resource in resources:
            if resource.kind == "Route" and resource.team is None:
                at = resource.at("kind")
                message = f"no team writes {resource.id}, which the platform overrides"
                near = closest(str(resource.id), written)
                remedy = f'did you mean "{near}"?' if near else _HOMES["Route"]
                self._faults.append(Fault("misplaced-kind", at, message, help=remedy))
            else:
                yield resource


def _environment(name: str, clusters: Sequence[Mapping[str, Json]]) -> dict[str, Scalar]:
    """Return the variables of a cluster: its name, its labels, then its vars.

    Labels may use `${cluster.name}`, vars also `${cluster.labels.*}`; a later
    layer wins.
    """
    environment: dict[str, Scalar] = {"cluster.name": name}
    for entry, prefix in (("labels", "cluster.labels."), ("vars", "vars.")):
        found: dict[str, Scalar] = {}
        for value in clusters:
            entries = value_at(dict(value), ("spec", entry))
            for key, item in entries.items() if isinstance(entries, dict) else ():
                if item is None:
                    found.pop(key, None)
                elif isinstance(item, str | int | float):
                    text, _ = substitute(item, environment)
                    found[key] = text if isinstance(text, str | int | float) else item
        environment.update({prefix + key: item for key, item in found.items()})
    return environment


def _circular(fragment: Fragment) -> Iterator[Fault]:
    """Yield a fault for each variable or label that uses what is only made of it."""
    for entry, made, admitted in (
        ("labels", ("cluster.labels.", "vars."), "${cluster.name}"),
        ("vars", ("vars.",), "${cluster.name} and ${cluster.labels.*}"),
    ):
        entries = value_at(fragment.value, ("spec", entry))
        for key, value in entries.items() if isinstance(entries, dict) else ():
            for name in sorted(names_in(value)):
                if name.startswith(made):
                    yield Fault(
                        "unknown-variable",
                        fragment.at("spec", entry, key),
                        f'spec.{entry} cannot use "{name}"',
                        help=f"write the value out: {entry} may use {admitted} alone",
                        discriminator=name,
                    )


def _is(fragment: Fragment, kind: str) -> bool:
    return fragment.is_edgegen and fragment.kind == kind


def _layers(clusters: Sequence[Mapping[str, Json]]) -> list[str]:
    """Return the layers that the last of some Cluster documents lists, each once."""
    for value in reversed(clusters):
        layers = value_at(dict(value), ("spec", "layers"))
        if isinstance(layers, list):
            return list(dict.fromkeys(layer for layer in layers if isinstance(layer, str)))
    return []


def _selected(team: Resource, facts: Facts) -> bool:
    selector = team.spec.get("clusters")
    return not isinstance(selector, dict) or matches(selector, facts.labels)


def _namespace(piece: Piece) -> str:
    namespace = value_at(piece.value, ("metadata", "namespace"))
    return namespace if isinstance(namespace, str) else ""


def _facts_of_one_cluster(fragment: Fragment) -> Iterator[Fault]:
    """Yield what a Cluster document in a layer cannot say, since it is of several clusters."""
    for path in (("metadata", "name"), ("spec", "layers")):
        if value_at(fragment.value, path) is not None:
            yield Fault(
                "misplaced-kind",
                fragment.at(*path),
                f"a Cluster in a layer cannot set {'.'.join(path)}",
                help="write it in the folder of the cluster",
            )


_OF_NAMES = frozenset({"missing-field", "unknown-field"})


def _is_told(piece: Piece) -> bool:
    """Say whether the schema has spoken of what stands in the place of a name."""
    return any(
        fault.at.path in (("metadata",), ("metadata", "name"))
        or (fault.rule in _OF_NAMES and fault.at.path[:1] in ((), ("metadata",)))
        or (fault.rule == "unknown-field" and len(fault.at.path) == 1)
        for fault in piece.faults
    )


def _nameless(fragment: Fragment) -> Fault:
    return Fault(
        "missing-name",
        fragment.at("metadata", "name"),
        f"{fragment.kind} has no metadata.name",
        help="a fragment is found and merged by its name: give it one",
    )


def _malformed(piece: Piece, namespace: str, name: str) -> Fault | None:
    """Return a fault for a name or namespace that the API server refuses."""
    fragment = piece.fragment
    for entry, text, fault in (
        ("name", name, name_fault(fragment.group, name)),
        ("namespace", namespace, namespace_fault(namespace) if namespace else None),
    ):
        if fault is None:
            continue
        at = fragment.at("metadata", entry)
        # The schema of edgegen's own kinds has said so already.
        if all(known.at.path != at.path for known in piece.faults):
            return Fault("malformed-name", at, f'{entry} "{text}" {fault}', help="rename it")
    return None


def _misplaced_kind(fragment: Fragment, remedy: str) -> Fault:
    return Fault(
        "misplaced-kind",
        fragment.at("kind"),
        f"{fragment.kind} has no effect in {fragment.home.layer.value} files",
        help=remedy,
    )


def _unknown_layer(fragment: Fragment, index: int, layer: str, known: Sequence[str]) -> Fault:
    near = closest(layer, known)
    return Fault(
        "unknown-layer",
        fragment.at("spec", "layers", index),
        f'no layer is named "{layer}"',
        help=f'did you mean "{near}"?'
        if near
        else f"clusters/_layers/ has: {', '.join(known) or 'none'}",
        discriminator=layer,
    )
