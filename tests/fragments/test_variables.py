from __future__ import annotations

import pytest

from edgegen.fragments.variables import names_in, substitute

ENVIRONMENT = {
    "vars.asn": 64512,
    "vars.flag": True,
    "vars.domain": "acme.example",
    "vars.recursive": "${vars.domain}",
    "cluster.name": "prod",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${vars.asn}", 64512),
        ("${vars.flag}", True),
        ("AS${vars.asn}", "AS64512"),
        ("${vars.flag}!", "true!"),
        ("www.${vars.domain}", "www.acme.example"),
        ("${cluster.name}-${vars.domain}", "prod-acme.example"),
        ("$${vars.asn}", "${vars.asn}"),
        ("$${vars.asn} ${vars.asn}", "${vars.asn} 64512"),
        ("${vars.recursive}", "${vars.domain}"),
        ("a $ b", "a $ b"),
        ("$$", "$$"),
    ],
)
def test_references_in_text(text: str, value: object) -> None:
    assert substitute(text, ENVIRONMENT) == (value, [])


def test_values_are_replaced_and_keys_are_not() -> None:
    value = {"${vars.asn}": ["${vars.asn}", {"x": "${vars.domain}"}], "same": [1, 2]}
    result, unknown = substitute(value, ENVIRONMENT)
    assert result == {"${vars.asn}": [64512, {"x": "acme.example"}], "same": [1, 2]}
    assert unknown == []
    assert result["same"] is value["same"]


@pytest.mark.parametrize(
    "text", ["${vars.none}", "a ${vars.none} b", "${HOME}", "${}", "${vars.none"]
)
def test_an_unknown_reference_stays_and_is_told(text: str) -> None:
    result, unknown = substitute({"a": [text]}, ENVIRONMENT)
    assert result == {"a": [text]}
    assert [reference.path for reference in unknown] == [("a", 0)]


def test_names_that_a_value_refers_to() -> None:
    value = {"a": "${vars.x}-${vars.y}", "b": ["$${vars.z}", "${cluster.name}"]}
    assert names_in(value) == {"vars.x", "vars.y", "cluster.name", ""}
    assert names_in({"a": "$${literal}"}) == {""}
