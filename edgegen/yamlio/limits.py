"""How much a file may ask of its reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading; what lies beyond is a problem, never a slow or failed run.

    Attributes:
        file_bytes: size of a file.
        scalar_bytes: size of one scalar in UTF-8; etcd takes 1.5 MiB for a whole object.
        depth: nesting after the expansion of aliases, far below Python's recursion limit.
        nodes: scalars and collections of a document after the expansion of aliases;
            the route of a thousand lines is far below, a List of 13,000 routes is not.
        problems: findings a document may have before the rest is only counted.
    """

    file_bytes: int = 256 * 1024 * 1024
    scalar_bytes: int = 1024 * 1024
    depth: int = 100
    nodes: int = 1_000_000
    problems: int = 100


DEFAULT_LIMITS = Limits()
