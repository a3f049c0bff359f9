"""Whether what came back is what was foreseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from echo_server import OWN_HEADERS
from wire import Answer
from world import Bound, Wish
from writing import Seen

from edgegen.routing.verdict import Verdict

ADDED = frozenset(
    {
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-real-ip",
        "accept-encoding",
        "content-length",
        "user-agent",
        "te",
        "host",
    }
)
"""Headers that Traefik adds on the way, or HTTP itself."""


STREAMS = frozenset({"tls", "tcp"})
"""Schemes of requests that no HTTP router sees."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a backend received."""

    host: str
    target: str
    headers: Mapping[str, str]


def received(answer: Answer) -> Received:
    """Read the body of an echo; lines of one name are joined."""
    first, *lines = answer.body.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key, value = name.lower(), value.strip()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return Received(headers.get("host", ""), first.split(" ")[1], headers)


def unlike_hand(bound: Bound, seen: Seen, answer: Answer) -> Iterator[str]:
    """Yield where an answer differs from what was written by hand."""
    if answer.failure != seen.failure:
        yield f"failure {answer.failure!r}, not {seen.failure!r}"
    if not seen.failure and answer.status != seen.status:
        yield f"status {answer.status}, not {seen.status}"
    if seen.location is not None and answer.header("location") != _ported(bound, seen.location):
        yield f"location {answer.header('location')}, not {_ported(bound, seen.location)}"
    if _backend(bound, answer) != seen.to:
        yield f"backend {_backend(bound, answer) or None}, not {seen.to or None}"
    elif seen.to:
        yield from _unlike_received(seen, answer)


def _unlike_received(seen: Seen, answer: Answer) -> Iterator[str]:
    got = received(answer)
    if seen.path is not None and got.target != seen.path:
        yield f"path {got.target}, not {seen.path}"
    if seen.host is not None and got.host != seen.host:
        yield f"host {got.host}, not {seen.host}"
    for name, value in (seen.headers or {}).items():
        if got.headers.get(name) != value:
            yield f"header {name}: {got.headers.get(name)}, not {value}"
    answered = _joined(answer)
    for name, value in (seen.response or {}).items():
        if answered.get(name) != value:
            yield f"header {name} of the answer: {answered.get(name)}, not {value}"


def _joined(answer: Answer) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in answer.headers:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _ported(bound: Bound, text: str) -> str:
    for name, port in bound.slot.ports.items():
        text = text.replace(f"${{{name}}}", str(port))
    return text


def _backend(bound: Bound, answer: Answer) -> str:
    if answer.backend is None:
        return ""
    namespace, name, _ = bound.backends[answer.backend]
    return f"{namespace.removeprefix(bound.slot.prefix + '-')}/{name}"


def unlike_verdict(bound: Bound, wish: Wish, verdict: Verdict, answer: Answer) -> Iterator[str]:
    """Yield where an answer differs from what the tracer says of Traefik.

    An undetermined verdict foresees nothing; whoever calls leaves it out by its name.
    """
    if verdict.outcome != "backend" and wish.scheme in STREAMS:
        # No TLSRoute takes it: closed, or Traefik's own certificate and page.
        if answer.backend is not None:
            yield f"backend {_backend(bound, answer)}, not {verdict.outcome}"
    elif verdict.outcome == "tls-error":
        if not answer.failure:
            yield f"status {answer.status}, not a failed handshake"
    elif (verdict.route or "").startswith("TLSRoute/") and verdict.outcome == "error":
        if not answer.failure:
            yield f"status {answer.status}, not a connection that is closed"
    elif (verdict.route or "").startswith("GRPCRoute/") and verdict.outcome == "error":
        # Over HTTP/1.1 the status of gRPC stands in the body.
        if answer.backend is not None or b'"code":' not in answer.body:
            yield f"status {answer.status}, not {verdict.outcome} {verdict.status}"
    elif answer.failure:
        yield f"{answer.failure}, not {verdict.outcome}"
    elif verdict.outcome == "backend":
        yield from _unlike_backend(bound, wish, verdict, answer)
    elif answer.backend is not None:
        yield f"backend {_backend(bound, answer)}, not {verdict.outcome} {verdict.status}"
    elif verdict.outcome == "redirect":
        if (answer.status, answer.header("location")) != (verdict.status, verdict.location):
            yield (
                f"{answer.status} {answer.header('location')}, not {verdict.status} {verdict.location}"
            )
    elif answer.status != (404 if verdict.outcome == "no-listener" else verdict.status):
        yield f"status {answer.status}, not {verdict.outcome} {verdict.status}"


def _unlike_backend(bound: Bound, wish: Wish, verdict: Verdict, answer: Answer) -> Iterator[str]:
    used = [backend for backend in verdict.backends if backend.share > 0]
    if answer.backend is None:
        if answer.status != 500 or all(backend.valid for backend in used):
            yield f"status {answer.status}, not a backend of {verdict.route}"
        return
    asked = bound.backends[answer.backend]
    valid = {(b.namespace, b.name, b.port) for b in used if b.valid}
    if asked not in valid:
        yield f"backend {asked}, not one of {sorted(valid)}"
        return
    got = received(answer)
    forwarded = verdict.forwarded
    if (verdict.route or "").startswith(("TLSRoute/", "TCPRoute/")):
        return
    if forwarded is None:
        yield "the verdict does not say what is forwarded"
        return
    if got.target != forwarded.path:
        yield f"path {got.target}, not {forwarded.path}"
    if got.host not in (forwarded.host, f"{forwarded.host}:{bound.dialled(wish)}"):
        yield f"host {got.host}, not {forwarded.host}"
    yield from _unlike_headers(got.headers, forwarded.headers)
    yield from _unlike_response(verdict, answer)


def _unlike_headers(got: Mapping[str, str], foreseen: Mapping[str, str]) -> Iterator[str]:
    for name, value in foreseen.items():
        if name != "host" and got.get(name) != value:
            yield f"header {name}: {got.get(name)}, not {value}"
    for name in got.keys() - foreseen.keys() - ADDED:
        yield f"header {name}: {got[name]}, not foreseen"


def _unlike_response(verdict: Verdict, answer: Answer) -> Iterator[str]:
    foreseen = dict(OWN_HEADERS)
    changes = verdict.response_headers
    for name in changes.remove:
        foreseen.pop(name, None)
    foreseen.update(changes.set)
    for name, value in changes.add.items():
        foreseen[name] = f"{foreseen[name]},{value}" if name in foreseen else value
    got = {k: v for k, v in _joined(answer).items() if k in foreseen or k in dict(OWN_HEADERS)}
    if got != foreseen:
        yield f"headers of the answer {got}, not {foreseen}"
