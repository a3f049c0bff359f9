"""Fragments that no cluster uses: layers that none lists, teams and overrides that select none.

They are merged nowhere, so nothing else would ever look at them: here they are
judged one by one, as they are written, without their variables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.fragments.layout import Layer
from edgegen.fragments.tenancy import platform_faults
from edgegen.model.fault import Fault
from edgegen.model.path import value_at
from edgegen.schema.fault import fault_at
from edgegen.schema.validate import faults as schema_faults

if TYPE_CHECKING:
    from edgegen.fragments.layout import Home
    from edgegen.fragments.repository import Fragment, Reading
    from edgegen.model.resource import Spot


@dataclass(frozen=True, slots=True)
class Reach:
    """What one cluster uses: the layers that it lists, the teams that select it."""

    layers: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


def unreached(shared: Reading, reaches: Sequence[Reach | None]) -> Iterator[Fault]:
    """Yield what is wrong with the shared fragments that no cluster uses, and that none does.

    Args:
        shared: the fragments of policies, layers and teams.
        reaches: one of each cluster; where one is not known, nothing is said.
    """
    distinct = {reach for reach in reaches if reach is not None}
    if not distinct or None in reaches:
        return
    layers_of = _layers_of_teams(distinct)
    listed = frozenset().union(*(reach.layers for reach in distinct))
    names = (value_at(f.value, ("metadata", "name")) for f in shared.of(Layer.TEAM_POLICY))
    declared = {name for name in names if isinstance(name, str)}
    for home in list(shared.by_home):
        if home.layer is Layer.TEAM_LAYER and home.team not in declared:
            continue  # that there is no such team is told
        reason = remedy = ""
        if home.layer is Layer.SHARED and home.name not in listed:
            reason = f'no cluster lists layer "{home.name}"'
            remedy = "list it in spec.layers of a Cluster, or remove it"
        elif home.layer is Layer.TEAM_LAYER and home.name not in listed:
            yield from _judged(_fragments(shared, home))  # the layer itself is told
        elif home.layer is Layer.TEAM_LAYER and home.name not in layers_of.get(home.team, ()):
            reason = f'team {home.team} is in no cluster that lists layer "{home.name}"'
            remedy = "remove the folder, or let a cluster of the team list the layer"
        elif home.layer is Layer.TEAM and home.team not in layers_of:
            # That its Team selects no cluster is said below.
            yield from _judged(_fragments(shared, home))
        fragments = _fragments(shared, home) if reason else []
        if fragments:
            first = fragments[0]
            yield _fault(first.at(), reason, remedy, f"{home.team}/{home.name}")
            yield from _judged(fragments)
    for fragment in shared.of(Layer.TEAM_POLICY):
        yield from _team_without_cluster(fragment, layers_of)


def _fragments(shared: Reading, home: Home) -> list[Fragment]:
    """Return the fragments of a home; asking for them may be what reads them."""
    return shared.of(home.layer, home.team, home.name)


def _layers_of_teams(reaches: Iterable[Reach]) -> dict[str, set[str]]:
    """Return the layers of all clusters that each team is in."""
    found: dict[str, set[str]] = {}
    for reach in reaches:
        for team in reach.teams:
            found.setdefault(team, set()).update(reach.layers)
    return found


def _team_without_cluster(fragment: Fragment, teams: Collection[str]) -> Iterator[Fault]:
    name = value_at(fragment.value, ("metadata", "name"))
    selects = value_at(fragment.value, ("spec", "clusters")) is not None
    if not (fragment.is_edgegen and fragment.kind == "Team" and isinstance(name, str) and selects):
        return
    if name not in teams and not schema_faults("Team", fragment.value, merged=False):
        yield _fault(
            fragment.at("spec", "clusters"),
            f"team {name} selects no cluster",
            "correct the selector: it is compared with spec.labels of each Cluster",
            name,
        )


def override_without_team(
    fragments: Sequence[Fragment], team: str, cluster: str
) -> Iterator[Fault]:
    """Yield what is wrong with a team's overrides in a cluster that the team is not in."""
    for fragment in fragments[:1]:
        yield _fault(
            fragment.at(),
            f"team {team} is not in cluster {cluster}",
            "remove the folder, or let spec.clusters of the Team select the cluster",
            f"{team}/{cluster}",
        )
    yield from _judged(fragments)


def _judged(fragments: Iterable[Fragment]) -> Iterator[Fault]:
    for fragment in fragments:
        yield from platform_faults(fragment, fragment.value)
        if fragment.is_edgegen:
            for fault in schema_faults(fragment.kind, fragment.value, merged=False):
                yield fault_at(fault, fragment.at(*fault.path))


def _fault(at: Spot, reason: str, remedy: str, discriminator: str) -> Fault:
    message = f"{reason}, so nothing here has an effect"
    return Fault("fragment-without-cluster", at, message, help=remedy, discriminator=discriminator)
