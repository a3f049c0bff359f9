"""Exemptions: findings of one rule at one resource that the platform accepts for a while.

They stand in `policies/`, which is the platform's. A date never changes what is
exempted: whoever knows today's date can ask for what is out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.fault import Fault
from edgegen.model.ids import group_of

if TYPE_CHECKING:
    from edgegen.diagnostics import Diagnostic, ResourceRef
    from edgegen.model.resource import Spot


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption.

    Attributes:
        rule: name or code.
        resource: `Kind/namespace/name`, or `Kind/name` without a namespace.
        clusters: those for which it holds; empty for all.
        expires: the last day on which it is meant to hold, YYYY-MM-DD.
        spot: where that day is written.
    """

    rule: str
    resource: str
    clusters: frozenset[str]
    expires: str
    spot: Spot


class Exemptions:
    """The exemptions of a run, by rule and resource."""

    def __init__(self, exemptions: Iterable[Exemption]) -> None:
        """Index the exemptions; those of one rule and resource hold together."""
        self._clusters: dict[tuple[str, str], set[str]] = {}
        self._everywhere: set[tuple[str, str]] = set()
        for exemption in exemptions:
            key = exemption.rule, exemption.resource
            if exemption.clusters:
                self._clusters.setdefault(key, set()).update(exemption.clusters)
            else:
                self._everywhere.add(key)

    def apply(self, diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], int]:
        """Return the diagnostics that stay, and how many were exempted."""
        kept: list[Diagnostic] = []
        exempted = 0
        for diagnostic in diagnostics:
            if self._covers(diagnostic):
                exempted += 1
            else:
                kept.append(diagnostic)
        return kept, exempted

    def _covers(self, diagnostic: Diagnostic) -> bool:
        if diagnostic.resource is None or not (self._everywhere or self._clusters):
            return False
        covered: set[str] = set()
        for rule in (diagnostic.code, diagnostic.name):
            for resource in _spellings(diagnostic.resource):
                if (rule, resource) in self._everywhere:
                    return True
                covered |= self._clusters.get((rule, resource), set())
        # A finding of no cluster in particular concerns all of them.
        return bool(diagnostic.clusters) and covered.issuperset(diagnostic.clusters)


def expired(exemptions: Iterable[Exemption], today: str) -> Iterator[Fault]:
    """Yield a fault for each exemption whose last day lies before today (YYYY-MM-DD)."""
    for exemption in exemptions:
        if exemption.expires < today:
            yield Fault(
                "expired-exemption",
                exemption.spot,
                f"the exemption of {exemption.resource} from {exemption.rule}"
                f" expired on {exemption.expires}",
                help="mend what it exempts and remove it, or set a later date",
            )


def _spellings(resource: ResourceRef) -> Iterator[str]:
    """Yield the resource as exemptions may name it, without and with its API group."""
    yield str(resource)
    group = group_of(resource.api_version)
    if group:
        kind, _, rest = str(resource).partition("/")
        yield f"{kind}.{group}/{rest}"
