"""Rules about MetalLB: address pools, advertisements and the addresses that Services ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.metallb.advertised import (
    advertisement_of_unknown_pool,
    advertisement_selects_no_pool,
    unadvertised_address_pool,
)
from edgegen.rules.metallb.aggregation import bgp_aggregation_length, bgp_aggregation_spills
from edgegen.rules.metallb.bgp_inside_segment import bgp_pool_inside_segment
from edgegen.rules.metallb.buggy_addresses import address_pool_buggy_addresses
from edgegen.rules.metallb.cluster_network import pool_overlaps_cluster_network
from edgegen.rules.metallb.communities import (
    bgp_community_repeated,
    community_alias_clash,
    malformed_bgp_community,
    too_many_bgp_communities,
    unknown_community_alias,
)
from edgegen.rules.metallb.documentation_range import pool_from_documentation_range
from edgegen.rules.metallb.empty_pool import empty_address_pool
from edgegen.rules.metallb.extras import (
    deprecated_bgp_peer_field,
    frr_extras_not_read,
    metallb_ca_bundle_compared,
)
from edgegen.rules.metallb.host_bits import address_pool_host_bits
from edgegen.rules.metallb.invalid_selector import invalid_metallb_selector
from edgegen.rules.metallb.l2_interfaces import (
    l2_interface_unusable,
    l2_interfaces_widened,
    l2_pool_without_node_on_segment,
)
from edgegen.rules.metallb.l2_outside_segment import l2_pool_outside_segment
from edgegen.rules.metallb.list_item_twice import metallb_list_item_twice
from edgegen.rules.metallb.local_preference import (
    bgp_local_preference_conflict,
    bgp_local_preference_negative,
    bgp_local_preference_without_effect,
)
from edgegen.rules.metallb.malformed_network import malformed_network_fact
from edgegen.rules.metallb.malformed_pool_entry import malformed_address_pool_entry
from edgegen.rules.metallb.malformed_vip import malformed_vip
from edgegen.rules.metallb.native_mode import not_in_native_bgp_mode
from edgegen.rules.metallb.node_address import pool_contains_node_address
from edgegen.rules.metallb.node_network import node_network_instead_of_addresses
from edgegen.rules.metallb.object_namespace import metallb_object_in_other_namespace
from edgegen.rules.metallb.oversized_range import oversized_address_pool_range
from edgegen.rules.metallb.peer_address import bgp_peer_address, bgp_router_id
from edgegen.rules.metallb.peer_inside_pool import bgp_peer_inside_address_pool
from edgegen.rules.metallb.peer_nodes import (
    advertisement_without_node,
    bgp_identity_of_several_nodes,
    bgp_peer_is_node,
    bgp_peer_off_link,
    nodes_excluded_from_load_balancing,
)
from edgegen.rules.metallb.peer_numbers import bgp_peer_as_numbers, reserved_as_number
from edgegen.rules.metallb.peer_password import bgp_password_in_the_open, bgp_password_secret
from edgegen.rules.metallb.peer_references import (
    advertisement_to_unknown_peer,
    bgp_object_without_effect,
    unknown_bfd_profile,
)
from edgegen.rules.metallb.peer_timers import bgp_peer_timers, doubtful_bgp_timers
from edgegen.rules.metallb.peer_version import bgp_timers_become_zero
from edgegen.rules.metallb.pool_overlap import address_pool_overlap
from edgegen.rules.metallb.reserved_addresses import pool_overlaps_reserved_addresses
from edgegen.rules.metallb.service_allocation import (
    negative_pool_priority,
    no_pool_for_service,
    pool_open_to_every_namespace,
    pool_order_undefined,
    service_allocation_without_limits,
)
from edgegen.rules.metallb.service_annotations import (
    deprecated_metallb_annotation,
    load_balancer_class_mismatch,
    metallb_annotation_not_seen,
    unknown_metallb_annotation,
)
from edgegen.rules.metallb.service_requests import (
    service_outside_allocation,
    vip_family_mismatch,
    vip_outside_named_pool,
    vip_requested_two_ways,
)
from edgegen.rules.metallb.service_traffic import (
    address_pool_exhausted,
    l2_with_local_traffic,
    load_balancer_without_endpoints,
)
from edgegen.rules.metallb.sessions import (
    bfd_echo_with_ipv6,
    bgp_family_not_carried,
    bgp_field_dropped,
    bgp_session_twice,
    bgp_sessions_disagree,
)
from edgegen.rules.metallb.shared_addresses import (
    shared_vip_conflict,
    shared_vip_with_service_selectors,
)
from edgegen.rules.metallb.special_purpose_range import pool_from_special_purpose_range
from edgegen.rules.metallb.subnet_boundary import pool_contains_subnet_boundary
from edgegen.rules.metallb.unknown_pool import unknown_address_pool
from edgegen.rules.metallb.unread_object import metallb_object_not_read
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
    metallb_object_in_other_namespace,
    metallb_object_not_read,
    bgp_timers_become_zero,
    metallb_list_item_twice,
    invalid_metallb_selector,
    bgp_peer_as_numbers,
    bgp_peer_address,
    bgp_router_id,
    bgp_peer_timers,
    doubtful_bgp_timers,
    bgp_password_in_the_open,
    bgp_password_secret,
    reserved_as_number,
    not_in_native_bgp_mode,
    malformed_bgp_community,
    unknown_community_alias,
    community_alias_clash,
    bgp_community_repeated,
    too_many_bgp_communities,
    bgp_aggregation_length,
    bgp_aggregation_spills,
    bgp_local_preference_conflict,
    bgp_local_preference_negative,
    bgp_local_preference_without_effect,
    unadvertised_address_pool,
    advertisement_of_unknown_pool,
    advertisement_selects_no_pool,
    advertisement_to_unknown_peer,
    bgp_object_without_effect,
    unknown_bfd_profile,
    bgp_session_twice,
    bgp_sessions_disagree,
    bgp_field_dropped,
    bgp_family_not_carried,
    bfd_echo_with_ipv6,
    frr_extras_not_read,
    bgp_identity_of_several_nodes,
    bgp_peer_off_link,
    bgp_peer_is_node,
    advertisement_without_node,
    nodes_excluded_from_load_balancing,
    deprecated_bgp_peer_field,
    l2_interface_unusable,
    l2_interfaces_widened,
    l2_pool_without_node_on_segment,
    service_allocation_without_limits,
    negative_pool_priority,
    pool_open_to_every_namespace,
    pool_order_undefined,
    no_pool_for_service,
    vip_requested_two_ways,
    vip_family_mismatch,
    vip_outside_named_pool,
    service_outside_allocation,
    shared_vip_conflict,
    shared_vip_with_service_selectors,
    load_balancer_without_endpoints,
    unknown_metallb_annotation,
    deprecated_metallb_annotation,
    load_balancer_class_mismatch,
    metallb_annotation_not_seen,
    l2_with_local_traffic,
    address_pool_exhausted,
    metallb_ca_bundle_compared,
)
"""The rules of this family, in the order of their codes."""
