from __future__ import annotations

import pytest

from edgegen.schema.fault import SchemaFault
from edgegen.schema.words import (
    closest,
    expected_types,
    faults_of,
    field_text,
    only_candidate,
    quoted,
    suggestion,
)

FIELDS = ["hostnames", "edges", "port", "to", "redirect", "rules"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("hostname", "hostnames"),  # singular
        ("Hostnames", "hostnames"),  # case
        ("hostnmaes", "hostnames"),  # transposed
        ("hosntames", "hostnames"),
        ("hstnames", "hostnames"),  # missing
        ("hosstnames", "hostnames"),  # inserted
        ("hoztnames", "hostnames"),  # replaced
        ("host_names", "hostnames"),  # separated
        ("host", "hostnames"),  # beginning
        ("hos", None),
        ("edge", "edges"),
        ("prot", "port"),
        ("ports", "port"),
        ("rule", "rules"),
        ("redirekt", "redirect"),
        ("ot", "to"),
        ("too", "to"),
        ("backend", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_closest(word: str, meant: str | None) -> None:
    assert closest(word, FIELDS) == meant


def test_the_first_of_equals_is_meant() -> None:
    assert closest("cat", ["bat", "car"]) == "bat"
    assert closest("cat", ["car", "bat"]) == "car"


def test_a_better_candidate_wins() -> None:
    assert closest("prefx", ["suffix", "prefix"]) == "prefix"
    assert closest("HTTPs", ["HTTP", "HTTPS"]) == "HTTPS"


def test_candidates_may_be_an_iterator_of_none() -> None:
    assert closest("host", iter(())) is None


def test_a_beginning_is_found_in_an_iterator() -> None:
    assert closest("host", iter(FIELDS)) == "hostnames"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (80, "80"),
        (-1, "-1"),
        (1.5, "1.5"),
        (80.0, "80.0"),
        ("a", '"a"'),
        ("", '""'),
        ('say "x"', '"say \\"x\\""'),
        ("line\nline", '"line\\nline"'),
        ("\u202e", '"\\u202e"'),
        ("\ud800", '"\\ud800"'),
        ("größe", '"größe"'),
        ([1], "a list"),
        ({"a": "secret"}, "a mapping"),
        ("x" * 60, f'"{"x" * 60}"'),
        ("x" * 61, f'"{"x" * 59}…"'),
    ],
)
def test_quoted(value: object, text: str) -> None:
    assert quoted(value) == text


def test_quoted_does_not_print_what_python_refuses_to() -> None:
    assert quoted(10**5000) == "a huge number"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "the document"),
        (("spec", "rules", 0, "to", 1), "spec.rules[0].to[1]"),
        (("spec", "gatewayAnnotations", "a.b/c"), 'spec.gatewayAnnotations["a.b/c"]'),
        (("$patch",), "$patch"),
    ],
)
def test_field_text(path: tuple[str | int, ...], text: str) -> None:
    assert field_text(path) == text


@pytest.mark.parametrize(
    ("word", "candidates", "hints", "text"),
    [
        ("hosts", FIELDS, {"hosts": "write hostnames"}, "write hostnames"),
        ("edgs", FIELDS, {"hosts": "write hostnames"}, 'did you mean "edges"?'),
        ("backend", ["a1", "b2", "c3"], None, "write one of a1, b2, c3"),
        ("backend", ["name"], None, "write name"),
        ("backend", [], None, "leave it out"),
    ],
)
def test_suggestion(word: str, candidates: list[str], hints: object, text: str) -> None:
    assert suggestion(word, candidates, hints) == text


@pytest.mark.parametrize(
    ("node", "names"),
    [
        ({"type": "string"}, ["string"]),
        ({"type": ["integer", "string", "null"], "pattern": r"^\$\{[^${}]+\}$"}, ["integer"]),
        ({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "null"}]}, ["string", "array"]),
    ],
)
def test_expected_types(node: dict[str, object], names: list[str]) -> None:
    assert expected_types(node) == names


SCALAR = {"type": ["string", "integer", "boolean"]}


