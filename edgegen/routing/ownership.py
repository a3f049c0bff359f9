"""By which right a team uses a hostname: its own, a loan, or none."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.routing.matches import EXACT, PREFIX, Match, below, is_plain_path
from edgegen.stack.hostnames import is_hostname

if TYPE_CHECKING:
    from edgegen.stack.tenants import Loan, Team, Tenants


class Title(enum.Enum):
    """How a team stands to a hostname."""

    OWNED = "owned"
    LENT = "lent"
    PATHS_LENT = "paths lent"
    FOREIGN = "foreign"
    UNOWNED = "unowned"


NO_RIGHT = frozenset({Title.FOREIGN, Title.UNOWNED})


@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """A team's right to a hostname or wildcard.

    `paths` are the prefixes lent, for `PATHS_LENT`; `owner` is None where no
    team owns the hostname.
    """

    title: Title
    owner: Team | None
    paths: tuple[str, ...] = ()
    loans: tuple[Loan, ...] = ()

    def allows(self, match: Match) -> bool:
        """Say whether a match of an HTTPRoute lies inside the right.

        Below lent paths only Exact and PathPrefix are told apart surely; a
        regular expression could take anything, and a path with `..` or `%2e`
        means another one after normalisation.
        """
        if self.title in (Title.OWNED, Title.LENT):
            return True
        if self.title is not Title.PATHS_LENT or match.path_type not in (EXACT, PREFIX):
            return False
        if not is_plain_path(match.path):
            return False
        return any(path.startswith("/") and below(match.prefix, path) for path in self.paths)


def right_of(tenants: Tenants, team: Team, hostname: str) -> Right:
    """Return the right by which a team uses a hostname or wildcard."""
    owner = tenants.owner(hostname) if is_hostname(hostname) else None
    if owner is None:
        return Right(Title.UNOWNED, None)
    if owner.name == team.name:
        return Right(Title.OWNED, owner)
    loans = tuple(tenants.loans_of(hostname, team.name))
    if not loans:
        return Right(Title.FOREIGN, owner)
    if any(loan.paths is None for loan in loans):
        return Right(Title.LENT, owner, loans=loans)
    paths = tuple(dict.fromkeys(path for loan in loans for path in loan.paths or ()))
    return Right(Title.PATHS_LENT, owner, paths, loans)
