"""A request on its way through the filters of a rule, and what they make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.routing import paths
from edgegen.routing.verdict import DEFAULT_PORTS, Forwarded, ResponseHeaders

if TYPE_CHECKING:
    from edgegen.routing.verdict import Backend, Request

_HTTP_OF = {"grpc": "http", "grpcs": "https"}


@dataclass(slots=True)
class Flow:
    """What a filter may change, and what it decided; lives for one request.

    Attributes:
        scheme: `http` or `https`.
        host: the hostname that is asked for, without a port.
        port: the one that the client dialled.
        listener_port: the one that the listener names.
        headers: lines in order; names in lower case.
        sets, adds, removes: what happens to the answer's headers.
        redirect: status and URL, where a filter answers.
        failure: status and reason, where a filter refuses.
        unmodelled: Middlewares whose effect is not known here.
    """

    scheme: str
    host: str
    port: int
    listener_port: int
    path: str
    query: str | None
    method: str
    headers: list[tuple[str, str]]
    sets: dict[str, str] = field(default_factory=dict)
    adds: dict[str, str] = field(default_factory=dict)
    removes: list[str] = field(default_factory=list)
    redirect: tuple[int, str] | None = None
    failure: tuple[int, str] | None = None
    mirrors: list[Backend] = field(default_factory=list)
    unmodelled: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether a filter has answered, so that nothing behind it is asked."""
        return self.redirect is not None or self.failure is not None

    @property
    def authority(self) -> str:
        """Host and port as the client sends them in `Host`."""
        default = DEFAULT_PORTS.get(self.scheme)
        return authority(self.host, None if self.port == default else self.port)

    @property
    def url(self) -> str:
        """The URL that the client asked for, as far as no filter has changed it."""
        return f"{self.scheme}://{self.authority}{paths.joined(self.path, self.query)}"

    def header(self, name: str) -> list[str]:
        """Return the lines of a header."""
        return [value for key, value in self.headers if key == name.lower()]

    def set_header(self, name: str, value: str) -> None:
        """Replace all lines of a header of the request by one."""
        self.remove_header(name)
        self.headers.append((name.lower(), value))

    def add_header(self, name: str, value: str) -> None:
        """Add a line to a header of the request."""
        self.headers.append((name.lower(), value))

    def remove_header(self, name: str) -> None:
        """Remove all lines of a header of the request."""
        self.headers = [line for line in self.headers if line[0] != name.lower()]

    def forwarded(self) -> Forwarded:
        """Return what a backend sees."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return Forwarded(self.host, paths.joined(self.path, self.query), joined)

    def response_headers(self) -> ResponseHeaders:
        """Return what happens to the answer's headers."""
        removed = tuple(dict.fromkeys(self.removes))
        return ResponseHeaders(dict(self.sets), dict(self.adds), removed)


def flow_of(request: Request, listener_port: int, path: str | None = None) -> Flow:
    """Return the start of a request's way.

    Args:
        path: without query, where the proxy has changed it already.
    """
    plain, query = paths.split(request.path)
    return Flow(
        scheme=_HTTP_OF.get(request.scheme, request.scheme),
        host=request.host,
        port=request.port,
        listener_port=listener_port,
        path=plain if path is None else path,
        query=query,
        method=request.method,
        headers=[(name.lower(), value) for name, value in request.headers],
    )


def authority(host: str, port: int | None) -> str:
    """Join host and port as a URL has them; None leaves the port out."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return shown if port is None else f"{shown}:{port}"
