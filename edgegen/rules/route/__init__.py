"""Rules of routes: their matches, filters, backends and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.route.connections import connections_claimed_twice
from edgegen.rules.route.filtering import (
    header_changed_twice,
    redirect_beside_rewrite,
    replacement_no_path,
)
from edgegen.rules.route.matching import (
    empty_grpc_method,
    expression_as_path,
    header_matched_twice,
    matches_widen_rule,
)
from edgegen.rules.route.precedence import route_precedence_diverges
from edgegen.rules.route.redirects import redirect_loop

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

ROUTE_RULES: tuple[Rule, ...] = (
    route_precedence_diverges,
    matches_widen_rule,
    expression_as_path,
    header_matched_twice,
    empty_grpc_method,
    header_changed_twice,
    redirect_beside_rewrite,
    replacement_no_path,
    redirect_loop,
    connections_claimed_twice,
)
"""The rules of this family, in the order of their codes."""
