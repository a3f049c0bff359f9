"""Policies: rules that a platform states in CEL, and what an expression of theirs sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from edgegen.diagnostics import Severity
from edgegen.model.params import Param
from edgegen.rules.base import Finding, Rule, Scope
from edgegen.schema.cel import BudgetError, EvaluationError, Program, Uncompiled, program
from edgegen.stack.selectors import matches

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.schema.cel import Plain
    from edgegen.summary import ClusterSummary
    from edgegen.yamlio.document import Json

RESOURCE: Final = "resource"
CLUSTER: Final = "cluster"
FLEET: Final = "fleet"

VARIABLES: Final = {
    RESOURCE: frozenset({"object", "params", "cluster", "team"}),
    CLUSTER: frozenset({"resources", "params", "cluster"}),
    FLEET: frozenset({"fleet", "item", "params"}),
}
"""Scope -> the names that its expressions may use."""

EACH: Final = ("hostnames", "namespaces", "ranges", "vips", "clusters")
"""Lists of a fleet whose items an expression may judge one by one."""

SECRETS: Final = frozenset({"Secret"})
"""Kinds that no policy sees: a message could carry what they hold into a report."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy.

    Attributes:
        expression: true where the policy holds.
        kinds: `HTTPRoute` or `Deployment.apps`; empty for every kind.
        groups: API groups; empty for all of them.
        namespaces: those it holds in; empty for all of them.
        clusters: a label selector, None for all of them.
        each: of a fleet: the list whose items are judged one by one.
        where: path of the value that a finding points at.
        params: values by name.
        docs: what a parameter decides, by name.
        spot: of the document that states it; None for one that edgegen brings along.
    """

    code: str
    name: str
    expression: str
    title: str
    scope: str = RESOURCE
    severity: Severity = Severity.ERROR
    message: str = ""
    message_expression: str = ""
    help: str = ""
    kinds: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: Json = None
    each: str = ""
    where: Path = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    docs: Mapping[str, str] = field(default_factory=dict)
    spot: Spot | None = None

    def compiled(self) -> Program | Uncompiled:
        """Return its expression."""
        return program(self.expression, VARIABLES[self.scope])

    def worded(self) -> Program | Uncompiled | None:
        """Return its messageExpression, or None where there is none."""
        if not self.message_expression:
            return None
        return program(self.message_expression, VARIABLES[self.scope])


def rule_of(policy: Policy, *, default: bool = True, documentation: str = "") -> Rule:
    """Return the rule that reports what breaks a policy."""
    scope = Scope.FLEET if policy.scope == FLEET else Scope.CLUSTER
    rule = Rule(
        policy.code,
        policy.name,
        policy.severity,
        "0.1.0",
        scope,
        documentation or policy.title,
        default=default,
        params=tuple(
            _param(name, value, policy.docs.get(name, "")) for name, value in policy.params.items()
        ),
        tune=lambda values: partial(_in_cluster, _with_params(policy, values)),
    )
    if policy.scope == FLEET:
        return replace(rule, check_fleet=partial(_in_fleet, policy), tune=None)
    return replace(rule, check_cluster=partial(_in_cluster, policy))


def _with_params(policy: Policy, values: Mapping[str, object]) -> Policy:
    given = {name: _json(value) for name, value in values.items()}
    return replace(policy, params={**policy.params, **given})


def _json(value: object) -> Json:
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else None


def _param(name: str, default: Json, doc: str) -> Param:
    def read(value: Json) -> object:
        if isinstance(value, list) and isinstance(default, list):
            if all(isinstance(item, str) for item in value):
                return value
        elif type(value) is type(default):
            return value
        raise ValueError(str(value))

    return Param(name, name, words_of(default), default, doc, read)


def words_of(value: Json) -> str:
    """Return what a parameter with this default takes, in words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "an integer"
    return "a list of strings" if isinstance(value, list) else "a string"


# --------------------------------------------------------------------------
# What breaks a policy


def broken(policy: Policy, data: Mapping[str, Plain]) -> str | None:
    """Return what is to be said of data that breaks a policy, or None where it holds.

    An expression that comes to no value, or to no boolean, is broken, as the API
    server has it; one that could not be evaluated for its cost is said to be so.
    """
    compiled = policy.compiled()
    if isinstance(compiled, Uncompiled):
        return None  # said once, where it is stated
    try:
        if compiled.boolean(data):
            return None
    except BudgetError as error:
        return f"policy {policy.name} is not evaluated here: {error}"
    except EvaluationError as error:
        return f"policy {policy.name} came to no value: {error}"
    worded = policy.worded()
    if isinstance(worded, Program):
        try:
            return _line(worded.text_of(data)) or policy.message or policy.title
        except EvaluationError:
            pass
    return policy.message or policy.title


_LONGEST: Final = 300


