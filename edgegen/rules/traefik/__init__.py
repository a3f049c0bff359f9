"""Rules of Traefik: its instances, their values, and what it does with the Gateway API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

TRAEFIK_RULES: tuple[Rule, ...] = ()
"""The rules of this family, in the order of their codes."""
