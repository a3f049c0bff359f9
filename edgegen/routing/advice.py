"""What to do where nothing answers: the nearest hostname, path, listener, grant or Service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.routing import paths
from edgegen.routing.attach import Attacher, Attachment, Reason
from edgegen.routing.backends import NO_ENDPOINTS, NOT_FOUND, NOT_PERMITTED
from edgegen.routing.candidates import bounds
from edgegen.routing.matches import EXACT, PREFIX
from edgegen.routing.table import Table
from edgegen.routing.verdict import Considered
from edgegen.schema.words import closest
from edgegen.stack.hostnames import covers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.doors import Arrival, Edge
    from edgegen.routing.matches import Rule
    from edgegen.routing.verdict import Backend, Request, Result
    from edgegen.stack.gatewayapi import Listener

_MOST = 6
_FEW_HOSTNAMES = 100
_KIND_OF = {"grpc": "GRPCRoute", "grpcs": "GRPCRoute", "tls": "TLSRoute"}


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of which edge."""

    cluster: Cluster
    edge: Edge
    request: Request
    host: str
    arrival: Arrival
    listeners: tuple[Listener, ...]

    @property
    def kind(self) -> str:
        """The kind of route that would have answered."""
        return _KIND_OF.get(self.request.scheme, "HTTPRoute")


def advise(question: Question, result: Result) -> tuple[tuple[str, ...], list[Considered]]:
    """Return what to do where Traefik answers nothing, and the rules that nearly matched."""
    found = list(_of_backends(result.traefik.backends))
    if result.traefik.answered or result.traefik.route is not None:
        return tuple(found), []
    near = list(_near(question))
    if not question.listeners:
        found += _of_ports(question)
    found += _of_attachments(question)
    found += _of_hostnames(question)
    return tuple(dict.fromkeys(found)), near


def _of_backends(backends: tuple[Backend, ...]) -> Iterator[str]:
    for backend in backends:
        name = f"{backend.kind} {backend.namespace}/{backend.name}"
        if backend.reason == NOT_PERMITTED:
            yield f"write a ReferenceGrant in namespace {backend.namespace} for {name}"
        elif backend.reason == NOT_FOUND:
            port = f" with port {backend.port}" if backend.port else ""
            yield f"there is no {name}{port} that can answer: check name and port"
        elif backend.reason == NO_ENDPOINTS:
            yield f"{name} has no ready endpoint"


def _of_ports(question: Question) -> Iterator[str]:
    dials = question.edge.dials()
    open_ = sorted({dials[li.port] for li in question.edge.listeners() if li.port in dials})
    if open_:
        yield f"edge {question.edge.name} answers on port {', '.join(map(str, open_))}"
    unreached = sorted({li.port for li in question.edge.listeners() if li.port not in dials})
    if unreached:
        ports = ", ".join(map(str, unreached))
        yield f"no port of the Service leads to the listeners on {ports}"


def _of_attachments(question: Question) -> Iterator[str]:
    """Tell of routes that name the host and are not attached where it is asked for."""
    own = {id(gateway) for gateway in question.edge.gateways}
    attacher = question.cluster.cached(Attacher)
    for route in question.cluster.cached(Table).naming(question.host)[:_MOST]:
        for attachment in attacher.of(route):
            if attachment.gateway is not None and id(attachment.gateway) not in own:
                continue
            text = _attachment_text(question, attachment)
            if text:
                yield text


def _attachment_text(question: Question, attachment: Attachment) -> str | None:
    route, ref = attachment.route, attachment.ref
    parent = f"Gateway {ref.namespace}/{ref.name}"
    section = f" listener {ref.section}" if ref.section else ""
    if attachment.reason is Reason.NO_PARENT:
        return f"{route.id} names {parent}, which is not in the input"
    if attachment.reason is Reason.NO_MATCHING_PARENT:
        return f"{route.id} names{section or ' a listener'} of {parent} that it does not have"
    if attachment.reason is Reason.NOT_ALLOWED:
        return f"{parent}{section} admits no {route.kind} of namespace {route.namespace}"
    if attachment.reason is Reason.NO_HOSTNAME:
        names = ", ".join(attachment.answering(_MOST))
        return f"{parent}{section} answers for {names}, and {route.id} for none of them"
    ports = sorted({bound.listener.port for bound in attachment.bound})
    if question.arrival.port in ports:
        return None
    dials = question.edge.dials()
    shown = ", ".join(str(dials.get(port, port)) for port in ports)
    return f"{route.id} is attached on port {shown} only"


def _of_hostnames(question: Question) -> Iterator[str]:
    table = question.cluster.cached(Table)
    if table.naming(question.host):
        return
    known = {li.hostname for li in question.edge.listeners() if li.hostname} | table.hostnames()
    near = closest(question.host, _alike(question.host, known))
    if near:
        yield f'no route names {question.host}: did you mean "{near}"?'
    elif not any(covers(li.hostname, question.host) for li in question.edge.listeners()):
        yield f"no listener of edge {question.edge.name} takes {question.host}"


def _alike(host: str, known: set[str]) -> list[str]:
    """Return the hostnames that a host may have been meant to be.

    Of a few hostnames all are; of thousands those that one typo turns into it.
    """
    others = sorted(name for name in known if not covers(name, host))
    if len(others) <= _FEW_HOSTNAMES:
        return others
    return [name for name in others if _one_typo(host, name)]


def _one_typo(first: str, second: str) -> bool:
    """Say whether one letter is missing, replaced or swapped with its neighbour."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = _common(first, second)
    end = _common(first[start:][::-1], second[start:][::-1])
    one, other = first[start : len(first) - end], second[start : len(second) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _near(question: Question) -> Iterator[Considered]:
    """Yield the rules of the host whose path comes nearest to that of the request."""
    path, _ = paths.split(question.request.path)
    table = question.cluster.cached(Table)
    matched = {id(rule) for rule in table.rules(question.kind, question.host, path)}
    if question.kind not in ("HTTPRoute", "GRPCRoute"):
        return
    missed = [
        rule
        for rule in table.all_rules(question.kind, question.host)
        if question.kind == "GRPCRoute" or id(rule) not in matched
    ]
    missed.sort(key=lambda rule: -_common(rule.match.path, path))
    ids = {id(listener) for listener in question.listeners}
    for rule in missed[:_MOST]:
        yield _missed(rule, path, attached=_is_attached(question.cluster, rule.route, ids))


def _is_attached(cluster: Cluster, route: Resource, listeners: set[int]) -> bool:
    return any(id(bound.listener) in listeners for bound in bounds(cluster, route))


def _common(first: str, second: str) -> int:
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length


def _missed(rule: Rule, path: str, *, attached: bool) -> Considered:
    match = rule.match
    words = {EXACT: "is not", PREFIX: "does not lie below"}.get(match.path_type, "does not match")
    why = f"path {path} {words} {match.path}"
    if not attached:
        why += ", and the route is not attached there"
    return Considered(str(rule.route.id), int(rule.at[2]), why, rule.route.at(*rule.at))
