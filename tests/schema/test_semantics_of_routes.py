from __future__ import annotations

import pytest
import yaml
from schema_cases import judged

from edgegen.schema.semantics import rule_key
from edgegen.schema.validate import INVALID_VALUE, MISSING_FIELD

RULE = "spec.rules[0]"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("to: a:1", []),
        ("redirect: {code: 301}", []),
        ("redirect: {prefix: /x}", []),
        ("rules: [{to: a:1}]", []),
        ("to: a:1\nrules: [{path: /a, to: a:1}]", []),
        ("to: a:1\nrules: [{name: b, path: /, to: a:1}]", []),
        ("rules: [{path: /a, to: a:1}, {exact: /a, to: a:1}, {regex: /a, to: a:1}]", []),
        ("rules: [{path: /a, redirect: {prefix: /b}}]", []),
        ("rules: [{redirect: {prefix: /b}}]", []),
        ("rules: [{exact: /a, redirect: {path: /b}}]", []),
        ("rules: [{to: a:1, rewrite: {prefix: /}}]", []),
        ("rules: [{to: [{service: a, port: 1}, {traefikService: b, weight: 0}]}]", []),
        ("{}", [("spec", MISSING_FIELD, 'missing field "to" in spec')]),
        ("rules: []", [("spec", MISSING_FIELD, 'missing field "to" in spec')]),
        (
            "to: a:1\nredirect: {code: 301}",
            [("spec.redirect", INVALID_VALUE, "spec has both to and redirect")],
        ),
        (
            "redirect: {path: /a, prefix: /b}",
            [("spec.redirect.prefix", INVALID_VALUE, "spec.redirect has both path and prefix")],
        ),
        ("rules: [{path: /a}]", [(RULE, MISSING_FIELD, 'missing field "to" in spec.rules[0]')]),
        (
            "rules: [{to: a:1, redirect: {code: 301}}]",
            [(f"{RULE}.redirect", INVALID_VALUE, "spec.rules[0] has both to and redirect")],
        ),
        (
            "rules: [{path: /a, exact: /a, to: a:1}]",
            [(f"{RULE}.exact", INVALID_VALUE, "spec.rules[0] has both path and exact")],
        ),
        (
            "rules: [{exact: /a, regex: /a, to: a:1}]",
            [(f"{RULE}.regex", INVALID_VALUE, "spec.rules[0] has both exact and regex")],
        ),
        (
            "rules: [{rewrite: {path: /}, redirect: {code: 301}}]",
            [(f"{RULE}.rewrite", INVALID_VALUE, "spec.rules[0] has both redirect and rewrite")],
        ),
        (
            "rules: [{to: a:1, rewrite: {path: /, prefix: /}}]",
            [
                (
                    f"{RULE}.rewrite.prefix",
                    INVALID_VALUE,
                    "spec.rules[0].rewrite has both path and prefix",
                )
            ],
        ),
        (
            "rules: [{exact: /a, to: a:1, rewrite: {prefix: /}}]",
            [
                (
                    f"{RULE}.rewrite.prefix",
                    INVALID_VALUE,
                    "spec.rules[0].rewrite.prefix replaces a prefix, but the rule matches by exact",
                )
            ],
        ),
        (
            "rules: [{regex: /a, redirect: {prefix: /}}]",
            [
                (
                    f"{RULE}.redirect.prefix",
                    INVALID_VALUE,
                    "spec.rules[0].redirect.prefix replaces a prefix, "
                    "but the rule matches by regex",
                )
            ],
        ),
        (
            "rules: [{path: /a, to: a:1}, {path: /a, method: GET, to: a:1}]",
            [
                (
                    "spec.rules[1]",
                    INVALID_VALUE,
                    'spec.rules[1] has the path "/a" of spec.rules[0]',
                )
            ],
        ),
        (
            "rules: [{name: a, path: /a, to: a:1}, {name: a, path: /b, to: a:1}]",
            [
                (
                    "spec.rules[1]",
                    INVALID_VALUE,
                    'spec.rules[1] has the name "a" of spec.rules[0]',
                )
            ],
        ),
        (
            "to: a:1\nrules: [{to: b:1}]",
            [(RULE, INVALID_VALUE, 'spec.rules[0] has the path "/" of spec.to')],
        ),
        (
            "redirect: {code: 301}\nrules: [{path: /, to: b:1}]",
            [(RULE, INVALID_VALUE, 'spec.rules[0] has the path "/" of spec.redirect')],
        ),
        (
            "rules: [{to: [{weight: 1}]}]",
            [
                (
                    f"{RULE}.to[0]",
                    MISSING_FIELD,
                    'missing field "service" in spec.rules[0].to[0]',
                )
            ],
        ),
        (
            "to: [{service: a}]",
            [("spec.to[0]", MISSING_FIELD, 'missing field "port" in spec.to[0]')],
        ),
        (
            "to: [{service: a, port: 1, traefikService: b}]",
            [
                (
                    "spec.to[0].service",
                    INVALID_VALUE,
                    "spec.to[0] has both traefikService and service",
                )
            ],
        ),
        (
            "to: [{traefikService: b, namespace: c}]",
            [
                (
                    "spec.to[0].namespace",
                    INVALID_VALUE,
                    "spec.to[0] has both traefikService and namespace",
                )
            ],
        ),
    ],
)
def test_route(spec: str, expected: list[tuple[str, str, str]]) -> None:
    document = {"hostnames": ["a.b"], **yaml.safe_load(spec)}
    assert judged("Route", yaml.safe_dump(document)) == expected


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ({}, "/"),
        ({"path": "/api"}, "/api"),
        ({"exact": "/api"}, "=/api"),
        ({"regex": "/a.*"}, "~/a.*"),
        ({"name": "x", "path": "/api"}, "x"),
    ],
)
def test_rule_key(rule: dict[str, object], key: str) -> None:
    assert rule_key(rule) == key
