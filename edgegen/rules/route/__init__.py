"""Rules of routes: their matches, filters, backends and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

ROUTE_RULES: tuple[Rule, ...] = ()
"""The rules of this family, in the order of their codes."""
