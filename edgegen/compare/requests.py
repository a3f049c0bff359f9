"""Which requests another backend answers after a change, or nobody, or somebody at last.

Asked is the router of both revisions, with requests made up from what the
change touches; everything else stays as it is and costs nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from edgegen.compare.probes import Names, Place, Probe, alone, below_wildcard, met, places
from edgegen.compare.touched import touched
from edgegen.routing.doors import edges
from edgegen.routing.trace import verdicts
from edgegen.routing.verdict import BACKEND, UNDETERMINED, Verdict
from edgegen.stack.gatewayapi import parent_refs, routes

if TYPE_CHECKING:
    from edgegen.compare.resources import ResourceChange
    from edgegen.compare.touched import Touched
    from edgegen.model.cluster import Cluster
    from edgegen.model.ids import ResourceId
    from edgegen.routing.doors import Edge
    from edgegen.routing.verdict import Request

MOST_REQUESTS = 1_000
"""Requests that are asked for one cluster; more are told of, not asked."""


class Move(enum.Enum):
    """What happens to a request."""

    STOPS = "stops"
    UNDECIDED = "undecided"
    MOVES = "moves"
    STARTS = "starts"


@dataclass(frozen=True, slots=True)
class Part:
    """A backend and its part of the requests, 0 to 1; one that is not valid answers an error."""

    kind: str
    namespace: str
    name: str
    port: int | None
    share: float
    valid: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a request in one revision.

    Attributes:
        outcome: as the router has it: `backend`, `redirect`, `undetermined`, or a
            way of nobody answering.
        routes: the route that answers; several where nothing decides between them.
        teams: whose routes they are; the platform's have none.
        forwarded: host and path that the backend sees.
    """

    outcome: str
    edge: str = ""
    status: int | None = None
    location: str | None = None
    reason: str | None = None
    routes: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    backends: tuple[Part, ...] = ()
    forwarded: tuple[str, str] | None = None

    @property
    def somebody(self) -> bool:
        """Whether a backend or a redirect answers; perhaps it is not known which."""
        return self.outcome in _ANSWERED

    def seen(self) -> tuple[object, ...]:
        """Return what a client or a backend can tell apart; nobody is nobody."""
        if not self.somebody:
            return ()
        if self.outcome == UNDETERMINED:
            return self.outcome, frozenset(self.routes)
        return self.outcome, self.status, self.location, frozenset(self.backends), self.forwarded

    def kind(self) -> Answer:
        """Return the answer without what follows from the very path that was asked for."""
        return replace(self, location=None, forwarded=None, reason=None)


_ANSWERED = (BACKEND, "redirect", UNDETERMINED)
NOBODY = Answer("no-listener")


@dataclass(frozen=True, slots=True)
class RequestChange:
    """Requests of one hostname that get another answer.

    Attributes:
        hostname: as the route and its listener have it; `*` for every one.
        paths: those of the matches, sorted; an expression as it is written.
        request: one of them.
    """

    move: Move
    hostname: str
    paths: tuple[str, ...]
    request: Request
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class RequestChanges:
    """The requests that move, and how many were asked.

    `is_cut` says that there are more than were asked.
    """

    changes: tuple[RequestChange, ...] = ()
    asked: int = 0
    is_cut: bool = False


NOTHING_MOVES = RequestChanges()


def request_changes(
    old: Cluster | None, new: Cluster | None, resources: Iterable[ResourceChange]
) -> RequestChanges:
    """Return the requests that get another answer; of a new cluster or a gone one none are told.

    Args:
        resources: what changes.
    """
    if old is None or new is None:
        return NOTHING_MOVES
    what = touched(old, new, resources)
    if what.is_empty:
        return NOTHING_MOVES
    found: dict[tuple[object, ...], RequestChange] = {}
    asked: set[Request] = set()
    probes = _new(_probes(what, (old, new)), asked)
    for probe in islice(probes, MOST_REQUESTS):
        for change in _compared(old, new, probe):
            key = change.move, change.hostname, change.request.dialled, *_kinds(change)
            known = found.setdefault(key, change)
            if known is not change:
                paths = tuple(sorted({*known.paths, *change.paths}))
                found[key] = replace(known, paths=paths)
    is_cut = next(probes, None) is not None
    order = list(Move)
    ranked = sorted(
        found.values(), key=lambda one: (order.index(one.move), one.hostname, one.paths)
    )
    return RequestChanges(tuple(ranked), len(asked) - is_cut, is_cut)


def _kinds(change: RequestChange) -> tuple[Answer, Answer]:
    return change.before.kind(), change.after.kind()


def _new(probes: Iterator[Probe], seen: set[Request]) -> Iterator[Probe]:
    for probe in probes:
        if probe.request not in seen:
            seen.add(probe.request)
            yield probe


