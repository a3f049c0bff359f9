"""`edgegen diff`: what a change of the repository does to the world."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen import __version__
from edgegen.app.asked import Ask, owners_to_ask
from edgegen.app.codeowners import PLACES
from edgegen.app.judge import Repository
from edgegen.app.named import require_clusters
from edgegen.compare.addresses import (
    PoolChange,
    VipChange,
    Withdrawn,
    pool_changes,
    vip_changes,
    withdrawn,
)
from edgegen.compare.hostnames import (
    HostnameChange,
    OwnerChange,
    hostname_changes,
    owner_changes,
)
from edgegen.compare.requests import NOTHING_MOVES, RequestChanges, request_changes
from edgegen.compare.resources import ResourceChange, resource_changes
from edgegen.compare.steps import Caution, cautions
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import Layer, home_of
from edgegen.fragments.settings import require_version
from edgegen.revisions import GitTree, Revisions, submodule_error
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from edgegen.app.judge import Progress
    from edgegen.fragments.unreached import Reach
    from edgegen.model.cluster import Cluster
    from edgegen.sources import Source

WORKTREE = "worktree"
"""Stands for the files on disk where a revision is asked for."""


@dataclass(frozen=True, slots=True)
class ClusterDiff:
    """What a change does to one cluster.

    `is_new` and `is_gone` tell of a cluster that only one side has.
    """

    name: str
    resources: tuple[ResourceChange, ...]
    hostnames: tuple[HostnameChange, ...]
    owners: tuple[OwnerChange, ...]
    pools: tuple[PoolChange, ...]
    vips: tuple[VipChange, ...]
    withdrawn: tuple[Withdrawn, ...]
    cautions: tuple[Caution, ...]
    requests: RequestChanges = NOTHING_MOVES
    is_new: bool = False
    is_gone: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing that reaches the cluster, and nobody's right, changes."""
        told = (self.resources, self.hostnames, self.owners, self.pools, self.vips)
        return not (any(told) or self.cautions or self.withdrawn or self.is_new or self.is_gone)


