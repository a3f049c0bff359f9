"""Mutants of native resources, judged by edgegen and by the CRDs themselves.

    python tests/schema/mutants.py --count 10000 [--seed N] [--kind HTTPRoute]

For each kind, version and channel of the CRDs in the folder beside the project a
document is made up from the CRD's own schema, changed at random, and judged
twice: by edgegen's compact sources, and by a validator made of `openAPIV3Schema`
as the API server reads it. Verdict and places have to agree.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema  # noqa: TID253 (the second opinion)
import jsonschema_rs
import yaml

from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.schema.crossfield.breach import CROSSFIELD_RULES
from edgegen.schema.fault import DEPRECATED, LOST_IN_V1, NOT_IN_RELEASE, NULL_FIELD, SUPERSEDED
from edgegen.schema.judge import MOST_FAULTS
from edgegen.schema.native import validate_cluster
from edgegen.yamlio.document import Document

SHARED = Path(__file__).parents[3] / "shared" / "crds"
STATUS_KINDS = {"ConfigurationState", "ServiceBGPStatus", "ServiceL2Status"}
ADVICE = {NULL_FIELD, SUPERSEDED, DEPRECATED, LOST_IN_V1, *CROSSFIELD_RULES}

STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": STRINGS,
        "annotations": STRINGS,
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "generation": {"type": "integer", "format": "int64"},
    },
}
"""What a mutant's metadata is made of: fields of ObjectMeta."""


@dataclass(frozen=True)
class Subject:
    """One version of a kind in one channel, with the CRD's own schema."""

    group: str
    kind: str
    version: str
    channel: str
    schema: dict

    @property
    def name(self) -> str:
        return f"{self.kind} {self.group}/{self.version} {self.channel}".strip()


def subjects(folder: Path = SHARED) -> Iterator[Subject]:
    """Yield what the CRDs serve, without kinds that only controllers write."""
    for path in sorted(folder.rglob("*.yaml")):
        channel = path.parent.name if path.parent.name in ("standard", "experimental") else ""
        for crd in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader):
            spec = (crd or {}).get("spec", {})
            for version in spec.get("versions", ()):
                schema = version["schema"]["openAPIV3Schema"]
                kind, group = spec["names"]["kind"], spec["group"]
                if version["served"] and kind not in STATUS_KINDS:
                    yield Subject(group, kind, version["name"], channel, schema)


# --------------------------------------------------------------------------
# The second opinion


def closed(node: dict, *, root: bool = False) -> dict:
    """The schema as the API server reads it: closed objects, ranges of formats."""
    new = {k: v for k, v in node.items() if k in KEPT}
    if root:
        node = {**node, "properties": {**node["properties"], "metadata": METADATA, "status": {}}}
        new["required"] = [*node.get("required", []), "apiVersion", "kind"]
    if node.get("format") in ("int32", "int64"):
        bits = 31 if node["format"] == "int32" else 63
        new["minimum"] = max(new.get("minimum", -(2**bits)), -(2**bits))
        new["maximum"] = min(new.get("maximum", 2**bits - 1), 2**bits - 1)
        del new["format"]
    for word in ("anyOf", "oneOf", "not"):
        if word in node:
            new[word] = node[word]
    if "properties" in node:
        new["properties"] = {
            k: closed(v) if k != "status" or not root else {} for k, v in node["properties"].items()
        }
    if isinstance(node.get("additionalProperties"), dict):
        new["additionalProperties"] = closed(node["additionalProperties"])
    elif node.get("type") == "object" and not node.get("x-kubernetes-preserve-unknown-fields"):
        new["additionalProperties"] = False
    if "items" in node:
        new["items"] = closed(node["items"])
    if node.get("x-kubernetes-list-type") == "set":
        new["uniqueItems"] = True
    return new


KEPT = {
    "type", "required", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties", "format",
}  # fmt: skip


