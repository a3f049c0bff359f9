"""What is asked of a cluster's edge, and what becomes of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.model.resource import Spot

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443, "tls": 443}
"""Scheme -> the port that a client dials when the URL names none."""

TLS_SCHEMES = frozenset({"https", "grpcs", "tls"})
GRPC_SCHEMES = frozenset({"grpc", "grpcs"})
SCHEMES = ("http", "https", "grpc", "grpcs", "tls", "tcp", "udp")

BACKEND = "backend"
REDIRECT = "redirect"
ERROR = "error"
NO_LISTENER = "no-listener"
NO_ADDRESS = "no-address"
TLS_ERROR = "tls-error"
UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the client sends it.

    Attributes:
        host: what the client asks for, as written; a VIP where it names no host.
        port: the port that the client dials.
        path: path and query, as sent.
        headers: (name, value) lines in order; names as written.
        sni: the server name of the TLS handshake where it differs from what is
            dialled; None means that, the empty string none at all.
        dialled: what the client connects to, where a Host header asks for something else.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    sni: str | None = None
    dialled: str = ""

    @property
    def address(self) -> str:
        """What the client connects to."""
        return self.dialled or self.host

    @property
    def tls(self) -> bool:
        """Whether the client starts a TLS handshake."""
        return self.scheme in TLS_SCHEMES


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend of the rule that answers, and its part of the requests.

    Attributes:
        share: part of the requests of the rule, 0 to 1; the share of an
            invalid backend is answered with an error.
        reason: why it is not valid, as a controller would name it.
    """

    kind: str
    namespace: str
    name: str
    port: int | None
    weight: int
    share: float
    valid: bool = True
    reason: str | None = None
    protocol: str = ""
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What the backend sees: host, path with query, and the client's headers after modifiers.

    Header names are in lower case; lines of one name are joined with a comma.
    """

    host: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResponseHeaders:
    """What happens to the headers of the answer; names in lower case."""

    set: Mapping[str, str] = field(default_factory=dict)
    add: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of a request: what it is, and where that is written."""

    what: str
    text: str
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the request, by the specification or by Traefik.

    Attributes:
        outcome: `backend`, `redirect`, `error`, `no-listener`, `no-address`,
            `tls-error` or `undetermined`.
        status: of the answer that the edge gives itself, else None.
        location: of a redirect, the exact URL.
        gateway: `namespace/name`.
        listener: its name.
        route: `HTTPRoute/namespace/name`.
        rule: index of the rule in its route; match: index in the rule.
        reason: why, where the edge answers itself; for gRPC and TLS the protocol's answer.
        candidates: routes between which nothing in the input decides.
        steps: the way, for people.
    """

    outcome: str
    status: int | None = None
    location: str | None = None
    gateway: str | None = None
    listener: str | None = None
    route: str | None = None
    rule: int | None = None
    match: int | None = None
    reason: str | None = None
    backends: tuple[Backend, ...] = ()
    forwarded: Forwarded | None = None
    mirrors: tuple[Backend, ...] = ()
    response_headers: ResponseHeaders = ResponseHeaders()
    candidates: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether a backend or a redirect answers."""
        return self.outcome in (BACKEND, REDIRECT)


@dataclass(frozen=True, slots=True)
class Vip:
    """An address on which the edge is reached, and who announces it, as far as known."""

    address: str
    pool: str | None = None
    advertisement: str | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that could have answered, and why it did not.

    `by` is `spec` or `traefik`; empty where both say so.
    """

    route: str
    rule: int | None
    why: str
    spot: Spot | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one edge of one cluster does with the request.

    Attributes:
        edge: the name of the Edge, the Traefik instance or the GatewayClass.
        agree: None where one side is undetermined.
        advice: what to do where nothing answers.
        named: how surely the edge was meant: 3 by its address or Gateway, 2 by the
            hostname of a route, 1 by that of a listener, 0 where it takes any.
    """

    cluster: str
    edge: str
    spec: Verdict
    traefik: Verdict
    agree: bool | None
    vips: tuple[Vip, ...] = ()
    considered: tuple[Considered, ...] = ()
    advice: tuple[str, ...] = ()
    named: int = 0
