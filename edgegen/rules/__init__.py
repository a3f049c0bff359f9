"""The table of rules, one line a rule, in the order of their codes.

A rule that is not named here does not run: no folder is scanned, and no import
registers anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.expansion import EXPANSION_RULES
from edgegen.rules.fleet.foreign_addresses import pool_overlaps_foreign_addresses
from edgegen.rules.fleet.pool_overlap import fleet_address_pool_overlap
from edgegen.rules.fleet.segment_mismatch import segment_subnets_differ
from edgegen.rules.gateway.hostname_outside_listeners import (
    route_hostname_not_served,
    route_hostname_without_listener,
)
from edgegen.rules.gateway.listener_admission import (
    listener_kind_not_carried,
    listener_selector_invalid,
    listener_selects_no_namespace,
)
from edgegen.rules.gateway.listener_twice import listener_defined_twice
from edgegen.rules.gateway.match_claimed_twice import route_match_claimed_twice
from edgegen.rules.gateway.no_matching_listener import route_listener_not_found
from edgegen.rules.gateway.not_allowed_by_listener import (
    route_kind_not_allowed,
    route_namespace_not_allowed,
)
from edgegen.rules.gateway.parent_not_found import route_parent_not_found
from edgegen.rules.gateway.route_parents import route_parent_of_other_kind, route_without_parent
from edgegen.rules.gateway.wildcard_certificate import single_label_wildcard_certificate
from edgegen.rules.gitops.application_health import argocd_application_health_off
from edgegen.rules.input import (
    EXEMPTION_RULES,
    MERGE_RULES,
    SCHEMA_RULES,
    TENANCY_RULES,
    TREE_RULES,
    YAML_RULES,
)
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
from edgegen.rules.ownership.backend_not_granted import backend_not_granted
from edgegen.rules.ownership.delegations import (
    delegation_of_foreign_hostname,
    delegation_to_unknown_team,
    delegation_without_paths,
)
from edgegen.rules.ownership.grants import hostname_of_two_teams, namespace_of_two_teams
from edgegen.rules.ownership.hostname_not_owned import hostname_not_owned
from edgegen.rules.ownership.name_spelt_alike import traefik_name_spelt_alike
from edgegen.rules.ownership.parent_not_of_team import parent_not_of_team
from edgegen.rules.ownership.path_not_lent import path_not_lent
from edgegen.rules.ownership.platform_namespace import platform_namespace_of_team
from edgegen.rules.ownership.plugin_not_open import plugin_not_open_to_team
from edgegen.rules.ownership.reference_grants import reference_grant_beyond_team
from edgegen.rules.ownership.route_kinds import hostname_of_two_route_kinds
from edgegen.rules.ownership.team_documents import (
    kind_never_open_to_teams,
    malformed_team_hostname,
)
from edgegen.rules.ownership.traefik_references import (
    reference_to_traefik_provider,
    traefik_reference_across_namespaces,
)
from edgegen.rules.ownership.wildcard_takes_requests import wildcard_takes_other_teams_requests

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

RULES: tuple[Rule, ...] = (
    *YAML_RULES,
    *TREE_RULES,
    *MERGE_RULES,
    *EXPANSION_RULES,
    argocd_application_health_off,
    *EXEMPTION_RULES,
    *SCHEMA_RULES,
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
    route_parent_not_found,
    route_listener_not_found,
    route_namespace_not_allowed,
    route_kind_not_allowed,
    route_hostname_not_served,
    route_hostname_without_listener,
    listener_selector_invalid,
    listener_selects_no_namespace,
    listener_kind_not_carried,
    route_without_parent,
    route_parent_of_other_kind,
    route_match_claimed_twice,
    single_label_wildcard_certificate,
    listener_defined_twice,
    *TENANCY_RULES,
    hostname_not_owned,
    path_not_lent,
    wildcard_takes_other_teams_requests,
    parent_not_of_team,
    backend_not_granted,
    reference_to_traefik_provider,
    traefik_reference_across_namespaces,
    plugin_not_open_to_team,
    traefik_name_spelt_alike,
    reference_grant_beyond_team,
    delegation_of_foreign_hostname,
    delegation_to_unknown_team,
    delegation_without_paths,
    malformed_team_hostname,
    kind_never_open_to_teams,
    hostname_of_two_teams,
    namespace_of_two_teams,
    hostname_of_two_route_kinds,
    platform_namespace_of_team,
    fleet_address_pool_overlap,
    segment_subnets_differ,
    pool_overlaps_foreign_addresses,
)
"""Every rule of edgegen."""
