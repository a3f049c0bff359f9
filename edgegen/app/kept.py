"""What earlier runs have found in the clusters of a repository, and whether it holds today.

What is found in a cluster follows from some files: the settings, policies and Teams, the
repository's CRDs, the cluster's own files, and the homes that its composition asks for. Which those
are is known only after composing; so each verdict is kept with the homes that were asked
for, and holds while all of them hold what they held. That is enough: composing asks for
one home after the other, each time because of what it has read before, so that with equal
contents it would ask for the same ones again. A list of homes that is out of date can only fail to fit.

A verdict with an internal error is never kept, nor one of a run during which a file
changed. Contents are read and hashed in every run, and what is parsed is what was hashed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from edgegen import __version__
from edgegen.app.choice import Choice, Chosen
from edgegen.app.verdict import Verdict
from edgegen.cache.codec import Codec
from edgegen.cache.folder import prefix_of
from edgegen.cache.segments import Entry, Segments
from edgegen.diagnostics import Condition, Edit, Note, Place, Problem, ResourceRef, Severity
from edgegen.engine import Hit, Results
from edgegen.fragments import lazily
from edgegen.fragments.digests import Digested, by_home
from edgegen.fragments.layout import Home, Layer
from edgegen.fragments.lazily import STACKED
from edgegen.fragments.unreached import Reach
from edgegen.model.mending import Mend
from edgegen.model.resource import Spot
from edgegen.rules.base import Finding
from edgegen.schema.imported import FOLDER as DEFINITIONS
from edgegen.stack.addresses import AddressRange
from edgegen.summary import (
    AggregateClaim,
    ClusterSummary,
    CommunityClaim,
    HostGrant,
    NamespaceGrant,
    NetworkClaim,
    OutputClaim,
    PoolClaim,
    SessionClaim,
    VipClaim,
)
from edgegen.yamlio import edits

if TYPE_CHECKING:
    from pathlib import Path

    from edgegen.cache.folder import Folder
    from edgegen.fragments.repository import Tree

CODEC = Codec(
    (
        AddressRange,
        AggregateClaim,
        ClusterSummary,
        CommunityClaim,
        Condition,
        Edit,
        Finding,
        Hit,
        HostGrant,
        Mend,
        NamespaceGrant,
        NetworkClaim,
        Note,
        OutputClaim,
        Place,
        PoolClaim,
        Problem,
        Reach,
        ResourceRef,
        SessionClaim,
        Severity,
        Spot,
        VipClaim,
        edits.AddEntries,
        edits.QuoteValue,
        edits.RemoveEntry,
        edits.RenameKey,
        edits.SetValue,
        lazily.Note,
    )
)
"""All types that a verdict may hold; `tests/app/test_kept.py` asks the types themselves."""

_DISTRIBUTIONS = ("jsonschema_rs-", "kubernetes_validate-", "google_re2-", "pyyaml-", "PyYAML-")
_CLUSTER, _HOME = "cluster:", "home:"


class Kept:
    """The verdicts of earlier runs of one repository under one choice of rules."""

    def __init__(self, folder: Folder, root: str, choice: Sequence[Collection[str]]) -> None:
        """Look for them.

        Args:
            root: the folder of the repository.
            choice: the rules that are asked for, and those that are left out.
        """
        codes = [sorted(codes) for codes in choice]
        self._segments = Segments(folder, f"{prefix_of(root)}{_hash(codes)[:8]}-", CODEC)
        self._code = _hash(code_digest(), CODEC.shape(), codes)
        self._base: str | None = None
        self._found: dict[str, Entry] = {}
        self._new: dict[str, Entry] = {}

    def open(self, source: Digested, tree: Tree) -> None:
        """Take notice of what the repository holds today."""
        self._source, self._tree = source, tree
        self._homes = by_home(tree.shared)
        self._joined = cache(lambda home: source.joined(self._homes.get(home, ())))
        self._key_of_parts = cache(self._hash_of_parts)
        common = [
            path for home, ps in self._homes.items() if home.layer not in STACKED for path in ps
        ]
        definitions = list(source.files(DEFINITIONS))
        contents = source.joined(common), source.joined(definitions)
        if None not in contents:
            self._base = _hash(self._code, contents, tree.layers)

    def notes(self) -> Mapping[Home, lazily.Note]:
        """Return what is known of shared homes without reading them."""
        if self._base is None:
            return {}
        names = {_HOME + _part(home): home for home in self._homes if home.layer in STACKED}
        found = self._segments.fitting(list(names), self._key)
        self._found.update(found)
        values = {names[name]: entry.value for name, entry in found.items()}
        return {home: note for home, note in values.items() if isinstance(note, lazily.Note)}

    def verdicts(self, clusters: Iterable[str], rendered: Collection[str]) -> dict[str, Verdict]:
        """Return cluster -> what was kept of it and still holds.

        Args:
            rendered: clusters whose output is wanted, which is not kept.
        """
        if self._base is None:
            return {}
        wanted = {_CLUSTER + name: name for name in clusters if name not in rendered}
        found = self._segments.fitting(list(wanted), self._key)
        self._found.update(found)
        verdicts = ((name, _verdict(wanted[name], entry.value)) for name, entry in found.items())
        return {wanted[name]: verdict for name, verdict in verdicts if verdict is not None}

    def add(self, verdict: Verdict) -> None:
        """Keep what was found in a cluster."""
        if verdict.results.errors:
            return
        parts = tuple(sorted(_part(home) for home in verdict.homes if home.layer in STACKED))
        key = self._joined_key(verdict.name, verdict.own, parts)
        if key:
            self._new[_CLUSTER + verdict.name] = Entry(parts, key, _value(verdict))

    def add_notes(self, shared: lazily.SharedReading) -> None:
        """Keep what everybody needs to know of the shared homes."""
        notes = shared.notes()
        for home in self._homes:
            name = _HOME + _part(home)
            if self._base is not None and home.layer in STACKED and name not in self._found:
                key = self._key(name, ())
                if key:
                    self._new[name] = Entry((), key, notes.get(home, lazily.Note()))

    def write(self) -> None:
        """Write what is new."""
        self._segments.keep(self._found, self._new)

    def _key(self, name: str, parts: Sequence[str]) -> str:
        """Return the key of today's contents; empty, which fits nothing, where they are not known."""
        if name.startswith(_HOME):
            joined = self._joined(_home(name.removeprefix(_HOME)))
            return _hash(self._code, joined) if joined else ""
        cluster = name.removeprefix(_CLUSTER)
        return self._joined_key(cluster, self.own(cluster), tuple(parts))

    def _joined_key(self, cluster: str, own: bytes | None, parts: tuple[str, ...]) -> str:
        contents = self._key_of_parts(parts)
        if self._base is None or own is None or not contents:
            return ""
        return _hash(self._base, cluster, own, contents)

    def own(self, cluster: str) -> bytes | None:
        """Return the digest of the files that only one cluster has."""
        return self._source.joined(self._tree.own.get(cluster, ()))

    def _hash_of_parts(self, parts: tuple[str, ...]) -> str:
        contents = [self._joined(_home(part)) for part in parts]
        return "" if None in contents else _hash(parts, contents)


