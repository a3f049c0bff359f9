"""`edgegen test`: asks the routing model what the files of `tests/edge/` expect of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.app.judge import rule_set
from edgegen.app.routetests import RouteTest, environment_of, read_route_tests
from edgegen.diagnostics import Severity
from edgegen.engine import InternalError, Results, conclude, hits_of_faults
from edgegen.errors import EdgegenError
from edgegen.fragments.settings import Settings
from edgegen.locate import Locator
from edgegen.model.fault import Fault
from edgegen.routing import addresses
from edgegen.routing.coverage import Reached, RouteRule, reached, rules_to_reach
from edgegen.routing.doors import edges
from edgegen.routing.expectations import Expectation, expectation_of, unlike
from edgegen.routing.table import Table
from edgegen.routing.trace import named, trace
from edgegen.routing.urls import request_of
from edgegen.schema.words import closest

if TYPE_CHECKING:
    from edgegen.app.inputs import Loaded
    from edgegen.diagnostics import Diagnostic, Place, Problem
    from edgegen.fragments.variables import Environment, UnknownVariable
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.routing.verdict import Request, Result
    from edgegen.sources import Source
    from edgegen.yamlio.document import Json

_BY_ADDRESS = 3
_FEW_HOSTNAMES = 2_000  # among more, the nearest would take longer than all tests


@dataclass(frozen=True, slots=True)
class Failure:
    """What one edge does with a request, and where it is not what a test expects."""

    result: Result
    unlike: tuple[str, ...]
    place: Callable[[Spot], Place]


@dataclass(frozen=True, slots=True)
class Answered:
    """A test, asked of one cluster.

    Attributes:
        edges: that were asked.
        failures: of every edge that answers otherwise than it should.
        reached: the rules that the request has met.
    """

    name: str
    cluster: str
    spot: Spot
    find: Callable[[Spot], Place]
    request: Request
    expected: Expectation
    edges: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    reached: frozenset[Reached] = frozenset()

    @property
    def place(self) -> Place:
        """Where the test is written; looked up when it is asked for."""
        return self.find(self.spot)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A rule that no test has reached; its place is only looked up when it is asked for."""

    cluster: str
    rule: RouteRule
    find: Callable[[Spot], Place]

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.find(self.rule.spot)


