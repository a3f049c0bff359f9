"""Teams and loans for tests, without the text of their documents."""

from __future__ import annotations

from collections.abc import Sequence

from edgegen.model.resource import Origin, Resource
from edgegen.stack.tenants import Loan, Team
from edgegen.yamlio import read_bytes

(_DOCUMENT,) = read_bytes("none.yaml", b"kind: None\n").documents
_RESOURCE = Resource({}, Origin(_DOCUMENT))


def team(name: str, *hostnames: str, kinds: Sequence[str] = (), namespaces: str = "") -> Team:
    """Return a team with the edge `public`, and by default one namespace of its name."""
    owned = tuple(namespaces.split()) or (name,)
    return Team(name, _RESOURCE, owned, hostnames, ("public",), frozenset(kinds), ())


def loan(owner: str, hostname: str, to: str, paths: Sequence[str] | None = None) -> Loan:
    """Return a loan; without paths of the whole hostname."""
    return Loan(_RESOURCE, owner, hostname, None if paths is None else tuple(paths), to)
