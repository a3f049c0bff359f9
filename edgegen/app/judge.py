"""Judges the clusters of a fragments repository, one after the other or in processes.

A worker gets the folder and the names of its clusters and returns findings and
summaries as plain data; resources never cross a process. Each cluster's own
files are read when its turn comes and forgotten after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from edgegen.app.choice import Choice, Chosen, disabled_codes, selected_codes
from edgegen.app.named import require_clusters
from edgegen.app.outcome import Counts
from edgegen.app.verdict import Verdict
from edgegen.engine import Results, RuleSet, hits_of_faults, run_cluster
from edgegen.expand import expand
from edgegen.fragments.compose import Composer
from edgegen.fragments.digests import Digested
from edgegen.fragments.lazily import SharedReading
from edgegen.fragments.repository import (
    Reading,
    Tree,
    list_tree,
    read_fragments,
    unknown_teams,
)
from edgegen.fragments.settings import Settings, settings_of
from edgegen.fragments.unreached import Reach, unreached
from edgegen.model.cluster import Cluster
from edgegen.processes import spare_cores
from edgegen.render import render
from edgegen.render.clashes import wiring_clashes
from edgegen.rules import RULES
from edgegen.rules.policies.policy import rule_of
from edgegen.rules.policies.reading import read_policies
from edgegen.schema.imported import read_definitions
from edgegen.schema.native import validate_cluster
from edgegen.summary import summarise
from edgegen.timings import Timings, stage

if TYPE_CHECKING:
    from edgegen.app.kept import Kept
    from edgegen.diagnostics import Problem
    from edgegen.fragments.ahead import Ahead
    from edgegen.fragments.compose import Composition
    from edgegen.fragments.layout import Home
    from edgegen.fragments.lazily import Note
    from edgegen.fragments.pieces import Removed
    from edgegen.model.resource import Spot
    from edgegen.rules.base import Rule
    from edgegen.sources import Source

Progress = Callable[[str, int, int], None]
"""Called with a cluster's name, its number from 1, and how many there are."""

_PARAMS = {word: rule.params for rule in RULES if rule.params for word in (rule.name, rule.code)}

_FILES_WORTH_A_PROCESS = 12_000
_FILES_WORTH_A_FORK = 400
_RESOURCES_WORTH_A_FORK = 400
_CLUSTERS_A_BATCH = 16


@dataclass(frozen=True, slots=True)
class Job:
    """How clusters are judged; the same for each of them, and plain data.

    `rendered` names the clusters whose output is wanted too; `profiled` measures
    what stages and rules cost.
    """

    source: Source
    tree: Tree
    disabled: frozenset[str]
    rendered: frozenset[str] = frozenset()
    selected: frozenset[str] = frozenset()
    profiled: bool = False
    chosen: Choice | None = None


@dataclass(slots=True)
class Judgement:
    """A whole repository, judged cluster by cluster; fleet rules have not run yet."""

    tree: Tree
    settings: Settings
    rules: RuleSet
    results: Results
    verdicts: list[Verdict] = field(default_factory=list)

    def counts(self) -> Counts:
        """Return how much was read."""
        return Counts(
            files=len(self.tree.shared) + sum(map(len, self.tree.own.values())),
            clusters=len(self.verdicts),
            resources=sum(verdict.resources for verdict in self.verdicts),
            not_validated=sum(verdict.not_validated for verdict in self.verdicts),
        )


def rule_set(
    settings: Settings,
    disabled: Collection[str] = (),
    selected: frozenset[str] = frozenset(),
    *,
    profiled: bool = False,
    policies: Sequence[Rule] = (),
) -> RuleSet:
    """Return the rules of a run: the platform's severities, without the disabled codes.

    Args:
        selected: codes that were asked for by themselves.
        policies: the rules of the repository's own policies.
    """
    known = (*RULES, *policies)
    overrides = {
        rule.code: settings.rules[word]
        for rule in known
        for word in (rule.name, rule.code)
        if word in settings.rules
    }
    tuned = settings.params
    chosen = tuple(
        rule.tuned({**tuned.get(rule.name, {}), **tuned.get(rule.code, {})})
        for rule in known
        if rule.code not in disabled
    )
    return RuleSet(chosen, overrides, selected, profiled)


