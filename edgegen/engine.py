"""Runs rules and turns what they and the earlier stages found into diagnostics.

One border: a rule that raises becomes an internal error that names rule and
resource; every other finding is still reported.
"""

from __future__ import annotations

import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from edgegen.diagnostics import Diagnostic, Note, Place, Problem, Severity
from edgegen.echoes import capped, is_unreadable, without_echoes, without_repeats
from edgegen.exemptions import Exemptions, expired
from edgegen.model.path import format_path
from edgegen.rules import RULES
from edgegen.rules.base import Finding, Rule, Scope
from edgegen.suppressions import Suppressions
from edgegen.timings import Timings, stage

if TYPE_CHECKING:
    from edgegen.exemptions import Exemption
    from edgegen.locate import Locator
    from edgegen.model.cluster import Cluster
    from edgegen.model.fault import Fault
    from edgegen.model.resource import Spot
    from edgegen.rules.base import ResourceCheck
    from edgegen.summary import ClusterSummary

FINGERPRINT_VERSION = "1"


@dataclass(frozen=True, slots=True)
class InternalError:
    """A rule that raised: our bug, never a finding."""

    rule: str
    subject: str
    details: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding of one rule, before it has a place. Plain data: it crosses processes."""

    rule: str
    finding: Finding
    cluster: str = ""


@dataclass(slots=True)
class Results:
    """What was found, in parts or as a whole; plain data.

    `marked` names the files that hold a suppression comment.
    """

    hits: list[Hit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    errors: list[InternalError] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    timings: Timings | None = None

    def add(self, other: Results) -> None:
        """Take over what another part found."""
        self.hits += other.hits
        self.problems += other.problems
        self.errors += other.errors
        self.marked += other.marked
        if other.timings is not None:
            self.timings = self.timings or Timings()
            self.timings.take(other.timings)


@dataclass(frozen=True, slots=True)
class Report:
    """The diagnostics of a run, sorted, and what was silenced on the way."""

    diagnostics: tuple[Diagnostic, ...]
    errors: tuple[InternalError, ...] = ()
    suppressed: int = 0
    exempted: int = 0

    def worst(self) -> Severity | None:
        """Return the highest severity, or None when nothing was found."""
        return max((d.severity for d in self.diagnostics), default=None)


@dataclass(frozen=True)
class RuleSet:
    """The rules of a run, with the severities that the platform gave them.

    `severities` holds overrides by code; None switches a rule off. `selected`
    holds the codes of rules that do not run by default and were asked for.
    `profiled` measures what each rule costs.
    """

    rules: tuple[Rule, ...]
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    selected: frozenset[str] = frozenset()
    profiled: bool = False

    def results(self) -> Results:
        """Return what a part of the run writes into; with timings where they are wanted."""
        return Results(timings=Timings() if self.profiled else None)

    def enabled(self, scope: Scope) -> Iterator[Rule]:
        """Yield the rules of a scope that are not switched off."""
        yield from self._enabled[scope]

    @cached_property
    def _enabled(self) -> dict[Scope, list[Rule]]:
        found: dict[Scope, list[Rule]] = {scope: [] for scope in Scope}
        for rule in self.rules:
            if self.severity(rule) is not None:
                found[rule.scope].append(rule)
        return found

    def severity(self, rule: Rule) -> Severity | None:
        """Return a rule's severity in this run, or None when it is off."""
        own = rule.severity if rule.default or rule.code in self.selected else None
        return self.severities.get(rule.code, own)

    def by_name(self) -> dict[str, Rule]:
        """Return name -> rule."""
        return {rule.name: rule for rule in self.rules}


def run_cluster(cluster: Cluster, rules: RuleSet) -> Results:
    """Run the resource and cluster rules over one cluster."""
    results = rules.results()
    for rule in rules.enabled(Scope.RESOURCE):
        if rule.check_resource is not None:
            with stage(results.timings, rule.code):
                _run_resources(rule, rule.check_resource, cluster, results)
    for rule in rules.enabled(Scope.CLUSTER):
        if rule.check_cluster is not None:
            run = partial(rule.check_cluster, cluster)
            with stage(results.timings, rule.code):
                _collect(rule, cluster.name, f"cluster {cluster.name}", run, results)
    return results


