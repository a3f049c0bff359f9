"""What several fields of a native resource mean together, as the CEL of its CRD says it.

The rules of the built-in kinds are written by hand: a CEL engine takes half a
millisecond for one route, these take some microseconds. The proof is
`tests/schema/crossfields.py`, which compares them with the CRDs' own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from edgegen.model.ids import GATEWAY_GROUP, TRAEFIK_GROUP
from edgegen.schema.crossfield import backends, gateways, grpcroutes, httproutes, routes, traefik
from edgegen.schema.crossfield.breach import Breach
from edgegen.stack.tables.served import EXPERIMENTAL, EXPERIMENTAL_GROUP

if TYPE_CHECKING:
    from edgegen.schema.crossfield.breach import Fields
    from edgegen.schema.fault import Path, SchemaFault

Rules = Callable[["Fields"], list[Breach]]
"""Judges a whole document, in which any value may have a wrong type."""

_CHECKS: Final[dict[tuple[str, str], Callable[[Fields, str, bool, list[Breach]], None]]] = {
    (GATEWAY_GROUP, "Gateway"): gateways.gateway,
    (GATEWAY_GROUP, "ListenerSet"): gateways.listener_set,
    (GATEWAY_GROUP, "HTTPRoute"): httproutes.http_route,
    (GATEWAY_GROUP, "GRPCRoute"): grpcroutes.grpc_route,
    (GATEWAY_GROUP, "TLSRoute"): routes.tls_route,
    (GATEWAY_GROUP, "TCPRoute"): routes.stream_route,
    (GATEWAY_GROUP, "UDPRoute"): routes.stream_route,
    (GATEWAY_GROUP, "BackendTLSPolicy"): backends.backend_tls_policy,
    (EXPERIMENTAL_GROUP, "XBackend"): backends.backend,
    (EXPERIMENTAL_GROUP, "XBackendTrafficPolicy"): backends.backend_traffic_policy,
    (TRAEFIK_GROUP, "Middleware"): traefik.middleware,
    (TRAEFIK_GROUP, "ServersTransport"): traefik.servers_transport,
    (TRAEFIK_GROUP, "ServersTransportTCP"): traefik.servers_transport_tcp,
}
"""Group and kind -> what checks its spec.

MetalLB's rules, unique listeners of a Gateway and unique names of rules are rules
of their own families: they say more than the CRDs do.
"""


def rules_of(group: str, kind: str, version: str, channel: str) -> Rules | None:
    """Return what judges the documents of a kind by its fields together, or None.

    Args:
        version: as in `apiVersion`, without the group.
        channel: of the Gateway API: `standard` or `experimental`.
    """
    check = _CHECKS.get((group, kind))
    return partial(_judge, check, version, channel == EXPERIMENTAL) if check else None


def _judge(
    check: Callable[[Fields, str, bool, list[Breach]], None],
    version: str,
    experimental: bool,
    document: Fields,
) -> list[Breach]:
    found: list[Breach] = []
    spec = document.get("spec")
    if isinstance(spec, dict):
        check(spec, version, experimental, found)
    return found


def unexplained(breaches: Iterable[Breach], faults: Iterable[Path]) -> Iterator[SchemaFault]:
    """Yield what breaches say, without those that a fault of the schema may explain.

    Args:
        faults: where these stand; a missing or unknown field as the path it has or
            would have.
    """
    whole, beside = set(), set()
    for path in faults:
        whole.add(path)
        beside.add(path[:-1])
    for one in breaches:
        item = one.item
        if item in beside or any(item[:cut] in whole for cut in range(1, len(item) + 1)):
            continue
        yield one.fault