def judge_repository(
    source: Source,
    *,
    chosen: Chosen | None = None,
    rendered: Collection[str] = (),
    progress: Progress | None = None,
    ahead: Ahead | None = None,
    processes: int | None = None,
    forks: int | None = None,
    profiled: bool = False,
    kept: Kept | None = None,
) -> Judgement:
    """Read a repository and judge every cluster of it.

    By default the cores are used as far as the repository is large enough to pay for it.

    Args:
        rendered: clusters whose output is wanted too.
        ahead: what another process has read of the source, and still reads.
        processes: how many to spawn; 1 spawns none.
        forks: how many to fork beside this one.
        profiled: measure what stages and rules cost.
        kept: what earlier runs have found; takes what this one finds.
    """
    tree = list_tree(source, ahead.listing() if ahead else None)
    codes = disabled_codes(chosen), selected_codes(chosen)
    choice = chosen if isinstance(chosen, Choice) else None  # anything else crosses no process
    job = Job(source, tree, codes[0], frozenset(rendered), codes[1], profiled, choice)
    if kept is not None and not profiled:
        judgement = _with_kept(job, kept, ahead, progress, processes, forks)
        if judgement is not None:
            return judgement
        ahead = None  # a file has changed since it was read
    return _judgement(job, _Bench(job, ahead), {}, progress, processes, forks)


def _with_kept(
    job: Job,
    kept: Kept,
    ahead: Ahead | None,
    progress: Progress | None,
    processes: int | None,
    forks: int | None,
) -> Judgement | None:
    """Judge what is not known from earlier runs; None when a file changed during the run."""
    source = Digested(job.source)
    job = replace(job, source=source)
    if ahead:
        ahead.on_digest = source.note
        source.known.update(ahead.digests())
        ahead = ahead if ahead.parses else None
    kept.open(source, job.tree)
    known = kept.verdicts(job.tree.clusters, job.rendered)
    bench = _Bench(job, ahead, kept.notes(), known=bool(known))
    judgement = _judgement(job, bench, known, progress, processes, forks)
    new = [verdict for verdict in judgement.verdicts if verdict.name not in known]
    if source.changed or any(verdict.changed for verdict in new):
        return None
    kept.add_notes(bench.shared)
    for verdict in new:
        kept.add(verdict)
    kept.write()
    return judgement


def _judgement(
    job: Job,
    bench: _Bench,
    known: Mapping[str, Verdict],
    progress: Progress | None,
    processes: int | None,
    forks: int | None,
) -> Judgement:
    """Judge the clusters of which nothing is known, and what no cluster takes."""
    tree = job.tree
    results = Results(
        hits=hits_of_faults(bench.settings.faults, ""),
        problems=[*tree.problems, *bench.shared.problems, *unknown_teams(tree, bench.shared)],
        marked=list(bench.shared.marked),
    )
    results.timings = bench.timings
    judgement = Judgement(tree, bench.settings, bench.rules, results)
    verdicts = dict(known)
    unknown = [name for name in tree.clusters if name not in known]
    resources = sum(v.resources for v in known.values()) * len(unknown) // max(1, len(known))
    if forks is None and processes is None and resources >= _RESOURCES_WORTH_A_FORK:
        forks = spare_cores() or None  # one fragment of a team is a hundred resources of many
    for verdict in _judged(job, bench, unknown, processes, forks):
        verdicts[verdict.name] = verdict
        if progress is not None:
            progress(verdict.name, len(verdicts), len(tree.clusters))
    judgement.verdicts += [verdicts[name] for name in tree.clusters]
    reaches = [verdict.reach for verdict in judgement.verdicts]
    results.hits += hits_of_faults(unreached(bench.shared, reaches), "")
    return judgement