def prepared(value: object, node: dict) -> object:
    """The value with nulls dropped and defaults filled in, as it is when it is judged."""
    if isinstance(value, dict):
        fields = node.get("properties", {})
        below = {key: fields.get(key, node.get("additionalProperties")) for key in value}
        kept = {
            key: prepared(item, below[key] if isinstance(below[key], dict) else {})
            for key, item in value.items()
            if item is not None or not isinstance(below[key], dict) or below[key].get("nullable")
        }
        for key, field in fields.items():
            if key not in kept and "default" in field:
                kept[key] = prepared(copy.deepcopy(field["default"]), field)
        return kept
    if isinstance(value, list):
        return [prepared(item, node.get("items", {})) for item in value]
    return value


def twice(value: object, node: dict, path: tuple = ()) -> Iterator[tuple]:
    """The lists in which two items have the same keys."""
    if isinstance(value, dict):
        fields = node.get("properties", {})
        for key, item in value.items():
            below = fields.get(key, node.get("additionalProperties"))
            if isinstance(below, dict):
                yield from twice(item, below, (*path, key))
    if isinstance(value, list):
        keys = node.get("x-kubernetes-list-map-keys")
        if keys:
            items = [item for item in value if isinstance(item, dict)]
            seen = [json.dumps([i.get(k) for k in keys]) for i in items if set(keys) <= set(i)]
            if len(seen) != len(set(seen)):
                yield path
        for index, item in enumerate(value):
            yield from twice(item, node.get("items", {}), (*path, index))


WIDE = {"uniqueItems", "oneOf", "keys"}
"""Keywords whose fault edgegen places inside the value."""


class Opinion:
    """What the CRD says of documents."""

    def __init__(self, subject: Subject, *, slow: bool = False) -> None:
        root = subject.schema
        self.raw = {
            **root,
            "properties": {**root["properties"], "metadata": METADATA, "status": {}},
        }
        schema = closed(root, root=True)
        self.fast = jsonschema_rs.Draft202012Validator(
            schema, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=True
        )
        self.slow = _slow(schema) if slow else None

    def errors(self, document: dict) -> set[tuple[tuple, str]]:
        """Paths with keywords; an unknown field's path ends with it."""
        value = prepared(document, self.raw)
        found = {(path, "keys") for path in twice(value, self.raw)}
        for error in self.fast.iter_errors(value):
            found |= set(_error(tuple(error.instance_path), error.schema_path[-1], error, value))
        if self.slow is not None:
            # jsonschema-rs leaves an empty key at the end of a path out.
            other = {
                (_without_empty_end(e.absolute_path), str(e.validator))
                for e in self.slow.iter_errors(value)
            }
            plain = {
                (_without_empty_end(e.instance_path), str(e.schema_path[-1]))
                for e in self.fast.iter_errors(value)
            }
            assert other == plain, (other ^ plain, document)
        return found


def _without_empty_end(path: object) -> tuple:
    steps = tuple(path)
    return steps[:-1] if steps[-1:] == ("",) else steps


def _error(path: tuple, keyword: str, error: object, value: object) -> Iterator[tuple[tuple, str]]:
    if keyword == "additionalProperties":
        # An object that has no fields at all is one error for all of them.
        here = value
        for step in path:
            here = here[step]
        for name in getattr(error.kind, "unexpected", here):
            yield (*path, name), keyword
    else:
        yield path, keyword


def _slow(schema: dict) -> jsonschema.Draft202012Validator:
    text = json.dumps(schema)
    checker = jsonschema.FormatChecker(["ipv4", "ipv6"])
    return jsonschema.Draft202012Validator(
        json.loads(text, object_hook=_strict_ends), format_checker=checker
    )


def _strict_ends(node: dict) -> dict:
    if isinstance(node.get("pattern"), str):
        node["pattern"] = re.sub(r"(?<!\\)\$(?=\)*(\||$))", r"\\Z", node["pattern"])
    return node


# --------------------------------------------------------------------------
# Documents


CANDIDATES = [
    "web", "a.example", "example.com/x", "10s", "5m", "HTTP", "https://a.example", "/x", "500",
    "System", "10.0.0.1", "abc-def", "Exact", "a", "http://b.example/y",
]  # fmt: skip


