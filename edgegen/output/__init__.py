"""Puts rendered files on disk: one cluster's folder at a time, whole or not at all.

A change of a folder goes through five states:

1. all bytes are in memory, and `plan` has compared them with the folder;
2. the new files lie in a staging folder beside it (`.edgegen-staging-<cluster>`);
3. one rename puts the journal in place (`.edgegen-journal-<cluster>`): it lists
   every path with the hashes of its old and its new content;
4. stale files are deleted, staged ones are renamed into place one by one;
5. staging folder and journal are removed, the journal last.

Before state 3 the old folder stands untouched. After it the change is decided, and
`recover` completes it from whatever point a killed process left. Every command calls
`recover` before it reads or writes the output.

A file that edgegen wrote is known by its first line, `MARKER`. Any other file is
foreign and is never written, moved or deleted. Symbolic links are never followed: each
folder below the output root is opened by its parent's descriptor with `O_NOFOLLOW`.
"""

from edgegen.output.differences import diff
from edgegen.output.marker import MARKER
from edgegen.output.planning import FolderPlan, confine, orphans, plan
from edgegen.output.writing import apply, recover, remove_cluster

__all__ = [
    "MARKER",
    "FolderPlan",
    "apply",
    "confine",
    "diff",
    "orphans",
    "plan",
    "recover",
    "remove_cluster",
]
