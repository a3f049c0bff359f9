"""Options of the commands that judge a repository, for its cache and its processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from edgegen.cache.folder import Folder, prefix_of
from edgegen.fragments.ahead import Pace, read_ahead
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from edgegen.fragments.ahead import Ahead

F = TypeVar("F", bound=Callable[..., object])

_VARIABLE = "EDGEGEN_CACHE"


def speed_options(command: F) -> F:
    """Add `--no-cache` and `--jobs`, which arrive as `no_cache` and `jobs`."""
    cache = click.option(
        "--no-cache",
        is_flag=True,
        help="Judge everything anew; neither read nor write what runs keep for the next one.",
    )
    jobs = click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Judge in N processes; else as many as there are cores, where that pays.",
    )
    return cache(jobs(command))


def cache_folder(no_cache: bool) -> Folder | None:
    """Return the user's cache folder; None where there shall be none.

    `$XDG_CACHE_HOME/edgegen`, else `~/.cache/edgegen`. `EDGEGEN_CACHE=off` switches it off.
    """
    if no_cache or os.environ.get(_VARIABLE, "").lower() in ("off", "0", "false", "no"):
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # noqa: PTH117  # the specification says to ignore others
        base = os.path.expanduser("~/.cache")  # noqa: PTH111  # no error without a home
    return Folder(os.path.join(base, "edgegen")) if os.path.isabs(base) else None  # noqa: PTH117, PTH118  # likewise


def ahead_of(
    root: Path, folder: Folder | None, jobs: int | None, *, renders: bool = False
) -> AbstractContextManager[Ahead | None]:
    """Read a repository in another process while this one imports what judges it.

    Args:
        renders: the output is wanted, which no earlier run has kept.
    """
    if jobs == 1:
        return nullcontext()
    if folder is None:
        return read_ahead(WorkTree(root))
    warm = not renders and folder.holds(prefix_of(str(root)))
    return read_ahead(WorkTree(root), Pace.DIGEST_ALONE if warm else Pace.DIGEST)
