"""The merge keys: which lists of which kinds merge item by item, and by what.

The table is versioned data. A change of it changes what existing repositories
mean, so it is a new major version, never a correction in passing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

TABLE_VERSION = 1

Key = tuple[str | int, ...]
"""What makes two items of a list the same item, with defaults filled in."""

_EDGEGEN = "edgegen.dev"
_GATEWAY_API = "gateway.networking.k8s.io"
_METALLB = "metallb.io"
_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")


@dataclass(frozen=True, slots=True)
class ListKey:
    """How the items of one list are told apart.

    Attributes:
        label: the key as the table prints it.
        of: item and the resource's own namespace to key; None for an item without one.
        otherwise: when the list is replaced after all, as the table prints it.
    """

    label: str
    of: Callable[[Mapping[str, Json], str], Key | None]
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class MergeKeys:
    """What the table says about one place of a resource and all places below it.

    Attributes:
        list_key: the key of the list at this place; None: it is replaced whole.
        nulls_kept: below Helm values, where null is data and unsets a chart's default.
        fields: what is said of the entries of a mapping at this place.
        item: what is said of each item of a list at this place; None: nothing.
    """

    list_key: ListKey | None = None
    nulls_kept: bool = False
    fields: Mapping[str, MergeKeys] = field(default_factory=lambda: MappingProxyType({}))
    item: MergeKeys | None = None

    def below(self, name: str) -> MergeKeys:
        """Return what the table says of one entry of a mapping."""
        if self.nulls_kept:
            return self
        return self.fields.get(name, REPLACE)

    def below_item(self) -> MergeKeys:
        """Return what the table says of the items of a list."""
        if self.nulls_kept:
            return self
        return self.item or REPLACE

    def at(self, path: Sequence[str | int]) -> MergeKeys:
        """Follow a path from this place; an index stands for any item."""
        here = self
        for step in path:
            here = here.below_item() if isinstance(step, int) else here.below(step)
        return here


REPLACE = MergeKeys()
"""Everything unknown: mappings merge, lists are replaced."""

HELM_VALUES = MergeKeys(nulls_kept=True)
"""Helm's rule: mappings merge, lists are replaced, null stays."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of a compound key. A part without a default must be there."""

    name: str
    default: str | None = None
    own_namespace: bool = False
    fold_case: bool = False
    number: bool = False

    def label(self) -> str:
        """Return the field as the table prints it, its default in brackets."""
        if self.own_namespace:
            return f"`{self.name}` (the resource's own)"
        if self.default is None:
            return f"`{self.name}`"
        return f"`{self.name}` ({self.default or 'none'})"

    def of(self, item: Mapping[str, Json], namespace: str) -> str | int | None:
        """Return this part of an item's key, None where it has none."""
        value = item.get(self.name)
        if value is None:
            return namespace if self.own_namespace else self.default
        if self.number:
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        if not isinstance(value, str):
            return None
        return value.lower() if self.fold_case else value


def _by(*parts: _Part, otherwise: str = "") -> ListKey:
    def of(item: Mapping[str, Json], namespace: str) -> Key | None:
        key: list[str | int] = []
        for part in parts:
            value = part.of(item, namespace)
            if value is None:
                return None
            key.append(value)
        return tuple(key)

    return ListKey(", ".join(part.label() for part in parts), of, otherwise)


_PATH_FORMS = (("path", ""), ("exact", "="), ("regex", "~"))


def _rule_key(item: Mapping[str, Json], _namespace: str) -> Key | None:
    """Return the name of a Route's rule, else its path: `/api`, `=/exact`, `~regex`."""
    name = item.get("name")
    if name is not None:
        return (name,) if isinstance(name, str) else None
    for form, sign in _PATH_FORMS:
        path = item.get(form)
        if path is not None:
            return (sign + path,) if isinstance(path, str) else None
    return ("/",)


_NAME = _by(_Part("name"))
_NAME_OF_ALL = _by(_Part("name"), otherwise="replaced, unless every rule of both lists has a name")
_RULE = ListKey("`name`, else the path (`/api`, `=/exact`, `~regex`)", _rule_key)
_HEADER = ListKey("`name` in any case", _by(_Part("name", fold_case=True)).of)
_PORT = _by(_Part("port", number=True), _Part("protocol", default="TCP"))
_GROUP_KIND = _by(_Part("group", default=_GATEWAY_API), _Part("kind"))
_PARENT = _by(
    _Part("group", default=_GATEWAY_API),
    _Part("kind", default="Gateway"),
    _Part("namespace", own_namespace=True),
    _Part("name"),
    _Part("sectionName", default=""),
    _Part("port", default="", number=True),
)

