"""Judges the native resources of a cluster, whoever wrote them.

What validates a kind: the cluster's own CRD; else the built-in source of its
release and channel; for Kubernetes' own kinds the data of `kubernetes-validate`.
A valid resource costs one call of its compiled schema; everything else is
computed only for those that are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from edgegen.diagnostics import SECRET_KIND, Severity
from edgegen.errors import EdgegenError
from edgegen.model.fault import Fault
from edgegen.model.ids import EDGEGEN_GROUP, STACK_GROUPS, group_of, version_of
from edgegen.model.mending import mend
from edgegen.schema import bundles, core
from edgegen.schema.builtin import (
    FILES,
    Target,
    full_schema,
    metadata_schema,
    node_at,
    since_of,
    target_of,
    target_schema,
)
from edgegen.schema.cel import BudgetError
from edgegen.schema.crdrules import CrdRules, not_evaluated, too_large
from edgegen.schema.crossfield import Rules, rules_of, unexplained
from edgegen.schema.definitions import (
    CRD_GROUP,
    CRD_KIND,
    Definition,
    definitions_of,
    document_schema,
    without_nulls,
)
from edgegen.schema.fault import (
    BEYOND_KNOWN,
    INVALID_VALUE,
    LOST_IN_V1,
    MISSING_FIELD,
    NOT_IN_RELEASE,
    NULL_FIELD,
    UNKNOWN_FIELD,
    Path,
    SchemaFault,
)
from edgegen.schema.judge import MOST_FAULTS, Judge, UnreadableError, unreadable, value_inside
from edgegen.schema.versions import Notice, builtin_notice, defined_notice, project_of
from edgegen.schema.words import field_text, quoted
from edgegen.stack.tables.releases import GATEWAY_API, METALLB, TRAEFIK, release_text
from edgegen.stack.tables.served import EXPERIMENTAL, FIRST_GROUP, SERVED, TRAEFIK_2_GROUP
from edgegen.yamlio.document import Document
from edgegen.yamlio.edits import SetValue

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource, Spot
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

Definitions = Mapping[tuple[str, str], Definition]
"""Group and kind -> the CRD that takes the built-in schema's place."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What validating a cluster's native resources found.

    Attributes:
        not_validated: resources of the stack that no schema describes.
        validated_others: resources of other API groups that were judged.
    """

    faults: tuple[Fault, ...] = ()
    not_validated: int = 0
    validated_others: int = 0


def validate_cluster(
    cluster: Cluster, definitions: Definitions | None = None, known: Iterable[Spot] = ()
) -> Validation:
    """Judge every native resource of a cluster by the schema of its kind.

    Args:
        definitions: CRDs beside those among the resources, which win.
        known: where faults of earlier stages stand. Nothing more is said there;
            what was generated from a document with a fault is not judged.
    """
    given = cluster.of_kind(CRD_KIND, CRD_GROUP)
    own = definitions_of(resource.value for resource in given)
    desk = _Desk(cluster.facts, {**(definitions or {}), **own})
    silenced = _Silenced(known)
    faults = list(bundles.bundle_faults(given, cluster))
    for resource in cluster.resources:
        faults += desk.faults(resource, silenced)
    faults += desk.beyond_known()
    return Validation(tuple(faults), desk.not_validated, desk.validated_others)


class _Silenced:
    """What earlier stages said: by document, and at which paths."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self._paths: dict[tuple[str, int], list[Path]] = {}
        for spot in spots:
            self._paths.setdefault((spot.file, spot.document), []).append(spot.path)

    def whole(self, spot: Spot) -> bool:
        """Say whether a document has any fault."""
        return (spot.file, spot.document) in self._paths

    def at(self, spot: Spot) -> bool:
        """Say whether a fault stands at a value, inside it, or at one around it."""
        for path in self._paths.get((spot.file, spot.document), ()):
            shorter = min(len(path), len(spot.path))
            if path and path[:shorter] == spot.path[:shorter]:
                return True
        return False


# --------------------------------------------------------------------------
# Who judges what


@dataclass(frozen=True, slots=True)
class _Kind:
    """How resources of one apiVersion and kind are judged.

    Attributes:
        judge: None where no schema describes the kind.
        full: the schema of the newest release with its experimental channel,
            where the judge's may lack some of it.
        drop_nulls: every null of a mapping counts as absent.
        across: judges what several fields mean together.
        unjudged: what is to be said once of rules that are not evaluated.
    """

    judge: Judge | None
    notice: Notice | None = None
    full: Schema | None = None
    target: Target | None = None
    drop_nulls: bool = False
    across: Rules | None = None
    unjudged: SchemaFault | None = None


_NOT_JUDGED: Final = _Kind(None)