def _run_resources(rule: Rule, check: ResourceCheck, cluster: Cluster, results: Results) -> None:
    for kind in sorted(rule.kinds):
        for resource in cluster.of_kind(kind):
            run = partial(check, resource, cluster.facts)
            _collect(rule, cluster.name, resource.id, run, results)


def run_fleet(summaries: Sequence[ClusterSummary], rules: RuleSet) -> Results:
    """Run the fleet rules over the summaries of all clusters."""
    results = rules.results()
    for rule in rules.enabled(Scope.FLEET):
        if rule.check_fleet is not None:
            with stage(results.timings, rule.code):
                _collect(rule, "", "the fleet", partial(rule.check_fleet, summaries), results)
    return results


def _collect(
    rule: Rule,
    cluster: str,
    subject: object,
    findings: Callable[[], Iterator[Finding]],
    results: Results,
) -> None:
    try:
        for finding in findings():
            results.hits.append(Hit(rule.name, finding, cluster))
    except Exception:  # noqa: BLE001  # the one border: any bug of a rule becomes an entry of its own
        results.errors.append(InternalError(rule.code, str(subject), traceback.format_exc()))


def hits_of_faults(faults: Iterable[Fault], cluster: str) -> list[Hit]:
    """Return the hits for faults of the stages before the rules."""
    return [
        Hit(
            fault.rule,
            Finding(
                at=fault.at,
                message=fault.message,
                help=fault.help,
                related=fault.related,
                discriminator=fault.discriminator,
                severity=fault.severity,
                mend=fault.mend,
            ),
            cluster,
        )
        for fault in faults
    ]


def conclude(
    results: Results,
    rules: RuleSet,
    locator: Locator,
    team_of: Callable[[str], str | None],
    *,
    exemptions: Sequence[Exemption] = (),
    today: str | None = None,
) -> Report:
    """Give every finding its place, silence what may be silenced, and sort.

    Args:
        team_of: names the team that owns a file, or None for the platform's;
            a comment in a team's file silences less.
        exemptions: what the platform accepts, whatever the day.
        today: YYYY-MM-DD; with it, exemptions that are out of date are findings.
    """
    table = rules.by_name()
    late = expired(exemptions, today) if today is not None else ()
    broken = {p.place.path for p in results.problems if is_unreadable(p)}
    hits = without_echoes(
        [*results.hits, *hits_of_faults(late, "")], table, team_of, rules.severity, broken
    )
    diagnostics = [
        diagnostic
        # File by file, so that each is read again at most once.
        for rule, hit, clusters in sorted(_root_causes(hits, table), key=_file)
        if (severity := _severity(rules, rule, hit.finding)) is not None
        for diagnostic in [_diagnose(rule, hit, clusters, severity, locator)]
    ]
    for problem in results.problems:
        rule = table.get(problem.rule)
        severity = rules.severity(rule) if rule else None
        if rule is not None and severity is not None:
            diagnostics.append(_of_problem(rule, severity, problem))
    suppressions = Suppressions(locator, results.marked, team_of)
    kept, suppressed = suppressions.apply(without_repeats(diagnostics))
    kept, exempted = Exemptions(exemptions).apply(kept)
    ran = {rule.code for rule in rules.rules if rules.severity(rule) is not None}
    unused = table.get("unused-suppression")
    if unused is not None and (severity := rules.severity(unused)) is not None:
        kept += [
            _of_problem(unused, severity, p)
            for p in suppressions.unused(ran, (*RULES, *rules.rules))
        ]
    return Report(
        tuple(sorted(capped(_number_fingerprints(sorted(kept, key=_order))), key=_order)),
        tuple(results.errors),
        suppressed,
        exempted,
    )


def _severity(rules: RuleSet, rule: Rule, finding: Finding) -> Severity | None:
    """An override by the platform wins over what the rule says of this finding."""
    severity = rules.severity(rule)
    if severity is None or rule.code in rules.severities:
        return severity
    return finding.severity or severity


