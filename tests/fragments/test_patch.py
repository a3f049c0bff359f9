from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from patch_strategies import fragments, scope_of

from edgegen.fragments.directives import read
from edgegen.fragments.mergekeys import REPLACE
from edgegen.fragments.patch import Finished, Gone, Patch, Plain, Scope, compose, finish, spell

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

LAYERS = (0, 1, 2)


def patches(kind: str, values: list[dict[str, Json]]) -> list[Patch]:
    return [read(value, index, scope_of(kind)).patch for index, value in enumerate(values)]


def told(finished: Finished) -> tuple[object, ...]:
    """What a composition came to; by text, since 1 and True are equal in Python."""
    text = json.dumps(finished.value, sort_keys=True)
    return text, finished.present, finished.seams, sorted(map(repr, finished.unmet))


@settings(max_examples=250, deadline=None)
@given(fragments(3))
def test_composition_is_associative_in_value_and_origins(
    drawn: tuple[str, list[dict[str, Json]]],
) -> None:
    kind, values = drawn
    scope = scope_of(kind)
    a, b, c = patches(kind, values)
    left = compose(compose(a, b, scope), c, scope)
    right = compose(a, compose(b, c, scope), scope)
    assert told(finish(left, LAYERS)) == told(finish(right, LAYERS))


@settings(max_examples=100, deadline=None)
@given(fragments(1))
def test_nothing_is_the_identity_of_composition(
    drawn: tuple[str, list[dict[str, Json]]],
) -> None:
    kind, values = drawn
    (patch,) = patches(kind, values)
    assert compose(None, patch, scope_of(kind)) is patch
    assert compose(patch, None, scope_of(kind)) is patch
    assert compose(None, None, scope_of(kind)) is None


def test_a_null_cuts_off_what_a_keyed_list_said_before_it() -> None:
    # The naive form applies the null when it meets it: composed from the right,
    # the list of the last layer would merge with that of the first.
    values: list[dict[str, Json]] = [
        {"spec": {"listeners": [{"name": "a", "port": 80}]}},
        {"spec": {"listeners": None}},
        {"spec": {"listeners": [{"name": "b"}]}},
    ]
    scope = scope_of("Gateway")
    a, b, c = patches("Gateway", values)
    right = finish(compose(a, compose(b, c, scope), scope), LAYERS)
    left = finish(compose(compose(a, b, scope), c, scope), LAYERS)
    assert right.value == {"spec": {"listeners": [{"name": "b"}]}}
    assert told(left) == told(right)


def test_values_that_no_other_patch_touches_are_shared() -> None:
    spec: Json = {"a": {"deep": [1, 2]}}
    scope = Scope(REPLACE, "")
    first = Plain({"spec": spec}, (0, ()))
    then = Plain({"metadata": {"name": "x"}}, (1, ()))
    value = finish(compose(first, then, scope), LAYERS).value
    assert isinstance(value, dict)
    assert value["spec"] is spec


def test_finishing_nothing_and_a_deletion_gives_no_value() -> None:
    assert finish(None, ()).present is False
    gone = Gone((1, ()), explicit=True, met=True)
    assert finish(gone, LAYERS) == Finished(None, present=False, seams={(): (1, ())}, unmet=())


def test_keys_that_differ_are_spelt_differently() -> None:
    assert spell(("/api",)) == "/api"
    assert spell((80, "TCP")) == "80/TCP"
    assert spell(("a/b", "c")) == "a~1b/c"
    assert spell(("a", "b/c")) == "a/b~1c"
