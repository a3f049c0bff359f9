"""Rules about several clusters, which see nothing but their summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.fleet.aggregates import fleet_aggregate_overlap
from edgegen.rules.fleet.application_names import argocd_application_of_two_clusters
from edgegen.rules.fleet.foreign_addresses import pool_overlaps_foreign_addresses
from edgegen.rules.fleet.names import (
    fleet_community_differs,
    fleet_hostname_two_addresses,
    fleet_output_twice,
    fleet_vip_twice,
)
from edgegen.rules.fleet.pool_overlap import fleet_address_pool_overlap
from edgegen.rules.fleet.segment_mismatch import segment_subnets_differ
from edgegen.rules.fleet.sessions import fleet_peer_differs, fleet_router_id_twice

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

FLEET_RULES: tuple[Rule, ...] = (
    fleet_address_pool_overlap,
    segment_subnets_differ,
    pool_overlaps_foreign_addresses,
    fleet_aggregate_overlap,
    fleet_peer_differs,
    fleet_router_id_twice,
    fleet_community_differs,
    fleet_vip_twice,
    fleet_hostname_two_addresses,
    fleet_output_twice,
    argocd_application_of_two_clusters,
)
"""The rules of this family, in the order of their codes."""