class _Bench:
    """What is read once and serves every cluster.

    Attributes:
        ahead: what another process has read.
        timings: of what is read here, where that is measured.
        busy: the other cores have clusters of their own to judge.
    """

    def __init__(
        self,
        job: Job,
        ahead: Ahead | None = None,
        notes: Mapping[Home, Note] = MappingProxyType({}),
        *,
        known: bool = False,
    ) -> None:
        """Read what is shared.

        Args:
            notes: shared homes that are not read before somebody asks for them.
            known: some clusters are, so that the CRDs of the repository are sound.
        """
        self._job = job
        self.ahead = ahead
        self.busy = False
        self.timings = Timings() if job.profiled else None
        with stage(self.timings, "reading"):
            self.shared = SharedReading(job.source, job.tree.shared, notes, ahead)
        words = [word for rule in RULES for word in (rule.name, rule.code)]
        self.settings = settings_of(self.shared, words, _PARAMS)
        stated, wrong = read_policies(self.settings.policies, words)
        self.settings = replace(self.settings, faults=(*self.settings.faults, *wrong))
        policies = [
            rule_of(one) for one in stated if not job.chosen or job.chosen(one.code, one.name)
        ]
        self.rules = rule_set(
            self.settings, job.disabled, job.selected, profiled=job.profiled, policies=policies
        )
        self._composer = Composer(self.shared, job.tree.layers, self.settings.output)
        self._read_definitions = cache(partial(read_definitions, job.source))
        if not known:
            self._read_definitions()

    def judge(self, name: str) -> Verdict:
        """Read, compose, expand and judge one cluster."""
        timings = Timings() if self._job.profiled else None
        with stage(timings, "reading"):
            own = read_fragments(self._job.source, self._job.tree.own.get(name, ()), self.ahead)
        if self.ahead and name == self._job.tree.clusters[-1]:
            self.ahead.stop()  # else it would read what was read here meanwhile
        self.shared.touched.clear()
        with stage(timings, "merging"):
            composition = self.composed(name, own)
        with stage(timings, "expanding"):
            cluster, results = self.expanded(name, composition)
        results.timings = timings
        results.problems += own.problems
        results.marked += own.marked
        (found, not_validated), files = self._checked(cluster, results)
        results.add(found)
        return Verdict(
            name,
            results,
            summarise(cluster),
            len(cluster.resources),
            not_validated,
            files,
            composition.reach,
            frozenset(self.shared.touched),
            *self._digested(name),
        )

    def _digested(self, name: str) -> tuple[bytes | None, bool]:
        """Return the digest of a cluster's own files, and whether any file has changed."""
        source = self._job.source
        if not isinstance(source, Digested):
            return None, False
        return source.joined(self._job.tree.own.get(name, ())), source.changed

    def _checked(
        self, cluster: Cluster, before: Results
    ) -> tuple[tuple[Results, int], Mapping[str, bytes] | None]:
        """Return what `_validated` and the rules find and, where it is wanted, the output."""
        wanted = cluster.name in self._job.rendered
        known = [hit.finding.at for hit in before.hits]
        if self.busy or len(cluster.resources) < _RESOURCES_WORTH_A_FORK or not spare_cores():
            results, not_validated = self._validated(cluster, known)
            results.add(run_cluster(cluster, self.rules))
            return (results, not_validated), render(cluster) if wanted else None
        from edgegen.app.forks import Beside
        from edgegen.app.halves import divided

        here, there = divided(self.rules, rendering=wanted)
        with Beside(partial(run_cluster, cluster, there)) as found:
            files = render(cluster) if wanted else None
            results, not_validated = self._validated(cluster, known)
            results.add(run_cluster(cluster, here))
            results.add(found.result())
            return (results, not_validated), files

    def _validated(self, cluster: Cluster, known: Sequence[Spot]) -> tuple[Results, int]:
        """Return what is wrong before the rules, and how many resources have no schema.

        Args:
            known: where something was found before.
        """
        results = self.rules.results()
        with stage(results.timings, "schema"):
            validation = validate_cluster(cluster, self._read_definitions(), known)
        faults = [*validation.faults, *wiring_clashes(cluster)]
        results.hits = hits_of_faults(faults, cluster.name)
        return results, validation.not_validated

    def composed(self, name: str, own: Reading) -> Composition:
        """Return the merged fragments of a cluster."""
        return self._composer.compose(name, own)

    def reach(self, name: str, own: Reading) -> Reach:
        """Return the layers and teams that a cluster takes."""
        return self._composer.reach(name, own)

    def expanded(self, name: str, composition: Composition) -> tuple[Cluster, Results]:
        """Return the cluster that merged fragments mean, and what was found up to there."""
        expansion = expand(composition.resources, composition.facts, composition.tenants)
        cluster = Cluster(
            name,
            composition.facts,
            expansion.resources,
            complete_kinds=self.settings.complete,
            fragments=True,
            declared_teams=composition.declared_teams,
        )
        faults = [*composition.faults, *expansion.faults]
        return cluster, Results(hits=hits_of_faults(faults, name))