def made(rng: random.Random, node: dict, number: int = 0) -> object:
    """A value that is right by a CRD's schema, mostly."""
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return {"any": number}
    if "enum" in node:
        return rng.choice(node["enum"])
    if node.get("x-kubernetes-int-or-string"):
        return rng.choice([5, "10s", 80])
    match node.get("type"):
        case "object":
            return _object(rng, node, number)
        case "array":
            least = max(1, node.get("minItems", 0))
            count = min(node.get("maxItems", 9), rng.choice([least, least, least + 1, least + 2]))
            return [made(rng, node["items"], n) for n in range(count)]
        case "boolean":
            return rng.random() < 0.5
        case "integer" | "number":
            least, most = node.get("minimum", 0), node.get("maximum", 2**31 - 1)
            return rng.choice([least, most, min(most, least + number + 1)])
    fitting = [text for text in CANDIDATES if re.search(node.get("pattern", ""), text)]
    text = rng.choice(fitting or ["x"])
    return (
        f"{text}{number}"
        if number and re.search(node.get("pattern", ""), f"{text}{number}")
        else text
    )


def _object(rng: random.Random, node: dict, number: int) -> dict:
    if "properties" not in node:
        values = node.get("additionalProperties")
        keys = [f"key{n}" for n in range(rng.randrange(3))]
        return {key: made(rng, values, number) for key in keys} if isinstance(values, dict) else {}
    required = set(node.get("required", ()))
    dense = rng.choice([0.2, 0.5, 0.8])
    return {
        key: made(rng, field, number)
        for key, field in node["properties"].items()
        if key in required or rng.random() < dense
    }


def document_of(rng: random.Random, subject: Subject) -> dict:
    fields = subject.schema["properties"]
    return {
        "apiVersion": f"{subject.group}/{subject.version}",
        "kind": subject.kind,
        "metadata": {"name": "a", "labels": {"app": "b"}},
        "spec": made(rng, fields["spec"]),
    }


WRONG = [
    None,
    True,
    0,
    -1,
    2**40,
    1.5,
    3.0,
    "",
    "Upper Case",
    "x\n",
    "a..b",
    "10.0.0.0/8",
    [],
    {},
    [None],
    {"a": 1},
]


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, item in steps:
        yield (*path, step)
        yield from places(item, (*path, step))


def mutant(rng: random.Random, document: dict, subject: Subject) -> dict:
    """A copy with one to three changes below spec or in the labels."""
    document = copy.deepcopy(document)
    for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 3])):
        where = [p for p in places(document) if p[0] == "spec" or p[:2] == ("metadata", "labels")]
        if not where:
            break
        path = rng.choice(where)
        parent: object = document
        node: object = {"properties": {**subject.schema["properties"], "metadata": METADATA}}
        for step in path[:-1]:
            parent = parent[step]
            node = _below(node, step)
        _change(rng, parent, path[-1], node if isinstance(node, dict) else {})
    return document


def _below(node: object, step: object) -> object:
    if not isinstance(node, dict):
        return None
    if isinstance(step, int):
        return node.get("items")
    return node.get("properties", {}).get(step, node.get("additionalProperties"))


def _change(rng: random.Random, parent: object, step: object, node: dict) -> None:
    value = parent[step]
    field = _below(node, step)
    field = field if isinstance(field, dict) else {}
    match rng.randrange(9):
        case 0:
            del parent[step]
        case 1:
            parent[step] = copy.deepcopy(rng.choice(WRONG))
        case 2 if isinstance(parent, dict):
            parent[rng.choice(["extra", "hostname", "$x", f"{step}s", str(step)[:-1]])] = value
        case 3 if isinstance(parent, dict):
            text = str(step)
            spot = rng.randrange(len(text))
            parent[text[:spot] + rng.choice(["", "x", text[spot] * 2]) + text[spot + 1 :]] = (
                parent.pop(step)
            )
        case 4 if isinstance(parent, list):
            parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(value))
        case 5 if isinstance(value, int) and not isinstance(value, bool):
            edges = [field.get("minimum", 0), field.get("maximum", 2**31 - 1)]
            parent[step] = rng.choice(edges) + rng.choice([-1, 0, 1])
        case 5 | 6 if isinstance(value, str):
            parent[step] = _other_text(rng, value, field)
        case 7 if isinstance(value, list) and value:
            size = rng.choice([0, field.get("maxItems", 3), field.get("maxItems", 3) + 1])
            parent[step] = [copy.deepcopy(rng.choice(value)) for _ in range(min(size, 70))]
        case _:
            parent[step] = copy.deepcopy(rng.choice(WRONG))


