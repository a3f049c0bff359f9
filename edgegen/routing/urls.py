"""From a URL, as people write it, to a request."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from edgegen.errors import EdgegenError
from edgegen.routing.verdict import DEFAULT_PORTS, GRPC_SCHEMES, SCHEMES, Request

_SAFE = "/%:@!$&'()*+,;=~-._"
_HIGHEST_PORT = 65_535
_WITH_PATH = ("http", "https", *sorted(GRPC_SCHEMES))


def request_of(
    url: str,
    *,
    method: str | None = None,
    headers: Iterable[str] = (),
    sni: str | None = None,
) -> Request:
    """Return the request that a URL means.

    Args:
        method: GET by default; a call of gRPC is always a POST.
        headers: `name: value`; a `Host` says what is asked for where the URL
            says what is dialled.

    Raises:
        EdgegenError: URL or header cannot be read; says what is missing.
    """
    scheme, rest, host, port = _parts(url)
    lines = [_header(text) for text in headers]
    asked = [value for name, value in lines if name.lower() == "host"]
    named = _without_port(asked[-1]) if asked else host
    return Request(
        scheme=scheme,
        host=named,
        port=port,
        path=rest if scheme in _WITH_PATH else "/",
        method="POST" if scheme in GRPC_SCHEMES else (method or "GET").upper(),
        headers=tuple(line for line in lines if line[0].lower() != "host"),
        sni=sni,
        dialled=host if asked else "",
    )


def _parts(url: str) -> tuple[str, str, str, int]:
    """Return scheme, path with query, host and port."""
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in SCHEMES:
        raise EdgegenError(
            f'"{url}" has no scheme', f"write one of {', '.join(SCHEMES)}: https://…"
        )
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
    except ValueError as error:
        raise EdgegenError(f'"{url}" is no URL: {error}') from error
    if not host:
        raise EdgegenError(f'"{url}" names no host', "write SCHEME://HOST")
    if port is None:
        port = DEFAULT_PORTS.get(scheme)
    if port is None or not 0 < port <= _HIGHEST_PORT:
        raise EdgegenError(f'"{url}" names no port', f"write {scheme}://{host}:PORT")
    path = quote(split.path, safe=_SAFE) or "/"
    query = f"?{quote(split.query, safe=_SAFE + '?')}" if split.query else ""
    return scheme, path + query, host, port


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise EdgegenError(f'"{text}" is no header', "write 'name: value'")
    return name.strip(), value.strip()


def _without_port(text: str) -> str:
    """Return the host of a `Host` header."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, port = text.rpartition(":")
    return host if host and port.isdecimal() else text
