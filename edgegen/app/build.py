"""`edgegen build`: fragments to `rendered/`, refused where something is broken.

A cluster with an error is not written; the others are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen import __version__, output
from edgegen.app.excerpts import excerpts_of
from edgegen.app.jobs import shares
from edgegen.app.judge import (
    Judgement,
    Progress,
    judge_repository,
)
from edgegen.app.kept import kept_of
from edgegen.app.named import require_clusters
from edgegen.app.outcome import Outcome, summarise_report
from edgegen.diagnostics import Diagnostic, Severity
from edgegen.engine import Report, conclude, run_fleet
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import FRAGMENT_FOLDERS, Layer, home_of, team_of
from edgegen.fragments.settings import require_version
from edgegen.locate import Locator
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from edgegen.cache.folder import Folder
    from edgegen.fragments.ahead import Ahead
    from edgegen.yamlio.document import Json

_NOT_MANIFESTS = ("kustomization.yaml", "kustomizeconfig.yaml", "values.yaml")


@dataclass(frozen=True, slots=True)
class ClusterOutput:
    """What became of one cluster's folder.

    `refused` counts the errors that kept it from being written, `blocked` names
    the files in its way that edgegen did not write.
    """

    name: str
    folder: str
    plan: output.FolderPlan | None = None
    refused: int = 0
    written: bool = False
    blocked: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        """Say whether the folder differs from what would be written."""
        return self.plan is not None and self.plan.changed and not self.written


@dataclass(frozen=True, slots=True)
class Built:
    """The result of a build: findings, folders, and folders of clusters that are gone."""

    outcome: Outcome
    clusters: tuple[ClusterOutput, ...]
    orphans: tuple[str, ...] = ()
    recovered: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build: where to, and whether to write, or to compare with the folder, at all."""

    output: Path | None = None
    write: bool = True
    compare: bool = True
    show_diff: bool = False
    prune_clusters: bool = False


def build(
    root: Path,
    names: Sequence[str],
    options: BuildOptions,
    progress: Progress | None = None,
    ahead: Ahead | None = None,
    *,
    cache: Folder | None = None,
    jobs: int | None = None,
) -> Built:
    """Build clusters of a repository; an empty `names` builds all.

    Args:
        ahead: what another process has read of the repository, and still reads.
        cache: where runs keep what the next one need not judge again.
        jobs: how many processes judge; by default as many as pay.

    Raises:
        EdgegenError: an unknown cluster, another version required, or an
            output folder that cannot be written.
    """
    source = WorkTree(root)
    wanted = _wanted(names, source)
    judgement = judge_repository(
        source,
        rendered=wanted,
        progress=progress,
        ahead=ahead,
        kept=kept_of(cache, root, None),
        **shares(jobs),
    )
    require_version(judgement.settings.requires, __version__)
    report = _report(source, judgement, names)
    target = options.output or root / judgement.settings.output
    _apart_from_fragments(target, root)
    if options.output is None:
        output.confine(target, root)
    recovered = output.recover(target) if target.is_dir() else ()
    clusters = tuple(_outputs(judgement, report, wanted, target, root, options))
    orphans: tuple[str, ...] = ()
    if not names and target.is_dir():
        orphans = output.orphans(target, judgement.tree.clusters)
        if options.prune_clusters and options.write:
            for orphan in orphans:
                output.remove_cluster(target / orphan)
    gone = tuple(_shown(target / orphan, root) for orphan in orphans)
    outcome = Outcome(
        "build",
        report.diagnostics,
        report.errors,
        summarise_report(report, judgement.counts()),
        excerpts_of(source),
        {"clusters": [_json(cluster) for cluster in clusters], "orphans": list(gone)},
    )
    files = {v.name: v.files for v in judgement.verdicts if v.files is not None}
    return Built(outcome, clusters, gone, recovered, files)


def stream(built: Built) -> Iterator[bytes]:
    """Yield the manifests of a build as one YAML stream.

    Kustomizations and Helm values are left out: they are no resources.
    """
    refused = {cluster.name for cluster in built.clusters if cluster.refused}
    for name, files in built.files.items():
        if name in refused:
            continue
        for path in sorted(files):
            if not path.endswith(_NOT_MANIFESTS):
                yield b"---\n" + files[path]