def _probes(what: Touched, sides: tuple[Cluster, Cluster]) -> Iterator[Probe]:
    """Yield requests, those that tell most first."""
    names = Names(sides)
    near = list(_places(what.near, sides, names))
    far = list(_places(what.far, sides, names))
    under = (place for own in near for place in below_wildcard(own, names))
    return chain(
        _knocking(what.addresses, sides, names),
        (probe for place in near for probe in islice(alone(place, sides), 1)),
        (probe for place in near for probe in alone(place, sides)),
        (probe for place in near for probe in met(place, sides)),
        (probe for place in far for probe in alone(place, sides)),
        (probe for place in under for probe in chain(alone(place, sides), met(place, sides))),
        (probe for place in far for probe in met(place, sides)),
    )


def _places(
    found: Iterable[ResourceId], sides: tuple[Cluster, Cluster], names: Names
) -> Iterator[Place]:
    """Yield where routes answer, in the revision that comes and in the one that goes."""
    for name in found:
        for side in reversed(sides):
            route = side.by_id(name)
            if route is not None:
                yield from places(side, route, names)


def _knocking(
    addresses: Iterable[str], sides: tuple[Cluster, Cluster], names: Names
) -> Iterator[Probe]:
    """Yield a request a door for each address that changes: one that the edge answers."""
    for address in addresses:
        for side in sides:
            for edge in side.cached(edges):
                if any(vip.address == address for vip in edge.vips):
                    for place in _first_places(side, edge, names):
                        for probe in islice(alone(place, sides), 1):
                            request = replace(probe.request, dialled=address)
                            yield replace(probe, request=request)


def _first_places(cluster: Cluster, edge: Edge, names: Names) -> Iterator[Place]:
    """Yield the first place behind each door of an edge."""
    own = {(gateway.namespace, gateway.name) for gateway in edge.gateways}
    waiting = set(edge.dials().values())
    for route in cluster.cached(routes):
        if not waiting:
            return
        if any((ref.namespace, ref.name) in own for ref in parent_refs(route)):
            for place in places(cluster, route, names):
                if place.door.port in waiting:
                    waiting.discard(place.door.port)
                    yield place


def _compared(old: Cluster, new: Cluster, probe: Probe) -> Iterator[RequestChange]:
    before, after = answers(old, probe.request), answers(new, probe.request)
    for was, will, elsewhere in _paired(before, after):
        if was.seen() != will.seen() or (elsewhere and was.somebody):
            shown = (probe.path,) if probe.path else ()
            yield RequestChange(_move(was, will), probe.hostname, shown, probe.request, was, will)


def _move(was: Answer, will: Answer) -> Move:
    if will.outcome == UNDETERMINED:
        return Move.UNDECIDED
    if not will.somebody:
        return Move.STOPS
    return Move.MOVES if was.somebody else Move.STARTS


def answers(cluster: Cluster, request: Request) -> list[tuple[Edge, Answer]]:
    """Return what each edge that could be meant answers."""
    return [(edge, _answer(cluster, edge, one)) for edge, one in verdicts(cluster, request)]


def _paired(
    before: list[tuple[Edge, Answer]], after: list[tuple[Edge, Answer]]
) -> Iterator[tuple[Answer, Answer, bool]]:
    """Yield the answers of the same edge, by name or by an address, and False.

    What is left over is compared in turn, with True: a hostname that moves to
    another edge has another address.
    """
    left = list(after)
    alone: list[Answer] = []
    for edge, was in before:
        index = next((i for i, (other, _) in enumerate(left) if _is_same(edge, other)), None)
        if index is None:
            alone.append(was)
        else:
            yield was, left.pop(index)[1], False
    for position in range(max(len(alone), len(left))):
        was = alone[position] if position < len(alone) else NOBODY
        will = left[position][1] if position < len(left) else NOBODY
        yield was, will, True


def _is_same(one: Edge, other: Edge) -> bool:
    addresses = {vip.address for vip in one.vips}
    return one.name == other.name or any(vip.address in addresses for vip in other.vips)


def _answer(cluster: Cluster, edge: Edge, verdict: Verdict) -> Answer:
    names = verdict.candidates or ((verdict.route,) if verdict.route else ())
    teams = cluster.cached(_teams)
    seen = verdict.forwarded
    return Answer(
        verdict.outcome,
        edge.name,
        verdict.status,
        verdict.location,
        verdict.reason if verdict.outcome != BACKEND else None,
        names,
        tuple(dict.fromkeys(teams[name] for name in names if name in teams)),
        tuple(
            Part(one.kind, one.namespace, one.name, one.port, round(one.share, 6), one.valid)
            for one in verdict.backends
            if one.weight > 0
        ),
        None if seen is None else (seen.host, seen.path),
    )


def _teams(cluster: Cluster) -> dict[str, str]:
    """Return route, as reports name it -> its team; the platform's have none."""
    return {str(route.id): route.team for route in cluster.cached(routes) if route.team}
