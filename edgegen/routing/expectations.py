"""What is expected of a verdict, and where the verdict is another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.diagnostics import SENSITIVE
from edgegen.routing.verdict import BACKEND, REDIRECT, UNDETERMINED

if TYPE_CHECKING:
    from edgegen.routing.verdict import Backend, Verdict
    from edgegen.yamlio.document import Json

_NAME = re.compile(
    r"(?:(?P<kind>[A-Z][A-Za-z0-9]*)/)?(?:(?P<namespace>[^/:]+)/)?(?P<name>[^/:]+)(?::(?P<port>[0-9]+))?"
)
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
_SAME = 1e-9  # shares are quotients of whole weights


@dataclass(frozen=True, slots=True)
class Named:
    """A backend as a test names it; what it leaves out may be anything."""

    text: str
    name: str
    kind: str | None = None
    namespace: str | None = None
    port: int | None = None

    def means(self, backend: Backend) -> bool:
        """Say whether a backend is the one that is named."""
        return (
            self.name == backend.name
            and self.kind in (None, backend.kind)
            and self.namespace in (None, backend.namespace)
            and self.port in (None, backend.port)
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to come of a request; what is None is not looked at.

    Attributes:
        backends: with the part of the requests that each has to get, 0 to 1.
        headers: that the backend sees; None for one that it must not see.
        response: that the edge writes into the answer; None for one that it takes away.
    """

    backends: tuple[tuple[Named, float], ...] = ()
    redirect: str | None = None
    status: int | None = None
    outcome: str | None = None
    path: str | None = None
    host: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    response: Mapping[str, str | None] = field(default_factory=dict)
    by: tuple[str, ...] = ("traefik",)


def named(text: str) -> Named | None:
    """Read `[Kind/][namespace/]name[:port]`; None for what is no such name."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    port = found["port"]
    return Named(
        text, found["name"], found["kind"], found["namespace"], None if port is None else int(port)
    )


def expectation_of(expect: Mapping[str, Json]) -> Expectation:
    """Read the `expect` of a test that its schema has passed, variables replaced.

    Raises:
        ValueError: a name of a backend is none, which a variable may lead to.
    """
    status, verdict = expect.get("status"), expect.get("verdict")
    return Expectation(
        backends=tuple(_backends(expect.get("backend"))),
        redirect=_text(expect.get("redirect")),
        status=status if isinstance(status, int) else None,
        outcome=_text(expect.get("outcome")),
        path=_text(expect.get("path")),
        host=_text(expect.get("host")),
        headers=_lines(expect.get("headers")),
        response=_lines(expect.get("responseHeaders")),
        by=("traefik", "spec") if verdict == "both" else (_text(verdict) or "traefik",),
    )


def _backends(value: Json) -> Iterator[tuple[Named, float]]:
    weights = value if isinstance(value, dict) else {} if value is None else {_text(value): 1}
    total = sum(weight for weight in weights.values() if isinstance(weight, int))
    for text, weight in weights.items():
        found = named(text or "")
        if found is None:
            raise ValueError(text)
        part = weight / total if isinstance(weight, int) and total else 0.0
        yield found, part


def _text(value: Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _lines(value: Json) -> dict[str, str | None]:
    lines = value if isinstance(value, dict) else {}
    return {name.lower(): _text(item) for name, item in lines.items()}


def unlike(expected: Expectation, verdict: Verdict) -> Iterator[str]:
    """Yield where a verdict is not what is expected, in words."""
    got = answer(verdict)
    if expected.outcome not in (None, verdict.outcome):
        yield f"expected outcome {expected.outcome}, but got {got}"
    if expected.status not in (None, verdict.status):
        yield f"expected status {expected.status}, but got {got}"
    if expected.redirect not in (None, verdict.location):
        yield f"expected a redirect to {expected.redirect}, but got {got}"
    if expected.backends and not _are(expected.backends, verdict):
        yield f"expected {_wanted(expected.backends)}, but got {got}"
    elif expected.path or expected.host or expected.headers:
        yield from _unlike_forwarded(expected, verdict, got)
    yield from _unlike_response(expected.response, verdict)


def _are(wanted: tuple[tuple[Named, float], ...], verdict: Verdict) -> bool:
    """Say whether exactly the wanted backends get exactly their parts of the requests."""
    if verdict.outcome != BACKEND:
        return False
    taking = [backend for backend in verdict.backends if backend.share > 0]
    if any(not b.valid or not any(name.means(b) for name, _ in wanted) for b in taking):
        return False
    return all(
        abs(sum(b.share for b in taking if name.means(b)) - part) < _SAME for name, part in wanted
    )


def _wanted(wanted: tuple[tuple[Named, float], ...]) -> str:
    if len(wanted) == 1:
        return f"backend {wanted[0][0].text}"
    return "backends " + ", ".join(f"{name.text} ({part:.4g})" for name, part in wanted)


def _unlike_forwarded(expected: Expectation, verdict: Verdict, got: str) -> Iterator[str]:
    seen = verdict.forwarded
    if verdict.outcome != BACKEND or seen is None:
        yield f"expected that a backend sees the request, but got {got}"
        return
    if expected.path not in (None, seen.path):
        yield f"expected that the backend sees path {expected.path}, but it sees {seen.path}"
    if expected.host not in (None, seen.host):
        yield f"expected that the backend sees host {expected.host}, but it sees {seen.host}"
    for name, value in expected.headers.items():
        found = seen.headers.get(name)
        if found != value:
            yield f"expected that the backend sees {_header(name, value)}, but it sees {_header(name, found)}"


def _unlike_response(expected: Mapping[str, str | None], verdict: Verdict) -> Iterator[str]:
    changes = verdict.response_headers
    for name, value in expected.items():
        written = [part for part in (changes.set.get(name), changes.add.get(name)) if part]
        found = ",".join(written) if written else None
        taken = found is None and name in changes.remove
        if value is None and not taken:
            does = f"writes {_header(name, found)}" if found else f"leaves {name} as it is"
            yield f"expected that the edge takes {name} out of the answer, but it {does}"
        elif value is not None and value != found:
            does = f"takes {name} away" if taken else f"writes {_header(name, found)}"
            yield f"expected that the edge writes {_header(name, value)} into the answer, but it {does}"


def _header(name: str, value: str | None) -> str:
    shown = "…" if SENSITIVE.search(name) or name in _CREDENTIALS else value
    return f"no {name}" if value is None else f"{name}: {shown}"


def answer(verdict: Verdict) -> str:
    """Return in a few words what a request comes to."""
    if verdict.outcome == BACKEND:
        return ", ".join(_taking(backend) for backend in verdict.backends if backend.share > 0)
    if verdict.outcome == REDIRECT:
        return f"redirect {verdict.status} to {verdict.location}"
    if verdict.outcome == UNDETERMINED:
        return f"undetermined: {verdict.reason}, {' or '.join(verdict.candidates)}"
    status = f" {verdict.status}" if verdict.status else ""
    return f"{verdict.outcome}{status}: {verdict.reason}"


def _taking(backend: Backend) -> str:
    port = "" if backend.port is None else f":{backend.port}"
    share = "" if backend.share == 1 else f" ({backend.share:.4g})"
    fault = "" if backend.valid else f", {backend.reason}"
    return f"{backend.kind}/{backend.namespace}/{backend.name}{port}{share}{fault}"
