"""The route tests of the shipped example hold for the real Traefik too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from agreement import received
from example_edge import served
from real_traefik import Bench
from repositories import PROJECT
from wire import Answer, Client
from world import Bound, Wish

from edgegen.app.excerpts import excerpts_of
from edgegen.app.inputs import repository_clusters
from edgegen.app.test import Answered, Run, run_tests
from edgegen.fragments.layout import route_test_files
from edgegen.routing.addresses import address_of
from edgegen.routing.expectations import Expectation
from edgegen.routing.verdict import GRPC_SCHEMES
from edgegen.sources import WorkTree

ROUND = 50  # requests after which a weighted round robin has given each backend its part


@cache
def run() -> Run:
    source = WorkTree(PROJECT)
    paths = list(route_test_files(source))
    clusters = repository_clusters(PROJECT)
    return run_tests(source, paths, clusters, source.folders("clusters"), lines=excerpts_of(source))


@pytest.mark.parametrize("cluster", ["prod", "staging"])
def test_every_route_test_of_the_example_passes_against_the_real_traefik(
    cluster: str, bench: Bench
) -> None:
    asked = [(edge, one) for one in run().tested if one.cluster == cluster for edge in one.edges]
    assert {edge for edge, _ in asked} == {"public", "internal"}
    facts: list[str] = []
    with served(bench, cluster) as example, Client() as client:
        for edge, one in asked:
            bound = example.edges[edge]
            times = ROUND if len(one.expected.backends) > 1 else 1
            answers = client.ask([bound.ask(wish_of(one))] * times)
            facts += [
                f"{one.name} ({edge}): {fact}" for fact in unlike(bound, one.expected, answers)
            ]
    assert facts == []


def wish_of(one: Answered) -> Wish:
    """Return a test's request as the bench sends it."""
    request = one.request
    grpc = (("content-type", "application/grpc"),) if request.scheme in GRPC_SCHEMES else ()
    by_address = request.sni is None and address_of(request.address) is not None
    return Wish(
        request.host,
        request.path,
        request.method,
        (*request.headers, *grpc),
        scheme=request.scheme,
        entry="websecure" if request.tls else "web",
        sni="" if by_address else request.sni,
    )


def unlike(bound: Bound, expected: Expectation, answers: Sequence[Answer]) -> Iterator[str]:
    """Yield where answers are not what a test expects."""
    answer = answers[0]
    got = f"{answer.status} {answer.header('location') or answer.failure or answer.backend}"
    if any(one.failure for one in answers):
        yield f"the connection fails: {got}"
    if expected.status not in (None, answer.status):
        yield f"status {got}, not {expected.status}"
    if expected.redirect not in (None, answer.header("location")):
        yield f"location {got}, not {expected.redirect}"
    if expected.outcome is not None and outcome_of(answer) != expected.outcome:
        yield f"outcome {got}, not {expected.outcome}"
    if expected.backends:
        yield from unlike_backends(bound, expected, answers)
    if expected.path or expected.host or expected.headers:
        yield from unlike_received(expected, answer)
    assert not expected.response, "no test of the example expects headers of the answer yet"


def outcome_of(answer: Answer) -> str:
    """Return what an answer is, in the words of a test."""
    if answer.backend is not None:
        return "backend"
    return "redirect" if answer.header("location") else "error"


def unlike_backends(
    bound: Bound, expected: Expectation, answers: Sequence[Answer]
) -> Iterator[str]:
    """Yield where backends do not get their parts of the requests."""
    found = Counter(
        None if answer.backend is None else bound.backends[answer.backend] for answer in answers
    )
    for name, part in expected.backends:
        got = sum(
            count
            for key, count in found.items()
            if key is not None
            and key[1] == name.name
            and name.namespace in (None, key[0])
            and name.port in (None, key[2])
        )
        if got != round(part * len(answers)):
            yield f"{name.text} gets {got} of {len(answers)}: {dict(found)}"


def unlike_received(expected: Expectation, answer: Answer) -> Iterator[str]:
    """Yield where the backend sees another request."""
    if answer.backend is None:
        yield f"status {answer.status} in place of a backend"
        return
    got = received(answer)
    if expected.path not in (None, got.target):
        yield f"path {got.target}, not {expected.path}"
    if expected.host not in (None, got.host):
        yield f"host {got.host}, not {expected.host}"
    for name, value in expected.headers.items():
        if got.headers.get(name) != value:
            yield f"header {name}: {got.headers.get(name)}, not {value}"
