"""`edgegen codeowners`: who reviews what, from the teams that the platform declared.

A CODEOWNERS file is read from top to bottom and the last line that matches wins
(GitHub and GitLab documentation, "Code Owners"). Only the part between two marks
is edgegen's; lines around it are the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError
from edgegen.fragments.layout import Layer
from edgegen.fragments.repository import list_tree, read_fragments
from edgegen.model.path import value_at
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from edgegen.fragments.repository import Reading

BEGIN = "# edgegen: begin. Written by `edgegen codeowners --write`; edit outside."
END = "# edgegen: end"
PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where code hosts look for the file, in this order."""

_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*\Z|[\w.+-]+@[\w-]+(?:\.[\w-]+)+\Z")
_PLATFORM_PATHS = ("/clusters/", "/policies/", "/schemas/", "/teams/", "/edgegen.yaml")


@dataclass(frozen=True, slots=True)
class Codeowners:
    """The part of the file that edgegen writes, and teams that name nobody.

    `nameless`: teams none of whose contacts a code host understands; the
    platform reviews theirs.
    """

    lines: tuple[str, ...]
    nameless: tuple[str, ...]


def codeowners(root: Path, platform: Sequence[str] = ()) -> Codeowners:
    """Return the owners of a repository's folders.

    Args:
        platform: owners of what no team owns. Without any, those folders need no review
            by name.

    Raises:
        EdgegenError: an owner is no @user, @organisation/team or address.
    """
    for owner in platform:
        if not is_owner(owner):
            raise EdgegenError(
                f'"{owner}" is no owner', "write @user, @organisation/team or an address"
            )
    source = WorkTree(root)
    tree = list_tree(source)
    contacts = _contacts(read_fragments(source, tree.shared))
    teams = sorted({*tree.teams, *contacts})
    owners = {team: [one for one in contacts.get(team, ()) if is_owner(one)] for team in teams}
    nameless = tuple(team for team in teams if not owners[team])
    lines = [f"{path} {' '.join(platform)}" for path in _PLATFORM_PATHS if platform]
    for team in teams:
        if owners[team]:
            names = " ".join(dict.fromkeys(owners[team]))
            lines += [f"/teams/{team}/ {names}", f"/rendered/*/teams/{team}/ {names}"]
    return Codeowners(tuple(lines), nameless)


def is_owner(text: str) -> bool:
    """Say whether a code host takes a text for an owner."""
    return _OWNER.match(text) is not None


def find_file(root: Path) -> Path:
    """Return the CODEOWNERS file of a repository, or where it would be."""
    return next((root / place for place in PLACES if (root / place).is_file()), root / PLACES[0])


def with_part(text: str, lines: Iterable[str]) -> str:
    """Return a CODEOWNERS file with edgegen's part put in, or replaced.

    Raises:
        EdgegenError: one of the two marks stands alone.
    """
    part = "\n".join([BEGIN, *lines, END]) + "\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if bool(begin) != bool(end) or (not begin and END in text):
        raise EdgegenError("CODEOWNERS holds one of edgegen's two marks", "remove that line")
    if begin:
        return before + part + after.removeprefix("\n")
    gap = "\n" if text and not text.endswith("\n") else ""
    return f"{text}{gap}{part}"


def _contacts(shared: Reading) -> Mapping[str, Sequence[str]]:
    return dict(_declared(shared))


def _declared(shared: Reading) -> Iterator[tuple[str, Sequence[str]]]:
    for fragment in shared.of(Layer.TEAM_POLICY):
        name = value_at(fragment.value, ("metadata", "name"))
        contacts = value_at(fragment.value, ("spec", "contacts"))
        if fragment.kind == "Team" and isinstance(name, str):
            given = contacts if isinstance(contacts, list) else []
            yield name, [text for text in given if isinstance(text, str)]
