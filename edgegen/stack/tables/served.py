"""Which versions of a kind the CRDs of a release serve.

Source: Gateway API, `config/crd/standard` and `config/crd/experimental` at the
tags v0.5.0 to v1.6.1; MetalLB, `config/crd/bases` at the tags v0.13.0 to v0.16.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgegen.model.ids import GATEWAY_GROUP, METALLB_GROUP
from edgegen.stack.tables.releases import Release

EXPERIMENTAL_GROUP: Final = "gateway.networking.x-k8s.io"
"""Kinds that the Gateway API tries out."""

FIRST_GROUP: Final = "networking.x-k8s.io"
"""The group of the Gateway API before it had a name of its own."""

TRAEFIK_2_GROUP: Final = "traefik.containo.us"
"""The group of Traefik's kinds up to Traefik 2."""

STANDARD: Final = "standard"
EXPERIMENTAL: Final = "experimental"


@dataclass(frozen=True, slots=True)
class Span:
    """Served from a release on, up to and without another one; never when `since` is None."""

    since: Release | None = None
    until: Release | None = None

    def holds(self, release: Release) -> bool:
        """Say whether a release serves it."""
        if self.since is None or release < self.since:
            return False
        return self.until is None or release < self.until


NEVER: Final = Span()


@dataclass(frozen=True, slots=True)
class Served:
    """Where one version of a kind is served.

    Attributes:
        standard: by the standard channel; of MetalLB the only one.
        experimental: by the experimental channel.
        deprecated: the release since which the CRD calls it deprecated.
        superseded: the release since which a newer version is the one to write.
    """

    standard: Span
    experimental: Span
    deprecated: Release | None = None
    superseded: Release | None = None

    def span(self, channel: str) -> Span:
        """Return the releases of a channel that serve it."""
        return self.experimental if channel == EXPERIMENTAL else self.standard


def _both(since: Release, until: Release | None = None, **more: Release) -> Served:
    return Served(Span(since, until), Span(since, until), **more)


def _tried(since: Release, until: Release | None = None, **more: Release) -> Served:
    return Served(NEVER, Span(since, until), **more)


_CORE: Final = {
    "v1": _both((1, 0, 0)),
    "v1beta1": _both((0, 5, 0), superseded=(1, 0, 0)),
    "v1alpha2": _both((0, 5, 0), (0, 8, 0)),
}
_STREAM: Final = {
    "v1": _both((1, 6, 0)),
    "v1alpha2": _tried((0, 5, 0), deprecated=(1, 6, 0)),
}

SERVED: Final[dict[tuple[str, str], dict[str, Served]]] = {
    (GATEWAY_GROUP, "GatewayClass"): _CORE,
    (GATEWAY_GROUP, "Gateway"): _CORE,
    (GATEWAY_GROUP, "HTTPRoute"): _CORE,
    (GATEWAY_GROUP, "GRPCRoute"): {
        "v1": _both((1, 1, 0)),
        "v1alpha2": _tried((0, 6, 0), (1, 2, 0)),
    },
    (GATEWAY_GROUP, "ReferenceGrant"): {
        "v1": _both((1, 5, 0)),
        "v1beta1": _both((0, 6, 0)),  # still the stored version: nothing is wrong with it
        "v1alpha2": Served(Span((0, 6, 0), (1, 2, 0)), Span((0, 5, 0), (1, 2, 0))),
    },
    (GATEWAY_GROUP, "BackendTLSPolicy"): {
        "v1": _both((1, 4, 0)),
        "v1alpha3": _tried((1, 1, 0), deprecated=(1, 4, 0)),
        "v1alpha2": _tried((1, 0, 0), (1, 1, 0)),
    },
    (GATEWAY_GROUP, "TLSRoute"): {
        "v1": _both((1, 5, 0)),
        "v1alpha3": _tried((1, 4, 0), deprecated=(1, 5, 0)),
        "v1alpha2": _tried((0, 5, 0), deprecated=(1, 5, 0)),
    },
    (GATEWAY_GROUP, "ListenerSet"): {"v1": _both((1, 5, 0))},
    (GATEWAY_GROUP, "TCPRoute"): _STREAM,
    (GATEWAY_GROUP, "UDPRoute"): _STREAM,
    (GATEWAY_GROUP, "BackendLBPolicy"): {"v1alpha2": _tried((1, 1, 0), (1, 3, 0))},
    (GATEWAY_GROUP, "ReferencePolicy"): {"v1alpha2": _tried((0, 5, 0), (0, 6, 0))},
    (EXPERIMENTAL_GROUP, "XBackend"): {"v1alpha1": _tried((1, 6, 0))},
    (EXPERIMENTAL_GROUP, "XBackendTrafficPolicy"): {"v1alpha1": _tried((1, 3, 0))},
    (EXPERIMENTAL_GROUP, "XMesh"): {"v1alpha1": _tried((1, 4, 0))},
    (EXPERIMENTAL_GROUP, "XListenerSet"): {"v1alpha1": _tried((1, 3, 0), (1, 5, 0))},
    (METALLB_GROUP, "IPAddressPool"): {"v1beta1": _both((0, 13, 0))},
    (METALLB_GROUP, "L2Advertisement"): {"v1beta1": _both((0, 13, 0))},
    (METALLB_GROUP, "BGPAdvertisement"): {"v1beta1": _both((0, 13, 0))},
    (METALLB_GROUP, "BGPPeer"): {
        "v1beta2": _both((0, 13, 0)),
        "v1beta1": _both((0, 13, 0), deprecated=(0, 13, 0)),
    },
    (METALLB_GROUP, "BFDProfile"): {"v1beta1": _both((0, 13, 0))},
    (METALLB_GROUP, "Community"): {"v1beta1": _both((0, 13, 0))},
    (METALLB_GROUP, "AddressPool"): {
        "v1beta1": _both((0, 13, 0), (0, 14, 2)),
        "v1alpha1": _both((0, 13, 0), (0, 14, 2)),
    },
}
"""Group and kind -> version -> where it is served."""

REPLACED: Final = {
    (GATEWAY_GROUP, "BackendLBPolicy"): f"XBackendTrafficPolicy of {EXPERIMENTAL_GROUP}/v1alpha1",
    (GATEWAY_GROUP, "ReferencePolicy"): f"ReferenceGrant of {GATEWAY_GROUP}/v1beta1",
    (EXPERIMENTAL_GROUP, "XListenerSet"): f"ListenerSet of {GATEWAY_GROUP}/v1",
    (METALLB_GROUP, "AddressPool"): "IPAddressPool with an L2Advertisement or BGPAdvertisement",
}
"""Kinds that are gone, and what does their work today."""
