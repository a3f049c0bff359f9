"""Compares the tracer's word on Traefik with what the real one does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agreement import received, unlike_verdict
from random_worlds import rivals
from real_traefik import Bench, Running
from status_agreement import unlike_status
from wire import Answer, Client
from world import CLASS, Bound, Wish, World

from edgegen.routing.trace import trace
from edgegen.routing.verdict import UNDETERMINED, Result, Verdict

HARD = 2  # rules that take the same request


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One request, or one status, on which the tool and Traefik differ; `wish` is None for a status."""

    world: World
    wish: Wish | None
    facts: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What was compared.

    Attributes:
        hard: compared requests that two or more rules take.
        excluded: name of the reason -> requests left out.
        statuses: statuses of objects that were compared.
    """

    compared: int = 0
    hard: int = 0
    statuses: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what another run compared."""
        self.compared += other.compared
        self.hard += other.hard
        self.statuses += other.statuses
        self.excluded += other.excluded
        self.outcomes += other.outcomes
        self.disagreements += other.disagreements

    def __str__(self) -> str:
        part = 100 * self.hard // max(self.compared, 1)
        lines = [
            f"{self.compared} requests compared, {self.hard} ({part} %) of them with {HARD} or more"
            f" candidate rules; {self.statuses} statuses compared;"
            f" {len(self.disagreements)} disagreements",
            f"outcomes: {_counted(self.outcomes)}",
            f"excluded: {_counted(self.excluded) or 'none'}",
        ]
        return "\n".join(lines)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def compare(bench: Bench, worlds: Sequence[World]) -> Tally:
    """Serve worlds, send their requests, and compare answers and statuses."""
    tally = Tally()
    with bench.serve(worlds) as running, Client() as client:
        for bound in running.worlds:
            answers = client.ask([bound.ask(wish) for wish in bound.world.wishes])
            compare_answers(bound, answers, tally)
            _compare_status(running, bound, tally)
    return tally


def compare_answers(bound: Bound, answers: Sequence[Answer], tally: Tally) -> None:
    """Compare the answers to the requests of a world, in their order."""
    for wish, answer in zip(bound.world.wishes, answers, strict=True):
        _compare(bound, wish, answer, tally)


def traced(bound: Bound, wish: Wish) -> Result:
    """Return what the tracer says of the edge under test."""
    request = bound.request(wish)
    mine = [found for found in trace(bound.cluster, request) if found.edge == CLASS]
    if not mine:
        # Only another class has something for the hostname.
        mine = list(trace(bound.cluster, request, gateway=f"{bound.slot.prefix}-edge/public"))
    return mine[0]


def _compare(bound: Bound, wish: Wish, answer: Answer, tally: Tally) -> None:
    if answer.status == 400:
        # Go's HTTP server refuses it before any route is asked.
        tally.excluded["malformed request"] += 1
        return
    if wish.expect is not None and wish.expect.vague:
        tally.excluded["hangs on what is in no manifest"] += 1
        return
    verdict = traced(bound, wish).traefik
    if wish.scheme == "tls" and not _by_tls_route(verdict) and _has_https(bound, wish):
        # The bench speaks HTTP inside of TLS; somebody who does not gets no further.
        tally.excluded["TLS that no TLSRoute takes, on a port with HTTPS"] += 1
        return
    if verdict.outcome == UNDETERMINED:
        tally.excluded[f"{UNDETERMINED}: {verdict.reason or 'candidates'}"] += 1
        facts = _unlike_candidates(bound, verdict, answer)
    else:
        tally.compared += 1
        tally.outcomes[verdict.outcome] += 1
        tally.hard += rivals(bound.world, wish) >= HARD
        facts = tuple(unlike_verdict(bound, wish, verdict, answer))
    if facts:
        tally.disagreements.append(Disagreement(bound.world, wish, facts))


def _by_tls_route(verdict: Verdict) -> bool:
    names = (verdict.route, *verdict.candidates)
    return any(name is not None and name.startswith("TLSRoute/") for name in names)


def _has_https(bound: Bound, wish: Wish) -> bool:
    port = bound.slot.ports[wish.entry]
    return any(
        (listener["protocol"], listener["port"]) == ("HTTPS", port)
        for manifest in bound.manifests
        if manifest["kind"] == "Gateway"
        for listener in manifest["spec"]["listeners"]
    )


def _unlike_candidates(bound: Bound, verdict: Verdict, answer: Answer) -> tuple[str, ...]:
    """Say where an undetermined request was answered by none of the candidates."""
    if answer.backend is None:
        return ()
    mark = received(answer).headers.get("x-rule")
    if mark is None or not verdict.candidates:
        return ()
    namespace, name, _ = mark.split("/")
    names = {candidate.split("/", 1)[1] for candidate in verdict.candidates}
    if f"{bound.slot.prefix}-{namespace}/{name}" in names:
        return ()
    return (f"answered by {mark}, none of {verdict.candidates}",)


def _compare_status(running: Running, bound: Bound, tally: Tally) -> None:
    count, facts = unlike_status(running, bound)
    tally.statuses += count
    if facts:
        tally.disagreements.append(Disagreement(bound.world, None, facts))
