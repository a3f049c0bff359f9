"""The shared fragments of a repository, read when somebody asks for them.

Of a file whose content an earlier run has read, all that everybody needs is known without
parsing it: what is wrong with it, and whether it holds a suppression comment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.fragments.digests import by_home
from edgegen.fragments.layout import Home, Layer, home_of
from edgegen.fragments.repository import Fragment, Reading, read_fragments

if TYPE_CHECKING:
    from edgegen.diagnostics import Problem
    from edgegen.fragments.ahead import Ahead
    from edgegen.sources import Source

STACKED = frozenset({Layer.SHARED, Layer.TEAM, Layer.TEAM_LAYER})
"""Homes that some clusters take and others do not."""


@dataclass(frozen=True, slots=True)
class Note:
    """What everybody needs to know of the files of a home."""

    problems: tuple[Problem, ...] = ()
    marked: tuple[str, ...] = ()


class SharedReading(Reading):
    """The shared fragments, by home; a home of which there is a note waits to be asked for.

    Attributes:
        touched: the homes that were asked for since somebody emptied it.
    """

    def __init__(
        self,
        source: Source,
        shared: Sequence[str],
        notes: Mapping[Home, Note],
        ahead: Ahead | None = None,
    ) -> None:
        """Read the files of which nothing is noted.

        Args:
            shared: all shared files, in order.
            ahead: what another process has read.
        """
        homes = by_home(shared)
        wanted = [path for path in shared if home_of(path) not in notes] if notes else shared
        read = read_fragments(source, wanted, ahead)
        super().__init__(read.problems, {home: [] for home in homes}, read.files, read.marked)
        self.touched: set[Home] = set()
        self._source = source
        self._unread = {home: paths for home, paths in homes.items() if home in notes}
        self.by_home.update(read.by_home)
        order = {path: number for number, path in enumerate(shared)}
        for note in notes.values():
            self.problems += note.problems
            self.marked += note.marked
        if notes:
            self.problems.sort(key=lambda problem: order.get(problem.place.path, -1))
            self.marked.sort(key=lambda path: order.get(path, -1))

    def notes(self) -> dict[Home, Note]:
        """Return what everybody needs to know of the homes where there is something to know."""
        homes = {home_of(p.place.path) for p in self.problems} | set(map(home_of, self.marked))
        return {
            home: Note(
                tuple(p for p in self.problems if home_of(p.place.path) == home),
                tuple(path for path in self.marked if home_of(path) == home),
            )
            for home in homes
        }

    def of(self, layer: Layer, team: str = "", name: str = "") -> list[Fragment]:
        """Return the fragments of one home, which are read at the first time."""
        home = Home(layer, team, name)
        self.touched.add(home)
        paths = self._unread.pop(home, None)
        if paths is not None:
            self.by_home[home] = read_fragments(self._source, paths).of(layer, team, name)
        return self.by_home.get(home, [])