class _Desk:
    """Judges the resources of one cluster; finds the judge of a kind once."""

    def __init__(self, facts: Facts, definitions: Definitions) -> None:
        self._facts = facts
        self._definitions = definitions
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._used: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self.not_validated = 0
        self.validated_others = 0

    def faults(self, resource: Resource, silenced: _Silenced) -> Sequence[Fault]:
        """Return what is wrong with a resource, and count it."""
        key = resource.api_version, resource.id.kind
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = self._find(*key)
        group = resource.id.group
        if kind.judge is None and kind.notice is None:
            self.not_validated += group in STACK_GROUPS and group != EDGEGEN_GROUP
            return ()
        self.validated_others += group not in STACK_GROUPS
        if kind.notice is None and kind.judge is not None and _is_valid(kind, resource):
            return self._unjudged(kind, resource)
        found = resource.view(_Verdict(kind))
        derived = not isinstance(resource.base.holder, Document)
        if resource.annotations.get(_EMIT) == "false":
            # Somebody else writes it; here it may say only what matters.
            found = tuple(one for one in found if one.fault.rule != MISSING_FIELD)
        spots = ((resource.at(*_where(one.fault)), one) for one in found)
        if derived and found and silenced.whole(resource.at()):
            return ()
        return [_placed(fault, spot, resource) for spot, fault in spots if not silenced.at(spot)]

    def _unjudged(self, kind: _Kind, resource: Resource) -> Sequence[Fault]:
        """Say once of a kind that rules of its CRD are not evaluated."""
        fault, key = kind.unjudged, (resource.api_version, resource.id.kind)
        if fault is None or key in self._told:
            return ()
        self._told.add(key)
        return (_placed(_Finding(fault), resource.at(*fault.path), resource),)

    def beyond_known(self) -> Iterator[Fault]:
        """Yield for each project of which the cluster runs more than edgegen knows."""
        for group, path, newest in _NEWEST:
            if not self._used[FILES[group]]:
                continue
            target = target_of(group, self._facts)
            spot = self._facts.at(*path)
            if target.newer and spot is not None:
                yield _beyond(spot, project_of(group), newest)
        minor = core.minor_of(self._facts.kubernetes)
        spot = self._facts.at("spec", "kubernetes", "version")
        if self._used["core"] and minor is not None and spot is not None:
            nearest = core.nearest_release(self._facts.kubernetes)
            if nearest is not None and minor > nearest:
                yield _beyond(spot, "Kubernetes", "{}.{}".format(*nearest))

    def _find(self, api_version: str, kind: str) -> _Kind:
        group, version = group_of(api_version), version_of(api_version)
        if group == EDGEGEN_GROUP:
            return _NOT_JUDGED
        definition = self._definitions.get((group, kind))
        if definition is not None:
            channel = target_of(group, self._facts).channel
            return _defined(definition, version, channel)
        if group in FILES or group in (FIRST_GROUP, TRAEFIK_2_GROUP):
            self._used[FILES.get(group, "")] += 1
            return _builtin(api_version, kind, target_of(group, self._facts))
        if core.is_core(group):
            release = core.nearest_release(self._facts.kubernetes)
            if release is not None:
                self._used["core"] += 1
                return _of_kubernetes(release, group, version, kind)
        return _NOT_JUDGED


_HARMLESS: Final = frozenset({UNKNOWN_FIELD, NULL_FIELD})
"""What the API server drops before it evaluates rules."""

_EMIT: Final = "edgegen.dev/emit"

_NEWEST: Final = (
    ("gateway.networking.k8s.io", ("spec", "gatewayAPI", "version"), release_text(GATEWAY_API)),
    ("metallb.io", ("spec", "metallb", "chart"), release_text(METALLB)),
    ("traefik.io", ("spec", "traefik", "version"), release_text(TRAEFIK)),
)


def _beyond(spot: Spot, project: str, newest: str) -> Fault:
    return Fault(
        BEYOND_KNOWN,
        spot,
        f"edgegen knows {project} up to {newest}, and judges by that",
        help="update edgegen, or put the CRDs of the cluster into schemas/crds/",
        discriminator=project,
    )


@cache
def _builtin(api_version: str, kind: str, target: Target) -> _Kind:
    notice = builtin_notice(api_version, kind, target)
    group, version = group_of(api_version), version_of(api_version)
    full = full_schema(group, kind, version)
    if full is None or (notice is not None and notice.final):
        return _Kind(None, notice)
    schema = target_schema(group, kind, version, target.release, target.channel)
    across = rules_of(group, kind, version, target.channel)
    return _Kind(Judge(schema), notice, full, target, across=across)


