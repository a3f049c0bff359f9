"""Names of files and folders below `rendered/<cluster>/`.

A file is called `<kind>_[<namespace>_]<name>.yaml`. `_` divides the parts and
is encoded inside them, so two resources never meet in one name: `a-b`/`c` and
`a`/`b-c` would, were the divider a hyphen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from edgegen.model.ids import (
    GATEWAY_GROUP,
    METALLB_GROUP,
    TRAEFIK_GROUP,
    ResourceId,
)

MAX_NAME_BYTES = 200
"""Longest file name, suffix included. Names are ASCII: bytes and characters agree."""

PLAIN_GROUPS = frozenset(
    {
        "",
        GATEWAY_GROUP,
        METALLB_GROUP,
        TRAEFIK_GROUP,
        "argoproj.io",
        "helm.toolkit.fluxcd.io",
        "kustomize.toolkit.fluxcd.io",
        "source.toolkit.fluxcd.io",
    }
)
"""Groups whose kinds stand in a file name without their group."""

_SUFFIX = ".yaml"
# No part of a name is empty, so the doubled divider stands in no uncut name.
_CUT = "__"
_HASH_DIGITS = 32
_SAFE = re.compile(r"[a-z0-9-][a-z0-9.-]*\Z")
_UNSAFE_BYTES = re.compile(rb"[^a-z0-9.-]|^\.")


@lru_cache(maxsize=65536)
def encode(part: str) -> str:
    """Return one part of a path, safe on every file system and never `.` or `..`.

    `_`, a leading dot and all characters outside `[a-z0-9.-]` become `%` and
    two hexadecimal digits for each byte. An empty part becomes `%`.
    """
    if _SAFE.match(part):
        return part
    if not part:
        return "%"
    # Lone surrogates have no UTF-8 form; they are kept apart all the same.
    raw = part.encode("utf-8", "surrogatepass")
    return _UNSAFE_BYTES.sub(_percent, raw).decode("ascii")


def _percent(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]


@lru_cache(maxsize=4096)
def _kind_part(group: str, kind: str) -> str:
    # A dot in a kind would look like the start of a group.
    word = encode(kind.lower()).replace(".", "%2E")
    return word if group in PLAIN_GROUPS else f"{word}.{encode(group)}"


def file_name(resource_id: ResourceId) -> str:
    """Return the file name of a resource; it depends on the identity alone.

    Kinds that differ only in case, or that two of the plain groups share, have
    one name; `file_names` keeps those apart.
    """
    group, kind, namespace, name = resource_id
    middle = f"_{encode(namespace)}_" if namespace else "_"
    stem = f"{_kind_part(group, kind)}{middle}{encode(name)}"
    if len(stem) + len(_SUFFIX) <= MAX_NAME_BYTES:
        return stem + _SUFFIX
    return _hashed(stem, resource_id)


def file_names(ids: Iterable[ResourceId]) -> dict[ResourceId, str]:
    """Return a name for each resource of a folder, no two alike, sorted by name.

    The result does not depend on the order of `ids`.
    """
    names: dict[str, ResourceId] = {}
    for resource_id in sorted(set(ids)):
        name = file_name(resource_id)
        if name in names:
            name = _hashed(name.removesuffix(_SUFFIX), resource_id)
        names[name] = resource_id
    return {names[name]: name for name in sorted(names)}


def _hashed(stem: str, resource_id: ResourceId) -> str:
    identity = "\0".join(resource_id).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(identity).hexdigest()[:_HASH_DIGITS]
    cut = stem[: MAX_NAME_BYTES - len(_CUT) - _HASH_DIGITS - len(_SUFFIX)]
    # Half an escape would be read as another character.
    if "%" in cut[-2:]:
        cut = cut[: cut.rindex("%")]
    return f"{cut}{_CUT}{digest}{_SUFFIX}"
