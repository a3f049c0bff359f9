"""Rules about several clusters, which see nothing but their summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.fleet.foreign_addresses import pool_overlaps_foreign_addresses
from edgegen.rules.fleet.pool_overlap import fleet_address_pool_overlap
from edgegen.rules.fleet.segment_mismatch import segment_subnets_differ

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

FLEET_RULES: tuple[Rule, ...] = (
    fleet_address_pool_overlap,
    segment_subnets_differ,
    pool_overlaps_foreign_addresses,
)
"""The rules of this family, in the order of their codes."""
