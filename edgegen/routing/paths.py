"""Paths of requests: as Traefik reads them, and as modifiers change them."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED = frozenset(":/?#[]@!$&'()*+,;=%")
_KEPT = "$&+,/:;=@~"  # besides letters, digits and `-_.`
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def split(path: str) -> tuple[str, str | None]:
    """Split path and query; the query is None where there is no `?`."""
    plain, mark, query = path.partition("?")
    return plain or "/", query if mark else None


def joined(path: str, query: str | None) -> str:
    """Return path and query as a client sends them."""
    return path if query is None else f"{path}?{query}"


def normalised(path: str) -> str | None:
    """Return the path as Traefik's entryPoint passes it on, None where it is refused with 400.

    Unreserved characters are decoded, then `//`, `/./` and `/../` are resolved
    (pkg/server/server_entrypoint_tcp.go, `normalizePath`, `sanitizePath`, 3.7).
    """
    if _BROKEN.search(path):
        return None
    return cleaned(_ESCAPE.sub(_decoded_if_unreserved, path))


def _decoded_if_unreserved(escape: re.Match[str]) -> str:
    char = chr(int(escape[1], 16))
    return char if char in _UNRESERVED else escape[0].upper()


def cleaned(path: str) -> str:
    """Resolve a path as Go's `URL.JoinPath` does: a slash at the end stays."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean


def routing_path(path: str) -> str:
    """Return what Traefik's matchers see: all is decoded but reserved characters.

    Source: pkg/muxer/http/mux.go, `withRoutingPath`, 3.7.
    """
    return _ESCAPES.sub(_decoded_unless_reserved, path) if "%" in path else path


def _decoded_unless_reserved(run: re.Match[str]) -> str:
    parts: list[str] = []
    pending = bytearray()
    for code in run[0][1:].split("%"):
        char = chr(int(code, 16))
        if char in _RESERVED:
            parts += (pending.decode("utf-8", "replace"), "%" + code)
            pending.clear()
        else:
            pending.append(int(code, 16))
    return "".join(parts) + pending.decode("utf-8", "replace")


def below(path: str, prefix: str) -> bool:
    """Say whether a path lies at or below a prefix, element by element."""
    prefix = prefix.rstrip("/")
    return not prefix or path == prefix or path.startswith(prefix + "/")


def replaced_prefix(path: str, prefix: str, replacement: str) -> str:
    """Replace a matched prefix as the table of `HTTPPathModifier` has it (apis/v1, 1.6.1)."""
    rest = path[len(prefix.rstrip("/")) :]
    return rooted(replacement.rstrip("/") + rest)


def traefik_replaced_prefix(path: str, prefix: str, replacement: str) -> str:
    """Replace a prefix as Traefik does: what is not the prefix's text is put behind.

    Nothing gives the result a leading slash where the replacement has none
    (pkg/middlewares/gatewayapi/urlrewrite, `ServeHTTP`; the binary 3.7.15).
    """
    rest = path.removeprefix(prefix.rstrip("/")).removeprefix("/")
    parts = [part for part in (escaped(replacement), rest) if part]
    clean = posixpath.normpath("/".join(parts)) if parts else ""
    clean = re.sub(r"\A//+", "/", clean)
    return clean + "/" if path.endswith("/") and not clean.endswith("/") else clean


def escaped(path: str) -> str:
    """Write a path as Go's `URL.EscapedPath` does where nothing is known of its escapes."""
    return quote(path, safe=_KEPT)


def rooted(path: str) -> str:
    """Return a path with its leading slash."""
    return path if path.startswith("/") else "/" + path
