"""Which findings only repeat another one: one root cause is one finding.

A value that could not be read, a name of nothing, a hostname of two teams: what
further rules make of it would be a second finding of one fault, and gone with
the first. A finding follows from a cause where it points at the same value, or
names it among its related places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from edgegen.diagnostics import Severity
from edgegen.fragments.layout import cluster_of
from edgegen.model.ids import EDGEGEN_GROUP, group_of
from edgegen.rules.base import Rule, Scope

if TYPE_CHECKING:
    from edgegen.diagnostics import Diagnostic, Problem
    from edgegen.model.path import Path
    from edgegen.model.resource import Spot
    from edgegen.rules.base import Finding


class Hit(Protocol):
    """What is asked of a finding before it has a place."""

    @property
    def rule(self) -> str:
        """The name of the rule."""
        ...

    @property
    def finding(self) -> Finding:
        """What it found."""
        ...

    @property
    def cluster(self) -> str:
        """The cluster where; empty for what several have in common."""
        ...


AnyHit = TypeVar("AnyHit", bound=Hit)

UNREAD: Final = frozenset({"unknown-variable", "wrong-type"})
"""Rules that say: this value could not be read as what it should be."""

NAMES_NOTHING: Final = frozenset(
    {
        "hostname-of-two-teams",
        "namespace-of-two-teams",
        "no-listener-for-route",
        "unknown-edge",
        "unknown-middleware",
        "unknown-peer",
        "unknown-pool",
        "unknown-segment",
        "unknown-team",
    }
)
"""Rules that say: what is written here is the name of nothing, or of two things."""

SPEAKS_FOR: Final[Mapping[str, frozenset[str]]] = {
    "bad-directive": frozenset({"invalid-value", "wrong-type"}),
    "kind-not-open-to-team": frozenset({"invalid-kind"}),
    "backend-not-granted": frozenset({"reference-not-granted"}),
    "delegation-without-paths": frozenset({"invalid-value"}),
    "entrypoint-port-clash": frozenset({"listener-defined-twice"}),
    "listener-protocol-clash": frozenset({"protocols-share-port", "tcp-listener-shares-port"}),
    "parent-not-of-team": frozenset({"route-parent-not-found", "route-parent-of-other-kind"}),
    "pool-closed-to-edge": frozenset({"service-outside-allocation"}),
    "reference-grant-beyond-team": frozenset(
        {"grant-impossible", "grant-too-broad", "grant-unused"}
    ),
    "traefik-name-spelt-alike": frozenset({"traefik-names-collide"}),
    "misplaced-kind": frozenset({"missing-field"}),
    "path-not-lent": frozenset({"match-path-refused"}),
    "no-listener-for-route": frozenset(
        {"route-hostname-not-served", "route-listener-not-found", "route-namespace-not-allowed"}
    ),
    "reserved-metadata": frozenset({"unknown-field"}),
    "unknown-edge": frozenset({"parent-not-of-team"}),
    "unknown-variable": frozenset({"invalid-value", "wrong-type"}),
    "unknown-pool": frozenset({"service-outside-allocation", "vip-outside-named-pool"}),
    "wildcard-takes-other-teams-requests": frozenset({"route-precedence-diverges"}),
}
"""Rule -> rules that it makes needless in the same document, at the value, around it or in it.

