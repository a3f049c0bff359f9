"""ML038 to ML042: BGP communities and their aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.schema.words import closest
from edgegen.stack.bgp import bgp_advertisements, texts
from edgegen.stack.communities import aliases, is_reference, parse_community
from edgegen.stack.metallb import quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.communities import Alias, Value

_MOST = 63
_FORMS = "write asn:value with two numbers up to 65535, or large:a:b:c"


@cluster_rule(code="ML038", name="malformed-bgp-community", severity=Severity.ERROR, since="0.1.0")
def malformed_bgp_community(cluster: Cluster) -> Iterator[Finding]:
    """A BGP community is none that MetalLB reads.

    ## Why is this bad
    MetalLB refuses the object, or discards its whole new configuration. A community is two
    numbers of 16 bits, `64512:100`, or a large one, `large:4200000000:1:2`. Names such as
    `no-export` are unknown, unless a Community object defines them.

    ## How to fix
    Write one of the two forms. An AS number above 65535 needs a large community.

    ## Source
    MetalLB 0.16.1, internal/bgp/community/community.go, `New`.
    """
    known = {alias.name for alias in cluster.cached(aliases)}
    for alias in cluster.cached(aliases):
        if alias.fault:
            yield Finding(
                at=alias.value_spot,
                message=f"community {quoted(alias.text)} {alias.fault}",
                help=_FORMS,
            )
    for advertisement in cluster.cached(bgp_advertisements):
        for index, text in texts(advertisement.resource.spec.get("communities")):
            if text not in known and not is_reference(text):
                fault = _fault(text)
                if fault:
                    yield Finding(
                        at=advertisement.resource.at("spec", "communities", index),
                        message=f"community {quoted(text)} {fault}",
                        help=_FORMS,
                    )


def _fault(text: str) -> str:
    try:
        parse_community(text)
    except ValueError as error:
        return str(error)
    return ""


@cluster_rule(code="ML039", name="unknown-community-alias", severity=Severity.ERROR, since="0.1.0")
def unknown_community_alias(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement names a community that no Community object defines.

    ## Why is this bad
    The API server and MetalLB's webhook accept it, and then MetalLB discards its whole new
    configuration and runs on with the old one. After a restart nothing is announced.

    Where the input may be a part of the cluster only, this is a warning.

    ## How to fix
    Define the alias in a Community, correct the name, or write the value.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `getCommunityValue`; internal/k8s/webhooks,
    which blanks aliases before it validates.
    """
    known = {alias.name for alias in cluster.cached(aliases)}
    sure = cluster.complete or cluster.fragments or "Community" in cluster.complete_kinds
    for advertisement in cluster.cached(bgp_advertisements):
        for index, text in texts(advertisement.resource.spec.get("communities")):
            if text not in known and is_reference(text):
                near = closest(text, known)
                yield Finding(
                    at=advertisement.resource.at("spec", "communities", index),
                    message=f"no Community defines {quoted(text)}",
                    help=f'did you mean "{near}"?' if near else "define it, or write its value",
                    severity=None if sure else Severity.WARNING,
                )


@cluster_rule(code="ML040", name="community-alias-clash", severity=Severity.ERROR, since="0.1.0")
def community_alias_clash(cluster: Cluster) -> Iterator[Finding]:
    """A community alias is defined twice, or has the name of a community.

    ## Why is this bad
    Aliases are global, whatever object holds them. Of two with one name MetalLB refuses the
    second, even with the same value, or discards its whole new configuration. An alias that
    is called like a community, `64512:100`, changes what that literal means everywhere.

    ## How to fix
    Keep one definition, and give aliases names that are no communities.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `communitiesFromCrs` and
    `getCommunityValue`, which looks for an alias first.
    """
    first: dict[str, Alias] = {}
    for alias in cluster.cached(aliases):
        earlier = first.setdefault(alias.name, alias)
        if earlier is not alias:
            yield Finding(
                at=alias.spot,
                message=f"community alias {quoted(alias.name)} is defined twice",
                help="remove one of the two",
                related=((earlier.spot, "first defined here"),),
            )
        elif not _fault(alias.name):
            yield Finding(
                at=alias.spot,
                message=f"community alias {quoted(alias.name)} is called like a community",
                help="give the alias a name that is no community",
                severity=Severity.WARNING,
            )


@cluster_rule(code="ML041", name="bgp-community-repeated", severity=Severity.INFO, since="0.1.0")
def bgp_community_repeated(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement lists one community by two names.

    ## Why is this bad
    It is announced once. Whoever removes one of the two believes that it is gone.

    ## How to fix
    Keep the alias or the literal.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `bgpAdvertisementFromCR`: a set of values.
    """
    values = {alias.name: alias.value for alias in cluster.cached(aliases)}
    for advertisement in cluster.cached(bgp_advertisements):
        first: dict[Value, str] = {}
        for index, text in texts(advertisement.resource.spec.get("communities")):
            value = values.get(text) or _literal(text)
            earlier = first.setdefault(value, text) if value else text
            if earlier != text:
                yield Finding(
                    at=advertisement.resource.at("spec", "communities", index),
                    message=f"{quoted(text)} is the same community as {quoted(earlier)}",
                    help="remove one of the two",
                )


def _literal(text: str) -> Value:
    try:
        return parse_community(text)
    except ValueError:
        return ()


@cluster_rule(code="ML042", name="too-many-bgp-communities", severity=Severity.ERROR, since="0.1.0")
def too_many_bgp_communities(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement has more than 63 communities.

    ## Why is this bad
    The session refuses the announcement, and with it all others that are set with it.

    ## How to fix
    Announce with at most 63 communities.

    ## Source
    MetalLB 0.16.1, internal/bgp/native/native.go and internal/bgp/frr/frr.go: "max supported
    communities is 63".
    """
    for advertisement in cluster.cached(bgp_advertisements):
        count = len({text for _, text in texts(advertisement.resource.spec.get("communities"))})
        if count > _MOST:
            yield Finding(
                at=advertisement.resource.at("spec", "communities"),
                message=f"BGPAdvertisement {advertisement.name} has {count} communities, "
                f"more than {_MOST}",
                help=f"announce with at most {_MOST} communities",
            )
