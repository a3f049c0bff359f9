"""What a rule is: its identity, its scope and its documentation."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from edgegen.model.params import params_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from edgegen.diagnostics import Condition, Severity
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.mending import Mend
    from edgegen.model.params import Param
    from edgegen.model.resource import Resource, Spot
    from edgegen.summary import ClusterSummary


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say about one value.

    Attributes:
        at: the value at fault.
        message: the fault, lower case, no final stop, no remedy.
        help: the remedy, imperative.
        related: further values, each with words of its own.
        conditions: what a controller would write into a status.
        severity: only where it differs from the rule's own.
        discriminator: tells apart findings of one rule at one value, without
            using lines, indices or values that change by themselves.
        clusters: only from fleet rules, which see several.
        mend: what `lint --fix` may write; only where there is no choice.
    """

    at: Spot
    message: str
    help: str = ""
    related: tuple[tuple[Spot, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    severity: Severity | None = None
    discriminator: str = ""
    clusters: tuple[str, ...] = ()
    mend: Mend | None = None


class Scope(enum.Enum):
    """What a rule is called with."""

    INPUT = "input"
    RESOURCE = "resource"
    CLUSTER = "cluster"
    FLEET = "fleet"


ResourceCheck = Callable[["Resource", "Facts"], Iterator[Finding]]
ClusterCheck = Callable[["Cluster"], Iterator[Finding]]
FleetCheck = Callable[[Sequence["ClusterSummary"]], Iterator[Finding]]

Tune = Callable[[Mapping[str, object]], ClusterCheck]
P = TypeVar("P", bound="DataclassInstance")

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One rule of the table.

    Attributes:
        code: family and number, never reused: `ML003`.
        name: what it finds, as it reads after "allow": `address-pool-overlap`.
        scope: decides which of the three checks is set; none for `INPUT`, whose
            findings come from the stages that read and merge.
        kinds: for `RESOURCE`: the kinds that the check is called with.
        default: runs unless switched off. One that does not is a matter of the
            house's policy: the settings or `--select` with its code or name switch it on.
        params: what settings may say to it.
        tune: returns its check for other values than the defaults, by field.
    """

    code: str
    name: str
    severity: Severity
    since: str
    scope: Scope
    documentation: str
    kinds: frozenset[str] = frozenset()
    check_resource: ResourceCheck | None = None
    check_cluster: ClusterCheck | None = None
    check_fleet: FleetCheck | None = None
    default: bool = True
    params: tuple[Param, ...] = ()
    tune: Tune | None = None

    @property
    def family(self) -> str:
        """The two letters of the code."""
        return self.code[:2]

    def tuned(self, values: Mapping[str, object]) -> Rule:
        """Return the rule with other values of its parameters, by field."""
        if not values or self.tune is None:
            return self
        return replace(self, check_cluster=self.tune(values))

    @cached_property
    def title(self) -> str:
        """The first line of the documentation."""
        return self.documentation.partition("\n")[0].rstrip(".")

    @cached_property
    def sections(self) -> dict[str, str]:
        """Heading -> text of each `##` section of the documentation."""
        parts = _SECTION.split(self.documentation)
        return {
            heading.strip(): text.strip()
            for heading, text in zip(parts[1::2], parts[2::2], strict=True)
        }


def _documentation(function: Callable[..., object]) -> str:
    return inspect.cleandoc(function.__doc__ or "")


def resource_rule(
    *,
    code: str,
    name: str,
    severity: Severity,
    since: str,
    kinds: Sequence[str],
    default: bool = True,
) -> Callable[[ResourceCheck], Rule]:
    """Declare a rule that judges one resource of the given kinds by itself."""

    def declare(check: ResourceCheck) -> Rule:
        return Rule(
            code,
            name,
            severity,
            since,
            Scope.RESOURCE,
            _documentation(check),
            kinds=frozenset(kinds),
            check_resource=check,
            default=default,
        )

    return declare


def cluster_rule(
    *, code: str, name: str, severity: Severity, since: str, default: bool = True
) -> Callable[[ClusterCheck], Rule]:
    """Declare a rule that judges one cluster."""

    def declare(check: ClusterCheck) -> Rule:
        return Rule(
            code,
            name,
            severity,
            since,
            Scope.CLUSTER,
            _documentation(check),
            check_cluster=check,
            default=default,
        )

    return declare


def tuned_cluster_rule(
    params: P, *, code: str, name: str, severity: Severity, since: str
) -> Callable[[Callable[[Cluster, P], Iterator[Finding]]], Rule]:
    """Declare a rule that judges one cluster, by parameters that settings may change.

    Args:
        params: the defaults, a dataclass whose fields `model.params.parameter` made.
    """

    def declare(check: Callable[[Cluster, P], Iterator[Finding]]) -> Rule:
        def tune(values: Mapping[str, object]) -> ClusterCheck:
            tuned = replace(params, **values)
            return lambda cluster: check(cluster, tuned)

        return Rule(
            code,
            name,
            severity,
            since,
            Scope.CLUSTER,
            _documentation(check),
            check_cluster=tune({}),
            params=params_of(params),
            tune=tune,
        )

    return declare


def fleet_rule(
    *, code: str, name: str, severity: Severity, since: str
) -> Callable[[FleetCheck], Rule]:
    """Declare a rule that judges the fleet by the summaries of its clusters."""

    def declare(check: FleetCheck) -> Rule:
        return Rule(
            code,
            name,
            severity,
            since,
            Scope.FLEET,
            _documentation(check),
            check_fleet=check,
        )

    return declare


def input_rule(code: str, name: str, severity: Severity, since: str, documentation: str) -> Rule:
    """Declare a rule whose findings come from reading, merging or validating."""
    return Rule(code, name, severity, since, Scope.INPUT, inspect.cleandoc(documentation))
