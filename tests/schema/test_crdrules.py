"""Rules of CRDs are evaluated as the API server does."""

from __future__ import annotations

import pytest
import yaml

from edgegen.schema.crdrules import CrdRules, escaped, field_steps, not_evaluated
from edgegen.yamlio.document import Json


def rules(spec: str) -> CrdRules:
    fields = yaml.safe_load(spec)
    return CrdRules({"type": "object", "properties": {"spec": fields}})


def broken(found: CrdRules, spec: Json) -> list[tuple[object, str]]:
    breaches = found({"apiVersion": "a/v1", "kind": "A", "metadata": {"name": "a"}, "spec": spec})
    return [(one.fault.path, one.fault.message) for one in breaches]


def test_defaults_stand_first_and_nulls_are_gone() -> None:
    found = rules(
        "{type: object, x-kubernetes-validations: [{rule: self.a < self.b, message: a is not below b}],"
        " properties: {a: {type: integer, default: 5}, b: {type: integer}}}"
    )
    assert broken(found, {"b": 6}) == []
    assert broken(found, {"a": None, "b": 5}) == [(("spec",), "a is not below b")]


def test_an_error_is_a_failure() -> None:
    found = rules(
        "{type: object, x-kubernetes-validations: [{rule: self.a == 1}], properties: {a: {type: integer}}}"
    )
    ((path, message),) = broken(found, {})
    assert path == ("spec",)
    assert message.startswith("failed rule: self.a == 1 (the rule came to no value: ")


def test_each_rule_of_a_place_is_told_by_itself() -> None:
    found = rules(
        "{type: object, properties: {a: {type: integer, x-kubernetes-validations:"
        " [{rule: self > 1, message: one}, {rule: self > 2, message: two}, {rule: self > 0, message: no}]}}}"
    )
    assert broken(found, {"a": 1}) == [(("spec", "a"), "one"), (("spec", "a"), "two")]
    assert broken(found, {"a": 3}) == []


def test_messages_and_field_paths() -> None:
    found = rules(
        "{type: object, x-kubernetes-validations: [{rule: self.a > 1, messageExpression: \"'a is ' +"
        ' string(self.a)", message: other, fieldPath: .a}, {rule: self.a > 2, messageExpression: self.none,'
        " message: fallback}], properties: {a: {type: integer}}}"
    )
    assert broken(found, {"a": 1}) == [(("spec", "a"), "a is 1"), (("spec",), "fallback")]
    assert field_steps(".a['b.c'].d") == ("a", "b.c", "d")


def test_lists_and_maps() -> None:
    found = rules(
        "{type: object, properties: {l: {type: array, items: {type: string, x-kubernetes-validations:"
        " [{rule: isIP(self), message: x}]}}, m: {type: object, additionalProperties: {type: integer,"
        " x-kubernetes-validations: [{rule: self > 0, message: y}]}}}}"
    )
    spec: Json = {"l": ["::1", "a"], "m": {"a.b": 0, "c": 1}}
    assert broken(found, spec) == [(("spec", "l", 1), "x"), (("spec", "m", "a.b"), "y")]


def test_names_are_escaped_and_numbers_are_typed() -> None:
    found = rules(
        "{type: object, x-kubernetes-validations: [{rule: \"self.__namespace__ == 'a' && self.a__dash__b == 1"
        ' && self.share / 2.0 == 0.5"}], properties: {namespace: {type: string}, a-b: {type: integer},'
        " share: {type: number}}}"
    )
    assert broken(found, {"namespace": "a", "a-b": 1, "share": 1}) == []
    assert escaped("a__b") == "a__underscores__b"
    assert escaped("in") == "__in__"


def test_rules_of_changes_are_skipped() -> None:
    found = rules(
        "{type: string, x-kubernetes-validations: [{rule: self == oldSelf},"
        " {rule: oldSelf.hasValue(), optionalOldSelf: true}]}"
    )
    assert not found
    assert found.uncompiled == []


@pytest.mark.parametrize("rule", ["cel.bind(x, self, x > 0)", "self < duration('1h')"])
def test_what_cannot_be_evaluated_is_counted_and_no_pass(rule: str) -> None:
    found = CrdRules(
        {"type": "object", "properties": {"a": {"type": "string", "format": "duration",
         "x-kubernetes-validations": [{"rule": rule}, {"rule": "oldSelf == self"}]}}}
    )  # fmt: skip
    assert [text for text, _ in found.uncompiled] == [rule]
    fault = not_evaluated(found, "A")
    assert fault is not None
    assert fault.message.startswith("one rule of the CRD of A cannot be evaluated here")


def test_the_head_of_a_document_is_seen() -> None:
    found = CrdRules(
        {"type": "object", "x-kubernetes-validations": [{"rule": "self.metadata.name != 'a'"}]}
    )
    assert [one.at for one in found({"metadata": {"name": "a"}})] == [()]


@pytest.mark.parametrize("value", [None, 1, "a", [], [1], {"l": {}}, {"m": [None]}])
def test_documents_of_any_shape(value: Json) -> None:
    found = rules(
        "{type: object, x-kubernetes-validations: [{rule: self.l.size() > 0}], properties: {l: {type: array,"
        " items: {type: string, x-kubernetes-validations: [{rule: self != ''}]}}}}"
    )
    found({"spec": value})
    found({"spec": {"l": value}})
