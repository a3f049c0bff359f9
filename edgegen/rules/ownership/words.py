"""Words that the ownership rules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.stack.tenants import Team


def contact(team: Team) -> str:
    """Return whom to ask: `team pay (#team-pay)`."""
    return (
        f"team {team.name} ({', '.join(team.contacts)})" if team.contacts else f"team {team.name}"
    )
