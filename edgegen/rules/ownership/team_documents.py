"""OW023, OW024 and OW029: what a Team grants that cannot be granted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.fragments.tenancy import grants_never_open, unknown_kind
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.rules.base import Finding, resource_rule
from edgegen.schema.validate import faults
from edgegen.stack.hostnames import hostname_fault

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource
    from edgegen.schema.fault import SchemaFault

_ENTRY = re.compile(r"(?:[^/\s]+/)?[A-Z][A-Za-z0-9]*")


@resource_rule(
    code="OW023",
    name="malformed-team-hostname",
    severity=Severity.ERROR,
    since="0.1.0",
    kinds=["Team"],
)
def malformed_team_hostname(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """A hostname of a Team is no hostname.

    ## Why is this bad
    It covers no hostname, so the team owns less than the platform meant to
    give, and a wider entry of another team covers the rest.

    ## How to fix
    Write a hostname in lower case, without scheme, port, path and final dot;
    a wildcard is `*.` before at least one label.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `Hostname`.
    """
    hostnames = resource.spec.get("hostnames")
    if resource.id.group != EDGEGEN_GROUP or not isinstance(hostnames, list):
        return
    for index, hostname in enumerate(hostnames):
        fault = hostname_fault(hostname) if isinstance(hostname, str) else None
        if fault is not None and ("spec", "hostnames", index) not in _told(resource):
            yield Finding(
                at=resource.at("spec", "hostnames", index),
                message=f'hostname "{hostname}" {fault}',
                help="write a hostname in lower case, such as shop.example.com or *.example.com",
                discriminator=str(hostname),
            )


def _told(resource: Resource) -> Collection[tuple[str | int, ...]]:
    """Return where the schema has spoken: of the patterns of what was merged from fragments."""
    if not resource.contributions:
        return ()
    return {fault.path for fault in resource.view(_schema_faults)}


def _schema_faults(resource: Resource) -> list[SchemaFault]:
    return faults("Team", resource.value, merged=True)


@resource_rule(
    code="OW024",
    name="kind-never-open-to-teams",
    severity=Severity.ERROR,
    since="0.1.0",
    kinds=["Team"],
)
def kind_never_open_to_teams(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """A Team is granted a kind that is never open to teams.

    ## Why is this bad
    Such a kind reaches beyond the namespaces of a team: an IngressRoute takes
    any hostname, a TLSOption changes the TLS of a whole edge, an Application
    deploys anything anywhere. The entry has no effect.

    ## How to fix
    Remove it; the platform writes such objects itself, below `clusters/`.

    ## Source
    docs/fragments.md, tenancy.
    """
    kinds = resource.spec.get("kinds")
    if resource.id.group != EDGEGEN_GROUP or not isinstance(kinds, list):
        return
    for index, entry in enumerate(kinds):
        if isinstance(entry, str) and grants_never_open(entry):
            yield Finding(
                at=resource.at("spec", "kinds", index),
                message=f"{entry} is never open to a team",
                help="remove it: the platform writes such objects itself",
                discriminator=entry,
            )


@resource_rule(
    code="OW029",
    name="unknown-kind-of-team",
    severity=Severity.ERROR,
    since="0.1.0",
    kinds=["Team"],
)
def unknown_kind_of_team(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """A Team is granted a kind that does not exist.

    ## Why is this bad
    The entry opens nothing: what it was meant to open is refused in the team's
    folder. Without a group an entry means a kind of the Gateway API or of
    Traefik.

    ## How to fix
    Correct the kind, or write the API group before it, as in
    `cert-manager.io/Certificate`.

    ## Source
    docs/fragments.md, tenancy; Gateway API v1.6.1 and Traefik 3.7.15, their CRDs.
    """
    kinds = resource.spec.get("kinds")
    if resource.id.group != EDGEGEN_GROUP or not isinstance(kinds, list):
        return
    for index, entry in enumerate(kinds):
        # The schema speaks of what has not even the form of a kind.
        if not isinstance(entry, str) or _ENTRY.fullmatch(entry) is None:
            continue
        remedy = unknown_kind(entry)
        if remedy is not None:
            yield Finding(
                at=resource.at("spec", "kinds", index),
                message=f'"{entry}" names no kind of the Gateway API or of Traefik',
                help=remedy,
                discriminator=entry,
            )
