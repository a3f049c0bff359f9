"""`edgegen lint`: judge a fragments repository, or any manifests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen import __version__
from edgegen.app.choice import Chosen, disabled_codes, selected_codes
from edgegen.app.excerpts import Excerpts, excerpts_of
from edgegen.app.given import GivenClusters
from edgegen.app.inputs import Input, input_files
from edgegen.app.jobs import shares
from edgegen.app.judge import (
    Progress,
    judge_repository,
    rule_set,
)
from edgegen.app.kept import kept_of
from edgegen.app.manifests import read_facts
from edgegen.app.named import require_clusters
from edgegen.app.outcome import Counts, Outcome, summarise_report
from edgegen.app.routetests import read_route_tests
from edgegen.engine import Report, conclude, run_fleet
from edgegen.fragments.layout import route_test_files, team_of
from edgegen.fragments.settings import Settings, require_version
from edgegen.locate import Locator
from edgegen.sources import Source, WorkTree
from edgegen.timings import stage

if TYPE_CHECKING:
    from edgegen.cache.folder import Folder
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
    profiled: bool = False,
    cache: Folder | None = None,
    jobs: int | None = None,
) -> Outcome:
    """Judge the whole repository and report what touches the given paths.

    Args:
        source: its files, when they are not those on disk: an earlier revision.
        only: paths relative to the root; empty reports everything.
        clusters: report only what affects one of these; empty reports all.
        today: YYYY-MM-DD; None says nothing of exemptions that are out of date.
        ahead: what another process has read of the repository, and still reads.
        profiled: measure what stages and rules cost.
        cache: where runs keep what the next one need not judge again.
        jobs: how many processes judge; by default as many as pay.
    """
    is_current = source is None
    source = source or WorkTree(root)
    judgement = judge_repository(
        source,
        chosen=chosen,
        progress=progress,
        ahead=ahead,
        profiled=profiled,
        kept=kept_of(cache, root, chosen),
        **shares(jobs),
    )
    if is_current:  # an earlier revision may have been written for an earlier edgegen
        require_version(judgement.settings.requires, __version__)
    require_clusters(clusters, judgement.tree.clusters)
    results = judgement.results
    for verdict in judgement.verdicts:
        results.add(verdict.results)
    results.add(run_fleet([v.summary for v in judgement.verdicts], judgement.rules))
    tests = list(route_test_files(source))
    results.add(read_route_tests(source, tests, judgement.tree.clusters).results)
    locator = Locator(source)
    exemptions = judgement.settings.exemptions
    with stage(results.timings, "placing"):
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
        timings=results.timings,
    )


def lint_manifests(
    inputs: Sequence[Input],
    stdin: Callable[[], bytes],
    *,
    complete: bool = False,
    chosen: Chosen | None = None,
    facts: Sequence[str] = (),
    profiled: bool = False,
) -> Outcome:
    """Judge plain manifests; inputs of one cluster name are one cluster.

    Args:
        facts: files with Cluster documents, one for each cluster, or one for all.
    """
    rules = rule_set(Settings(), disabled_codes(chosen), selected_codes(chosen), profiled=profiled)
    results = rules.results()
    told = read_facts([file for path in facts for file in input_files(path, stdin)])
    results.problems += told.problems
    clusters = GivenClusters(inputs, stdin, told, rules, complete=complete)
    verdicts = list(clusters.judged())
    for verdict in verdicts:
        results.add(verdict.results)
    results.add(run_fleet([verdict.summary for verdict in verdicts], rules))
    source = clusters.source()
    locator = Locator(source, [*told.documents, *(d for v in verdicts for d in v.documents)])
    with stage(results.timings, "placing"):
        report = conclude(results, rules, locator, lambda _path: None)
    counts = Counts(
        files=sum(verdict.files for verdict in verdicts),
        clusters=len(verdicts),
        resources=sum(verdict.resources for verdict in verdicts),
        unknown_kinds=sum(verdict.unknown_kinds for verdict in verdicts),
        not_validated=sum(verdict.not_validated for verdict in verdicts),
    )
    unfinal = sum(verdict.unfinal for verdict in verdicts)
    remark = f"{unfinal} findings left out, at values like ${{NAME}} that are filled in later"
    return Outcome(
        "lint",
        report.diagnostics,
        report.errors,
        summarise_report(report, counts),
        Excerpts(source.read),
        timings=results.timings,
        remarks=(remark,) if unfinal else (),
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
