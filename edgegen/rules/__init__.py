"""The table of rules: one tuple a family, each in the order of its codes.

A rule that is not named in a family's tuple does not run: no folder is scanned,
and no import registers anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.expansion import EXPANSION_RULES, LATER_EXPANSION_RULES
from edgegen.rules.fleet import FLEET_RULES
from edgegen.rules.gateway import GATEWAY_RULES
from edgegen.rules.gitops import DRIFT_RULES, GITOPS_RULES, LATER_GITOPS_RULES
from edgegen.rules.input import (
    EXEMPTION_RULES,
    LATER_INPUT_RULES,
    MERGE_RULES,
    TENANCY_RULES,
    TREE_RULES,
    YAML_RULES,
)
from edgegen.rules.metallb import METALLB_RULES
from edgegen.rules.ownership import OWNERSHIP_RULES
from edgegen.rules.policies import POLICY_RULES
from edgegen.rules.route import ROUTE_RULES
from edgegen.rules.schemas import SCHEMA_RULES
from edgegen.rules.traefik import TRAEFIK_RULES

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

RULES: tuple[Rule, ...] = (
    *YAML_RULES,
    *TREE_RULES,
    *MERGE_RULES,
    *EXPANSION_RULES,
    *GITOPS_RULES,
    *EXEMPTION_RULES,
    *LATER_GITOPS_RULES,
    *LATER_INPUT_RULES,
    *LATER_EXPANSION_RULES,
    *DRIFT_RULES,
    *SCHEMA_RULES,
    *METALLB_RULES,
    *GATEWAY_RULES,
    *ROUTE_RULES,
    *TRAEFIK_RULES,
    *TENANCY_RULES,
    *OWNERSHIP_RULES,
    *FLEET_RULES,
    *POLICY_RULES,
)
"""Every rule of edgegen."""
