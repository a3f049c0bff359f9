"""The findings of an earlier revision of a repository, for what a change introduced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgegen.app.diff import require_readable
from edgegen.app.known import Comparison, compare_findings
from edgegen.app.lint import lint_repository
from edgegen.revisions import Revisions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgegen.app.choice import Chosen
    from edgegen.app.outcome import Outcome


def compare_with(
    outcome: Outcome,
    root: Path,
    base: str,
    *,
    only: Sequence[str] = (),
    clusters: Sequence[str] = (),
    chosen: Chosen | None = None,
    today: str | None = None,
) -> Comparison:
    """Judge a repository as it was where the current branch left a revision.

    Args:
        outcome: the findings of the work tree.
        base: any revision; the commit that it has in common with HEAD is compared with.

    Raises:
        EdgegenError: no such revision, or no common commit.
    """
    revisions = Revisions(root)
    try:
        commit = revisions.merge_base(revisions.commit(base), revisions.commit("HEAD"))
        tree = revisions.tree(commit)
        require_readable(tree)
        # A cluster that is new here is unknown there.
        known = {*tree.folders("clusters")}
        before = lint_repository(
            root,
            source=tree,
            only=only,
            clusters=[name for name in clusters if name in known],
            chosen=chosen,
            today=today,
        )
    finally:
        revisions.close()
    return compare_findings(commit, before.diagnostics, outcome.diagnostics)
