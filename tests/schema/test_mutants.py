"""A second validator gives the same verdict on mutants of good documents."""

from __future__ import annotations

import copy
import json
import random
import re

import jsonschema  # noqa: TID253 (the second opinion)
import pytest
from schema_cases import EXTRA_GOOD, FULL, places, with_value

from edgegen.schema import store
from edgegen.schema.validate import schema_faults

MUTANTS = 250
VALUES = [
    None,
    True,
    0,
    -1,
    80,
    80.0,
    1.5,
    70000,
    2**40,
    "",
    "a",
    "A b",
    "a\n",
    "web:80",
    "web:80\n",
    "192.0.2.0/24",
    "*.example.net",
    "/x",
    "HTTPS",
    "off",
    "${vars.x}",
    "a${vars.x}",
    "${vars.x}\n",
    "x" * 70,
    "h." * 130 + "x",
    [],
    ["a", "a"],
    ["*"],
    list("abcdefghijklmnopqrst"),
    [{"name": "a"}],
    [{"$patch": "replace"}],
    {},
    {"a": "b"},
    {"name": "a"},
    {"$patch": "delete"},
    {"a b": "c"},
    {"severity": "off"},
]


def second_opinion(schema: object) -> jsonschema.Draft202012Validator:
    """A validator whose `$` and integers are those of jsonschema-rs and of our contract."""
    text = json.dumps(schema)
    strict = json.loads(text, object_hook=_with_strict_ends)
    checker = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=checker)
    return validator(strict)


def _with_strict_ends(node: dict[str, object]) -> dict[str, object]:
    if isinstance(node.get("pattern"), str):
        node["pattern"] = _strict(node["pattern"])
    if isinstance(node.get("patternProperties"), dict):
        patterns = node["patternProperties"]
        node["patternProperties"] = {_strict(key): value for key, value in patterns.items()}
    return node


def _strict(pattern: str) -> str:
    return re.sub(r"(?<!\\)\$(?=\)?(\||$))", r"\\Z", pattern)


def mutant(rng: random.Random, document: object) -> object:
    document = copy.deepcopy(document)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        where = sorted({steps for _, steps in places(document)}, key=repr)
        if not where:
            break
        steps = rng.choice(where)
        parent = document
        for step in steps[:-1]:
            parent = parent[step]
        match rng.randrange(5):
            case 0:
                del parent[steps[-1]]
            case 1 if isinstance(parent, dict):
                parent[rng.choice(["extra", "name", "$patch", "a b", "UPPER"])] = parent[steps[-1]]
            case 2 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[steps[-1]]))
            case _:
                with_value(document, steps, copy.deepcopy(rng.choice(VALUES)))
    return document


def test_the_second_opinion_reads_ends_strictly() -> None:
    assert _strict(r"(?:^[!$%]a$)|\$\{") == r"(?:^[!$%]a\Z)|\$\{"
    assert _strict(r"^\$\{[^${}]+\}$") == r"^\$\{[^${}]+\}\Z"


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("kind", store.KINDS)
def test_two_validators_agree(kind: str, merged: bool) -> None:
    rng = random.Random(f"{kind} {merged}")  # noqa: S311 (a fixed sequence, not a secret)
    schema = store.merged_schema(kind) if merged else store.fragment_schema(kind)
    other = second_opinion(schema)
    bases = [FULL[kind]]
    if kind == "Route":
        spec = {
            **FULL[kind]["spec"],
            **{
                path.removeprefix("spec."): value
                for path, value in EXTRA_GOOD[kind].items()
                if path.count(".") == 1
            },
        }
        bases.append({**FULL[kind], "spec": spec})
    wrong = 0
    for _ in range(MUTANTS):
        document = mutant(rng, rng.choice(bases))
        ours = not schema_faults(kind, document, merged=merged)
        assert ours is other.is_valid(document), json.dumps(document)
        wrong += not ours
    assert MUTANTS // 4 < wrong < MUTANTS