@cache
def _of_kubernetes(release: core.Minor, group: str, version: str, kind: str) -> _Kind:
    schema = core.core_schema(release, group, version, kind)
    if schema is None:
        return _NOT_JUDGED
    return _Kind(Judge(schema, secret=kind == "Secret"), drop_nulls=True)


def _defined(definition: Definition, version: str, channel: str) -> _Kind:
    notice = defined_notice(definition, version)
    known = definition.versions.get(version)
    if known is None or known.schema is None or (notice is not None and notice.final):
        return _Kind(None, notice)
    judge = Judge(document_schema(known.schema, metadata_schema()))
    try:
        judge.is_valid({})
    except EdgegenError:
        return _Kind(None, notice)  # a schema that cannot be used judges nothing
    if definition.group in FILES:
        # The rules of these kinds are written down here, at a fiftieth of the cost.
        across = rules_of(definition.group, definition.kind, version, channel)
        return _Kind(judge, notice, across=across)
    rules = CrdRules(known.schema)
    unjudged = not_evaluated(rules, definition.kind)
    return _Kind(judge, notice, across=rules if rules else None, unjudged=unjudged)


# --------------------------------------------------------------------------
# One resource


def _is_valid(kind: _Kind, resource: Resource) -> bool:
    try:
        if kind.judge is None or not kind.judge.is_valid(resource.value):
            return False
        return kind.across is None or not kind.across(resource.value)
    except (UnreadableError, BudgetError):
        return False


@dataclass(frozen=True, slots=True)
class _Finding:
    """A fault of a resource, before it has a place."""

    fault: SchemaFault
    severity: Severity | None = None
    is_field: bool = False