@dataclass(frozen=True, slots=True)
class ClusterCoverage:
    """How many rules a cluster has, and those that no test has reached."""

    cluster: str
    total: int
    unreached: tuple[Unreached, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of tests came to.

    Attributes:
        findings: what is wrong with the files; such a test was not asked.
        lines: returns the lines of a file, for excerpts.
        goal: the least part of the rules, in percent, that tests have to reach.
    """

    tested: tuple[Answered, ...]
    findings: tuple[Diagnostic, ...]
    coverage: tuple[ClusterCoverage, ...]
    files: int
    lines: Callable[[str], list[str]]
    errors: tuple[InternalError, ...] = ()
    goal: float | None = None

    @property
    def failed(self) -> tuple[Answered, ...]:
        """The tests that did not come to what they expect."""
        return tuple(one for one in self.tested if one.failures)

    @property
    def rules(self) -> int:
        """How many rules there are to reach."""
        return sum(one.total for one in self.coverage)

    @property
    def reached(self) -> int:
        """How many rules some test has reached."""
        return self.rules - sum(len(one.unreached) for one in self.coverage)

    @property
    def percent(self) -> float:
        """The part of the rules that some test has reached, 0 to 100; 100 where there are none."""
        return 100 * self.reached / self.rules if self.rules else 100.0

    @property
    def below(self) -> bool:
        """Whether the tests reach less than they have to."""
        return self.goal is not None and self.percent < self.goal

    @property
    def passed(self) -> bool:
        """Whether every test could be asked and came to what it expects, and enough is reached."""
        wrong = any(one.severity is Severity.ERROR for one in self.findings)
        return not (wrong or self.failed or self.errors or self.below)


@dataclass(slots=True)
class _Asked:
    """What has become of one test so far.

    `best` holds for each host, as variables make it, how surely it was served,
    and the clusters that serve it so.
    """

    test: RouteTest
    best: dict[tuple[str, str], tuple[int, list[Answered]]] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    unknown: list[Fault] = field(default_factory=list)
    told: bool = False

    def tested(self) -> list[Answered]:
        """Return the runs of the test."""
        return [one for _, found in self.best.values() for one in found]


def run_tests(
    source: Source,
    paths: Sequence[str],
    clusters: Iterable[Loaded],
    known: Sequence[str],
    *,
    chosen: Sequence[str] = (),
    goal: float | None = None,
    problems: Sequence[Problem] = (),
    lines: Callable[[str], list[str]],
) -> Run:
    """Ask the clusters what the tests of some files ask.

    A test without `clusters` is asked of those that serve its host: by an address,
    else where a route names it, else where a listener does.

    Args:
        known: every cluster that a test may name.
        chosen: the only clusters that are asked; empty asks all.
        goal: the least part of the rules, in percent, that tests have to reach.
        problems: of the clusters, known once they have been read.
        lines: returns the lines of a file, for excerpts.

    Raises:
        EdgegenError: a cluster of `clusters` cannot be read.
    """
    found = read_route_tests(source, paths, known)
    places = Locator(source)
    run = _Runner([_Asked(test) for test in found.tests], places)
    coverage = list(run.over(clusters))
    results = Results()
    results.add(found.results)
    results.problems += problems
    results.hits += hits_of_faults(run.faults(chosen), "")
    report = conclude(results, rule_set(Settings()), places, lambda _path: None)
    tested = tuple(one for asked in run.asked for one in asked.tested())
    hit = {(one.cluster, *key) for one in tested for key in one.reached}
    return Run(
        tested=tested,
        findings=report.diagnostics,
        coverage=tuple(_coverage(name, rules, place, hit) for name, rules, place in coverage),
        files=found.files,
        lines=lines,
        errors=report.errors,
        goal=goal,
    )


def _coverage(
    cluster: str,
    rules: Sequence[RouteRule],
    place: Callable[[Spot], Place],
    hit: set[tuple[str, str, int]],
) -> ClusterCoverage:
    missed = tuple(
        Unreached(cluster, rule, place) for rule in rules if (cluster, *rule.key) not in hit
    )
    return ClusterCoverage(cluster, len(rules), missed)


@dataclass(slots=True)
class _Runner:
    """All tests, asked of one cluster after the other; no cluster is kept."""

    asked: list[_Asked]
    places: Locator
    found: list[Fault] = field(default_factory=list)
    hostnames: set[str] = field(default_factory=set)

    def over(
        self, clusters: Iterable[Loaded]
    ) -> Iterator[tuple[str, list[RouteRule], Callable[[Spot], Place]]]:
        """Ask every cluster; yield its name, its rules, and what finds their places."""
        for cluster, locator in clusters:
            environment = environment_of(cluster)
            if len(self.hostnames) <= _FEW_HOSTNAMES:
                self.hostnames |= cluster.cached(Table).hostnames()
            for asked in self.asked:
                if not asked.test.clusters or cluster.name in asked.test.clusters:
                    self._ask(asked, cluster, environment, locator)
            yield cluster.name, list(rules_to_reach(cluster)), locator.place

    def _ask(
        self, asked: _Asked, cluster: Cluster, environment: Environment, locator: Locator
    ) -> None:
        test = asked.test
        request = self._request(asked, environment)
        if request is None:
            return
        rank = _BY_ADDRESS if test.clusters else cluster.cached(Serving).rank(request)
        host = request.host, request.address
        asked.hosts.append(request.host)
        best, others = asked.best.get(host, (0, []))
        if not rank or rank < best:
            return
        expected = self._expected(asked, environment)
        if expected is None:
            return
        made = self._tested(test, cluster, request, expected, locator)
        asked.best[host] = rank, [made] if rank > best else [*others, made]

    def _tested(
        self,
        test: RouteTest,
        cluster: Cluster,
        request: Request,
        expected: Expectation,
        locator: Locator,
    ) -> Answered:
        failures: list[Failure] = []
        met: set[Reached] = set()
        results = trace(cluster, request)
        for result in results:
            verdicts = {"traefik": result.traefik, "spec": result.spec}
            wrong: list[str] = []
            for by in expected.by:
                key = reached(verdicts[by])
                met |= {key} if key else set()
                of = "" if len(expected.by) == 1 else _BY[by]
                wrong += [text + of for text in unlike(expected, verdicts[by])]
            if wrong:
                failures.append(Failure(result, tuple(wrong), locator.place))
        return Answered(
            name=test.name,
            cluster=cluster.name,
            spot=test.at("name"),
            find=self.places.place,
            request=request,
            expected=expected,
            edges=tuple(result.edge for result in results),
            failures=tuple(failures),
            reached=frozenset(met),
        )

    def _request(self, asked: _Asked, environment: Environment) -> Request | None:
        """Return the request of a test in a cluster; None where it cannot be made."""
        test = asked.test
        written, unknown = test.part("request", environment)
        if unknown:
            faults = [_unknown(test, "request", one, environment) for one in unknown]
            if test.clusters:  # this one was meant, whatever the others know
                self._tell(asked, faults)
            asked.unknown += faults
            return None
        try:
            return request_of(
                str(written.get("url")),
                method=_text(written.get("method")),
                headers=_lines(written.get("headers")),
                sni=_text(written.get("sni")),
            )
        except EdgegenError as error:
            fault = Fault("invalid-value", test.at("request", "url"), str(error), error.remedy)
            self._tell(asked, [fault])
            return None

    def _expected(self, asked: _Asked, environment: Environment) -> Expectation | None:
        test = asked.test
        written, unknown = test.part("expect", environment)
        if unknown:
            self._tell(asked, [_unknown(test, "expect", one, environment) for one in unknown])
            return None
        try:
            return expectation_of(written)
        except ValueError as error:
            fault = Fault(
                "invalid-value",
                test.at("expect", "backend"),
                f'"{error}" names no backend',
                help="write name:port or Service/namespace/name:port",
            )
            self._tell(asked, [fault])
            return None

    def _tell(self, asked: _Asked, faults: Sequence[Fault]) -> None:
        if not asked.told:
            self.found += faults
        asked.told = True

    def faults(self, chosen: Sequence[str]) -> Iterator[Fault]:
        """Yield what kept tests from being asked; each is told once."""
        yield from self.found
        for asked in self.asked:
            if asked.told or asked.best:
                continue
            if asked.unknown and not chosen:
                yield from asked.unknown[:1]
            elif asked.hosts and not chosen:
                yield self._unserved(asked)

    def _unserved(self, asked: _Asked) -> Fault:
        host = asked.hosts[0]
        few = len(self.hostnames) <= _FEW_HOSTNAMES
        near = closest(host, sorted(self.hostnames - {host})) if few else None
        remedy = "name clusters in spec.clusters to see what they answer"
        return Fault(
            "invalid-value",
            asked.test.at("request", "url"),
            f"no cluster serves {host}",
            help=f'did you mean "{near}"? Else {remedy}' if near else remedy,
            discriminator=asked.test.name,
        )


_BY: Mapping[str, str] = {"traefik": ", by Traefik", "spec": ", by the specification"}


class Serving:
    """How surely requests mean a cluster, by what is dialled; use as `cluster.cached(Serving)`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._edges = cluster.cached(edges)
        self._hosts: dict[str, int] = {}

    def rank(self, request: Request) -> int:
        """Return 3 where an address means the cluster, 2 for a route's host, 1 for a listener's."""
        if addresses.address_of(request.address) is not None:
            dialled = any(addresses.same(edge.vips, request.address) for edge in self._edges)
            return _BY_ADDRESS if dialled else 0
        host = request.host.lower().removesuffix(".")
        if host not in self._hosts:
            ranks = (named(self._cluster, edge, host) for edge in self._edges)
            self._hosts[host] = max(ranks, default=0)
        return self._hosts[host]


def _unknown(
    test: RouteTest, part: str, unknown: UnknownVariable, environment: Environment
) -> Fault:
    near = closest(unknown.name, sorted(environment))
    return Fault(
        "unknown-variable",
        test.at(part, *unknown.path),
        f'no variable is named "{unknown.name}"',
        help=f'did you mean "{near}"?' if near else "define it in spec.vars of the Cluster",
        discriminator=unknown.name,
    )


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


def _lines(value: Json) -> list[str]:
    lines = value if isinstance(value, dict) else {}
    return [f"{name}: {text}" for name, text in lines.items()]