@dataclass(frozen=True, slots=True)
class Diff:
    """What a change does: one entry a cluster that it reaches.

    Attributes:
        base: the commit that was compared with.
        head: the commit that was compared, or `worktree`.
        files: fragments that differ.
        clusters: those that change, by name.
        unchanged: how many clusters stay as they are.
        ask: who has a say in it.
        remarks: what to know of the comparison itself.
    """

    base: str
    head: str
    files: tuple[str, ...]
    clusters: tuple[ClusterDiff, ...]
    unchanged: int
    ask: tuple[Ask, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes for any cluster."""
        return not self.clusters


def diff(
    root: Path,
    base: str,
    head: str = WORKTREE,
    *,
    from_merge_base: bool = True,
    clusters: Sequence[str] = (),
    progress: Progress | None = None,
) -> Diff:
    """Compare two revisions of a repository.

    Args:
        base: any revision.
        head: any revision, or `worktree` for the files on disk.
        from_merge_base: compare with the commit that both have in common, so that
            what the base got since then is not told.
        clusters: compare these only; empty compares all.

    Raises:
        EdgegenError: an unknown revision or cluster, no common commit, no Git.
    """
    revisions = Revisions(root)
    try:
        start = revisions.commit(base)
        end = revisions.commit("HEAD" if head == WORKTREE else head)
        if from_merge_base:
            start = revisions.merge_base(start, end)
        old_tree = revisions.tree(start)
        new_tree: Source = WorkTree(root) if head == WORKTREE else revisions.tree(end)
        old, new = repository_of(old_tree), repository_of(new_tree)
        require_version(new.settings.requires, __version__)
        files = tuple(_changed(old_tree, new_tree))
        names = sorted({*old.tree.clusters, *new.tree.clusters})
        require_clusters(clusters, names)
        reached = list(_affected(files, old, new, clusters or names)) if files else []
        found: list[ClusterDiff] = []
        for number, name in enumerate(reached, 1):
            one = compare_clusters(
                name,
                old.cluster(name) if _is_in(old, name) else None,
                new.cluster(name) if _is_in(new, name) else None,
            )
            if not one.is_empty:
                found.append(one)
            if progress is not None:
                progress(name, number, len(reached))
        ask = owners_to_ask(new, files, found, _codeowners(revisions, end, head), revisions.prefix)
    finally:
        revisions.close()
    unchanged = len(clusters or names) - len(found)
    end = WORKTREE if head == WORKTREE else end
    remarks = tuple(_remarks(old, start))
    return Diff(start, end, files, tuple(found), unchanged, ask, remarks)


def repository_of(source: Source) -> Repository:
    """Return the repository of a revision; what is wrong with a commit names it.

    Raises:
        EdgegenError: fragments lie in a submodule, or the settings cannot be used.
    """
    if not isinstance(source, GitTree):
        return Repository(source)
    require_readable(source)
    try:
        return Repository(source)
    except EdgegenError as error:
        raise EdgegenError(f"in {source.commit[:12]}: {error}", error.remedy) from error


def require_readable(tree: GitTree) -> None:
    """Refuse a commit whose fragments lie in a submodule.

    Raises:
        EdgegenError: names the first.
    """
    for path in tree.submodules():
        if any(_is_fragments(f"{path}{rest}") for rest in ("/x.yaml", "/x/x.yaml", "/x/x/x.yaml")):
            raise submodule_error(path)


def _remarks(old: Repository, commit: str) -> Iterator[str]:
    try:
        require_version(old.settings.requires, __version__)
    except EdgegenError:
        yield (
            f"{commit[:12]} requires edgegen {old.settings.requires};"
            f" it is read as {__version__} reads it"
        )


def compare_clusters(name: str, old: Cluster | None, new: Cluster | None) -> ClusterDiff:
    """Compare two revisions of one cluster, either of which may be missing."""
    resources = resource_changes(old, new)
    return ClusterDiff(
        name,
        tuple(resources),
        tuple(hostname_changes(old, new)),
        tuple(owner_changes(old, new)),
        tuple(pool_changes(old, new)),
        tuple(vip_changes(old, new)),
        tuple(withdrawn(old, new)),
        tuple(cautions(old, new, resources)),
        request_changes(old, new, resources),
        is_new=old is None,
        is_gone=new is None,
    )


def _is_in(repository: Repository, name: str) -> bool:
    """Say whether a side has a cluster: a file in its folder, since Git keeps no empty one."""
    files = repository.tree.own.get(name, ())
    return any(home_of(path).layer is Layer.CLUSTER for path in files)


def _codeowners(revisions: Revisions, commit: str, head: str) -> str:
    """Return the text of the CODEOWNERS file, wherever a code host looks for it."""
    for place in PLACES:
        if head == WORKTREE and revisions.top is not None:
            file = revisions.top / place
            data = file.read_bytes() if file.is_file() else None
        else:
            data = revisions.file(commit, place)
        if data is not None:
            return data.decode("utf-8", "replace")
    return ""


def _changed(old: GitTree, new: Source) -> Iterator[str]:
    """Yield the fragment files that differ, sorted; equal objects are not read."""
    before = {path for path in old.files() if _is_fragments(path)}
    after = {path for path in new.files() if _is_fragments(path)}
    for path in sorted(before | after):
        here = path in before and path in after
        if not here or _identity(new, path, len(old.identity(path))) != old.identity(path):
            yield path


def _is_fragments(path: str) -> bool:
    return home_of(path).layer is not Layer.NOWHERE


def _identity(source: Source, path: str, length: int) -> str:
    """Return the name that Git gives to a file's bytes; `length` tells its hash."""
    if isinstance(source, GitTree):
        return source.identity(path)
    data = source.read(path)
    name = hashlib.sha1 if length == hashlib.sha1().digest_size * 2 else hashlib.sha256  # noqa: S324  # Git's names
    return name(b"blob %d\0" % len(data) + data).hexdigest()


def _affected(
    files: Iterable[str], old: Repository, new: Repository, names: Iterable[str]
) -> Iterator[str]:
    """Yield the clusters that some changed file reaches, on either side."""
    homes = {home_of(path) for path in files}
    own = {home.name for home in homes if home.layer in (Layer.CLUSTER, Layer.TEAM_CLUSTER)}
    shared = [home for home in homes if home.layer in (Layer.SHARED, Layer.TEAM, Layer.TEAM_LAYER)]
    everywhere = any(home.layer in (Layer.SETTINGS, Layer.TEAM_POLICY) for home in homes)

    def is_reached(reach: Reach) -> bool:
        return any(
            (not home.team or home.team in reach.teams)
            and (home.layer is Layer.TEAM or home.name in reach.layers)
            for home in shared
        )

    for name in names:
        sides = [side for side in (new, old) if _is_in(side, name)]
        if everywhere or name in own or (shared and any(is_reached(s.reach(name)) for s in sides)):
            yield name
