"""A fragments repository, read once: every fragment, and where it lives."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from edgegen.diagnostics import SUPPRESSION_MARK, Place, Problem, ResourceRef
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.layout import (
    CLUSTERS,
    LAYERS,
    POLICIES,
    Home,
    Layer,
    fragment_files,
    home_of,
    is_kustomization,
)
from edgegen.fragments.variables import names_in
from edgegen.model.ids import EDGEGEN_GROUP, group_of
from edgegen.model.path import value_at
from edgegen.model.resource import Spot
from edgegen.schema.words import closest
from edgegen.yamlio import locate, read_bytes

if TYPE_CHECKING:
    from edgegen.fragments.ahead import Ahead, Listing
    from edgegen.model.path import Path
    from edgegen.sources import Source
    from edgegen.yamlio import Document
    from edgegen.yamlio import Reading as FileReading
    from edgegen.yamlio.document import Json

_FILES_A_POLL = 16


@dataclass(slots=True, eq=False)  # one a document: a frozen one takes four times as long
class Fragment:
    """One document of a fragment folder.

    `names` are the variables that it refers to; a fragment without any is the
    same in every cluster.
    """

    document: Document
    home: Home
    api_version: str
    group: str
    kind: str
    names: frozenset[str]

    @property
    def value(self) -> dict[str, Json]:
        """The document's mapping, before substitution."""
        value = self.document.value
        return value if isinstance(value, dict) else {}

    @property
    def is_edgegen(self) -> bool:
        """Say whether this is one of edgegen's own kinds."""
        return self.group == EDGEGEN_GROUP

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value of this fragment."""
        return spot_of(self.document, path)


def spot_of(document: Document, path: Path = ()) -> Spot:
    """Return the spot of a value of a document that is no merged resource yet."""
    value = document.value if isinstance(document.value, dict) else {}
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    ref = ResourceRef(
        *(
            text if isinstance(text, str) else ""
            for text in (
                value.get("apiVersion"),
                value.get("kind"),
                metadata.get("namespace"),
                metadata.get("name"),
            )
        )
    )
    return Spot(document.path, document.index, path, ref, path, ".".join(map(str, path)))


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a repository, by what they concern; plain data.

    Attributes:
        shared: settings, policies, layers, and teams' files for every cluster.
        own: cluster -> the files of its folder and the teams' overrides for it.
        teams: team folder -> its first file.
        problems: files that no fragment folder takes, links that lead out.
    """

    shared: tuple[str, ...]
    own: Mapping[str, tuple[str, ...]]
    clusters: tuple[str, ...]
    layers: tuple[str, ...]
    teams: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Reading:
    """The fragments of some files, by home, in order of file and document.

    `marked` names the files that hold a suppression comment.
    """

    problems: list[Problem] = field(default_factory=list)
    by_home: dict[Home, list[Fragment]] = field(default_factory=dict)
    files: int = 0
    marked: list[str] = field(default_factory=list)

    def of(self, layer: Layer, team: str = "", name: str = "") -> list[Fragment]:
        """Return the fragments of one home."""
        return self.by_home.get(Home(layer, team, name), [])


def list_tree(source: Source, listing: Listing | None = None) -> Tree:
    """List the files of a repository without reading them.

    Args:
        listing: the files, where they are known already.
    """
    shared: list[str] = []
    own: dict[str, list[str]] = {}
    problems: list[Problem] = []
    homes: dict[Home, str] = {}
    for path in listing.paths if listing else fragment_files(source):
        home = home_of(path)
        homes.setdefault(home, path)
        if is_kustomization(path):
            problems.append(_kustomization(path))
        elif home.layer is Layer.NOWHERE:
            problems.append(_misplaced_file(path))
        elif home.layer in (Layer.CLUSTER, Layer.TEAM_CLUSTER):
            own.setdefault(home.name, []).append(path)
        else:
            shared.append(path)
    clusters = tuple(name for name in source.folders(CLUSTERS) if name != LAYERS)
    layers = tuple(source.folders(f"{CLUSTERS}/{LAYERS}"))
    escapes = listing.escapes if listing else ()
    found = (path for path in getattr(source, "escapes", ()) if path not in escapes)
    problems += [_escape(path) for path in (*escapes, *found)]
    problems += _unknown_folders(homes, clusters, layers)
    files = {name: tuple(paths) for name, paths in own.items()}
    teams: dict[str, str] = {}
    for home, path in homes.items():
        if home.team:
            teams.setdefault(home.team, path)
    return Tree(tuple(shared), files, clusters, layers, teams, tuple(problems))


def read_fragments(source: Source, paths: Iterable[str], ahead: Ahead | None = None) -> Reading:
    """Read the fragments of files.

    Args:
        ahead: what another process has read, and still reads.
    """
    paths = list(paths)
    ours = dict(_from_the_last(source, paths, ahead)) if ahead else {}
    result = Reading()
    for path in paths:
        documents = ahead.take(path) if ahead and path not in ours else None
        result.files += 1
        if documents is not None:
            _keep(path, documents, result)
            continue
        try:
            reading = ours.get(path) or read_bytes(path, source.read(path))
        except FileTooLargeError as error:
            result.problems.append(too_large(path, error))
            continue
        result.problems += reading.problems
        _keep(path, reading.documents, result)
    return result


