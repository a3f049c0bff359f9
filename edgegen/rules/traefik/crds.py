"""TK028: CRDs of the Gateway API that stop Traefik's provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called
from edgegen.stack.traefik import parse_version, traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.traefik import Traefik

_CRDS = "apiextensions.k8s.io"
_VERSION = "gateway.networking.k8s.io/bundle-version"
_CHANNEL = "gateway.networking.k8s.io/channel"
_NEEDED = (1, 5)
"""The first release with TLSRoute v1, which Traefik 3.7 waits for."""

_SINCE, _UNTIL = (3, 7), (3, 8)


class _Installed(NamedTuple):
    version: tuple[int, ...] | None
    channel: str
    shown: str
    at: Spot
    channel_at: Spot


@cluster_rule(
    code="TK028", name="gateway-api-crds-stop-traefik", severity=Severity.ERROR, since="0.1.0"
)
def gateway_api_crds_stop_traefik(cluster: Cluster) -> Iterator[Finding]:
    """The CRDs of the Gateway API in the cluster are too old for Traefik, or of the wrong channel.

    ## Why is this bad
    Traefik 3.7 waits for every kind that it reads, used or not: TLSRoute v1,
    which is there since 1.5.0, and with `experimentalChannel` TCPRoute
    v1alpha2, which only the experimental CRDs serve. If one is missing, the
    provider publishes nothing at all: every route is 404, no object gets a
    status, and the pod is ready. The version is read from
    `spec.gatewayAPI.version` of the Cluster, or from the CRDs of the input.

    ## How to fix
    Install the CRDs of 1.5.0 or later, or switch `experimentalChannel` off.

    ## Source
    traefik/traefik issues 13622 and 13634; Traefik 3.7.15, observed with 0.8.1,
    1.2, 1.4, 1.5 and 1.6.
    """
    found = [
        one
        for one in cluster.cached(traefiks_of)
        if one.gateway_provider and _SINCE <= one.version < _UNTIL
    ]
    installed = _installed(cluster) if found else None
    if installed is None:
        return
    if installed.version is not None and installed.version < _NEEDED:
        yield Finding(
            at=installed.at,
            message=f"the CRDs of the Gateway API are {installed.shown}, and {called(found[0])}"
            " serves nothing before 1.5.0",
            help="install the CRDs of 1.5.0 or later",
            related=((found[0].at, "Traefik"),),
        )
        return
    for one in found:
        if one.experimental_channel and installed.channel == "standard":
            yield _wrong_channel(one, installed)


def _wrong_channel(traefik: Traefik, installed: _Installed) -> Finding:
    name = "providers.kubernetesgateway.experimentalchannel"
    return Finding(
        at=traefik.settings.spot(name) or traefik.at,
        message=f"{called(traefik)} waits for the experimental CRDs of the Gateway API,"
        " and the cluster has the standard ones",
        help="switch experimentalChannel off, or install the experimental CRDs",
        related=((installed.channel_at, "the channel of the cluster"),),
        discriminator=traefik.edge,
    )


def _installed(cluster: Cluster) -> _Installed | None:
    facts = cluster.facts
    version, channel = facts.at("spec", "gatewayAPI", "version"), facts.at("spec", "gatewayAPI")
    if facts.gateway_api and version and channel:
        numbers = (
            parse_version(facts.gateway_api) if facts.gateway_api[0] in "v0123456789" else None
        )
        return _Installed(numbers, facts.gateway_channel, facts.gateway_api, version, channel)
    for crd in cluster.of_kind("CustomResourceDefinition", _CRDS):
        if not crd.name.endswith(GATEWAY_GROUP) or _VERSION not in crd.annotations:
            continue
        shown = crd.annotations[_VERSION]
        at = crd.at("metadata", "annotations", _VERSION)
        channel_at = crd.at("metadata", "annotations", _CHANNEL)
        return _Installed(
            parse_version(shown), crd.annotations.get(_CHANNEL, ""), shown, at, channel_at
        )
    return None