_MODIFIERS = tuple(
    (f"{owner}.filters[].{modifier}.{field_}", _HEADER)
    for owner in ("spec.rules[]", "spec.rules[].backendRefs[]")
    for modifier in ("requestHeaderModifier", "responseHeaderModifier")
    for field_ in ("set", "add")
)

_ANY_KIND = "*"
_Entry = tuple[str, tuple[str, ...], str, ListKey | None]

_TABLE: tuple[_Entry, ...] = (
    (_EDGEGEN, ("Edge",), "spec.listeners", _NAME),
    (_EDGEGEN, ("Edge",), "spec.values", None),
    (_EDGEGEN, ("Cluster",), "spec.network.segments", _NAME),
    (_EDGEGEN, ("Cluster",), "spec.metallb.values", None),
    (_EDGEGEN, ("Route",), "spec.rules", _RULE),
    (_GATEWAY_API, ("Gateway", "ListenerSet"), "spec.listeners", _NAME),
    (
        _GATEWAY_API,
        ("Gateway", "ListenerSet"),
        "spec.listeners[].allowedRoutes.kinds",
        _GROUP_KIND,
    ),
    (_GATEWAY_API, (_ANY_KIND,), "spec.parentRefs", _PARENT),
    (_GATEWAY_API, _ROUTES, "spec.rules", _NAME_OF_ALL),
    *((_GATEWAY_API, ("HTTPRoute", "GRPCRoute"), path, key) for path, key in _MODIFIERS),
    (_GATEWAY_API, ("HTTPRoute", "GRPCRoute"), "spec.rules[].matches[].headers", _HEADER),
    (_GATEWAY_API, ("HTTPRoute",), "spec.rules[].matches[].queryParams", _NAME),
    (_METALLB, ("Community",), "spec.communities", _NAME),
    ("", ("Service",), "spec.ports", _PORT),
)
"""API group, kinds, place and key; no key: below this place Helm's rule holds."""


@dataclass(slots=True)
class _Node:
    """A place while the table is built."""

    list_key: ListKey | None = None
    nulls_kept: bool = False
    fields: dict[str, _Node] = field(default_factory=dict)
    item: _Node | None = None

    def add(self, place: str, key: ListKey | None) -> None:
        here = self
        for step in place.split("."):
            here = here.fields.setdefault(step.removesuffix("[]"), _Node())
            if step.endswith("[]"):
                here.item = here.item or _Node()
                here = here.item
        here.list_key = key
        here.nulls_kept = key is None

    def frozen(self) -> MergeKeys:
        if self.nulls_kept:
            return HELM_VALUES
        fields = {name: node.frozen() for name, node in self.fields.items()}
        item = self.item.frozen() if self.item else None
        return MergeKeys(self.list_key, fields=MappingProxyType(fields), item=item)


def _build() -> Mapping[tuple[str, str], MergeKeys]:
    named = {(group, kind) for group, kinds, _, _ in _TABLE for kind in kinds}
    built: dict[tuple[str, str], MergeKeys] = {}
    for group, kind in named:
        root = _Node()
        for entry_group, kinds, place, key in _TABLE:
            if entry_group == group and (kind in kinds or _ANY_KIND in kinds):
                root.add(place, key)
        built[group, kind] = root.frozen()
    return MappingProxyType(built)


_KEYS = _build()


def keys_for(api_version_group: str, kind: str) -> MergeKeys:
    """Return the merge keys of a kind; `""` is the core group, the version does not matter."""
    group = api_version_group
    return _KEYS.get((group, kind)) or _KEYS.get((group, _ANY_KIND)) or REPLACE


def rows() -> list[tuple[str, str, str]]:
    """Return the table for the documentation: where, key, and what happens else."""
    return [
        ("any mapping", "its keys; `null` removes", "another type: the later one wins whole"),
        *(_row(entry) for entry in _TABLE),
        ("every other list", "none", "replaced whole"),
    ]


def _row(entry: _Entry) -> tuple[str, str, str]:
    group, kinds, place, key = entry
    owners = "/".join("every kind" if kind == _ANY_KIND else kind for kind in kinds)
    where = f"{owners} ({group or 'core'}) `{place}`"
    if key is None:
        helm = "Helm's rule: mappings merge, lists are replaced, `null` is kept"
        return (f"below {where}", helm, "removed by `$patch: delete`")
    return (where, key.label, _out_of_reach(entry) or key.otherwise)


def _out_of_reach(entry: _Entry) -> str:
    """Say when a list can not be merged by its key, since it lies in one that is replaced."""
    group, kinds, place, _ = entry
    keys = keys_for(group, kinds[0])
    steps = place.split(".")
    for number, step in enumerate(steps):
        keys = keys.below(step.removesuffix("[]"))
        if step.endswith("[]"):
            if keys.list_key is None:
                return f"out of reach: `{'.'.join(steps[: number + 1])}` is replaced whole"
            keys = keys.below_item()
    return ""
