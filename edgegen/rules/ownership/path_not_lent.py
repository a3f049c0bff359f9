"""OW011: a borrower goes beyond the paths that were lent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import Use, uses, written_by_team
from edgegen.routing.matches import PREFIX, REGEX, Match, RuleTable, is_plain_path
from edgegen.routing.ownership import Right, Title
from edgegen.rules.base import Finding, cluster_rule

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Spot

Related = tuple[tuple["Spot", str], ...]


@cluster_rule(code="OW011", name="path-not-lent", severity=Severity.ERROR, since="0.1.0")
def path_not_lent(cluster: Cluster) -> Iterator[Finding]:
    """A route takes requests of a borrowed hostname beyond the lent paths.

    ## Why is this bad
    The owner lent some paths and keeps the rest. A regular expression or a
    catch-all reaches the rest too, a path such as `/checkout/../admin` means
    another one, and a GRPCRoute or TLSRoute claims the whole hostname: an older
    GRPCRoute silences the owner's HTTPRoutes.

    ## How to fix
    Use Exact or PathPrefix matches at or below a lent path, or ask the owner
    to lend more.

    ## Source
    docs/fragments.md, ownership, sentences 4 and 5; Traefik 3.7.15, observed.
    """
    for use in cluster.cached(uses):
        if use.right.title is not Title.PATHS_LENT:
            continue
        related = tuple(
            (loan.resource.at("spec", "paths"), f"lent by {loan.owner} here")
            for loan in use.right.loans
        )
        if use.route.kind == "HTTPRoute":
            yield from _beyond(cluster, use, related)
        elif written_by_team(cluster, use.route, *use.path):
            yield _whole(use, related)


def _whole(use: Use, related: Related) -> Finding:
    return Finding(
        at=use.route.at(*use.path),
        message=f'{use.route.kind} claims the whole of "{use.hostname}", of which'
        f" {use.team.name} borrows {_lent(use.right)}",
        help="use an HTTPRoute below the lent paths, or ask for the whole hostname",
        related=related,
        discriminator=use.hostname,
    )


def _beyond(cluster: Cluster, use: Use, related: Related) -> Iterator[Finding]:
    for rule in cluster.cached(RuleTable).of(use.route):
        if use.right.allows(rule.match):
            continue
        if not written_by_team(cluster, use.route, *rule.decider):
            continue
        yield Finding(
            at=use.route.at(*_path(rule.at, rule.match)),
            message=f'{_words(rule.match)} on "{use.hostname}" goes beyond {_lent(use.right)},'
            f" which {use.team.name} borrows",
            help="match Exact or PathPrefix at or below a lent path",
            related=related,
            discriminator=f"{use.hostname} {rule.match.path}",
        )


def _path(at: Path, match: Match) -> Path:
    return (*at, "path", "value") if match.path != "/" else at


def _lent(right: Right) -> str:
    return ", ".join(right.paths) or "no path"


def _words(match: Match) -> str:
    if match.path_type == REGEX:
        return f'regular expression "{match.path}"'
    if match.path_type == PREFIX and not match.prefix:
        return "a match of every path"
    if not is_plain_path(match.path):
        return f'path "{match.path}", which is not in its plain form,'
    return f'path "{match.path}"'
