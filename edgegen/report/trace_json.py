"""The JSON document of `edgegen trace`: a stable contract, see schemas/output/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.report.json import VERSION, json_text, location_json

if TYPE_CHECKING:
    from edgegen.app.trace import Trace, Traced
    from edgegen.routing.verdict import (
        Backend,
        Considered,
        Forwarded,
        Request,
        ResponseHeaders,
        Step,
        Verdict,
        Vip,
    )
    from edgegen.yamlio.document import Json


def render_trace_json(trace: Trace) -> str:
    """Return one JSON document for a trace."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": "trace",
        "request": request_json(trace.request),
        "results": [_result(traced) for traced in trace.traced],
    }
    return json_text(document)


def request_json(request: Request) -> dict[str, Json]:
    """Return the JSON form of a request."""
    headers: dict[str, Json] = {}
    for name, value in request.headers:
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    found: dict[str, Json] = {
        "scheme": request.scheme,
        "host": request.host,
        "port": request.port,
        "path": request.path,
        "method": request.method,
        "headers": headers,
    }
    if request.sni is not None:
        found["sni"] = request.sni
    if request.dialled:
        found["address"] = request.dialled
    return found


def _result(traced: Traced) -> dict[str, Json]:
    result = traced.result
    return {
        "cluster": result.cluster,
        "edge": result.edge,
        "spec": verdict_json(result.spec, traced),
        "traefik": verdict_json(result.traefik, traced),
        "agree": result.agree,
        "vips": [_vip(vip) for vip in result.vips],
        "considered": [_considered(one) for one in result.considered],
        "advice": list(result.advice),
    }


def verdict_json(verdict: Verdict, traced: Traced) -> dict[str, Json]:
    """Return the JSON form of a verdict; `traced` knows its places."""
    return {
        "outcome": verdict.outcome,
        "status": verdict.status,
        "location": verdict.location,
        "reason": verdict.reason,
        "gateway": verdict.gateway,
        "listener": verdict.listener,
        "route": verdict.route,
        "rule": verdict.rule,
        "match": verdict.match,
        "backends": [_backend(backend) for backend in verdict.backends],
        "forwarded": _forwarded(verdict.forwarded) if verdict.forwarded else None,
        "mirrors": [_backend(backend) for backend in verdict.mirrors],
        "response_headers": _response_headers(verdict.response_headers),
        "candidates": list(verdict.candidates),
        "not_modelled": list(verdict.not_modelled),
        "steps": [_step(step, traced) for step in verdict.steps],
    }


def _backend(backend: Backend) -> dict[str, Json]:
    return {
        "kind": backend.kind,
        "namespace": backend.namespace,
        "name": backend.name,
        "port": backend.port,
        "weight": backend.weight,
        "share": backend.share,
        "valid": backend.valid,
        "reason": backend.reason,
    }


def _forwarded(forwarded: Forwarded) -> dict[str, Json]:
    return {
        "host": forwarded.host,
        "path": forwarded.path,
        "headers": dict(forwarded.headers),
    }


def _response_headers(headers: ResponseHeaders) -> dict[str, Json]:
    return {"set": dict(headers.set), "add": dict(headers.add), "remove": list(headers.remove)}


def _vip(vip: Vip) -> dict[str, Json]:
    return {"address": vip.address, "pool": vip.pool, "advertisement": vip.advertisement}


def _considered(one: Considered) -> dict[str, Json]:
    return {"route": one.route, "rule": one.rule, "why": one.why, "by": one.by or None}


def _step(step: Step, traced: Traced) -> dict[str, Json]:
    return {
        "what": step.what,
        "text": step.text,
        "location": location_json(traced.place(step.spot)) if step.spot else None,
    }
