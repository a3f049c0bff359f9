"""From the rule that wins to its verdict: filters, backends, and who answers where they fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.routing.backends import INVALID_KIND, NO_ENDPOINTS, Judge
from edgegen.routing.filters import Filters
from edgegen.routing.flow import flow_of
from edgegen.routing.matches import PREFIX
from edgegen.routing.middlewares import apply_middleware
from edgegen.routing.verdict import (
    BACKEND,
    ERROR,
    GRPC_SCHEMES,
    NO_LISTENER,
    REDIRECT,
    TLS_ERROR,
    Step,
    Verdict,
)
from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.routing.candidates import Candidate
    from edgegen.routing.flow import Flow
    from edgegen.routing.verdict import Backend, Forwarded, Request
    from edgegen.stack.gatewayapi import Listener
    from edgegen.yamlio.document import Json

NOT_FOUND = 404
INTERNAL = 500
UNAVAILABLE = 503
_GRPC_CODES = {NOT_FOUND: "UNIMPLEMENTED"}
_OTHER_GRPC_CODE = "UNAVAILABLE"
RESET = "connection closed"
_OVER_TLS = ("https", "grpcs")


@dataclass(frozen=True, slots=True)
class Answering:
    """How a request that has found its rule goes on.

    Attributes:
        traefik: as Traefik does it, not as the specification asks.
        path: as the proxy passes it on, without query; None as the client sent it.
        steps: the way so far.
        middlewares: of the entryPoint, as (namespace, name).
    """

    cluster: Cluster
    request: Request
    traefik: bool
    path: str | None = None
    steps: tuple[Step, ...] = ()
    middlewares: tuple[tuple[str, str], ...] = ()

    def verdict(self, candidate: Candidate) -> Verdict:
        """Return what the rule of a candidate makes of the request."""
        route, listener = candidate.route, candidate.listener
        flow = flow_of(self.request, listener.port, self.path)
        if self.traefik and flow.query:
            flow.query = flow.query.replace(";", "&")
        item = dict(rules(route)).get(candidate.index, {})
        base: Path = ("spec", "rules", candidate.index)
        filters = Filters(self.cluster, route, base, candidate.rule.match, self.traefik)
        self._at_the_door(flow)
        filters.apply(flow, item.get("filters"), base)
        verdict = self._answer(route, candidate.index, item, filters, flow)
        return replace(
            _at(verdict, listener),
            route=candidate.name,
            rule=candidate.index,
            match=candidate.match_index,
            mirrors=tuple(flow.mirrors),
            response_headers=flow.response_headers(),
            not_modelled=tuple(flow.unmodelled),
            steps=(
                *self.steps,
                *_route_steps(candidate),
                *_filter_steps(route, base, item),
                *verdict.steps,
            ),
        )

    def _at_the_door(self, flow: Flow) -> None:
        """Apply the Middlewares of the entryPoint; one that is missing takes every router along."""
        for namespace, name in self.middlewares:
            fault = apply_middleware(self.cluster, namespace, name, flow)
            if fault is not None:
                reason = f"Middleware {namespace}/{name} of the entryPoint is {fault}"
                flow.failure = NOT_FOUND, reason
            if flow.done:
                return

    def _answer(
        self,
        route: Resource,
        index: int,
        item: dict[str, Json],
        filters: Filters,
        flow: Flow,
    ) -> Verdict:
        if flow.failure is not None:
            return self.error(*flow.failure, kind=route.kind)
        if flow.redirect is not None:
            status, location = flow.redirect
            step = Step("redirect", f"{status} to {location}")
            return Verdict(REDIRECT, status=status, location=location, steps=(step,))
        judged = Judge(self.cluster, self.traefik).backends(route, index)
        found, flows = self._filtered(item, judged, filters, flow)
        failure = _failure_of(found)
        if failure is not None:
            if self.traefik and not found and item.get("filters"):
                failure = UNAVAILABLE, failure[1]  # Traefik builds a service without servers
            made = self.error(*failure, kind=route.kind)
            return replace(made, backends=found, steps=(*_backend_steps(found), *made.steps))
        used = [position for position, backend in enumerate(found) if backend.weight > 0]
        last = flows[used[0]] if len(used) == 1 else flow
        note = "; ".join(flow.notes) or None
        return Verdict(
            BACKEND,
            backends=found,
            forwarded=last.forwarded(),
            reason=note,
            steps=tuple(_backend_steps(found)),
        )

    def _filtered(
        self,
        item: dict[str, Json],
        judged: tuple[Backend, ...],
        filters: Filters,
        flow: Flow,
    ) -> tuple[tuple[Backend, ...], list[Flow]]:
        """Apply the filters of each backendRef; one that fails makes the backend invalid."""
        written = item.get("backendRefs")
        found: list[Backend] = []
        flows: list[Flow] = []
        refs = written if isinstance(written, list) else []
        held = [(i, ref) for i, ref in enumerate(refs) if isinstance(ref, dict)]
        for backend, (position, ref) in zip(judged, held, strict=True):
            own = flow
            if "filters" in ref:
                own = replace(
                    flow,
                    headers=list(flow.headers),
                    sets=dict(flow.sets),
                    adds=dict(flow.adds),
                    removes=list(flow.removes),
                )
                filters.apply(own, ref["filters"], (*filters.path, "backendRefs", position))
            flows.append(own)
            failed = own.failure is not None and backend.valid
            found.append(replace(backend, valid=False, reason=INVALID_KIND) if failed else backend)
        return tuple(found), flows

    def error(self, status: int, reason: str, kind: str = "") -> Verdict:
        """Return the error that the edge answers itself; to gRPC in gRPC's own words.

        Traefik's routers of a GRPCRoute answer every request so.
        """
        if self.request.scheme in GRPC_SCHEMES or (self.traefik and kind == "GRPCRoute"):
            code = _GRPC_CODES.get(status, _OTHER_GRPC_CODE)
            return Verdict(ERROR, reason=code, steps=(Step("error", f"{code}: {reason}"),))
        step = Step("error", f"{status}: {reason}")
        return Verdict(ERROR, status=status, reason=reason, steps=(step,))

    def connection(self, route: Resource, listener: Listener) -> Verdict:
        """Return what a route of connections makes of one: TLSRoute, TCPRoute, UDPRoute."""
        found = Judge(self.cluster, self.traefik).backends(route, 0)
        failure = _failure_of(found)
        outcome = BACKEND if failure is None else ERROR
        if failure is not None and self.request.scheme in _OVER_TLS:
            outcome = TLS_ERROR  # the client's handshake never ends
        spot = route.at("spec", "rules", 0)
        made = Verdict(
            outcome,
            reason=None if failure is None else f"{RESET}: {failure[1]}",
            route=str(route.id),
            rule=0,
            backends=found,
            forwarded=self._untouched(listener) if failure is None else None,
            steps=(
                *self.steps,
                _listener_step(listener),
                Step("rule", f"{route.id} rules[0]", spot),
                *_backend_steps(found),
            ),
        )
        return _at(made, listener)

    def _untouched(self, listener: Listener) -> Forwarded | None:
        """Return an HTTP request as it passes through a route that sees its bytes alone."""
        if self.request.scheme in ("tls", "tcp", "udp"):
            return None
        return flow_of(self.request, listener.port).forwarded()

    def refused(self, listener: Listener | None, reason: str) -> Verdict:
        """Return the end of a handshake that fails."""
        step = Step("error", f"TLS handshake fails: {reason}")
        return _at(Verdict(TLS_ERROR, reason=reason, steps=(*self.steps, step)), listener)

    def unheard(self, reason: str, status: int | None = None) -> Verdict:
        """Return the end of a request for which nothing listens."""
        step = Step("error", f"no listener: {reason}")
        return Verdict(NO_LISTENER, status=status, reason=reason, steps=(*self.steps, step))

    def unanswered(self, listener: Listener | None, reason: str) -> Verdict:
        """Return the error of a request that no rule matches."""
        made = self.error(NOT_FOUND, reason)
        before = (_listener_step(listener),) if listener else ()
        return _at(replace(made, steps=(*self.steps, *before, *made.steps)), listener)


def _failure_of(found: tuple[Backend, ...]) -> tuple[int, str] | None:
    """Return status and reason where no backend can answer, or None."""
    if not found:
        return INTERNAL, "the rule has no backendRefs"
    used = [backend for backend in found if backend.weight > 0]
    if not used:
        return UNAVAILABLE, "every backend has weight 0"
    if any(backend.valid for backend in used):
        return None
    reasons = {backend.reason for backend in used}
    named = ", ".join(f"{b.kind} {b.namespace}/{b.name}: {b.reason}" for b in used)
    if reasons == {NO_ENDPOINTS}:
        return UNAVAILABLE, named
    return INTERNAL, named


def _at(verdict: Verdict, listener: Listener | None) -> Verdict:
    """Return a verdict with the listener that it was reached on."""
    if listener is None:
        return verdict
    gateway = listener.gateway
    name = f"{gateway.namespace}/{gateway.name}"
    return replace(verdict, gateway=name, listener=listener.name)


def _listener_step(listener: Listener) -> Step:
    gateway = listener.gateway
    hostname = listener.hostname or "every hostname"
    text = f"{listener.name} of Gateway {gateway.namespace}/{gateway.name}"
    return Step(
        "listener", f"{text}, {listener.protocol} {listener.port}, {hostname}", listener.at()
    )


def _route_steps(candidate: Candidate) -> Iterator[Step]:
    yield _listener_step(candidate.listener)
    route = candidate.route
    if candidate.written is not None:
        names = route.spec.get("hostnames")
        index = names.index(candidate.written) if isinstance(names, list) else 0
        yield Step("hostname", candidate.written, route.at("spec", "hostnames", index))
    text = f"{candidate.name} rules[{candidate.index}]: {shown(candidate)}"
    yield Step("rule", text, route.at(*candidate.rule.at))


def shown(candidate: Candidate) -> str:
    """Return a match in words."""
    match = candidate.rule.match
    parts = [f"{match.path_type} {match.path}" if match.path_type != PREFIX else match.path]
    if match.path_type == PREFIX:
        parts[0] = f"PathPrefix {match.path}"
    if match.method:
        parts.append(f"method {match.method}")
    for word, conditions in (("header", match.headers), ("query", match.query)):
        parts += [f"{word} {c.name}{'~' if c.regex else '='}{c.value}" for c in conditions]
    return ", ".join(parts)


def _filter_steps(route: Resource, base: Path, item: dict[str, Json]) -> Iterator[Step]:
    filters = item.get("filters")
    for index, one in enumerate(filters if isinstance(filters, list) else ()):
        if isinstance(one, dict):
            ref = one.get("extensionRef")
            name = f" {ref.get('kind')}/{ref.get('name')}" if isinstance(ref, dict) else ""
            yield Step("filter", f"{one.get('type')}{name}", route.at(*base, "filters", index))


def _backend_steps(found: tuple[Backend, ...]) -> Iterator[Step]:
    for backend in found:
        port = "" if backend.port is None else f":{backend.port}"
        protocol = f", {backend.protocol}" if backend.protocol else ""
        fault = "" if backend.valid else f", {backend.reason}"
        text = f"{backend.share:.4g} of the requests to {backend.kind}"
        yield Step(
            "backend",
            f"{text} {backend.namespace}/{backend.name}{port}{protocol}{fault}",
            backend.spot,
        )
