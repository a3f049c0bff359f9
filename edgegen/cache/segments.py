"""Verdicts in files, a segment a run: what is found again, and what is written beside it.

A segment holds what one run had to judge: for each name the parts that it was made of,
the key of their contents, and the value. A later run takes a name's value from any
segment whose key fits today's contents, and writes a segment with the rest. When there
are many segments, the small ones are written as one; when most of what they hold is out of date,
all of them are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.cache.codec import Codec, CodecError, Encoder, decode

if TYPE_CHECKING:
    from edgegen.cache.folder import Folder, Found

_MOST = 8
"""Segments of one repository, before the small ones are joined."""
_TIMES_LARGER = 4
"""How many entries may lie in segments for each one that is in use."""

KeyOf = Callable[[str, Sequence[str]], str]
"""Returns the key of a name's value today, made of these parts of the repository."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept value: which parts of the repository it was made of, and the key of their contents."""

    parts: tuple[str, ...]
    key: str
    value: object


@dataclass(slots=True)
class Segment:
    """A file as it was read: name -> number of its parts, key and node."""

    file: str
    parts: list[tuple[str, ...]]
    heads: dict[str, tuple[int, str, int]]
    nodes: str
    _values: list[object] | None = field(default=None)

    def values(self, codec: Codec) -> list[object]:
        """Return the values of the nodes; read when first asked for."""
        if self._values is None:
            self._values = decode(codec, json.loads(self.nodes))
        return self._values


class Segments:
    """What earlier runs have kept of one repository."""

    def __init__(self, folder: Folder, prefix: str, codec: Codec) -> None:
        """Read the heads of the segments.

        Args:
            prefix: what the names of the files begin with.
        """
        self._folder = folder
        self._prefix = prefix
        self._codec = codec
        self._segments = [
            segment for found in folder.read(prefix) if (segment := _segment(found)) is not None
        ]
        self._from: dict[str, Segment] = {}

    def __bool__(self) -> bool:
        return bool(self._segments)

    def fitting(self, names: Sequence[str], key_of: KeyOf) -> dict[str, Entry]:
        """Return name -> the entry that fits today's contents, for those that have one."""
        found: dict[str, Entry] = {}
        for segment in self._segments:
            try:
                for name in names:
                    head = None if name in found else segment.heads.get(name)
                    if head is None:
                        continue
                    parts = segment.parts[head[0]]
                    if key_of(name, parts) == head[1]:
                        value = segment.values(self._codec)[head[2]]
                        found[name] = Entry(parts, head[1], value)
                        self._from[name] = segment
            except (CodecError, ValueError, LookupError, TypeError):
                continue  # written by another version, or not by us: as if it were not there
        return found

    def keep(self, found: Mapping[str, Entry], new: Mapping[str, Entry]) -> None:
        """Write what is new, and join segments where there are many.

        Args:
            found: what `fitting` returned; all other names are out of date.
        """
        if not new:
            return
        held = sum(len(segment.heads) for segment in self._segments)
        if held + len(new) > _TIMES_LARGER * (len(found) + len(new)):
            joined = self._segments
        elif len(self._segments) >= _MOST:
            large = max(self._segments, key=lambda segment: len(segment.heads))
            joined = [segment for segment in self._segments if segment is not large]
        else:
            joined = []
        gone = {segment.file for segment in joined}
        again = {n: e for n, e in found.items() if self._from[n].file in gone}
        written = self._folder.write(self._prefix, _content({**again, **new}, self._codec))
        if written is not None:
            self._folder.remove(sorted(gone))
        self._folder.prune()


def _content(entries: Mapping[str, Entry], codec: Codec) -> bytes:
    encoder = Encoder(codec)
    parts: dict[tuple[str, ...], int] = {}
    heads: dict[str, tuple[int, str, int]] = {}
    for name, entry in entries.items():
        number = parts.setdefault(entry.parts, len(parts))
        try:
            heads[name] = (number, entry.key, encoder.add(entry.value))
        except (CodecError, RecursionError):
            continue  # nothing is kept of it; nodes that were added meanwhile do no harm
    head = {"parts": list(parts), "heads": heads}
    texts = (json.dumps(part, separators=(",", ":")) for part in (head, encoder.nodes))
    return "\n".join(texts).encode("ascii")


def _segment(found: Found) -> Segment | None:
    first, _, second = found.content.partition(b"\n")
    try:
        head = json.loads(first)
        parts = [tuple(map(str, names)) for names in head["parts"]]
        heads = {str(n): (int(h[0]), str(h[1]), int(h[2])) for n, h in head["heads"].items()}
        return Segment(found.name, parts, heads, second.decode("ascii"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
