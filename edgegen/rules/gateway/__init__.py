"""Rules of the Gateway API: listeners, attachment, references."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
)
"""The rules of this family, in the order of their codes."""