def _value(verdict: Verdict) -> object:
    found = verdict.results
    return (
        tuple(found.hits),
        tuple(found.problems),
        tuple(found.marked),
        verdict.summary,
        verdict.resources,
        verdict.not_validated,
        verdict.reach,
    )


def _verdict(name: str, value: object) -> Verdict | None:
    match value:
        case (
            tuple(hits),
            tuple(problems),
            tuple(marked),
            ClusterSummary() as summary,
            int(resources),
            int(not_validated),
            Reach() | None as reach,
        ):
            results = Results(list(hits), list(problems), [], list(marked))
            return Verdict(name, results, summary, resources, not_validated, None, reach)
    return None


def kept_of(folder: Folder | None, root: Path, chosen: Chosen | None) -> Kept | None:
    """Return what earlier runs have found in a repository, under the same choice of rules.

    As it was written, since the repository's own policies are chosen from too. Nothing is
    kept of a choice that cannot be written down.
    """
    if folder is None or not isinstance(chosen, Choice | None):
        return None
    choice = (chosen.select, chosen.ignore) if chosen else ((), ())
    return Kept(folder, str(root), choice)


def _part(home: Home) -> str:
    return "/".join((home.layer.value, home.team, home.name))


def _home(part: str) -> Home:
    layer, team, name = part.split("/")
    return Home(Layer(layer), team, name)


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def code_digest() -> str:
    """Return a digest of the program itself: versions, and time and size of its modules.

    The libraries whose judgement findings rest on are in it by the names that `pip` gives
    their folders.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  # `pathlib` costs start-up
    found: list[object] = [__version__, sys.version]
    folders = [package]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders += [entry.path] if entry.name != "__pycache__" else []
                else:
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
    for folder in sys.path:
        if folder.endswith("-packages"):
            with os.scandir(folder) as entries:
                found += [entry.path for entry in entries if entry.name.startswith(_DISTRIBUTIONS)]
    return _hash(sorted(map(str, found)))
