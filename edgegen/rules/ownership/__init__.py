"""Rules of ownership and tenancy: who may use which hostname, edge and namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.ownership.auth_address import auth_address_of_foreign_namespace
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
    unknown_kind_of_team,
)
from edgegen.rules.ownership.traefik_object_not_found import traefik_object_not_found
from edgegen.rules.ownership.traefik_references import (
    reference_to_traefik_provider,
    traefik_reference_across_namespaces,
)
from edgegen.rules.ownership.wildcard_takes_requests import wildcard_takes_other_teams_requests

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

OWNERSHIP_RULES: tuple[Rule, ...] = (
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
    unknown_kind_of_team,
    traefik_object_not_found,
    auth_address_of_foreign_namespace,
)
"""The rules of this family, in the order of their codes."""
