"""Clusters of plain manifests, judged one after the other, on all cores where that pays.

Of each cluster only plain data is kept; files that a report asks for are read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from edgegen.app.inputs import Input, input_files, once
from edgegen.app.manifests import read_manifests
from edgegen.engine import Results, hits_of_faults, run_cluster
from edgegen.errors import EdgegenError
from edgegen.model.path import value_at
from edgegen.processes import spare_cores
from edgegen.schema.native import validate_cluster
from edgegen.sources import STDIN, Memory, WorkTree
from edgegen.summary import ClusterSummary, summarise
from edgegen.timings import stage

_LATER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*[^}]*\}")
"""A variable of Flux's `postBuild.substitute`, with what may follow its name (drone/envsubst)."""

if TYPE_CHECKING:
    from edgegen.app.manifests import ManifestFile, ToldFacts
    from edgegen.engine import Hit, RuleSet
    from edgegen.yamlio import Document

_RESOURCES_WORTH_A_FORK = 400


@dataclass(frozen=True, slots=True)
class Given:
    """What was found in one cluster of plain manifests; plain data.

    `documents` are those of the only cluster: of one of several they are read again.
    `unfinal` counts findings at values that another tool fills in later.
    """

    results: Results
    summary: ClusterSummary
    files: int
    resources: int
    unknown_kinds: int
    not_validated: int
    documents: tuple[Document, ...] = ()
    unfinal: int = 0


class GivenClusters:
    """The clusters of plain manifests; inputs of one cluster name are one cluster."""

    def __init__(
        self,
        inputs: Sequence[Input],
        stdin: Callable[[], bytes],
        told: ToldFacts,
        rules: RuleSet,
        *,
        complete: bool = False,
    ) -> None:
        """Take what is to be judged; nothing is read yet but standard input.

        Args:
            told: Cluster documents that were given beside the manifests.
            complete: nothing that may be referenced is missing from the inputs.
        """
        self._inputs: dict[str, list[Input]] = {}
        for item in inputs:
            self._inputs.setdefault(item.cluster, []).append(item)
        self._told = told
        self._rules = rules
        self._complete = complete
        # Before any fork: it can be read once.
        self._stdin = stdin() if any(item.path == STDIN for item in inputs) else None
        self._kept: dict[str, bytes] = dict(told.content)

    def judged(self) -> Iterator[Given]:
        """Yield what is found in each cluster, in the order of their names' first input.

        Raises:
            EdgegenError: there is nothing to read at a path.
        """
        names = list(self._inputs)
        if not names:
            return
        found = self.judge(names[0])
        yield found
        others = names[1:]
        forks = min(spare_cores(), len(others) - 1)
        # The first one tells how large they are, and has compiled the schemas for all.
        if forks > 0 and found.resources * len(others) >= _RESOURCES_WORTH_A_FORK:
            from edgegen.app.forks import in_forks

            yield from in_forks(self.judge, others, forks)
        else:
            yield from map(self.judge, others)

    def judge(self, name: str) -> Given:
        """Read and judge one cluster."""
        results = self._rules.results()
        inputs = self._inputs[name]
        files = list(once(chain.from_iterable(map(self._files, inputs))))
        alone = len(self._inputs) == 1
        if alone:
            self._kept.update((path, data) for path, data in files if isinstance(data, bytes))
        with stage(results.timings, "reading"):
            part = read_manifests(
                files,
                name=name,
                complete=self._complete,
                facts=self._told.documents,
                named={Path(item.path).as_posix() for item in inputs},
            )
        cluster = part.cluster
        results.problems += part.problems
        results.marked += part.marked
        with stage(results.timings, "schema"):
            validation = validate_cluster(cluster)
        results.hits += hits_of_faults(validation.faults, cluster.name)
        results.add(run_cluster(cluster, self._rules))
        judged = len(results.hits)
        results.hits = _of_final_values(results.hits, part.documents)
        return Given(
            results,
            summarise(cluster),
            part.files,
            len(cluster.resources),
            part.unknown_kinds - validation.validated_others,
            validation.not_validated,
            tuple(part.documents) if alone else (),
            judged - len(results.hits),
        )

    def _files(self, item: Input) -> list[ManifestFile]:
        return input_files(item.path, self._read_stdin)

    def _read_stdin(self) -> bytes:
        return self._stdin or b""

    def source(self) -> GivenFiles:
        """Return the files of all inputs, by the paths that a report shows."""
        if self._stdin is not None:
            self._kept[STDIN] = self._stdin
        items = chain.from_iterable(self._inputs.values())
        return GivenFiles(self._kept, {Path(i.path).as_posix() for i in items if i.path != STDIN})


def _of_final_values(hits: list[Hit], documents: Sequence[Document]) -> list[Hit]:
    """Leave out what is said of values that Flux or another tool fills in later."""
    if not any("${" in document.text for document in documents):
        return hits
    values = {(document.path, document.index): document.value for document in documents}

    def is_final(hit: Hit) -> bool:
        at = hit.finding.at
        value = value_at(values.get((at.file, at.document)), at.path)
        return not (isinstance(value, str) and _LATER.search(value))

    return list(filter(is_final, hits))


class GivenFiles(Memory):
    """Files by the paths that a report shows; those that are not at hand are read again."""

    def __init__(self, content: dict[str, bytes], inputs: set[str]) -> None:
        """Take what is at hand, and the files and folders that were given."""
        super().__init__(content)
        self._inputs = inputs

    def read(self, path: str) -> bytes:
        """Return a file's bytes; EdgegenError when it cannot be read."""
        if path in self._content:
            return self._content[path]
        shown = PurePosixPath(path)
        if path in self._inputs:
            return WorkTree(Path(shown.parent)).read(shown.name)
        for folder in shown.parents:  # from the nearest: a link may lead out of it alone
            if str(folder) in self._inputs:
                try:
                    return WorkTree(Path(folder)).read(shown.relative_to(folder).as_posix())
                except EdgegenError:
                    continue
        raise EdgegenError(f"cannot read {path}: no such file")
