"""Requests that get another answer: as JSON, and as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote_plus

from edgegen.compare.requests import Move
from edgegen.compare.resources import HIDDEN
from edgegen.diagnostics import SENSITIVE
from edgegen.routing.verdict import BACKEND, DEFAULT_PORTS, REDIRECT, UNDETERMINED

if TYPE_CHECKING:
    from edgegen.compare.requests import Answer, Part, RequestChange, RequestChanges
    from edgegen.routing.verdict import Request
    from edgegen.yamlio.document import Json

_SIGNS = {Move.STOPS: "-", Move.UNDECIDED: "?", Move.MOVES: "~", Move.STARTS: "+"}
_MOST_SHOWN = 30
_MOST_PATHS = 3
_WITHOUT_PATH = ("tls", "tcp", "udp")

Mark = Callable[[str], str]
"""Makes a value of the user's files safe for the format, and sets it apart."""


def alike(found: RequestChanges) -> tuple[object, ...]:
    """Return what the requests of clusters share that differ in hostnames alone."""
    return found.is_cut, tuple(
        (one.move, one.paths, one.before.kind(), one.after.kind()) for one in found.changes
    )


def requests_json(found: Iterable[tuple[str, RequestChanges]]) -> dict[str, Json]:
    """Return the requests that get another answer, of clusters by name."""
    known = list(found)
    return {
        "changes": [_change(name, change) for name, one in known for change in one.changes],
        "asked": sum(one.asked for _, one in known),
        "cut": any(one.is_cut for _, one in known),
    }


def _change(cluster: str, one: RequestChange) -> Json:
    request = one.request
    return {
        "cluster": cluster,
        "change": one.move.value,
        "hostname": one.hostname,
        "paths": list(one.paths),
        "example": {
            "url": url_of(request),
            "method": request.method,
            "headers": {name: _shown(name, value) for name, value in request.headers},
            "address": request.dialled or None,
        },
        "before": _answer(one.before),
        "after": _answer(one.after),
    }


def _answer(answer: Answer) -> Json:
    seen = answer.forwarded
    return {
        "outcome": answer.outcome,
        "edge": answer.edge,
        "status": answer.status,
        "location": answer.location,
        "reason": answer.reason,
        "routes": list(answer.routes),
        "teams": list(answer.teams),
        "backends": [
            {
                "kind": part.kind,
                "namespace": part.namespace,
                "name": part.name,
                "port": part.port,
                "share": part.share,
                "valid": part.valid,
            }
            for part in answer.backends
        ],
        "forwarded": None if seen is None else {"host": seen[0], "path": seen[1]},
    }


def url_of(request: Request) -> str:
    """Return the URL of a request; values of secret parameters are hidden."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    port = "" if DEFAULT_PORTS.get(request.scheme) == request.port else f":{request.port}"
    path, mark, query = request.path.partition("?")
    if mark:
        pairs = parse_qsl(query, keep_blank_values=True)
        path += "?" + "&".join(f"{quote_plus(name)}={_sent(name, value)}" for name, value in pairs)
    return f"{request.scheme}://{host}{port}" + ("" if request.scheme in _WITHOUT_PATH else path)


def _sent(name: str, value: str) -> str:
    return HIDDEN if SENSITIVE.search(name) else quote_plus(value)


def _shown(name: str, value: str) -> str:
    return HIDDEN if SENSITIVE.search(name) else value


def request_lines(found: RequestChanges, mark: Mark) -> Iterator[str]:
    """Yield two lines a change: what happens, and an example; the rest is counted."""
    for one in found.changes[:_MOST_SHOWN]:
        before, after = _words(one.before, one.after, mark), _words(one.after, one.before, mark)
        yield f"{_SIGNS[one.move]} {mark(one.hostname)}{_paths(one, mark)}: {before} -> {after}"
        yield f"    {mark(_example(one.request))}"
    if len(found.changes) > _MOST_SHOWN:
        yield f"… and {len(found.changes) - _MOST_SHOWN:,} more"
    if found.is_cut:
        yield f"only the first {found.asked:,} requests were compared"


def _paths(one: RequestChange, mark: Mark) -> str:
    if not one.paths:
        return ""
    more = len(one.paths) - _MOST_PATHS
    shown = ", ".join(map(mark, one.paths[:_MOST_PATHS]))
    return f" {shown}" + (f" and {more:,} more paths" if more > 0 else "")


def _example(request: Request) -> str:
    method = "" if request.scheme in _WITHOUT_PATH else f"{request.method} "
    headers = "".join(f", {name}: {_shown(name, value)}" for name, value in request.headers)
    address = f" at {request.dialled}" if request.dialled else ""
    return f"{method}{url_of(request)}{headers}{address}"


def _words(answer: Answer, other: Answer, mark: Mark) -> str:
    """Return an answer in words: only as much of it as tells it from the other one."""
    team = f" (team {', '.join(map(mark, answer.teams))})" if answer.teams else ""
    if answer.outcome == BACKEND:
        text = ", ".join(_part(part, mark) for part in answer.backends)
        if answer.forwarded is not None and answer.forwarded != other.forwarded:
            same = answer.backends == other.backends
            text += f" sees {mark(''.join(answer.forwarded))}" if same else ""
        if other.somebody and answer.seen() == other.seen():
            text += f" at edge {mark(answer.edge)}"
        return text + team
    if answer.outcome == REDIRECT:
        return f"{answer.status} to {mark(answer.location or '')}{team}"
    if answer.outcome == UNDETERMINED:
        return (
            f"{' or '.join(map(mark, answer.routes))}{team}: {mark(answer.reason or 'by chance')}"
        )
    status = str(answer.status) if answer.status else answer.outcome.replace("-", " ")
    return f"nobody ({status})"


def _part(part: Part, mark: Mark) -> str:
    port = "" if part.port is None else f":{part.port}"
    share = "" if part.share == 1 else f" ({part.share:.3g})"
    fault = "" if part.valid else ", which answers an error"
    return f"{mark(f'{part.kind} {part.namespace}/{part.name}{port}')}{share}{fault}"
