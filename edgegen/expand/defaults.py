"""What the API server fills in: the defaults of the Gateway API's kinds, as a table.

Values come from the `default:` keywords of the CRDs of gateway-api 1.6.1, in
both channels; a test compares them. Only defaults below lists matter to a
GitOps controller, which compares lists whole, and most of these are. MetalLB's
kinds have theirs at the top of `spec`, where an absent field is no difference,
and some of them are unknown to older releases: they are not filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from edgegen.model.ids import GATEWAY_GROUP

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

_EVERY_PATH: Final[dict[str, Json]] = {"type": "PathPrefix", "value": "/"}

_PARENT: Final[dict[str, Json]] = {
    "spec.parentRefs[].group": GATEWAY_GROUP,
    "spec.parentRefs[].kind": "Gateway",
}
_BACKEND: Final[dict[str, Json]] = {
    "spec.rules[].backendRefs[].group": "",
    "spec.rules[].backendRefs[].kind": "Service",
    "spec.rules[].backendRefs[].weight": 1,
}
_SESSION: Final[dict[str, Json]] = {
    "spec.rules[].sessionPersistence.cookieConfig.lifetimeType": "Session",
    "spec.rules[].sessionPersistence.type": "Cookie",
}
_MIRROR: Final[dict[str, Json]] = {
    "requestMirror.backendRef.group": "",
    "requestMirror.backendRef.kind": "Service",
    "requestMirror.fraction.denominator": 100,
}
_HTTP_FILTER: Final[dict[str, Json]] = {
    **_MIRROR,
    "cors.maxAge": 5,
    "externalAuth.backendRef.group": "",
    "externalAuth.backendRef.kind": "Service",
    "requestRedirect.statusCode": 302,
}
_FILTERS: Final = ("spec.rules[].filters[]", "spec.rules[].backendRefs[].filters[]")


def _in_filters(fields: Mapping[str, Json]) -> dict[str, Json]:
    return {f"{place}.{field}": value for place in _FILTERS for field, value in fields.items()}


_LISTENER: Final[dict[str, Json]] = {
    "spec.listeners[].allowedRoutes": {"namespaces": {"from": "Same"}},
    "spec.listeners[].allowedRoutes.kinds[].group": GATEWAY_GROUP,
    "spec.listeners[].allowedRoutes.namespaces": {"from": "Same"},
    "spec.listeners[].allowedRoutes.namespaces.from": "Same",
    "spec.listeners[].tls.certificateRefs[].group": "",
    "spec.listeners[].tls.certificateRefs[].kind": "Secret",
    "spec.listeners[].tls.mode": "Terminate",
}

TABLE: Final[Mapping[str, Mapping[str, Json]]] = {
    "Gateway": {
        **_LISTENER,
        "spec.addresses[].type": "IPAddress",
        "spec.allowedListeners.namespaces": {"from": "None"},
        "spec.allowedListeners.namespaces.from": "None",
        "spec.tls.backend.clientCertificateRef.group": "",
        "spec.tls.backend.clientCertificateRef.kind": "Secret",
        "spec.tls.frontend.default.validation.mode": "AllowValidOnly",
        "spec.tls.frontend.perPort[].tls.validation.mode": "AllowValidOnly",
    },
    "ListenerSet": {
        **_LISTENER,
        "spec.parentRef.group": GATEWAY_GROUP,
        "spec.parentRef.kind": "Gateway",
    },
    "HTTPRoute": {
        **_PARENT,
        **_BACKEND,
        **_SESSION,
        **_in_filters(_HTTP_FILTER),
        "spec.rules": [{"matches": [{"path": _EVERY_PATH}]}],
        "spec.rules[].matches": [{"path": _EVERY_PATH}],
        "spec.rules[].matches[].headers[].type": "Exact",
        "spec.rules[].matches[].path": _EVERY_PATH,
        "spec.rules[].matches[].path.type": "PathPrefix",
        "spec.rules[].matches[].path.value": "/",
        "spec.rules[].matches[].queryParams[].type": "Exact",
    },
    "GRPCRoute": {
        **_PARENT,
        **_BACKEND,
        **_SESSION,
        **_in_filters(_MIRROR),
        "spec.rules[].matches[].headers[].type": "Exact",
        "spec.rules[].matches[].method.type": "Exact",
    },
    "TLSRoute": {**_PARENT, **_BACKEND},
    "TCPRoute": {**_PARENT, **_BACKEND},
    "UDPRoute": {**_PARENT, **_BACKEND},
    "BackendTLSPolicy": {},
    "GatewayClass": {},
    "ReferenceGrant": {},
}
"""Kind of the Gateway API -> place -> default. `[]` stands for every item of a list."""


class Plan:
    """The defaults below one place: of its own fields, and of what its fields hold.

    Attributes:
        defaults: field and default, for fields that are absent or null.
        below: field -> plan of the mapping, or of each mapping of the list, that it holds.
    """

    __slots__ = ("below", "defaults")

    def __init__(self) -> None:
        self.defaults: list[tuple[str, Json]] = []
        self.below: dict[str, Plan] = {}

    def add(self, place: str, default: Json) -> None:
        """Add a row of the table, with its place counted from here."""
        first, dot, rest = place.partition(".")
        if dot:
            self.below.setdefault(first.removesuffix("[]"), Plan()).add(rest, default)
        else:
            self.defaults.append((first, default))

    def fill(self, value: dict[str, Json]) -> dict[str, Json]:
        """Return the value with its defaults; the value itself where none is missing.

        Only the mappings and lists above an added field are copied. Written
        for speed: every route of every cluster passes here (7 microseconds
        for two rules with three backends).
        """
        filled = value
        for field, default in self.defaults:
            if value.get(field) is None:
                if filled is value:
                    filled = value.copy()
                filled[field] = default
        below = self.below
        if not below:
            return filled
        # By the value's fields: it has fewer of them than the plan.
        for field, part in value.items():
            if field in below:
                new_part = below[field].fill_part(part)
                if new_part is not part:
                    if filled is value:
                        filled = value.copy()
                    filled[field] = new_part
        return filled

    def fill_part(self, part: Json) -> Json:
        """Fill in a mapping, or each mapping of a list; anything else stays as it is."""
        if type(part) is dict:
            return self.fill(part)
        if type(part) is not list:
            return part
        filled = part
        defaults = () if self.below else self.defaults
        fill = self.fill
        for index, item in enumerate(part):
            if type(item) is dict:
                # Items that hold nothing further and lack nothing cost no call.
                for field, _ in defaults:
                    if item.get(field) is None:
                        break
                else:
                    if defaults:
                        continue
                new_item = fill(item)
                if new_item is not item:
                    if filled is part:
                        filled = part.copy()
                    filled[index] = new_item
        return filled


def _plan(rows: Mapping[str, Json]) -> Plan | None:
    plan = Plan()
    for place, default in rows.items():
        plan.add(place.removeprefix("spec."), default)
    return plan if rows else None


PLANS: Final[Mapping[str, Plan]] = {
    kind: plan for kind, rows in TABLE.items() if (plan := _plan(rows)) is not None
}
"""Kind of the Gateway API -> the plan that fills in its `spec`."""
