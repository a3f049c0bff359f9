"""A trace as people read it: the way of the request, and what lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import printable
from edgegen.report.text import Style, plain

if TYPE_CHECKING:
    from edgegen.app.trace import Trace, Traced
    from edgegen.routing.verdict import Backend, Request, Verdict

_WIDEST = 72  # columns of a step before its place is put behind it anyway


def render_trace_text(trace: Trace, style: Style = plain) -> str:
    """Return the trace of a request, one paragraph an edge."""
    lines = [style("place", printable(_asked(trace.request)))]
    for traced in trace.traced:
        lines += ["", *_result(traced, style)]
    return "\n".join(lines) + "\n"


def _asked(request: Request) -> str:
    host = f"[{request.host}]" if ":" in request.host else request.host
    if request.scheme in ("tls", "tcp", "udp"):
        return f"{request.scheme}://{host}:{request.port}"
    url = f"{request.scheme}://{host}:{request.port}{request.path}"
    return f"{request.method} {url}" + (f" at {request.dialled}" if request.dialled else "")


def _result(traced: Traced, style: Style) -> Iterator[str]:
    result = traced.result
    edge = f", edge {result.edge}" if result.edge else ""
    yield style("place", printable(f"cluster {result.cluster}{edge}"))
    if result.agree:
        yield from _way(result.traefik, traced, style)
    else:
        yield "  by Traefik 3.7:"
        yield from _way(result.traefik, traced, style)
        yield "  by the specification:"
        yield from _way(result.spec, traced, style)
    if result.agree is False:
        yield "  " + style("warning", "Traefik and the specification part here.")
    # Where both agree, the specification's reasons say the same once more.
    shown = [one for one in result.considered if one.by != "spec" or not result.agree]
    if shown:
        yield "  not chosen:"
    for one in shown:
        by = {"spec": " (specification)", "traefik": " (Traefik)"}.get(one.by, "")
        rule = "" if one.rule is None else f" rules[{one.rule}]"
        where = f"  {traced.place(one.spot)}" if one.spot else ""
        yield "    " + printable(f"{one.route}{rule}{by}: {one.why}") + style("note", where)
    for name in dict.fromkeys((*result.traefik.not_modelled, *result.spec.not_modelled)):
        yield "  " + printable(f"not modelled: {name}")
    for text in result.advice:
        yield f"  {style('note', '= help:')} {printable(text)}"


def _way(verdict: Verdict, traced: Traced, style: Style) -> Iterator[str]:
    for step in verdict.steps:
        if step.what == "edge":
            continue
        text = printable(step.text)
        where = style("note", printable(str(traced.place(step.spot)))) if step.spot else ""
        yield f"    {step.what:<9} {text:<{_WIDEST if where else 0}}  {where}".rstrip()
    yield "    " + style("place", printable(f"=> {_end(verdict)}"))


def _end(verdict: Verdict) -> str:
    if verdict.outcome == "backend":
        taking = ", ".join(map(_named, (b for b in verdict.backends if b.weight)))
        seen = verdict.forwarded
        return f"{taking} sees {seen.host}{seen.path}" if seen else taking
    if verdict.outcome == "redirect":
        return f"{verdict.status} {verdict.location}"
    if verdict.outcome == "undetermined":
        return f"one of {', '.join(verdict.candidates)}: {verdict.reason}"
    status = f" {verdict.status}" if verdict.status else ""
    return f"{verdict.outcome}{status}: {verdict.reason}"


def _named(backend: Backend) -> str:
    port = "" if backend.port is None else f":{backend.port}"
    share = "" if backend.share == 1 else f" ({backend.share:.3g})"
    return f"{backend.kind} {backend.namespace}/{backend.name}{port}{share}"
