"""The files of `tests/edge/`: read, judged by their schema, and ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.diagnostics import Place, Problem
from edgegen.engine import Results, hits_of_faults
from edgegen.fragments.repository import read_fragments
from edgegen.fragments.variables import Environment, UnknownVariable, substitute
from edgegen.model.fault import Fault
from edgegen.model.path import value_at
from edgegen.schema.store import KINDS, TEST_KINDS
from edgegen.schema.validate import MOST_FAULTS
from edgegen.schema.validate import faults as schema_faults
from edgegen.schema.words import closest

if TYPE_CHECKING:
    from edgegen.fragments.repository import Fragment
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.schema.fault import SchemaFault
    from edgegen.sources import Source
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True, eq=False)
class RouteTest:
    """One request and what it is expected to come to, as it is written.

    Attributes:
        index: position in `spec.tests` of its document.
        clusters: that are asked; empty asks those that serve the host.
    """

    name: str
    fragment: Fragment
    index: int
    clusters: tuple[str, ...] = ()

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value of the test."""
        return self.fragment.at("spec", "tests", self.index, *path)

    @property
    def file(self) -> str:
        """The file that it is written in."""
        return self.fragment.document.path

    def part(
        self, name: str, environment: Environment
    ) -> tuple[dict[str, Json], list[UnknownVariable]]:
        """Return `request` or `expect` with its variables replaced, and those unknown."""
        written = value_at(self.fragment.value, ("spec", "tests", self.index, name))
        value = written if isinstance(written, dict) else {}
        if not self.fragment.names:
            return value, []
        made, unknown = substitute(value, environment)
        return (made if isinstance(made, dict) else {}), unknown


@dataclass(slots=True)
class RouteTests:
    """The tests of some files that can be asked, and what is wrong with the others."""

    tests: list[RouteTest] = field(default_factory=list)
    results: Results = field(default_factory=Results)
    files: int = 0


def read_route_tests(source: Source, paths: Iterable[str], clusters: Sequence[str]) -> RouteTests:
    """Read files of tests.

    Args:
        clusters: that there are; a test of another one is a finding.
    """
    reading = read_fragments(source, paths)
    found = RouteTests(files=reading.files)
    found.results.problems += reading.problems
    found.results.marked += reading.marked
    fragments = [fragment for home in reading.by_home.values() for fragment in home]
    fragments.sort(key=lambda one: (one.document.path, one.document.index))
    faults: list[Fault] = []
    for fragment in fragments:
        wrong = list(_faults(fragment))
        faults += [_as_fault(fragment, fault) for fault in wrong]
        if fragment.kind in TEST_KINDS and fragment.is_edgegen:
            faults += _unknown_clusters(fragment, clusters)
            found.tests += _tests(fragment, wrong)
        elif fragment.kind in KINDS or not fragment.is_edgegen:
            faults.append(_misplaced(fragment))
    faults += _same_names(fragments)
    found.results.hits += hits_of_faults(faults, "")
    told = {problem.place.path for problem in reading.problems}
    told |= {fragment.document.path for fragment in fragments}
    found.results.problems += [_empty(path) for path in paths if path not in told]
    return found


def environment_of(cluster: Cluster) -> Environment:
    """Return the variables of a cluster: its name, labels and vars."""
    resource = cluster.facts.resource
    written = resource.spec.get("vars") if resource else None
    known = {
        f"vars.{name}": value
        for name, value in (written.items() if isinstance(written, dict) else ())
        if isinstance(value, str | int | float)
    }
    labels = {f"cluster.labels.{name}": value for name, value in cluster.facts.labels.items()}
    return {"cluster.name": cluster.name, **labels, **known}


def _faults(fragment: Fragment) -> Iterator[SchemaFault]:
    if fragment.is_edgegen and (fragment.kind in TEST_KINDS or fragment.kind not in KINDS):
        yield from schema_faults(fragment.kind, fragment.value, merged=True)


def _as_fault(fragment: Fragment, fault: SchemaFault) -> Fault:
    return Fault(fault.rule, fragment.at(*fault.path), fault.message, fault.help)


def _misplaced(fragment: Fragment) -> Fault:
    message = f"{fragment.kind} has no effect in {fragment.document.path}"
    return Fault(
        "misplaced-kind", fragment.at("kind"), message, help="this file holds RouteTests alone"
    )


def _tests(fragment: Fragment, wrong: Sequence[SchemaFault]) -> Iterator[RouteTest]:
    """Yield the tests of a document that its schema has passed."""
    depth = len(("spec", "tests", 0))
    broken = {fault.path[2] for fault in wrong if _is_of_a_test(fault) and len(fault.path) >= depth}
    whole = [f for f in wrong if not _is_of_a_test(f) and f.path[:1] != ("metadata",)]
    if whole or len(wrong) >= MOST_FAULTS:
        return
    clusters = value_at(fragment.value, ("spec", "clusters"))
    names = tuple(map(str, clusters)) if isinstance(clusters, list) else ()
    for index, test in _written(fragment):
        if index not in broken:
            yield RouteTest(str(test.get("name")), fragment, index, names)


def _is_of_a_test(fault: SchemaFault) -> bool:
    return fault.path[:2] == ("spec", "tests") and len(fault.path) > len(("spec", "tests"))


def _written(fragment: Fragment) -> Iterator[tuple[int, Mapping[str, Json]]]:
    tests = value_at(fragment.value, ("spec", "tests"))
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        if isinstance(test, dict):
            yield index, test


def _unknown_clusters(fragment: Fragment, known: Sequence[str]) -> Iterator[Fault]:
    names = value_at(fragment.value, ("spec", "clusters"))
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            near = closest(name, known)
            yield Fault(
                "invalid-value",
                fragment.at("spec", "clusters", index),
                f'no cluster is called "{name}"',
                help=f'did you mean "{near}"?' if near else f"there are: {', '.join(known)}",
                discriminator=name,
            )


def _same_names(fragments: Iterable[Fragment]) -> Iterator[Fault]:
    """Yield a fault for each name that a file has given to a test before."""
    first: dict[tuple[str, str], Spot] = {}
    for fragment in fragments:
        if not (fragment.is_edgegen and fragment.kind in TEST_KINDS):
            continue
        for index, test in _written(fragment):
            name = test.get("name")
            if not isinstance(name, str):
                continue
            at = fragment.at("spec", "tests", index, "name")
            holder = first.setdefault((fragment.document.path, name), at)
            if holder is not at:
                yield Fault(
                    "invalid-value",
                    at,
                    f'two tests of this file are called "{name}"',
                    help="give each a name of its own, so that reports tell them apart",
                    related=((holder, "the first of them"),),
                    discriminator=name,
                )


def _empty(path: str) -> Problem:
    return Problem(
        "not-a-resource",
        "file holds no tests",
        Place(path),
        help="write a RouteTest, or remove the file",
    )