def _apart_from_fragments(target: Path, root: Path) -> None:
    """Refuse an output folder that would lie among the fragments.

    Raises:
        EdgegenError: it is the repository itself, or in one of its fragment folders.
    """
    inside = Path(_shown(target, root)).parts
    if target.resolve() == root.resolve() or (inside and inside[0] in FRAGMENT_FOLDERS):
        raise EdgegenError(
            f"{_shown(target, root)} holds fragments and can be no output folder",
            "name a folder of its own with -o, or leave -o out",
        )


def _wanted(names: Sequence[str], source: WorkTree) -> list[str]:
    known = [name for name in source.folders("clusters") if name != "_layers"]
    require_clusters(names, known)
    if not known:
        raise EdgegenError(
            "the repository has no cluster", "add a folder to clusters/ with a Cluster document"
        )
    return list(dict.fromkeys(names)) or known


def _report(source: WorkTree, judgement: Judgement, names: Sequence[str]) -> Report:
    results = judgement.results
    for verdict in judgement.verdicts:
        results.add(verdict.results)
    results.add(run_fleet([v.summary for v in judgement.verdicts], judgement.rules))
    locator = Locator(source)
    exemptions = judgement.settings.exemptions
    report = conclude(results, judgement.rules, locator, team_of, exemptions=exemptions)
    if not names:
        return report
    wanted = set(names)
    kept = tuple(d for d in report.diagnostics if (found := affected(d)) is None or found & wanted)
    return replace(report, diagnostics=kept)


def affected(diagnostic: Diagnostic) -> set[str] | None:
    """Return the clusters that a finding holds back; None means every cluster.

    A file that cannot be read belongs to no cluster yet; its folder says whose
    it is.
    """
    if diagnostic.clusters:
        return set(diagnostic.clusters)
    home = home_of(diagnostic.place.path) if diagnostic.place else None
    if home is not None and home.layer in (Layer.CLUSTER, Layer.TEAM_CLUSTER):
        return {home.name}
    return None


def _outputs(
    judgement: Judgement,
    report: Report,
    wanted: Iterable[str],
    target: Path,
    root: Path,
    options: BuildOptions,
) -> Iterator[ClusterOutput]:
    refused = _errors_by_cluster(report, wanted)
    files = {verdict.name: verdict.files for verdict in judgement.verdicts}
    for name in wanted:
        folder = target / name
        shown = _shown(folder, root)
        content = files[name]
        if refused[name] or content is None:
            yield ClusterOutput(name, shown, refused=refused[name])
            continue
        if not options.compare:
            yield ClusterOutput(name, shown)
            continue
        plan = output.plan(folder, content)
        diff = tuple(output.diff(folder, content, plan, shown)) if options.show_diff else ()
        written = options.write and not plan.blocked
        if written:
            output.apply(folder, content, plan)
        yield ClusterOutput(name, shown, plan, written=written, blocked=plan.blocked, diff=diff)


def _errors_by_cluster(report: Report, wanted: Iterable[str]) -> dict[str, int]:
    counts = dict.fromkeys(wanted, 0)
    for diagnostic in report.diagnostics:
        if diagnostic.severity is Severity.ERROR:
            held = affected(diagnostic)
            for name in counts if held is None else held & counts.keys():
                counts[name] += 1
    if report.errors:  # a rule that crashed has judged nothing
        counts = {name: count + len(report.errors) for name, count in counts.items()}
    return counts


def _shown(folder: Path, root: Path) -> str:
    try:
        return folder.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return folder.as_posix()


def _json(cluster: ClusterOutput) -> dict[str, Json]:
    plan = cluster.plan
    return {
        "name": cluster.name,
        "folder": cluster.folder,
        "refused": cluster.refused,
        "written": cluster.written,
        "stale": cluster.stale,
        "created": list(plan.create) if plan else [],
        "updated": list(plan.update) if plan else [],
        "deleted": list(plan.delete) if plan else [],
        "unchanged": len(plan.same) if plan else 0,
        "blocked": list(cluster.blocked),
    }
