"""Cross-field rules of TLSRoutes, TCPRoutes and UDPRoutes.

Source: Gateway API 1.6.1, apis/v1/tlsroute_types.go and tcproute_types.go, the CEL of
their markers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import REFUSED_TEXT, Breach, Fields, breach, objects
from edgegen.schema.crossfield.shared import HOSTNAME, parent_refs, service_port
from edgegen.schema.words import quoted
from edgegen.stack.hostnames import is_address

if TYPE_CHECKING:
    from edgegen.schema.fault import Path


def stream_route(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a TCPRoute or UDPRoute."""
    del version  # parents and backends are alike in all of them
    parent_refs(spec.get("parentRefs"), experimental, found)
    for index, rule in objects(spec.get("rules")):
        for position, ref in objects(rule.get("backendRefs")):
            if ref.get("port") is None:
                service_port(ref, ("spec", "rules", index, "backendRefs", position), found)


def tls_route(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a TLSRoute."""
    stream_route(spec, version, experimental, found)
    hostnames = spec.get("hostnames")
    if version == "v1alpha2" or not isinstance(hostnames, list):
        return
    at: Path = ("spec", "hostnames")
    for index, name in enumerate(hostnames):
        if not isinstance(name, str):
            continue
        path = (*at, index)
        if name[-1:] in _DIGITS and is_address(name):
            message = f"{quoted(name)} is an IP address, no hostname"
            remedy = "name the host that clients ask for by SNI"
            found.append(breach(at, path, REFUSED_TEXT, message, remedy, item=path))
        elif not HOSTNAME.fullmatch(name):
            message = f"{quoted(name)} is no hostname"
            remedy = "write a DNS name in lower case; a wildcard may be its first label only"
            found.append(breach(at, path, REFUSED_TEXT, message, remedy, item=path))


_DIGITS: Final = frozenset("0123456789")