class _Verdict:
    """Computes the findings of a resource; clusters that share one compute it once."""

    __slots__ = ("_kind",)

    def __init__(self, kind: _Kind) -> None:
        self._kind = kind

    def __hash__(self) -> int:
        return hash((id(self._kind), "verdict"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Verdict) and other._kind is self._kind

    def __call__(self, resource: Resource) -> tuple[_Finding, ...]:
        found = sorted(_findings(self._kind, resource), key=lambda one: one.fault.order)
        fields = {one.fault.path[:-1] for one in found if _is_absent_field(one)}
        # A filter's type and the field of that type are one thing.
        kept = [
            one
            for one in found
            if one.fault.rule != NOT_IN_RELEASE
            or _is_absent_field(one)
            or one.fault.path[:-1] not in fields
        ]
        return tuple(kept[:MOST_FAULTS])


def _is_absent_field(one: _Finding) -> bool:
    return one.fault.rule == NOT_IN_RELEASE and one.is_field


def _where(fault: SchemaFault) -> Path:
    """Return the path of the value at fault: a missing one has a path of its own."""
    return (*fault.path, fault.name) if fault.name else fault.path


def _placed(finding: _Finding, spot: Spot, resource: Resource) -> Fault:
    fault = finding.fault
    return Fault(
        fault.rule,
        spot,
        fault.message,
        help=fault.help,
        severity=finding.severity,
        mend=mend(resource, fault.change) if fault.change else None,
    )


def _findings(kind: _Kind, resource: Resource) -> Iterator[_Finding]:
    notice = kind.notice
    if notice is not None:
        change = SetValue(("apiVersion",), notice.instead) if notice.instead else None
        path = (notice.field,)
        fault = SchemaFault(path, notice.rule, notice.message, notice.help, change=change)
        yield _Finding(fault, notice.severity)
        if kind.target is not None:
            yield from _lost_in_v1(resource, kind.target)
    if kind.judge is None:
        return
    try:
        found = list(_schema_findings(kind, kind.judge, resource))
    except UnreadableError as error:
        yield _Finding(unreadable(error))
        return
    yield from found
    blocking = any(one.fault.rule not in _HARMLESS for one in found)
    if kind.across is not None and not (blocking and isinstance(kind.across, CrdRules)):
        faults = [_where(one.fault) for one in found if one.fault.rule != NULL_FIELD]
        try:
            yield from map(_Finding, unexplained(kind.across(resource.value), faults))
        except BudgetError as error:
            yield _Finding(too_large(resource.kind, str(error)))


def _schema_findings(kind: _Kind, judge: Judge, resource: Resource) -> Iterator[_Finding]:
    value: Json = resource.value
    if judge.is_valid(value):
        return
    nulls: list[Path] = []
    if kind.drop_nulls:
        value = _without_any_null(value)
    else:
        value, nulls = without_nulls(value, judge.schema)
    for path in nulls:
        node = node_at(judge.schema, path) or {}
        if path[0] not in {"metadata", "status"} and node.get("type") in ("array", "object"):
            yield _Finding(_null(path))
    holder = resource.base.holder
    if isinstance(holder, Document) and SECRET_KIND.search(holder.text):
        # One of two kinds may be meant; what it holds is shown for neither.
        judge = Judge(judge.schema, secret=True)
    for fault in judge.faults(value, resource.value):
        yield _explained(kind, resource, fault)


def _without_any_null(value: Json) -> Json:
    if isinstance(value, dict):
        return {k: _without_any_null(item) for k, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_any_null(item) for item in value]
    return value


def _null(path: Path) -> SchemaFault:
    message = f"{field_text(path)} is null and is dropped"
    return SchemaFault(path, NULL_FIELD, message, "give it a value, or remove the key")


def _explained(kind: _Kind, resource: Resource, fault: SchemaFault) -> _Finding:
    """Tell a field that another release or channel has from one that does not exist."""
    target = kind.target
    if target is None:
        return _Finding(fault)
    value = value_inside(resource.value, fault.path)
    if fault.rule == UNKNOWN_FIELD:
        if node_at(kind.full, fault.path) is not None:
            return _unavailable(target, resource, fault, f"field {quoted(str(fault.path[-1]))}")
        widened = _widened(resource, fault)
        severity = Severity.WARNING if target.newer else None
        return _Finding(widened or fault, severity)
    if fault.rule == INVALID_VALUE and kind.judge is not None:
        known, here = (_choices(schema, fault.path) for schema in (kind.full, kind.judge.schema))
        if value not in known or value in here:
            return _Finding(fault)
        return _unavailable(target, resource, fault, f"value {quoted(value)}", value)
    return _Finding(fault)


def _choices(schema: Schema | None, path: Path) -> list[Json]:
    choices = (node_at(schema, path) or {}).get("enum")
    return choices if isinstance(choices, list) else []


def _unavailable(
    target: Target, resource: Resource, fault: SchemaFault, what: str, value: Json = None
) -> _Finding:
    group = resource.id.group
    since = since_of(group, resource.kind, fault.path, value)
    first = since.of(target.channel) if since is not None else None
    has = f"{project_of(group)} {release_text(target.release)}"
    if first is not None:
        message = f"{what} exists since {project_of(group)} {release_text(first)}, the cluster has {release_text(target.release)}"
        remedy = "leave it out, or update the CRDs of the cluster first"
    else:
        tried = since.of(EXPERIMENTAL) if since is not None else None
        later = "" if tried is None or tried <= target.release else f", since {release_text(tried)}"
        message = f"{what} is in the experimental channel only{later}, the cluster has the standard channel of {has}"
        remedy = "leave it out, or install the experimental channel"
    if target.assumed:
        message = message.replace("the cluster has", "the cluster is taken to have")
        remedy = "leave it out, or say version and channel in spec.gatewayAPI of a Cluster document"
    if group == "metallb.io":
        remedy = "leave it out, or update MetalLB first"
    severity = Severity.WARNING if target.assumed else None
    unavailable = SchemaFault(fault.path, NOT_IN_RELEASE, message, remedy)
    return _Finding(unavailable, severity, is_field=fault.rule == UNKNOWN_FIELD)


def _widened(resource: Resource, fault: SchemaFault) -> SchemaFault | None:
    """Return the fault of an unknown field without which a match takes every request."""
    path = fault.path
    if resource.kind not in _MATCH_FIELDS or path[:2] != ("spec", "rules") or len(path) != 6:
        return None
    match = value_inside(resource.value, path[:5])
    if path[3] != "matches" or not isinstance(match, dict):
        return None
    known = _MATCH_FIELDS[resource.kind]
    if any(match.get(key) is not None for key in known):
        return None
    message = f"{fault.message}; without it the match takes every request"
    return SchemaFault(path, fault.rule, message, fault.help, change=fault.change)


_MATCH_FIELDS: Final = {
    "HTTPRoute": ("path", "headers", "queryParams", "method"),
    "GRPCRoute": ("method", "headers"),
}


def _lost_in_v1(resource: Resource, target: Target) -> Iterator[_Finding]:
    """Yield where an old version of a route holds more rules than v1 takes."""
    rules = resource.spec.get("rules")
    versions = SERVED.get((resource.id.group, resource.kind), {})
    current = versions.get("v1")
    if resource.kind not in _SINGLE_RULE or version_of(resource.api_version) != "v1alpha2":
        return
    if current is None or not current.span(target.channel).holds(target.release):
        return
    if isinstance(rules, list) and len(rules) > 1:
        message = f"{len(rules)} rules, v1 of {resource.kind} takes 1"
        remedy = f"write one {resource.kind} of v1 for each rule"
        yield _Finding(SchemaFault(("spec", "rules", 1), LOST_IN_V1, message, remedy))


_SINGLE_RULE: Final = frozenset({"TCPRoute", "UDPRoute", "TLSRoute"})
