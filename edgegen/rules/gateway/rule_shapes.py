"""One look at the rules of all routes, for the checks that concern few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.stack.gatewayapi import routes, rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


class RuleShapes:
    """What is unusual about rules; use as `cluster.cached(RuleShapes)`.

    A rule is named by its route and its position there.

    Attributes:
        empty: rules without backendRefs.
        unweighted: rules all of whose backends have the weight 0.
        repeating: routes with a rule that repeats the name of a backend.
        redirecting: routes with filters that redirect or rewrite.
        extending: routes with filters that name an object of another API.
        renaming: routes that repeat the name of a rule.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.empty: list[tuple[Resource, int, dict[str, Json]]] = []
        self.unweighted: list[tuple[Resource, int]] = []
        self.repeating: list[Resource] = []
        self.redirecting: list[Resource] = []
        self.extending: list[Resource] = []
        self.renaming: list[Resource] = []
        for route in cluster.cached(routes):
            self._add(route)

    def _add(self, route: Resource) -> None:
        repeats = False
        uses: set[str] = set()  # fields of the filters
        found = rules(route)
        for index, rule in found:
            refs = rule.get("backendRefs")
            if "filters" in rule:
                _note_fields(rule["filters"], uses)
            if type(refs) is not list or not refs:
                self.empty.append((route, index, rule))
                continue
            items = [ref for ref in refs if type(ref) is dict]
            chosen = not items
            for ref in items:
                chosen = chosen or ref.get("weight", 1) != 0
                if "filters" in ref:
                    _note_fields(ref["filters"], uses)
            if not chosen:
                self.unweighted.append((route, index))
            if len(items) > 1 and not repeats:
                repeats = len({str(ref.get("name")) for ref in items}) < len(items)
        if repeats:
            self.repeating.append(route)
        if not uses.isdisjoint(_RENAMING):
            self.redirecting.append(route)
        if "extensionRef" in uses:
            self.extending.append(route)
        if len(found) > 1 and _repeats_a_name(found):
            self.renaming.append(route)


_RENAMING = ("requestRedirect", "urlRewrite")


def _note_fields(filters: Json, found: set[str]) -> None:
    if type(filters) is list:
        for item in filters:
            if type(item) is dict:
                found.update(item)


def _repeats_a_name(found: list[tuple[int, dict[str, Json]]]) -> bool:
    names = [name for _, rule in found if type(name := rule.get("name")) is str]
    return len(names) > 1 and len(set(names)) < len(names)
