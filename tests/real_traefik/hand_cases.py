"""Cases written by hand: one world for each clause of what Traefik does with a request."""

from __future__ import annotations

from cases_of_backends import attachment, backends, other_kinds
from cases_of_filters import entry_points, filters
from cases_of_matching import conditions, equals, hosts, paths, precedence
from world import World


def cases() -> list[World]:
    """Return all of them."""
    groups = (
        precedence,
        equals,
        hosts,
        paths,
        conditions,
        entry_points,
        filters,
        backends,
        attachment,
        other_kinds,
    )
    return [found for group in groups for found in group()]