def _root_causes(
    hits: Iterable[Hit], table: Mapping[str, Rule]
) -> Iterator[tuple[Rule, Hit, tuple[str, ...]]]:
    """Join the hits that one fragment causes in several clusters into one.

    Within a cluster two hits of one rule at one value stay two; the n-th of
    one cluster joins the n-th of the next. Where a rule says one thing of a
    value in each cluster, the words may differ with the cluster's variables;
    the gravest speaks for all.
    """
    hits = list(hits)
    alone = _alone(hits)
    causes: dict[tuple[object, ...], tuple[Rule, list[Hit], list[str]]] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for hit in hits:
        rule = table.get(hit.rule)
        if rule is None:
            continue
        finding = hit.finding
        value = (rule.name, *_spot_key(finding.at))
        key = (*value, None if value in alone else finding.discriminator)
        ordinal = seen[(hit.cluster, *key)]
        seen[(hit.cluster, *key)] += 1
        clusters = list(finding.clusters) or ([hit.cluster] if hit.cluster else [])
        cause = causes.setdefault((*key, ordinal), (rule, [], []))
        cause[1].append(hit)
        cause[2].extend(clusters)
    for rule, same, clusters in causes.values():
        gravest = max(same, key=lambda hit: hit.finding.severity or rule.severity)
        yield rule, gravest, tuple(dict.fromkeys(clusters))


def _alone(hits: Iterable[Hit]) -> set[tuple[object, ...]]:
    """Return the rules and values of which two clusters have a hit, and none has two."""
    found: dict[tuple[object, ...], set[str]] = {}
    several: set[tuple[object, ...]] = set()
    for hit in hits:
        key = (hit.rule, *_spot_key(hit.finding.at))
        clusters = found.setdefault(key, set())
        if hit.cluster in clusters:
            several.add(key)
        clusters.add(hit.cluster)
    return {key for key, clusters in found.items() if len(clusters) > 1} - several


def _file(cause: tuple[Rule, Hit, tuple[str, ...]]) -> str:
    return cause[1].finding.at.file


def _spot_key(spot: Spot) -> tuple[object, ...]:
    return spot.file, spot.document, spot.path


def _diagnose(
    rule: Rule, hit: Hit, clusters: tuple[str, ...], severity: Severity, locator: Locator
) -> Diagnostic:
    finding = hit.finding
    spot = finding.at
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        severity=severity,
        message=finding.message,
        place=locator.place(spot),
        help=finding.help,
        notes=tuple(Note(locator.place(at), words) for at, words in finding.related),
        resource=spot.resource,
        field=format_path(spot.field),
        clusters=tuple(sorted(clusters)),
        conditions=finding.conditions,
        fingerprint=_fingerprint(
            rule.code, str(spot.resource or spot.file), spot.stable, finding.discriminator
        ),
        edits=locator.edits(finding.mend) if finding.mend else (),
    )


def _of_problem(rule: Rule, severity: Severity, problem: Problem) -> Diagnostic:
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        severity=severity,
        message=problem.message,
        place=problem.place,
        help=problem.help,
        notes=problem.notes,
        resource=problem.resource,
        field=problem.field,
        clusters=(problem.cluster,) if problem.cluster else (),
        fingerprint=_fingerprint(
            rule.code,
            str(problem.resource or problem.place.path),
            problem.field,
            problem.discriminator,
        ),
        edits=problem.edits,
    )


def _fingerprint(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{FINGERPRINT_VERSION}:{digest[:20]}"


def _number_fingerprints(diagnostics: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Tell apart findings whose fingerprints would be equal, in their sorted order."""
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        seen[diagnostic.fingerprint] += 1
        number = seen[diagnostic.fingerprint]
        if number == 1:
            yield diagnostic
        else:
            yield replace(diagnostic, fingerprint=f"{diagnostic.fingerprint}:{number}")


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    place = diagnostic.place or Place("")
    return (
        place.path,
        place.document,
        place.line,
        place.column,
        diagnostic.code,
        diagnostic.message,
        diagnostic.clusters,
    )
