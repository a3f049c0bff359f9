"""Rules of Traefik: its instances, their values, and what it does with the Gateway API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.traefik.backends import (
    backend_tls_policy_not_read,
    native_balancing_of_ingresses,
)
from edgegen.rules.traefik.certificates import certificate_misses_hostname
from edgegen.rules.traefik.chart import (
    chart_refuses_values,
    gateway_of_the_chart,
    service_port_twice,
)
from edgegen.rules.traefik.crds import gateway_api_crds_stop_traefik
from edgegen.rules.traefik.entrypoints import (
    certresolver_without_effect,
    entrypoint_middleware_unknown,
    entrypoint_port_privileged,
    entrypoint_port_twice,
    entrypoint_redirect_outranks_routes,
)
from edgegen.rules.traefik.gateways import (
    gateway_without_traefik,
    gatewayclass_of_two_traefiks,
    gateways_share_entrypoint,
    listener_protocol_not_served,
)
from edgegen.rules.traefik.helm_values import (
    malformed_helm_value,
    moved_helm_value,
    unknown_helm_value,
)
from edgegen.rules.traefik.isolation import listener_not_isolated
from edgegen.rules.traefik.listener_entrypoints import (
    entrypoint_port_ambiguous,
    http_listener_on_tls_entrypoint,
    listener_not_exposed,
    listener_on_internal_entrypoint,
    listener_port_without_entrypoint,
)
from edgegen.rules.traefik.operations import (
    default_ingress_class,
    disruption_budget_blocks_drain,
    one_replica_with_local_policy,
    surge_on_host_network,
    traefik_without_memory_limit,
)
from edgegen.rules.traefik.redirects import (
    redirect_leaks_entrypoint_port,
    redirect_stops_certificates,
    redirect_to_unknown_entrypoint,
)
from edgegen.rules.traefik.route_filters import (
    filter_not_supported,
    route_field_not_read,
    route_kind_not_served,
)
from edgegen.rules.traefik.route_matches import (
    host_header_match,
    path_never_matches,
    regex_not_anchored,
    regex_refused_by_traefik,
)
from edgegen.rules.traefik.route_objects import (
    extension_of_other_kind,
    route_namespace_not_watched,
    traefik_internals_published,
    traefik_objects_not_read,
)
from edgegen.rules.traefik.status_address import status_address_service_missing
from edgegen.rules.traefik.tenancy import (
    default_tls_object_outside_edge,
    edge_without_fence,
    traefik_api_exposed,
    traefik_names_collide,
)
from edgegen.rules.traefik.unread import (
    client_certificates_not_enforced,
    gateway_field_not_read,
    kind_not_read_by_traefik,
)

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

TRAEFIK_RULES: tuple[Rule, ...] = (
    listener_port_without_entrypoint,
    http_listener_on_tls_entrypoint,
    entrypoint_port_ambiguous,
    listener_on_internal_entrypoint,
    listener_not_exposed,
    listener_protocol_not_served,
    gateway_without_traefik,
    gatewayclass_of_two_traefiks,
    gateways_share_entrypoint,
    client_certificates_not_enforced,
    gateway_field_not_read,
    kind_not_read_by_traefik,
    route_kind_not_served,
    filter_not_supported,
    route_field_not_read,
    regex_refused_by_traefik,
    regex_not_anchored,
    path_never_matches,
    host_header_match,
    traefik_objects_not_read,
    traefik_internals_published,
    route_namespace_not_watched,
    entrypoint_middleware_unknown,
    certresolver_without_effect,
    entrypoint_redirect_outranks_routes,
    entrypoint_port_privileged,
    entrypoint_port_twice,
    gateway_api_crds_stop_traefik,
    status_address_service_missing,
    edge_without_fence,
    default_tls_object_outside_edge,
    traefik_names_collide,
    traefik_api_exposed,
    certificate_misses_hostname,
    gateway_of_the_chart,
    unknown_helm_value,
    malformed_helm_value,
    moved_helm_value,
    chart_refuses_values,
    service_port_twice,
    disruption_budget_blocks_drain,
    surge_on_host_network,
    one_replica_with_local_policy,
    traefik_without_memory_limit,
    default_ingress_class,
    backend_tls_policy_not_read,
    native_balancing_of_ingresses,
    redirect_leaks_entrypoint_port,
    redirect_stops_certificates,
    listener_not_isolated,
    extension_of_other_kind,
    redirect_to_unknown_entrypoint,
)
"""The rules of this family, in the order of their codes."""
