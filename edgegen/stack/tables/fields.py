"""Which fields and values of a kind exist since which release.

What is not named here is as old as its kind. A path reads `spec.rules[].name`;
`path=VALUE` is one value of an enumeration, `path~pattern` the pattern of a string;
what stands below a field is as new as the field, where it is not named itself.

Sources: Gateway API, `config/crd/standard` and `config/crd/experimental`,
compared at the tags v0.5.0 to v1.6.1; MetalLB, release notes of v0.14.9 to v0.16.0
and `api/v1beta2/bgppeer_types.go`, `api/v1beta1/*advertisement_types.go`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgegen.model.ids import GATEWAY_GROUP, METALLB_GROUP
from edgegen.stack.tables.served import EXPERIMENTAL

if TYPE_CHECKING:
    from edgegen.stack.tables.releases import Release


@dataclass(frozen=True, slots=True)
class Since:
    """The first release of each channel; None where the channel has no such field."""

    standard: Release | None
    experimental: Release | None

    def of(self, channel: str) -> Release | None:
        """Return the first release of a channel."""
        return self.experimental if channel == EXPERIMENTAL else self.standard


def _tried(release: Release) -> Since:
    return Since(None, release)


def _since(standard: Release, experimental: Release | None = None) -> Since:
    return Since(standard, experimental or standard)


_HEADER_VALUE: Final = _tried((1, 6, 0))  # printable ASCII only
_FILTER: Final = {
    **{
        f"{change}.{verb}[].value~pattern": _HEADER_VALUE
        for change in ("requestHeaderModifier", "responseHeaderModifier")
        for verb in ("set", "add")
    },
    "requestMirror.fraction": _since((1, 3, 0), (1, 2, 0)),
    "requestMirror.percent": _since((1, 3, 0), (1, 2, 0)),
}
_HTTP_FILTER: Final = {
    **_FILTER,
    "cors": _since((1, 5, 0), (1, 3, 0)),
    "type=CORS": _since((1, 5, 0), (1, 3, 0)),
    "externalAuth": _tried((1, 4, 0)),
    "type=ExternalAuth": _tried((1, 4, 0)),
    "requestRedirect.path": _since((0, 7, 0), (0, 5, 0)),
    "requestRedirect.statusCode=303": _since((1, 5, 0)),
    "requestRedirect.statusCode=307": _since((1, 5, 0)),
    "requestRedirect.statusCode=308": _since((1, 5, 0)),
    "responseHeaderModifier": _since((0, 7, 0), (0, 6, 0)),
    "type=ResponseHeaderModifier": _since((0, 7, 0), (0, 6, 0)),
    "urlRewrite": _since((0, 7, 0), (0, 5, 0)),
    "type=URLRewrite": _since((0, 7, 0), (0, 5, 0)),
}


def _in_filters(fields: dict[str, Since]) -> dict[str, Since]:
    places = ("spec.rules[].filters[]", "spec.rules[].backendRefs[].filters[]")
    return {f"{place}.{path}": since for place in places for path, since in fields.items()}


_DEFAULT_GATEWAYS: Final = {"spec.useDefaultGateways": _tried((1, 4, 0))}
_STREAM: Final = {**_DEFAULT_GATEWAYS, "spec.rules[].name": _since((1, 4, 0), (1, 2, 0))}
_SERVICE_SELECTORS: Final = {"spec.serviceSelectors": _since((0, 16, 0))}

FIELDS: Final[dict[tuple[str, str], dict[str, Since]]] = {
    (GATEWAY_GROUP, "Gateway"): {
        "spec.allowedListeners": _since((1, 5, 0), (1, 3, 0)),
        "spec.defaultScope": _tried((1, 4, 0)),
        "spec.infrastructure": _since((1, 2, 0), (1, 0, 0)),
        "spec.infrastructure.parametersRef": _since((1, 2, 0), (1, 1, 0)),
        "spec.tls": _since((1, 5, 0), (1, 4, 0)),
    },
    (GATEWAY_GROUP, "HTTPRoute"): {
        **_DEFAULT_GATEWAYS,
        **_in_filters(_HTTP_FILTER),
        "spec.parentRefs[].port": _since((1, 1, 0), (0, 5, 0)),
        "spec.rules[].matches[].headers[].value~pattern": _HEADER_VALUE,
        "spec.rules[].name": _since((1, 4, 0), (1, 2, 0)),
        "spec.rules[].retry": _tried((1, 2, 0)),
        "spec.rules[].sessionPersistence": _tried((1, 1, 0)),
        "spec.rules[].timeouts": _since((1, 2, 0), (1, 0, 0)),
    },
    (GATEWAY_GROUP, "GRPCRoute"): {
        **_DEFAULT_GATEWAYS,
        **_in_filters(_FILTER),
        "spec.rules[].name": _since((1, 4, 0), (1, 2, 0)),
        "spec.rules[].sessionPersistence": _tried((1, 1, 0)),
    },
    (GATEWAY_GROUP, "BackendTLSPolicy"): {
        "spec.options": _since((1, 4, 0), (1, 2, 0)),
        "spec.validation.subjectAltNames": _since((1, 4, 0), (1, 2, 0)),
    },
    (GATEWAY_GROUP, "TCPRoute"): _STREAM,
    (GATEWAY_GROUP, "TLSRoute"): _STREAM,
    (GATEWAY_GROUP, "UDPRoute"): _STREAM,
    (METALLB_GROUP, "BGPPeer"): {
        "spec.dynamicASN": _since((0, 14, 9)),
        "spec.dualStackAddressFamily": _since((0, 15, 0)),
        "spec.interface": _since((0, 15, 0)),
        "spec.localASN": _since((0, 16, 0)),
    },
    (METALLB_GROUP, "BGPAdvertisement"): _SERVICE_SELECTORS,
    (METALLB_GROUP, "L2Advertisement"): _SERVICE_SELECTORS,
}
"""Group and kind -> path -> since when."""