Those of a pool count anywhere in the document: the Edge that names the pool.
"""

_MUTUAL: Final = frozenset({"hostname-of-two-teams", "namespace-of-two-teams"})
"""Rules whose findings name each other."""

_WHOLE_DOCUMENT: Final = frozenset(
    {
        "misplaced-kind",
        "no-listener-for-route",
        "pool-closed-to-edge",
        "unknown-pool",
        "wildcard-takes-other-teams-requests",
    }
)

OF_TEAM: Final = frozenset(
    {
        "hostname-not-owned",
        "namespace-not-of-team",
        "no-listener-for-route",
        "parent-not-of-team",
        "route-namespace-not-allowed",
    }
)
"""Rules that compare what a team writes with its Team document."""

OF_NO_TEAM: Final = frozenset({"delegation-of-foreign-hostname", "hostname-not-owned"})
"""Rules that say that something belongs to no team, or to another one that they name."""

_DERIVED: Final = frozenset({"edge-not-chosen", "namespace-not-of-team", "no-listener-for-route"})
"""Rules of the stages before the rules that draw conclusions as these do."""

OF_FACTS: Final = frozenset({"unknown-segment", "unknown-variable"})
"""Rules that compare fragments with the Cluster document."""

_OF_DOCUMENTS: Final = UNREAD | {"invalid-value", "missing-field", "missing-name", "unknown-field"}

_Document = tuple[str, str, int]
"""Cluster, empty for what is of no cluster, then file and number of the document."""


def is_unreadable(problem: Problem) -> bool:
    """Say whether a problem may have cost a document."""
    return problem.rule.startswith("yaml-") or problem.rule == "not-a-resource"


def without_echoes(
    hits: Sequence[AnyHit],
    table: Mapping[str, Rule],
    team_of: Callable[[str], str | None],
    severity: Callable[[Rule], Severity | None],
    unreadable: Collection[str] = (),
) -> list[AnyHit]:
    """Return the hits without those that follow from others.

    Args:
        hits: in any order, which is kept.
        table: the rules by name.
        team_of: names the team that owns a file, or None.
        severity: of a rule in this run. Only an error is a cause: what is
            switched off or made a warning must not silence others.
        unreadable: files of which a document could not be read.
    """
    errors = {name for name, rule in table.items() if severity(rule) is Severity.ERROR}
    causes = _Causes((hit for hit in hits if hit.rule in errors and _is_error(hit)), unreadable)
    if not causes.any:
        return list(hits)
    rows = [(hit, table.get(hit.rule)) for hit in hits]
    return [
        hit for hit, rule in rows if not causes.explain(hit, rule, team_of(hit.finding.at.file))
    ]


class _Places:
    """Paths of documents, asked for equal, near and overlapping ones in constant time."""

    __slots__ = ("_above", "_parents", "_paths")

    def __init__(self) -> None:
        self._paths: set[tuple[_Document, Path]] = set()
        self._parents: set[tuple[_Document, Path]] = set()
        self._above: set[tuple[_Document, Path]] = set()

    def __bool__(self) -> bool:
        return bool(self._paths)

    def add(self, document: _Document, path: Path) -> None:
        if (document, path) not in self._paths:
            self._paths.add((document, path))
            self._parents.add((document, path[:-1]))
            self._above.update((document, path[:cut]) for cut in range(len(path) + 1))

    def have(self, document: _Document, path: Path) -> bool:
        return (document, path) in self._paths

    def have_around(self, document: _Document, path: Path, least: int = 0) -> bool:
        """Say whether one of them, of at least so many steps, is the path or leads to it."""
        return any((document, path[:cut]) in self._paths for cut in range(least, len(path) + 1))

    def have_near(self, document: _Document, path: Path) -> bool:
        """Say whether one is the path, an item or field of its value, or has it as one."""
        return (
            self.have(document, path)
            or (document, path) in self._parents
            or self.have(document, path[:-1])
        )

    def have_in(self, document: _Document, path: Path) -> bool:
        """Say whether one is the path, or an item or field of its value."""
        return self.have(document, path) or (document, path) in self._parents

    def overlap(self, document: _Document, path: Path) -> bool:
        """Say whether one leads to the path, or the path to one."""
        return (document, path) in self._above or self.have_around(document, path)


class _Causes:
    """The causes among some hits."""

    def __init__(self, hits: Iterable[Hit], unreadable: Collection[str]) -> None:
        self._unread = _Places()
        self._invalid = _Places()
        self._lacking = _Places()
        self._misspelt = _Places()
        self._nothing = _Places()
        self._speaking: dict[str, _Places] = {}
        self._teams: set[tuple[str, str]] = set()
        self._factless: set[str] = set()
        self._vague: set[str] = set()
        # Clusters whose Cluster document is there and was not read.
        self._misnamed = {cluster_of(path) for path in unreadable}
        for hit in hits:
            for cluster in _clusters(hit):
                self._add(hit, cluster)

    @property
    def any(self) -> bool:
        """Say whether there is any."""
        places = (self._unread, self._invalid, self._lacking, self._misspelt, self._nothing)
        return bool(self._factless or self._speaking) or any(map(bool, places))

    def _add(self, hit: Hit, cluster: str) -> None:
        at = hit.finding.at
        document = (cluster, at.file, at.document)
        if hit.rule in UNREAD:
            self._unread.add(document, at.path)
        elif hit.rule == "invalid-value":
            self._invalid.add(document, at.path)
        elif hit.rule == "missing-field":
            self._lacking.add(document, at.path)
        elif hit.rule == "unknown-field":
            self._misspelt.add(document, at.path[:-1])
        elif hit.rule == "cluster-without-facts":
            self._factless.add(cluster)
        elif hit.rule == "invalid-kind":
            self._misnamed.add(cluster)
            self._vague.add(cluster)
        if hit.rule in NAMES_NOTHING:
            self._nothing.add(document, at.path)
        if hit.rule in SPEAKS_FOR:
            self._speaking.setdefault(hit.rule, _Places()).add(document, at.path)
        if hit.rule in _OF_DOCUMENTS and _is_of_variables(at):
            self._vague.add(cluster)
        if hit.rule in _OF_DOCUMENTS and (team := _team_document(at)):
            self._teams.add((cluster, team))

    def explain(self, hit: Hit, rule: Rule | None, team: str | None) -> bool:
        """Say whether a hit follows from one of the causes."""
        return rule is not None and any(
            self._without_facts(hit, cluster)
            or self._spoken(hit, cluster)
            or self._without_team(hit, cluster, team)
            or (_may_follow(rule) and self._follows(hit, rule, cluster))
            for cluster in _clusters(hit)
        )

    def _without_facts(self, hit: Hit, cluster: str) -> bool:
        if hit.rule == "cluster-without-facts":
            return cluster in self._misnamed
        if hit.rule == "unknown-variable" and cluster in self._vague:
            return not _is_of_variables(hit.finding.at)
        return cluster in self._factless and hit.rule in OF_FACTS

    def _follows(self, hit: Hit, rule: Rule, cluster: str) -> bool:
        at = hit.finding.at
        document = (cluster, at.file, at.document)
        if self._unread.have_around(document, at.path, least=1):
            return True
        if self._invalid.have(document, at.path) and _is_silent_on_invalid(hit, rule):
            return True
        # Who may do what is said whatever else is missing.
        if rule.family != "OW" and self._incomplete(document, at.path):
            return True
        return hit.rule not in _MUTUAL and self._concerned(hit, cluster)

    def _spoken(self, hit: Hit, cluster: str) -> bool:
        at = hit.finding.at
        document = (cluster, at.file, at.document)
        return any(
            hit.rule in SPEAKS_FOR[cause]
            and places.overlap(document, () if cause in _WHOLE_DOCUMENT else at.path)
            for cause, places in self._speaking.items()
        )

    def _without_team(self, hit: Hit, cluster: str, team: str | None) -> bool:
        """Say whether a hit compares with a Team of which something could not be read."""
        if team and hit.rule in OF_TEAM and (cluster, team) in self._teams:
            return True
        # What belongs to nobody may belong to the team that could not be read.
        unowned = hit.rule in OF_NO_TEAM and not hit.finding.related
        return unowned and any(name == cluster for name, _ in self._teams)

    def _incomplete(self, document: _Document, path: Path) -> bool:
        misspelt = self._misspelt.have(document, path[:-1])
        if path and isinstance(path[-1], int):  # the item that has the misspelt field
            misspelt = misspelt or self._misspelt.have(document, path)
        return misspelt or self._lacking.have_around(document, path, least=1)

    def _concerned(self, hit: Hit, cluster: str) -> bool:
        """Say whether a related place is one of which nothing certain is known."""
        for spot, _ in hit.finding.related:
            document = (cluster, spot.file, spot.document)
            if hit.rule == "no-listener-for-route" and (
                self._invalid.overlap(document, spot.path)
                or self._unread.overlap(document, spot.path)
                or self._lacking.overlap(document, spot.path)
            ):
                return True
            if (
                self._unread.have_near(document, spot.path)
                or self._invalid.have_near(document, spot.path)
                or self._nothing.have_near(document, spot.path)
                or self._lacking.have_in(document, spot.path)
            ):
                return True
        return False


def _is_error(hit: Hit) -> bool:
    return hit.finding.severity in (None, Severity.ERROR)


def _clusters(hit: Hit) -> Iterator[str]:
    yield from [hit.cluster] if hit.cluster else hit.finding.clusters or [""]


def _may_follow(rule: Rule) -> bool:
    """Reading, merging and expanding state causes, mostly; the rules draw conclusions."""
    return rule.scope is not Scope.INPUT or rule.name in _DERIVED


def _is_silent_on_invalid(hit: Hit, rule: Rule) -> bool:
    """Say whether a rule has nothing to add on a value that its field does not allow.

    Ownership has: the value may be the spelling of what belongs to another team.
    """
    return rule.family != "OW" or (hit.rule == "hostname-not-owned" and not hit.finding.related)


_VARIABLES: Final = ("vars", "labels", "layers")


def _is_of_variables(at: Spot) -> bool:
    """Say whether a value of a Cluster document is one that variables come from."""
    if at.resource is None or at.resource.kind != "Cluster" or at.path[:1] == ("metadata",):
        return False
    return len(at.path) < 2 or at.path[1] in _VARIABLES


def _team_document(at: Spot) -> str:
    resource = at.resource
    if resource is None or resource.kind != "Team":
        return ""
    return resource.name if group_of(resource.api_version) == EDGEGEN_GROUP else ""


_UNKNOWN_KEYS: Final = frozenset({"unknown-field", "unknown-helm-value"})
"""Rules that do not know a key: where YAML has read another one than is written, that is why."""

MOST: Final = 50
"""Findings of one rule in one document; what is beyond is counted in one more."""


def without_repeats(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without those that another one explains at the same place.

    The graver one stays. A key that is unknown because of how it was read says so.
    """
    misread = {d.place: d for d in diagnostics if d.name == "yaml-key-not-text"}
    mistyped = {d.place: d.severity for d in diagnostics if d.name == "wrong-type"}
    unknown = {d.place for d in diagnostics if d.name in _UNKNOWN_KEYS and d.place in misread}
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        place = diagnostic.place
        if diagnostic.name in _UNKNOWN_KEYS and place in misread:
            why = misread[place]
            kept.append(replace(diagnostic, help=f"{why.message}: {why.help}", edits=why.edits))
        elif diagnostic.name == "missing-name" and mistyped.get(place) is diagnostic.severity:
            continue
        elif diagnostic.name != "yaml-key-not-text" or place not in unknown:
            kept.append(diagnostic)
    return kept


def capped(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield at most `MOST` diagnostics of one rule in one document, and one for the rest.

    Args:
        diagnostics: in their final order, by file, document and place.
    """
    counts: Counter[tuple[str, int, str]] = Counter()
    rest: dict[tuple[str, int, str], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        place = diagnostic.place
        if place is None:
            yield diagnostic
            continue
        key = (place.path, place.document, diagnostic.code)
        counts[key] += 1
        if counts[key] <= MOST:
            yield diagnostic
        else:
            rest.setdefault(key, []).append(diagnostic)
    for left_out in rest.values():
        yield left_out[0] if len(left_out) == 1 else _closing(left_out)


def _closing(left_out: Sequence[Diagnostic]) -> Diagnostic:
    """Return the diagnostic that stands for those beyond the bound."""
    first = left_out[0]
    return replace(
        first,
        severity=max(d.severity for d in left_out),
        message=f"{len(left_out)} more findings of this rule in the document",
        help=f"mend the first {MOST}; these have mostly one cause",
        notes=(),
        field="",
        edits=(),
        conditions=(),
        clusters=tuple(sorted({name for d in left_out for name in d.clusters})),
        fingerprint=f"{first.fingerprint}:more",
    )
