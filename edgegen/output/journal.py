"""The journal of a job: which files of a cluster's folder change, from and to which content.

The form is text, one change a line, so that a person can read what a job will do and a
reader needs no more memory than the file has bytes:

    edgegen-journal 1
    prod 2
    - 0f4c… base/namespace_metallb-system.yaml
    9a1e… - teams/pay/httproute_pay_old.yaml
    end

The columns are the SHA-256 of the old and of the new content, `-` where there is none, and
the path. The staged file of a change is named by its number, counted from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from edgegen.errors import EdgegenError
from edgegen.output.marker import is_safe_path

LARGEST = 1 << 26
"""No journal has more bytes; it is enough for 300,000 changes."""

_HEADER = "edgegen-journal "
_VERSION = "1"
_CHANGE = re.compile(r"(-|[0-9a-f]{64}) (-|[0-9a-f]{64}) (.+)")


def staging_name(cluster: str) -> str:
    """Return the name of the staging folder; no cluster's name begins with a dot."""
    return f".edgegen-staging-{cluster}"


def journal_name(cluster: str) -> str:
    """Return the name of the journal, beside the cluster's folder."""
    return f".edgegen-journal-{cluster}"


def lock_name(cluster: str) -> str:
    """Return the name of the file that a writer of the cluster's folder locks."""
    return f".edgegen-lock-{cluster}"


def cluster_of(name: str) -> str | None:
    """Return the cluster that a staging folder, journal or lock file belongs to."""
    match = re.fullmatch(r"\.edgegen-(?:staging|journal|lock)-([^.].*)", name)
    return match[1] if match and is_safe_path(match[1]) else None


@dataclass(frozen=True, slots=True)
class Change:
    """One file: SHA-256 of its old and new content in hex; None where there is no such file."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """All changes of one cluster's folder; they happen together or not at all."""

    cluster: str
    changes: tuple[Change, ...]


def encode(job: Job) -> bytes:
    """Return the text of a journal."""
    lines = [f"{_HEADER}{_VERSION}", f"{job.cluster} {len(job.changes)}"]
    lines += [f"{change.old or '-'} {change.new or '-'} {change.path}" for change in job.changes]
    return ("\n".join([*lines, "end"]) + "\n").encode()


def decode(data: bytes, cluster: str) -> Job:
    """Read a journal that may be damaged or forged.

    Raises:
        EdgegenError: it is of another version, for another cluster, incomplete, names a
            path outside the folder or one path twice, or is no journal at all.
    """
    try:
        lines = data.decode().split("\n") if _plausible(data) else [""]
    except UnicodeDecodeError:
        lines = [""]
    if not lines[0].startswith(_HEADER):
        raise damaged(cluster, "it does not begin as a journal does")
    if lines[0] != f"{_HEADER}{_VERSION}":
        raise damaged(cluster, "another version of edgegen wrote it")
    if len(lines) < 4 or lines[-2:] != ["end", ""]:
        raise damaged(cluster, "its end is missing")
    if lines[1] != f"{cluster} {len(lines) - 4}":
        raise damaged(cluster, "it belongs to another cluster or lines are missing")
    return Job(cluster, tuple(_changes(cluster, lines[2:-2])))


def _plausible(data: bytes) -> bool:
    """Guard the memory: the shortest line of a journal (`- <hash> x`) has 69 bytes."""
    return len(data) <= LARGEST and data.count(b"\n") * 60 <= len(data) + 240


def _changes(cluster: str, lines: Iterable[str]) -> Iterable[Change]:
    seen = set()
    for line in lines:
        match = _CHANGE.fullmatch(line)
        if match is None or match[1] == match[2]:
            raise damaged(cluster, "a line is no change")
        old, new, path = match.groups()
        if not is_safe_path(path):
            raise damaged(cluster, "a path leads out of the folder")
        if path in seen:
            raise damaged(cluster, "a path is named twice")
        seen.add(path)
        yield Change(path, None if old == "-" else old, None if new == "-" else new)


def damaged(cluster: str, why: str) -> EdgegenError:
    """Return the error for a journal that cannot be trusted, with the way out."""
    return EdgegenError(
        f"the interrupted write of {cluster} cannot be finished: {why}",
        f"delete {journal_name(cluster)} and {staging_name(cluster)} from the output folder, "
        f"then run `edgegen build {cluster}`",
    )