@pytest.mark.parametrize(
    ("keyword", "node", "value", "rule", "message", "help_text"),
    [
        ("type", {"type": "string"}, 1, "wrong-type", "f is 1, expected a string",
         "quote the value, so that YAML reads a string"),
        ("type", {"type": "string"}, None, "wrong-type", "f is null, expected a string",
         "give it a value, or remove the key"),
        ("type", {"type": "integer"}, "80", "wrong-type", 'f is "80", expected an integer',
         "remove the quotes"),
        ("type", {"type": "integer"}, "web", "wrong-type", 'f is "web", expected an integer', ""),
        ("type", {"type": "boolean"}, "true", "wrong-type",
         'f is "true", expected true or false', "remove the quotes"),
        ("type", {"type": "array"}, "a", "wrong-type", 'f is "a", expected a list',
         'write a list: ["a"]'),
        ("type", {"type": "object"}, [], "wrong-type", "f is a list, expected a mapping", ""),
        ("type", SCALAR, [], "wrong-type",
         "f is a list, expected a string, an integer or true or false", ""),
        ("enum", {"enum": ["HTTP", "TCP"]}, "http", "invalid-value",
         '"http" is not a value of f', 'did you mean "HTTP"?'),
        ("enum", {"enum": ["HTTP", "TCP"], "x-hints": {"UDP": "leave it out"}}, "UDP",
         "invalid-value", '"UDP" is not a value of f', "leave it out"),
        ("enum", {"enum": [301, 302]}, 404, "invalid-value", "404 is not a value of f",
         "write one of 301, 302"),
        ("const", {"const": "edgegen.dev/v1alpha1"}, "v1", "invalid-value",
         '"v1" is not a value of f', "write edgegen.dev/v1alpha1"),
        ("pattern", {"pattern": "^/", "patternErrorMessage": "start it with /"}, "a",
         "invalid-value", 'malformed value "a" in f', "start it with /"),
        ("minLength", {"minLength": 1}, "", "invalid-value", "f is empty",
         "give it a value, or remove the key"),
        ("maxLength", {"maxLength": 3}, "abcd", "invalid-value",
         "f has 4 characters, more than 3", "shorten it to 3 characters"),
        ("minItems", {"minItems": 1}, [], "invalid-value", "f is empty",
         "give it a value, or remove the key"),
        ("maxItems", {"maxItems": 1}, [1, 2], "invalid-value", "f has 2 entries, more than 1",
         "keep 1 and move the others elsewhere"),
        ("maxProperties", {"maxProperties": 1}, {"a": 1, "b": 2}, "invalid-value",
         "f has 2 entries, more than 1", "keep 1 and move the others elsewhere"),
        ("minimum", {"minimum": 0}, -1, "invalid-value", "f is -1, less than 0",
         "write an integer of at least 0"),
        ("maximum", {"minimum": 1, "maximum": 9}, 10, "invalid-value", "f is 10, more than 9",
         "write an integer from 1 to 9"),
        ("exclusiveMinimum", {"type": "number", "exclusiveMinimum": 0}, 0, "invalid-value",
         "f is 0, not more than 0", ""),
        ("exclusiveMaximum", {"type": "number", "exclusiveMaximum": 1}, 1.5, "invalid-value",
         "f is 1.5, not less than 1", ""),
        ("maximum", {"type": "number", "maximum": 1}, 1.5, "invalid-value",
         "f is 1.5, more than 1", "write a number of at most 1"),
        ("minItems", {"minItems": 3}, [1], "invalid-value",
         "f has 1 entries, fewer than 3", "write 3 at least"),
        ("minLength", {"minLength": 3}, "ab", "invalid-value",
         "f has 2 characters, fewer than 3", "write 3 at least"),
        ("format", {"format": "date"}, "x", "invalid-value",
         'malformed value "x" in f', "write it in the format date"),
        ("anyOf", {"anyOf": [{"required": ["a"]}]}, {}, "invalid-value",
         "a mapping is not a value of f", ""),
        ("contains", {}, "x", "invalid-value", '"x" is not a value of f', ""),
    ],
)  # fmt: skip
def test_words_of_a_keyword(
    keyword: str, node: dict[str, object], value: object, rule: str, message: str, help_text: str
) -> None:
    assert list(faults_of(keyword, node, value, ("f",))) == [
        SchemaFault(("f",), rule, message, help_text)
    ]


def test_words_of_unknown_and_missing_fields() -> None:
    node = {
        "required": ["pool", "listeners"],
        "properties": {"pool": {"description": "an AddressPool"}, "listeners": {}, "vips": {}},
    }
    assert list(faults_of("additionalProperties", node, {"vip": 1, "pol": 1}, ("spec",))) == [
        SchemaFault(("spec", "vip"), "unknown-field", 'unknown field "vip" in spec',
                    'did you mean "vips"?'),
        SchemaFault(("spec", "pol"), "unknown-field", 'unknown field "pol" in spec',
                    'did you mean "pool"?'),
    ]  # fmt: skip
    assert list(faults_of("required", node, {}, ())) == [
        SchemaFault((), "missing-field", 'missing field "pool"', "add pool: an AddressPool"),
        SchemaFault((), "missing-field", 'missing field "listeners"', "add listeners"),
    ]
    assert list(faults_of("required", node, {"pol": 1}, ("spec",))) == [
        SchemaFault(("spec",), "missing-field", 'missing field "listeners" in spec',
                    "add listeners"),
    ]  # fmt: skip


def test_words_of_a_repeated_item() -> None:
    assert list(faults_of("uniqueItems", {}, ["a", "b", "a", "a"], ("f",))) == [
        SchemaFault(("f", 2), "invalid-value", 'f names "a" twice', "remove one of them"),
        SchemaFault(("f", 3), "invalid-value", 'f names "a" twice', "remove one of them"),
    ]


def test_unknown_fields_of_one_mapping_are_cut_off() -> None:
    value = {f"key{index}": 1 for index in range(100)}
    found = list(faults_of("additionalProperties", {"properties": {}}, value, ()))
    assert [fault.path for fault in found] == [(f"key{index}",) for index in range(20)]


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("backendRef", ("backendRefs", "filters"), "backendRefs"),
        ("HOSTNAMES", ("hostnames", "rules"), "hostnames"),
        ("port", ("ports", "portt"), None),  # two are as near
        ("addres", ("address", "addresses"), None),  # the second begins so
        ("host", ("hostnames",), None),  # a beginning is a guess
        ("xyz", ("abc",), None),
        ("a", (), None),
    ],
)
def test_the_only_candidate(word: str, names: tuple[str, ...], meant: str | None) -> None:
    assert only_candidate(word, names) == meant
