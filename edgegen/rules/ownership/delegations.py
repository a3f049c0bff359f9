"""OW020 to OW022: Delegations that lend nothing, to nobody, or what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.schema.words import closest
from edgegen.stack.hostnames import is_hostname
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="OW020", name="delegation-of-foreign-hostname", severity=Severity.ERROR, since="0.1.0"
)
def delegation_of_foreign_hostname(cluster: Cluster) -> Iterator[Finding]:
    """A Delegation lends a hostname that is not the lender's own.

    ## Why is this bad
    Only an owner lends. What was borrowed is not lent on: else the owner would
    not know who serves its hostname. The Delegation has no effect.

    ## How to fix
    Remove it, or let the owner of the hostname write it.

    ## Source
    docs/fragments.md, ownership, sentences 3, 4 and 7.
    """
    known = cluster.cached(tenants)
    for loan in known.loans if known.teams else ():
        if not is_hostname(loan.hostname) or known.is_valid(loan):
            continue
        owner = known.entry(loan.hostname)
        whose = f"belongs to team {owner.team.name}" if owner else "belongs to no team"
        borrowed = bool(loan.owner and known.loans_of(loan.hostname, loan.owner))
        yield Finding(
            at=loan.resource.at("spec", "hostname"),
            message=f'"{loan.hostname}" {whose}'
            + (f" and is borrowed by {loan.owner}, which cannot lend it on" if borrowed else ""),
            help="remove the Delegation: only the owner of a hostname lends it",
            related=(
                (
                    owner.team.resource.at("spec", "hostnames", owner.index),
                    f"granted to {owner.team.name} here",
                ),
            )
            if owner
            else (),
            discriminator=loan.hostname,
        )


@cluster_rule(
    code="OW021", name="delegation-to-unknown-team", severity=Severity.ERROR, since="0.1.0"
)
def delegation_to_unknown_team(cluster: Cluster) -> Iterator[Finding]:
    """A Delegation lends to a team that does not exist, or to the lender itself.

    ## Why is this bad
    It has no effect now; a team that is later given that name would have the
    hostname at once. A team that the repository declares may be absent from
    one cluster by its selector; that is an information only.

    ## How to fix
    Correct the name, or remove the Delegation.

    ## Source
    docs/fragments.md, ownership, sentence 4.
    """
    known = cluster.cached(tenants)
    for loan in known.loans if known.teams else ():
        if not known.is_valid(loan):
            continue  # it has no effect anyway: see OW020
        near = closest(loan.to, sorted(known.teams))
        if loan.to == loan.owner:
            message, remedy = f"team {loan.to} lends to itself", "remove it: it owns the hostname"
        elif loan.to and loan.to not in known.teams:
            message = f'no team of this cluster is named "{loan.to}"'
            remedy = f'did you mean "{near}"?' if near else "correct the name, or remove it"
        else:
            continue
        absent = loan.to in cluster.declared_teams and loan.to != loan.owner
        yield Finding(
            at=loan.resource.at("spec", "to"),
            message=message,
            help=remedy,
            severity=Severity.INFO if absent else None,
            discriminator=loan.to,
        )


@cluster_rule(
    code="OW022", name="delegation-without-paths", severity=Severity.WARNING, since="0.1.0"
)
def delegation_without_paths(cluster: Cluster) -> Iterator[Finding]:
    """A Delegation has an empty list of paths, and lends nothing.

    ## Why is this bad
    Without `paths` the whole hostname is lent, with an empty list no path of
    it: whoever removed the last path did not mean to lend everything.

    ## How to fix
    Name a path, leave `paths` out to lend the whole hostname, or remove the
    Delegation.

    ## Source
    docs/fragments.md, Delegation, `paths`.
    """
    known = cluster.cached(tenants)
    for loan in known.loans if known.teams else ():
        if loan.paths == () and known.is_valid(loan):
            yield Finding(
                at=loan.resource.at("spec", "paths"),
                message=f'no path of "{loan.hostname}" is lent to {loan.to}',
                help="name a path, or remove the Delegation",
            )
