"""Rules about MetalLB: address pools, advertisements and the addresses that Services ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.metallb.bgp_inside_segment import bgp_pool_inside_segment
from edgegen.rules.metallb.buggy_addresses import address_pool_buggy_addresses
from edgegen.rules.metallb.cluster_network import pool_overlaps_cluster_network
from edgegen.rules.metallb.documentation_range import pool_from_documentation_range
from edgegen.rules.metallb.empty_pool import empty_address_pool
from edgegen.rules.metallb.host_bits import address_pool_host_bits
from edgegen.rules.metallb.l2_outside_segment import l2_pool_outside_segment
from edgegen.rules.metallb.malformed_network import malformed_network_fact
from edgegen.rules.metallb.malformed_pool_entry import malformed_address_pool_entry
from edgegen.rules.metallb.malformed_vip import malformed_vip
from edgegen.rules.metallb.node_address import pool_contains_node_address
from edgegen.rules.metallb.node_network import node_network_instead_of_addresses
from edgegen.rules.metallb.oversized_range import oversized_address_pool_range
from edgegen.rules.metallb.peer_inside_pool import bgp_peer_inside_address_pool
from edgegen.rules.metallb.pool_overlap import address_pool_overlap
from edgegen.rules.metallb.reserved_addresses import pool_overlaps_reserved_addresses
from edgegen.rules.metallb.special_purpose_range import pool_from_special_purpose_range
from edgegen.rules.metallb.subnet_boundary import pool_contains_subnet_boundary
from edgegen.rules.metallb.unknown_pool import unknown_address_pool
from edgegen.rules.metallb.unusable_range import unusable_address_pool_range
from edgegen.rules.metallb.vip_collision import vip_requested_twice
from edgegen.rules.metallb.vip_not_pinned import vip_not_pinned
from edgegen.rules.metallb.vip_outside_pools import vip_outside_address_pools

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

METALLB_RULES: tuple[Rule, ...] = (
    malformed_address_pool_entry,
    empty_address_pool,
    address_pool_overlap,
    address_pool_host_bits,
    unusable_address_pool_range,
    oversized_address_pool_range,
    pool_from_documentation_range,
    pool_from_special_purpose_range,
    pool_contains_node_address,
    pool_overlaps_cluster_network,
    pool_overlaps_reserved_addresses,
    pool_contains_subnet_boundary,
    l2_pool_outside_segment,
    bgp_pool_inside_segment,
    malformed_network_fact,
    address_pool_buggy_addresses,
    unknown_address_pool,
    malformed_vip,
    vip_outside_address_pools,
    vip_requested_twice,
    bgp_peer_inside_address_pool,
    node_network_instead_of_addresses,
    vip_not_pinned,
)
"""The rules of this family, in the order of their codes."""
