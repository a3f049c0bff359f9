"""`edgegen lint`: judge a fragments repository, or any manifests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen import __version__
from edgegen.app.excerpts import Excerpts, excerpts_of
from edgegen.app.inputs import Input, input_files, once
from edgegen.app.judge import (
    Chosen,
    Progress,
    disabled_codes,
    judge_repository,
    require_clusters,
    rule_set,
    selected_codes,
)
from edgegen.app.manifests import (
    Manifests,
    read_facts,
    read_manifests,
)
from edgegen.app.outcome import Counts, Outcome, summarise_report
from edgegen.engine import Report, Results, conclude, hits_of_faults, run_cluster, run_fleet
from edgegen.fragments.layout import team_of
from edgegen.fragments.settings import Settings, require_version
from edgegen.locate import Locator
from edgegen.schema.native import Validation, validate_cluster
from edgegen.sources import Memory, Source, WorkTree
from edgegen.summary import summarise

if TYPE_CHECKING:
    from edgegen.diagnostics import Diagnostic
    from edgegen.fragments.ahead import Ahead


def lint_repository(
    root: Path,
    *,
    only: Sequence[str] = (),
    clusters: Sequence[str] = (),
    chosen: Chosen | None = None,
    progress: Progress | None = None,
    today: str | None = None,
    source: Source | None = None,
    ahead: Ahead | None = None,
) -> Outcome:
    """Judge the whole repository and report what touches the given paths.

    Args:
        source: its files, when they are not those on disk: an earlier revision.
        only: paths relative to the root; empty reports everything.
        clusters: report only what affects one of these; empty reports all.
        today: YYYY-MM-DD; None says nothing of exemptions that are out of date.
        ahead: what another process has read of the repository, and still reads.
    """
    source = source or WorkTree(root)
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
    facts: Sequence[str] = (),
) -> Outcome:
    """Judge plain manifests; inputs of one cluster name are one cluster.

    Args:
        facts: files with Cluster documents, one for each cluster, or one for all.
    """
    rules = rule_set(Settings(), disabled_codes(chosen), selected_codes(chosen))
    content: dict[str, bytes] = {}
    parts: list[Manifests] = []
    told = read_facts([file for path in facts for file in input_files(path, stdin)])
    content.update(told.content)
    for name in dict.fromkeys(item.cluster for item in inputs):
        given = (
            f for item in inputs if item.cluster == name for f in input_files(item.path, stdin)
        )
        files = list(once(given))
        content.update((path, data) for path, data in files if isinstance(data, bytes))
        named = {Path(item.path).as_posix() for item in inputs if item.cluster == name}
        part = read_manifests(
            files, name=name, complete=complete, facts=told.documents, named=named
        )
        parts.append(part)
    results = Results(problems=list(told.problems))
    validations: list[Validation] = []
    for part in parts:
        results.problems += part.problems
        results.marked += part.marked
        validation = validate_cluster(part.cluster)
        validations.append(validation)
        results.hits += hits_of_faults(validation.faults, part.cluster.name)
        results.add(run_cluster(part.cluster, rules))
    results.add(run_fleet([summarise(part.cluster) for part in parts], rules))
    source = Memory(content)
    documents = [*told.documents, *(d for part in parts for d in part.documents)]
    locator = Locator(source, documents)
    report = conclude(results, rules, locator, lambda _path: None)
    counts = Counts(
        files=sum(part.files for part in parts),
        clusters=len(parts),
        resources=sum(len(part.cluster.resources) for part in parts),
        unknown_kinds=sum(part.unknown_kinds for part in parts)
        - sum(one.validated_others for one in validations),
        not_validated=sum(one.not_validated for one in validations),
    )
    return Outcome(
        "lint",
        report.diagnostics,
        report.errors,
        summarise_report(report, counts),
        Excerpts(source.read),
    )


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