class Repository:
    """A repository whose clusters are merged one by one, when they are asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = list_tree(source)
        self._bench = _Bench(Job(source, self.tree, frozenset()))

    @property
    def settings(self) -> Settings:
        """The settings of the repository."""
        return self._bench.settings

    def cluster(self, name: str) -> Cluster:
        """Return one cluster, merged and expanded."""
        return self._bench.expanded(name, self._bench.composed(name, self._own(name)))[0]

    def reach(self, name: str) -> Reach:
        """Return the layers and teams that a cluster takes, without merging what they hold."""
        return self._bench.reach(name, self._own(name))

    def _own(self, name: str) -> Reading:
        return read_fragments(self.source, self.tree.own.get(name, ()))


def load_cluster(source: Source, name: str) -> Cluster:
    """Return one cluster of a repository, merged and expanded.

    Raises:
        EdgegenError: there is no cluster of that name.
    """
    return load_with_removed(source, name)[0]


def load_with_removed(source: Source, name: str) -> tuple[Cluster, tuple[Removed, ...]]:
    """Return one cluster as `load_cluster` does, and the resources that fragments deleted.

    Raises:
        EdgegenError: there is no cluster of that name.
    """
    tree = list_tree(source)
    require_clusters([name], tree.clusters)
    bench = _Bench(Job(source, tree, frozenset()))
    composition = bench.composed(name, read_fragments(source, tree.own.get(name, ())))
    cluster, _ = bench.expanded(name, composition)
    return cluster, composition.removed


def load_clusters(
    source: Source, names: Sequence[str] = (), problems: list[Problem] | None = None
) -> tuple[Settings, Iterator[Cluster]]:
    """Return the settings of a repository and its clusters, all or the named ones.

    What they share is read once; each cluster is made when its turn comes.

    Args:
        problems: takes what could not be read.

    Raises:
        EdgegenError: there is no cluster of a name.
    """
    tree = list_tree(source)
    require_clusters(names, tree.clusters)
    bench = _Bench(Job(source, tree, frozenset()))
    unread = [] if problems is None else problems
    unread += bench.shared.problems

    def made(name: str) -> Cluster:
        own = read_fragments(source, tree.own.get(name, ()))
        unread.extend(own.problems)
        return bench.expanded(name, bench.composed(name, own))[0]

    return bench.settings, map(made, names or tree.clusters)


def _judged(
    job: Job, bench: _Bench, clusters: Sequence[str], processes: int | None, forks: int | None
) -> Iterator[Verdict]:
    """Yield the verdicts in the order of the clusters."""
    files = sum(len(job.tree.own.get(name, ())) for name in clusters)
    if forks == 0:
        bench.busy = True  # one process was asked for; one cluster alone may use the other core
    if forks is None and processes is None and files >= _FILES_WORTH_A_FORK:
        forks = min(spare_cores(), len(clusters) - 1)
    forks = min(forks or 0, len(clusters) - 1)
    if forks > 0:
        from edgegen.app.forks import in_forks

        bench.busy = True
        if bench.ahead:
            bench.ahead.stop()  # its core is needed, and several cannot hear one process
        return in_forks(bench.judge, clusters, forks)
    if processes is None and files >= _FILES_WORTH_A_PROCESS:
        processes = min(os.cpu_count() or 1, len(clusters))
    if processes is not None and processes > 1:
        return _in_processes(job, clusters, processes)
    return map(bench.judge, clusters)


def _in_processes(job: Job, names: Sequence[str], count: int) -> Iterator[Verdict]:
    """Judge the clusters in batches; verdicts come in the order of the clusters."""
    import multiprocessing  # 20 ms of start-up that a small repository does not pay
    from concurrent.futures import ProcessPoolExecutor

    size = max(1, min(_CLUSTERS_A_BATCH, -(-len(names) // count)))
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    # Where nothing can be forked; a spawned process takes a fifth of a second to start.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _start, (job,)) as pool:
        for verdicts in pool.map(_judge_batch, batches):
            yield from verdicts


_bench: list[_Bench] = []
"""The bench of a worker process, filled once by `_start`."""


def _start(job: Job) -> None:
    import gc

    gc.disable()  # nothing here makes cycles, and each pass would look at every value
    _bench.append(_Bench(job))


def _judge_batch(names: Sequence[str]) -> list[Verdict]:
    return [_bench[0].judge(name) for name in names]
