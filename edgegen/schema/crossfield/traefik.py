"""Cross-field rules of Traefik's kinds.

Source: Traefik 3.7, docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.schema.crossfield.breach import (
    EXCLUSIVE_FIELDS,
    REFUSED_TEXT,
    Breach,
    Fields,
    breach,
    fields,
    objects,
)
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path
    from edgegen.yamlio.document import Json


def middleware(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a Middleware."""
    del version, experimental  # there is one
    prefix = fields(spec.get("addPrefix")).get("prefix")
    if isinstance(prefix, str) and not prefix.startswith("/"):
        path: Path = ("spec", "addPrefix", "prefix")
        message = f"prefix {quoted(prefix)} does not start with /"
        found.append(breach(path, path, REFUSED_TEXT, message, f"write {quoted('/' + prefix)}"))


def servers_transport(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a ServersTransport."""
    del version, experimental  # there is one
    _root_cas(spec.get("rootCAs"), ("spec", "rootCAs"), found)


def servers_transport_tcp(
    spec: Fields, version: str, experimental: bool, found: list[Breach]
) -> None:
    """Judge the spec of a ServersTransportTCP."""
    del version, experimental  # there is one
    _root_cas(fields(spec.get("tls")).get("rootCAs"), ("spec", "tls", "rootCAs"), found)


def _root_cas(items: Json, at: Path, found: list[Breach]) -> None:
    for index, item in objects(items):
        if item.get("secret") is not None and item.get("configMap") is not None:
            path = (*at, index)
            message = f"{field_text(path)} has both secret and configMap"
            remedy = "write each as an item of its own"
            found.append(breach(path, (*path, "configMap"), EXCLUSIVE_FIELDS, message, remedy))
