"""Rules of the Gateway API: classes, listeners, attachment, references, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.gateway.addresses import (
    gateway_address_of_other_type,
    gateway_address_outside_pools,
)
from edgegen.rules.gateway.backend_protocols import (
    backend_protocol_mismatch,
)
from edgegen.rules.gateway.backend_tls import (
    policy_conflict,
    policy_hostname_not_verified,
    policy_of_several_targets,
    policy_on_plaintext_port,
    policy_target_not_found,
    policy_without_effect,
)
from edgegen.rules.gateway.backend_weights import (
    backend_named_twice,
    backends_without_weight,
    rule_without_backend,
)
from edgegen.rules.gateway.backends import (
    backend_not_found,
    backend_of_external_name,
    backend_of_unknown_kind,
    backend_port_not_found,
)
from edgegen.rules.gateway.certificates import (
    certificate_authority_unusable,
    certificate_not_found,
    certificate_of_other_kind,
)
from edgegen.rules.gateway.frontend_validation import (
    client_validation_insecure,
    client_validation_without_listener,
)
from edgegen.rules.gateway.gateway_class import (
    gateway_class_not_found,
    gateway_name_no_label,
    gateway_parameters_unusable,
)
from edgegen.rules.gateway.grants import (
    grant_impossible,
    grant_too_broad,
    grant_unused,
)
from edgegen.rules.gateway.hostname_outside_listeners import (
    route_hostname_not_served,
    route_hostname_without_listener,
)
from edgegen.rules.gateway.listener_admission import (
    listener_kind_not_carried,
    listener_selector_invalid,
    listener_selects_no_namespace,
)
from edgegen.rules.gateway.listener_policy import (
    default_gateway_of_all_routes,
    listener_selector_ignored,
    listener_without_route,
    open_listener,
)
from edgegen.rules.gateway.listener_protocols import (
    listener_protocol_unknown,
    overlapping_tls_hostnames,
    protocols_share_port,
    tcp_listener_shares_port,
)
from edgegen.rules.gateway.listener_sets import (
    listener_set_conflict,
    listener_set_not_allowed,
    listener_set_parent_not_found,
)
from edgegen.rules.gateway.listener_tls import (
    certificate_on_passthrough,
    listener_without_certificate,
    tls_option_without_domain,
)
from edgegen.rules.gateway.listener_twice import (
    listener_defined_twice,
)
from edgegen.rules.gateway.match_claimed_twice import (
    route_match_claimed_twice,
)
from edgegen.rules.gateway.no_matching_listener import (
    route_listener_not_found,
)
from edgegen.rules.gateway.not_allowed_by_listener import (
    route_kind_not_allowed,
    route_namespace_not_allowed,
)
from edgegen.rules.gateway.not_granted import (
    reference_not_granted,
)
from edgegen.rules.gateway.parent_not_found import (
    route_parent_not_found,
)
from edgegen.rules.gateway.plaintext import (
    route_also_without_tls,
)
from edgegen.rules.gateway.route_parents import (
    route_parent_of_other_kind,
    route_without_parent,
)
from edgegen.rules.gateway.route_shape import (
    apex_not_served,
    hostname_is_address,
    hostname_named_twice,
    parent_named_twice,
    rule_name_twice,
)
from edgegen.rules.gateway.wildcard_certificate import (
    single_label_wildcard_certificate,
)

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

GATEWAY_RULES: tuple[Rule, ...] = (
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
    gateway_class_not_found,
    gateway_parameters_unusable,
    gateway_name_no_label,
    listener_protocol_unknown,
    listener_without_certificate,
    certificate_on_passthrough,
    certificate_of_other_kind,
    certificate_not_found,
    reference_not_granted,
    tls_option_without_domain,
    tcp_listener_shares_port,
    protocols_share_port,
    overlapping_tls_hostnames,
    listener_selector_ignored,
    listener_without_route,
    open_listener,
    gateway_address_outside_pools,
    gateway_address_of_other_type,
    client_validation_without_listener,
    client_validation_insecure,
    certificate_authority_unusable,
    default_gateway_of_all_routes,
    listener_set_parent_not_found,
    listener_set_not_allowed,
    listener_set_conflict,
    hostname_is_address,
    parent_named_twice,
    apex_not_served,
    hostname_named_twice,
    route_also_without_tls,
    rule_name_twice,
    backend_of_unknown_kind,
    backend_not_found,
    backend_port_not_found,
    backend_of_external_name,
    backend_protocol_mismatch,
    backends_without_weight,
    rule_without_backend,
    backend_named_twice,
    grant_unused,
    grant_impossible,
    grant_too_broad,
    policy_target_not_found,
    policy_conflict,
    policy_of_several_targets,
    policy_hostname_not_verified,
    policy_without_effect,
    policy_on_plaintext_port,
)
"""The rules of this family, in the order of their codes."""
