"""FL007 to FL010: one name or place that means different things in several clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.spots import text_of
from edgegen.stack.metallb import quoted

if TYPE_CHECKING:
    from edgegen.model.resource import Spot
    from edgegen.summary import ClusterSummary, CommunityClaim, VipClaim


@fleet_rule(code="FL007", name="fleet-community-differs", severity=Severity.WARNING, since="0.1.0")
def fleet_community_differs(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """A community alias has different values in two clusters.

    ## Why is this bad
    The name promises one meaning. Routers that act on the value treat one of the clusters
    in another way, and nobody who reads the advertisement sees it.

    Values that begin with the cluster's own AS number are the same, and so is one text with
    variables.

    ## How to fix
    Define the alias in a layer that the clusters share, or give it two names.

    ## Source
    edgegen; RFC 1997 for communities that begin with an AS number.
    """
    first: dict[str, tuple[str, CommunityClaim]] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        for claim in summary.communities:
            cluster, other = first.setdefault(claim.name, (summary.name, claim))
            same_text = text_of(claim.spot) == text_of(other.spot)
            if cluster == summary.name or claim.value == other.value or same_text:
                continue
            yield Finding(
                at=claim.spot,
                message=f"community {quoted(claim.name)} is {claim.text} in cluster "
                f"{summary.name}, but {other.text} in cluster {cluster}",
                help="define it in a shared layer, or give it two names",
                related=((other.spot, f"defined in cluster {cluster} here"),),
                clusters=tuple(sorted({cluster, summary.name})),
            )


@fleet_rule(code="FL008", name="fleet-vip-twice", severity=Severity.WARNING, since="0.1.0")
def fleet_vip_twice(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Services of two clusters ask for one address.

    ## Why is this bad
    Two clusters answer for the address, and clients reach the one or the other.

    Addresses that pools of both clusters hold are judged by their pools, which may be on
    different segments or meant as anycast.

    ## How to fix
    Give each cluster an address of its own. Where anycast is meant, add the pools to the
    input.

    ## Source
    MetalLB issues 519 and 772.
    """
    first: dict[tuple[int, int], tuple[str, VipClaim]] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        for claim in summary.vips:
            key = (claim.range.family, claim.range.start)
            cluster, other = first.setdefault(key, (summary.name, claim))
            if cluster == summary.name or (claim.pooled and other.pooled):
                continue
            yield Finding(
                at=claim.spot,
                message=f"{claim.range.text} of {claim.owner} in cluster {summary.name} is also "
                f"asked for by {other.owner} in cluster {cluster}",
                help="give each cluster an address of its own",
                related=((other.spot, f"asked for in cluster {cluster} here"),),
                clusters=tuple(sorted({cluster, summary.name})),
                discriminator=f"IPv{claim.range.family}",
            )


@fleet_rule(
    code="FL009", name="fleet-hostname-two-addresses", severity=Severity.WARNING, since="0.1.0"
)
def fleet_hostname_two_addresses(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """external-dns of two clusters publishes one hostname with different addresses.

    ## Why is this bad
    The first external-dns owns the record, the other one is refused or they overwrite each
    other. Clients reach one of the clusters, and nobody chose which.

    Services with `external-dns.alpha.kubernetes.io/set-identifier` are meant to share a
    name, and `target` replaces the address.

    ## How to fix
    Give each cluster a hostname of its own, or a set identifier with a routing policy.

    ## Source
    external-dns, TXT registry and routing policies.
    """
    published: dict[tuple[str, int], dict[str, tuple[frozenset[int], Spot]]] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        found: dict[tuple[str, int], tuple[set[int], Spot]] = {}
        for claim in summary.vips:
            for hostname in claim.hostnames:
                key = (hostname, claim.range.family)
                found.setdefault(key, (set(), claim.spot))[0].add(claim.range.start)
        for key, (gathered, at) in found.items():
            published.setdefault(key, {})[summary.name] = frozenset(gathered), at
    for (hostname, family), clusters in published.items():
        (first, (addresses, spot)), *others = clusters.items()
        for cluster, (own, own_spot) in others:
            if own != addresses:
                yield Finding(
                    at=own_spot,
                    message=f"{quoted(hostname)} has another address in cluster {cluster} "
                    f"than in cluster {first}",
                    help="give each cluster a hostname of its own, or a set identifier",
                    related=((spot, f"published in cluster {first} here"),),
                    clusters=tuple(sorted({first, cluster})),
                    discriminator=f"{hostname} IPv{family}",
                )
                break


@fleet_rule(code="FL010", name="fleet-output-twice", severity=Severity.ERROR, since="0.1.0")
def fleet_output_twice(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two clusters apply one folder, or are applied to one destination.

    ## Why is this bad
    One of the clusters gets the objects of the other: its pools, its addresses, its routes.
    With one destination two sets of objects overwrite and prune each other.

    ## How to fix
    Leave `gitops.path` to its default, which holds the cluster's name, and name the right
    cluster in `gitops.argocd.destination`.

    ## Source
    edgegen, `gitops` of `Cluster`.
    """
    paths: dict[tuple[str, str, str], tuple[str, Spot]] = {}
    destinations: dict[str, tuple[str, Spot]] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        output = summary.output
        if output is None:
            continue
        cluster, spot = paths.setdefault(output.source, (summary.name, output.path_spot))
        if cluster != summary.name:
            words = f"path {quoted(output.source[2])}"
            yield _same(summary.name, output.path_spot, cluster, spot, words)
        if not output.destination:
            continue
        here = (summary.name, output.destination_spot)
        cluster, spot = destinations.setdefault(output.destination, here)
        if cluster != summary.name:
            words = f"destination {quoted(output.destination)}"
            yield _same(summary.name, output.destination_spot, cluster, spot, words)


def _same(cluster: str, spot: Spot, other: str, other_spot: Spot, words: str) -> Finding:
    return Finding(
        at=spot,
        message=f"cluster {cluster} has the same {words} as cluster {other}",
        help="give each cluster its own",
        related=((other_spot, f"declared in cluster {other} here"),),
        clusters=tuple(sorted({cluster, other})),
        discriminator=words,
    )
