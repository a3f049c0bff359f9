"""Which file of a fragments repository says what about which cluster and team."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.sources import Source

SETTINGS_FILE = "edgegen.yaml"
CLUSTERS = "clusters"
LAYERS = "_layers"
TEAMS = "teams"
POLICIES = "policies"
TESTS = "tests/edge"
"""Folder of route tests: no fragments, since no cluster gets them."""

FRAGMENT_FOLDERS = frozenset({CLUSTERS, TEAMS, POLICIES})
"""Folders of a repository that edgegen reads, and never writes to."""

_SUFFIXES = (".yaml", ".yml")
_API_GROUP = b"edgegen.dev/"
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Layer(enum.Enum):
    """The part of the stack that a file belongs to."""

    SETTINGS = "settings"
    POLICY = "policy"
    TEAM_POLICY = "team policy"
    SHARED = "layer"
    CLUSTER = "cluster"
    TEAM = "team"
    TEAM_LAYER = "team layer"
    TEAM_CLUSTER = "team cluster"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a file lives: part of the stack, and the names in its path."""

    layer: Layer
    team: str = ""
    name: str = ""

    @property
    def owner(self) -> str | None:
        """The team that may write here, or None for the platform."""
        return self.team or None


NOWHERE = Home(Layer.NOWHERE)


def home_of(path: str) -> Home:
    """Return the home of a file; `NOWHERE` for one in no fragment folder.

    Below a team, `layers/` and `clusters/` are reserved names.
    """
    if path == SETTINGS_FILE:
        return Home(Layer.SETTINGS)
    return _home_of_folder(path.rpartition("/")[0])


@lru_cache(maxsize=4096)
def _home_of_folder(folder: str) -> Home:
    match folder.split("/"):
        case ["policies", "teams", *_]:
            return Home(Layer.TEAM_POLICY)
        case ["policies", *_]:
            return Home(Layer.POLICY)
        case ["clusters", "_layers", name, *_]:
            return Home(Layer.SHARED, name=name)
        case ["clusters", name, *_] if name != LAYERS:
            return Home(Layer.CLUSTER, name=name)
        case ["teams", team, "layers", name, *_]:
            return Home(Layer.TEAM_LAYER, team, name)
        case ["teams", team, "clusters", name, *_]:
            return Home(Layer.TEAM_CLUSTER, team, name)
        case ["teams", team, *inner] if inner[:1] not in (["layers"], ["clusters"]):
            return Home(Layer.TEAM, team)
        case _:
            return NOWHERE


def cluster_of(path: str) -> str:
    """Return the cluster in whose own folder a file lies, empty for all others."""
    home = home_of(path)
    return home.name if home.layer is Layer.CLUSTER else ""


def team_of(path: str) -> str | None:
    """Return the team in whose folder a path lies, or None for the platform's."""
    parts = path.split("/", 2)
    return parts[1] if len(parts) == 3 and parts[0] == TEAMS else None


def is_fragment_file(path: str) -> bool:
    """Say whether a file is read as fragments, by its name."""
    return path.endswith(_SUFFIXES) and not is_kustomization(path)


def is_kustomization(path: str) -> bool:
    """Say whether a file is a kustomization, which has no place among fragments."""
    return path.rpartition("/")[2] in _KUSTOMIZATIONS


def is_repository(source: Source) -> bool:
    """Say whether a tree is a fragments repository: settings, or fragments of clusters.

    Flux repositories have a `clusters/` folder too, so its files are asked for
    edgegen's API group.
    """
    if source.exists(SETTINGS_FILE):
        return True
    return any(
        is_fragment_file(path) and _API_GROUP in source.read(path)
        for path in source.files(CLUSTERS)
    )


def route_test_files(source: Source) -> Iterator[str]:
    """Yield every file of route tests, sorted."""
    yield from filter(is_fragment_file, source.files(TESTS))


def fragment_files(source: Source) -> Iterator[str]:
    """Yield every file of the fragment folders, kustomizations included, sorted."""
    if source.exists(SETTINGS_FILE):
        yield SETTINGS_FILE
    for folder in (POLICIES, CLUSTERS, TEAMS):
        for path in source.files(folder):
            if path.endswith(_SUFFIXES) or is_kustomization(path):
                yield path
