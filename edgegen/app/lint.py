"""`edgegen lint`: judge a fragments repository, or any manifests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen import __version__
from edgegen.app.excerpts import Excerpts, excerpts_of
from edgegen.app.judge import (
    Chosen,
    Progress,
    disabled_codes,
    judge_repository,
    require_clusters,
    rule_set,
)
from edgegen.app.manifests import ManifestFile, Manifests, manifest_files, read_manifests
from edgegen.app.outcome import Counts, Outcome, summarise_report
from edgegen.engine import Report, Results, conclude, run_cluster, run_fleet
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.layout import team_of
from edgegen.fragments.settings import Settings, require_version
from edgegen.locate import Locator
from edgegen.model.ids import without_schema
from edgegen.sources import STDIN, Memory, WorkTree
from edgegen.summary import summarise

if TYPE_CHECKING:
    from edgegen.diagnostics import Diagnostic
    from edgegen.fragments.ahead import Ahead


@dataclass(frozen=True, slots=True)
class Input:
    """The manifests of one cluster: a file, a folder, or `-` for standard input."""

    path: str
    cluster: str = ""


def lint_repository(
    root: Path,
    *,
    only: Sequence[str] = (),
    clusters: Sequence[str] = (),
    chosen: Chosen | None = None,
    progress: Progress | None = None,
    today: str | None = None,
    ahead: Ahead | None = None,
) -> Outcome:
    """Judge the whole repository and report what touches the given paths.

    Args:
        only: paths relative to the root; empty reports everything.
        clusters: report only what affects one of these; empty reports all.
        today: YYYY-MM-DD; None says nothing of exemptions that are out of date.
        ahead: what another process has read of the repository, and still reads.
    """
    source = WorkTree(root)
    judgement = judge_repository(source, chosen=chosen, progress=progress, ahead=ahead)
    require_version(judgement.settings.requires, __version__)
    require_clusters(clusters, judgement.tree.clusters)
    results = judgement.results
    for verdict in judgement.verdicts:
        results.add(verdict.results)
    results.add(run_fleet([v.summary for v in judgement.verdicts], judgement.rules))
    locator = Locator(source)
    exemptions = judgement.settings.exemptions
    report = conclude(
        results, judgement.rules, locator, team_of, exemptions=exemptions, today=today
    )
    report = _touching(report, only, clusters)
    return Outcome(
        "lint",
        report.diagnostics,
        report.errors,
        summarise_report(report, judgement.counts()),
        excerpts_of(source),
    )


def lint_manifests(
    inputs: Sequence[Input],
    stdin: Callable[[], bytes],
    *,
    complete: bool = False,
    chosen: Chosen | None = None,
) -> Outcome:
    """Judge plain manifests; inputs of one cluster name are one cluster."""
    rules = rule_set(Settings(), disabled_codes(chosen))
    content: dict[str, bytes] = {}
    parts: list[Manifests] = []
    for name in dict.fromkeys(item.cluster for item in inputs):
        given = (f for item in inputs if item.cluster == name for f in _files(item.path, stdin))
        files = list(_once(given))
        content.update((path, data) for path, data in files if isinstance(data, bytes))
        parts.append(read_manifests(files, name=name, complete=complete))
    results = Results()
    for part in parts:
        results.problems += part.problems
        results.marked += part.marked
        results.add(run_cluster(part.cluster, rules))
    results.add(run_fleet([summarise(part.cluster) for part in parts], rules))
    source = Memory(content)
    locator = Locator(source, (d for part in parts for d in part.documents))
    report = conclude(results, rules, locator, lambda _path: None)
    counts = Counts(
        files=sum(part.files for part in parts),
        clusters=len(parts),
        resources=sum(len(part.cluster.resources) for part in parts),
        unknown_kinds=sum(part.unknown_kinds for part in parts),
        not_validated=sum(without_schema(r.id for r in part.cluster.resources) for part in parts),
    )
    return Outcome(
        "lint",
        report.diagnostics,
        report.errors,
        summarise_report(report, counts),
        Excerpts(source.read),
    )


def _once(files: Iterable[ManifestFile]) -> Iterator[ManifestFile]:
    """Yield each file once, by whatever paths it was given."""
    seen: set[str] = set()
    for path, data in files:
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield path, data


def _read(source: WorkTree, path: str) -> bytes | FileTooLargeError:
    try:
        return source.read(path)
    except FileTooLargeError as error:
        return error


def _files(path: str, stdin: Callable[[], bytes]) -> list[ManifestFile]:
    if path == STDIN:
        return [(STDIN, stdin())]
    given = Path(path)
    if given.is_file():
        return [(given.as_posix(), _read(WorkTree(given.parent), given.name))]
    if not given.is_dir():
        if given.exists():
            raise EdgegenError(f"{path} is no regular file", "read it from standard input, with -")
        raise EdgegenError(f"no such file or folder: {path}")
    source = WorkTree(given)
    shown = "" if path in (".", "./") else given.as_posix().rstrip("/") + "/"
    found: list[ManifestFile] = [
        (shown + name, _read(source, name)) for name in manifest_files(source)
    ]
    if not found:
        raise EdgegenError(
            f"no manifests in {path}", "give a folder with .yaml, .yml or .json files"
        )
    return found


def _touching(report: Report, only: Sequence[str], clusters: Sequence[str]) -> Report:
    kept = tuple(
        diagnostic
        for diagnostic in report.diagnostics
        if _in_paths(diagnostic, only) and _in_clusters(diagnostic, clusters)
    )
    return replace(report, diagnostics=kept)


def _in_paths(diagnostic: Diagnostic, only: Sequence[str]) -> bool:
    if not only:
        return True
    places = [diagnostic.place, *(note.place for note in diagnostic.notes)]
    return any(
        place is not None and (place.path == path or place.path.startswith(path.rstrip("/") + "/"))
        for place in places
        for path in only
    )


def _in_clusters(diagnostic: Diagnostic, clusters: Sequence[str]) -> bool:
    """A finding of no cluster in particular concerns all."""
    if not clusters or not diagnostic.clusters:
        return True
    return not set(clusters).isdisjoint(diagnostic.clusters)