def _other_text(rng: random.Random, value: str, field: dict) -> str:
    most = min(field.get("maxLength", 300), 5000)
    return rng.choice(
        ["", value.upper(), value + "\n", f" {value}", value + ".", value + "é", f"*.{value}",
         "a" * most, "a" * (most + 1), "x" + value, value[:-1], rng.choice(CANDIDATES)]
    )  # fmt: skip


# --------------------------------------------------------------------------
# The comparison


def ours(document: dict, subject: Subject) -> set[tuple] | None:
    """The paths at which edgegen finds a fault, in a cluster that has this channel.

    None where there are so many that a report ends before them all.
    """
    facts = Facts(
        gateway_api="1.6.1",
        gateway_channel=subject.channel or "standard",
        metallb_chart="0.16.1",
        traefik_version="3.7.15",
    )
    resource = Resource(document, Origin(Document("a.yaml", 0, 1, "", document)))
    faults = validate_cluster(Cluster("a", facts, [resource])).faults
    if len(faults) >= MOST_FAULTS:
        return None
    assert all(fault.rule != NOT_IN_RELEASE or subject.channel == "standard" for fault in faults)
    return {
        fault.at.field[:-1] if fault.rule == "missing-field" else fault.at.field
        for fault in faults
        if fault.rule not in ADVICE
    }


def difference(found: set[tuple], expected: set[tuple[tuple, str]]) -> str:
    """Say how the places differ; empty when they agree."""
    exact = {path for path, keyword in expected if keyword not in WIDE}
    wide = {path for path, keyword in expected if keyword in WIDE}
    extra = {p for p in found - exact if not any(p[: len(w)] == w for w in wide)}
    # A misspelt field is not missing as well.
    misspelt = {path[:-1] for path, keyword in expected if keyword == "additionalProperties"}
    needed = {path for path, keyword in expected if keyword == "required" and path in misspelt}
    missed = exact - found - (needed - {p for p, k in expected if k not in (*WIDE, "required")})
    missed |= {w for w in wide if not any(p[: len(w)] == w for p in found)}
    return (
        f"only edgegen: {sorted(extra, key=repr)}; only the CRD: {sorted(missed, key=repr)}"
        if extra or missed
        else ""
    )


def compare(subject: Subject, count: int, seed: int) -> tuple[int, list[str]]:
    """Judge mutants; return how many were invalid, and the differences."""
    rng = random.Random(f"{seed} {subject.name}")  # noqa: S311 (no secret)
    fast, slow = Opinion(subject), Opinion(subject, slow=True)
    invalid = 0
    differences: list[str] = []
    base = document_of(rng, subject)
    for number in range(count):
        if number % 5 == 0:
            base = document_of(rng, subject)
        document = mutant(rng, base, subject)
        expected = (slow if number % 50 == 0 else fast).errors(document)
        invalid += bool(expected)
        found = ours(document, subject)
        if found is None:
            continue
        words = difference(found, expected)
        if words:
            differences.append(f"{subject.name}: {words[:500]}\n{json.dumps(document)[:3000]}")
    return invalid, differences


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--kind")
    options = parser.parse_args()
    print(f"seed {options.seed}")  # noqa: T201 (a script reports)
    wrong = 0
    for subject in subjects():
        if options.kind in (None, subject.kind):
            invalid, differences = compare(subject, options.count, options.seed)
            wrong += len(differences)
            share = round(100 * invalid / options.count)
            print(  # noqa: T201 (a script reports)
                f"{subject.name}: {options.count} mutants, {share} % invalid, {len(differences)} differ",
                flush=True,
            )
            for text in differences[:3]:
                print(text)  # noqa: T201 (a script reports)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