def _from_the_last(
    source: Source, paths: Sequence[str], ahead: Ahead
) -> Iterator[tuple[str, FileReading]]:
    """Read files from the last one on, until the other process comes along from the first."""
    for position, path in enumerate(reversed(paths)):
        if position % _FILES_A_POLL == 0:
            ahead.poll()
        if path in ahead:
            break
        # What cannot be read is told of in its turn.
        with contextlib.suppress(EdgegenError, FileTooLargeError):
            yield path, read_bytes(path, source.read(path))


def _keep(path: str, documents: Iterable[Document], result: Reading) -> None:
    home = home_of(path)
    fragments = result.by_home.setdefault(home, [])
    for document in documents:
        problem = shape_problem(document)
        if problem is not None:
            result.problems.append(problem)
        else:
            fragments.append(_fragment(document, home))
        if SUPPRESSION_MARK in document.text and path not in result.marked[-1:]:
            result.marked.append(path)


def _fragment(document: Document, home: Home) -> Fragment:
    value = document.value if isinstance(document.value, dict) else {}
    return Fragment(
        document,
        home,
        str(value["apiVersion"]),
        group_of(str(value["apiVersion"])),
        str(value["kind"]),
        names_in(value) if "${" in document.text else frozenset(),
    )


def shape_problem(document: Document) -> Problem | None:
    """Return a problem when a document is no resource at all."""
    value = document.value
    if not isinstance(value, dict):
        return Problem(
            "not-a-resource",
            "document is no mapping",
            _first(document),
            help="write a manifest with apiVersion, kind and metadata",
        )
    for key in ("apiVersion", "kind"):
        if not isinstance(value.get(key), str) or not value[key]:
            return Problem(
                "not-a-resource",
                f"document has no {key}",
                _first(document),
                help="a manifest starts with apiVersion and kind",
            )
    return None


def _first(document: Document) -> Place:
    if document.text.strip():
        return locate(document, ())
    return Place(document.path, document.line, 1, document.line, 1, document.index)


def too_large(path: str, error: FileTooLargeError) -> Problem:
    """Return the problem of a file that was left unread for its size."""
    return Problem("yaml-too-large", str(error), Place(path), help="split the file")


def _kustomization(path: str) -> Problem:
    return Problem(
        "kustomization-among-fragments",
        f"{PurePosixPath(path).name} has no meaning in a fragment folder",
        Place(path),
        help="edgegen reads fragment folders itself and writes kustomizations below rendered/;"
        " remove the file",
    )


def _misplaced_file(path: str) -> Problem:
    return Problem(
        "misplaced-file",
        "file lies in no cluster, layer or team folder and is not read",
        Place(path),
        help="move it into clusters/<cluster>/, clusters/_layers/<layer>/ or teams/<team>/",
    )


def _escape(path: str) -> Problem:
    return Problem(
        "file-outside-repository",
        "symbolic link leads out of the repository and is not followed",
        Place(path),
        help="replace the link by a file",
    )


def _unknown_folders(
    homes: Mapping[Home, str], clusters: Sequence[str], layers: Sequence[str]
) -> Iterator[Problem]:
    """Yield a problem for team folders that name no layer or cluster."""
    for home in sorted(homes, key=_home_key):
        place = Place(homes[home])
        if home.layer is Layer.TEAM_LAYER and home.name not in layers:
            yield _unknown(place, "layer", home.name, layers, "clusters/_layers/ has")
        if home.layer is Layer.TEAM_CLUSTER and home.name not in clusters:
            yield _unknown(place, "cluster", home.name, clusters, "clusters/ has")


def unknown_teams(tree: Tree, shared: Reading) -> Iterator[Problem]:
    """Yield a problem for each team folder without a Team document."""
    names = (value_at(f.value, ("metadata", "name")) for f in shared.of(Layer.TEAM_POLICY))
    known = {name if isinstance(name, str) else None for name in names}
    lost = any(problem.place.path.startswith(_TEAM_POLICIES) for problem in shared.problems)
    if None in known or lost:
        return  # a Team cannot be read, which is told: any folder may be its own
    declared = {name for name in known if name is not None}
    for team in sorted(tree.teams.keys() - declared):
        yield _unknown(Place(tree.teams[team]), "team", team, declared, "policies/teams/ declares")


_TEAM_POLICIES = f"{POLICIES}/teams/"


def _home_key(home: Home) -> tuple[str, str, str]:
    return home.layer.value, home.team, home.name


def _unknown(place: Place, what: str, name: str, known: Iterable[str], source: str) -> Problem:
    near = closest(name, sorted(known))
    known_text = ", ".join(sorted(known)) or "none"
    return Problem(
        "unknown-folder",
        f'folder names an unknown {what} "{name}"',
        place,
        help=f'did you mean "{near}"?' if near else f"{source}: {known_text}",
        discriminator=f"{what}/{name}",
    )
