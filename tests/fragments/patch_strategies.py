"""Random fragments of four kinds, small enough that their lists and fields collide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from edgegen.fragments.mergekeys import MergeKeys, keys_for
from edgegen.fragments.patch import Scope

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

KEYS: dict[str, MergeKeys] = {
    "Edge": keys_for("edgegen.dev", "Edge"),
    "Route": keys_for("edgegen.dev", "Route"),
    "Gateway": keys_for("gateway.networking.k8s.io", "Gateway"),
    "HTTPRoute": keys_for("gateway.networking.k8s.io", "HTTPRoute"),
}

_NAMES = ("a", "b", "c")
_Values = st.SearchStrategy["Json"]
_Mappings = st.SearchStrategy[dict[str, "Json"]]

_scalars: _Values = st.sampled_from([None, 1, 1.0, True, "x", "y"])
_directives: _Mappings = st.sampled_from([{}, {}, {}, {"$patch": "delete"}, {"$patch": "replace"}])


def _mappings(values: _Values) -> _Mappings:
    fields = st.dictionaries(st.sampled_from(_NAMES), values, max_size=3)
    return st.builds(lambda mapping, word: {**mapping, **word}, fields, _directives)


_small: _Values = _scalars | st.lists(_scalars, max_size=2) | _mappings(_scalars)
_values: _Values = st.one_of(_scalars, _small, _mappings(_small), st.lists(_small, max_size=2))
_fields = _mappings(_small)


def _items(*keys: _Mappings) -> _Values:
    marker: dict[str, Json] = {"$patch": "replace"}
    item = st.builds(lambda fields, key: {**fields, **key}, _fields, st.one_of(*keys))
    listed = st.lists(item, max_size=3)
    plain: _Values = listed.map(lambda items: [*items])
    return plain | listed.map(lambda items: [*items[:1], marker, *items[1:]])


def _named(field: str, prefix: str = "") -> _Mappings:
    return st.sampled_from([{field: prefix + name} for name in _NAMES])


_kinds = _items(st.sampled_from([{"kind": "H"}, {"kind": "T", "group": "g"}]))
_allowed = _kinds.map(lambda kinds: {"allowedRoutes": {"kinds": kinds}})
_listeners = _items(
    _named("name"), st.builds(lambda name, allowed: {**name, **allowed}, _named("name"), _allowed)
)
_rules = _items(_named("name")) | _items(_named("path", "/")) | _items(_named("name"), _named("to"))
_parents = _items(
    st.sampled_from([{"name": "a"}, {"name": "a", "namespace": "pay"}, {"name": "a", "port": 80}])
)


def _documents(**spec: _Values) -> _Mappings:
    known = st.fixed_dictionaries({}, optional=spec)
    mapping = st.builds(lambda fields, entries: {**fields, **entries}, _fields, known)
    body = st.one_of(mapping, mapping, mapping, _scalars)
    return st.builds(lambda word, spec: {"spec": spec, **word}, _directives, body)


DOCUMENTS: dict[str, _Mappings] = {
    "Edge": _documents(listeners=_listeners | _values, values=_values),
    "Route": _documents(rules=_rules | _values),
    "Gateway": _documents(listeners=_listeners | _values),
    "HTTPRoute": _documents(rules=_rules | _values, parentRefs=_parents | _values),
}


def fragments(count: int) -> st.SearchStrategy[tuple[str, list[dict[str, Json]]]]:
    """Return a kind and so many fragments of it."""
    return st.sampled_from(sorted(KEYS)).flatmap(
        lambda kind: st.tuples(
            st.just(kind), st.lists(DOCUMENTS[kind], min_size=count, max_size=count)
        )
    )


def scope_of(kind: str) -> Scope:
    """Return the scope of a resource of this kind in the namespace `pay`."""
    return Scope(KEYS[kind], "pay")
