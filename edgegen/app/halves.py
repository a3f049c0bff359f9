"""Which rules run here while a forked process runs the rest: one large cluster on two cores.

The rules of a half share its indexes. The other half is the larger one: it attaches routes
to listeners and asks who may claim a hostname.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edgegen.engine import RuleSet
    from edgegen.rules.base import Rule

_RULES: Final = "edgegen.rules."

_CONTENTS_OF_ROUTES: Final = frozenset(
    {
        "gateway.backend_protocols",
        "gateway.backend_tls",
        "gateway.backends",
        "gateway.not_granted",
        "ownership.backend_not_granted",
        "ownership.traefik_object_not_found",
        "ownership.traefik_references",
        "route.filtering",
        "route.matching",
        "route.redirects",
        "traefik.backends",
        "traefik.route_filters",
        "traefik.route_matches",
        "traefik.route_objects",
    }
)


def divided(rules: RuleSet, *, rendering: bool) -> tuple[RuleSet, RuleSet]:
    """Return the rules for this process, and those for the forked one.

    Args:
        rendering: this process writes the output of the cluster too, which is a half already.
    """
    modules = frozenset() if rendering else _CONTENTS_OF_ROUTES
    here = tuple(rule for rule in rules.rules if _module(rule) in modules)
    there = tuple(rule for rule in rules.rules if _module(rule) not in modules)
    return replace(rules, rules=here), replace(rules, rules=there)


def _module(rule: Rule) -> str:
    check = rule.check_cluster or rule.check_resource
    return check.__module__.removeprefix(_RULES) if check else ""