def _line(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _in_cluster(policy: Policy, cluster: Cluster) -> Iterator[Finding]:
    if policy.clusters is not None and not matches(policy.clusters, cluster.facts.labels):
        return
    if policy.scope == CLUSTER:
        yield from _whole_cluster(policy, cluster)
        return
    about = cluster.cached(about_cluster)
    for resource in _chosen(policy, cluster):
        data: dict[str, Plain] = {
            "object": resource.value,
            "params": dict(policy.params),
            "cluster": about,
            "team": resource.team or "",
        }
        words = broken(policy, data)
        if words is not None:
            yield Finding(resource.at(*policy.where), words, policy.help)


def _whole_cluster(policy: Policy, cluster: Cluster) -> Iterator[Finding]:
    found: dict[str, list[Json]] = {kind.partition(".")[0]: [] for kind in policy.kinds}
    for resource in _chosen(policy, cluster):
        found.setdefault(resource.kind, []).append(resource.value)
    data: dict[str, Plain] = {
        "resources": found,
        "params": dict(policy.params),
        "cluster": cluster.cached(about_cluster),
    }
    words = broken(policy, data)
    spot = cluster.facts.at("metadata", "name") or policy.spot
    if spot is None:
        spot = next((resource.at() for resource in cluster.resources), None)
    if words is not None and spot is not None:
        yield Finding(spot, words, policy.help)


def _chosen(policy: Policy, cluster: Cluster) -> Iterator[Resource]:
    if policy.kinds:
        for name in policy.kinds:
            kind, dot, group = name.partition(".")
            yield from filter(
                partial(_is_chosen, policy), cluster.of_kind(kind, group if dot else None)
            )
    else:
        yield from filter(partial(_is_chosen, policy), cluster.resources)


def _is_chosen(policy: Policy, resource: Resource) -> bool:
    if resource.kind in SECRETS:
        return False
    if policy.groups and resource.id.group not in policy.groups:
        return False
    return not policy.namespaces or resource.namespace in policy.namespaces


def about_cluster(cluster: Cluster) -> Plain:
    """Return what expressions see of a cluster: name, labels, versions and its own document."""
    return facts_of(cluster.name, cluster.facts)


def facts_of(name: str, facts: Facts) -> Plain:
    """Return what expressions see of the facts of a cluster."""
    spec = facts.resource.spec if facts.resource is not None else {}
    return {
        "name": name,
        "labels": dict(facts.labels),
        "versions": {
            "kubernetes": facts.kubernetes,
            "gatewayAPI": facts.gateway_api,
            "traefik": facts.traefik_version,
            "metallb": facts.metallb_chart,
        },
        "channel": facts.gateway_channel,
        "spec": dict(spec),
    }


def _in_fleet(policy: Policy, summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    fleet, spots = _fleet(tuple(summaries))
    params: Plain = dict(policy.params)
    if not policy.each:
        words = broken(policy, {"fleet": fleet, "item": None, "params": params})
        if words is not None and policy.spot is not None:
            yield Finding(policy.spot, words, policy.help)
        return
    items = fleet[policy.each] if isinstance(fleet, dict) else None
    seen: set[Spot] = set()
    for item, spot in zip(
        items if isinstance(items, list) else (), spots[policy.each], strict=True
    ):
        if spot is None or spot in seen:
            continue
        words = broken(policy, {"fleet": fleet, "item": item, "params": params})
        if words is not None:
            seen.add(spot)
            names = (str(item.get("cluster")),) if isinstance(item, dict) else ()
            yield Finding(spot, words, policy.help, clusters=names)


@cache
def _fleet(
    summaries: tuple[ClusterSummary, ...],
) -> tuple[dict[str, Plain], dict[str, list[Spot | None]]]:
    rows: dict[str, list[tuple[Plain, Spot | None]]] = {name: [] for name in EACH}
    for one in summaries:
        rows["clusters"].append(({"cluster": one.name}, one.spot))
        for host in one.hosts:
            value: Plain = {"hostname": host.hostname, "team": host.team, "cluster": one.name}
            rows["hostnames"].append((value, host.spot))
        for grant in one.namespaces:
            value = {"namespace": grant.namespace, "team": grant.team, "cluster": one.name}
            rows["namespaces"].append((value, grant.spot))
        for pool in one.pools:
            value = {
                "range": str(pool.range),
                "pool": pool.pool,
                "segment": pool.segment,
                "anycast": pool.anycast,
                "cluster": one.name,
            }
            rows["ranges"].append((value, pool.spot))
        for vip in one.vips:
            value = {
                "address": str(vip.range),
                "owner": vip.owner,
                "hostnames": list(vip.hostnames),
                "cluster": one.name,
            }
            rows["vips"].append((value, vip.spot))
    fleet: dict[str, Plain] = {name: [v for v, _ in found] for name, found in rows.items()}
    return fleet, {name: [spot for _, spot in found] for name, found in rows.items()}
