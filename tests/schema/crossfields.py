"""Mutants of native resources, judged by edgegen's cross-field rules and by the CRDs' own CEL.

    python tests/schema/crossfields.py --count 2000 [--seed N] [--kind HTTPRoute]

For each kind, version and channel of the CRDs in the folder beside the project,
documents are made up that are right by the schema, with the fields that rules talk
about, and judged twice: by the tables of `edgegen.schema.crossfield`, and by the
`x-kubernetes-validations` of the CRD in a real CEL engine. The places have to agree,
and the sort of rule at each.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # run as a script as well

from mutants import Opinion, Subject, places, subjects

from edgegen.schema.crdrules import CrdRules
from edgegen.schema.crossfield import rules_of

POOLS = {
    "value": [
        "/",
        "/a",
        "/a/b/",
        "//",
        "/a//b",
        "/a/./b",
        "/a/../b",
        "/a%2fb",
        "/a%2Fb",
        "/a#b",
        "/a/..",
        "/a/.",
        "a",
        "/ä",
        "/a b",
        "/%zz",
        "/%41",
        "/a?b",
        "/a;b=c",
        "10.0.0.1",
        "10.0.0.2",
        "a.example",
        "*.example",
        "A.example",
        "v",
    ],
    "hostname": ["a.example", "*.example", "b.example", "a.cluster.local", "10.0.0.1"],
    "hostnames": ["a.example", "*.example", "10.0.0.1", "1.2.3", "b.c.example"],
    "sectionName": ["a", "b", "a"],
    "name": ["a", "b", "a", "web"],
    "namespace": ["a", "b"],
    "service": ["a.B", ".a", "a b", "_x", "9a", "K.s", "\u017f"],
    "method": ["Get", "a.b", "_x", "9", "\u017f"],
    "request": ["0s", "1s", "500ms", "1h30m", "10s"],
    "backendRequest": ["0s", "1s", "501ms", "1h", "2h", "11s"],
    "interval": ["0s", "1ms", "999ms", "1s", "1h", "1h1ms", "2h"],
    "port": [80, 443, 80],
    "percent": [0, 100],
    "numerator": [0, 1, 100, 101],
    "denominator": [1, 100, 50],
    "prefix": ["/a", "a", ""],
    "allowOrigins": ["*", "https://a.example"],
    "allowMethods": ["*", "GET"],
    "allowHeaders": ["*", "x-a"],
    "protocol": ["HTTP", "HTTPS", "TLS", "TCP", "UDP", "HTTP", "GRPC", "example.com/X"],
    "group": ["", "", "gateway.networking.k8s.io", "example.com"],
    "kind": ["Service", "Service", "Gateway", "Other"],
    "uri": ["https://a.example/x"],
    "wellKnownCACertificates": ["System"],
    "lifetimeType": ["Permanent", "Session"],
}
KEYS = ["a", "a/b", "example.com/x", "-a", "a_", "UPPER.x", "x" * 64, "a" * 250 + ".com/a",
        "a" * 252 + "/a", "a" * 253 + "/a", "a//b", "A.com/b"]  # fmt: skip
ALWAYS = {"parentRefs", "rules", "listeners", "targetRefs", "type", "name"}

SORTS = [
    (r"filter\.\w+ must be|SubjectAltName element|must be specified when (protocol|type)|when \w+ is"
     r" set|cookieConfig can only|externalHostname must be|clientCertificateRef must", "union-field-mismatch"),
    (r"Only one of percent|not both|must not contain both|cannot contain '\*'|together with backendRefs"
     r"|cannot have both", "fields-exclude-each-other"),
    (r"tls must not be|mode must be Terminate|hostname must not be specified", "field-of-other-protocol"),
    (r"mode must be set for protocol TLS|certificateRefs or options|Must have port|sectionName( or port)?"
     r" must be specified|exactly one PathPrefix|One or both of|must specify either"
     r"|AbsoluteTimeout must", "field-needed-here"),
    (r"must be unique|cannot be repeated", "listed-twice"),
    (r"numerator must|total number of matches|cannot be longer|interval cannot", "beyond-bound"),
    (r"for types|when type one of|type must be one of", "match-path-refused"),
    (r"must be in the form|DNS subdomain not longer|only contain valid|empty or contain|Hostnames"
     r"|RFC-1123|Wildcards on|cluster\.local|start with a '/'|valid DNS label", "text-refused"),
]  # fmt: skip
"""Message of a CRD's rule -> the rule of ours that says it."""

ELSEWHERE = {
    "Listener name must be unique within the Gateway",  # GW014
    "Rule name must be unique within the route",  # GW049
    "Name must be a valid DNS label",  # the engine cannot do what the CRD asks of format
}
"""Rules that other families report, or that cannot be evaluated."""
OF_GATEWAY = "Combination of port, protocol and hostname must be unique"


def sort_of(message: str) -> str:
    """The rule of ours that says what a message of a CRD says."""
    return next(sort for form, sort in SORTS if re.search(form, message))


def made(rng: random.Random, node: dict, name: str, dense: float) -> object:
    """A value that is right by a CRD's schema, mostly, with what its rules talk about."""
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return {}
    if "enum" in node:
        return rng.choice(node["enum"])
    match node.get("type"):
        case "object":
            return _object(rng, node, dense)
        case "array":
            most = min(node.get("maxItems", 4), rng.choice([1, 1, 2, 2, 3]))
            count = max(most, node.get("minItems", 0))
            items = [made(rng, node["items"], name, dense) for _ in range(count)]
            if count > 1 and rng.random() < 0.3:
                items[-1] = copy.deepcopy(items[0])
            keys = node.get("x-kubernetes-list-map-keys", ())
            for number, item in enumerate(items):
                if "name" in keys and isinstance(item, dict):
                    item["name"] = f"n{number}"
            return items
        case "boolean":
            return rng.random() < 0.5
        case "integer" | "number":
            least, most = node.get("minimum", 0), node.get("maximum", 2**31 - 1)
            return rng.choice(
                [v for v in POOLS.get(name, ()) if isinstance(v, int)] or [least, most]
            )
    pool = [text for text in POOLS.get(name, ()) if isinstance(text, str)]
    texts = pool or ["a", "10s", "a.example", "example.com/x", "https://a.example", "HTTP", "500"]
    form, longest = node.get("pattern", ""), node.get("maxLength", 9999)
    fitting = [
        t for t in texts if re.search(form, t) and node.get("minLength", 0) <= len(t) <= longest
    ]
    others = [
        "a",
        "a.example",
        "/x",
        "10s",
        "https://a.example",
        "example.com/x",
        "System",
        "HTTP",
        "x-a",
        "500",
    ]
    return rng.choice(fitting or [t for t in others if re.search(form, t)] or ["x"])


def _object(rng: random.Random, node: dict, dense: float) -> dict:
    if "properties" not in node:
        values = node.get("additionalProperties")
        keys = rng.sample(KEYS, rng.randrange(3))
        return (
            {key: made(rng, values, "", dense) for key in keys} if isinstance(values, dict) else {}
        )
    required = set(node.get("required", ()))
    found = {
        key: made(rng, field, key, dense)
        for key, field in node["properties"].items()
        if key in required or rng.random() < (0.9 if key in ALWAYS else dense)
    }
    choices = node["properties"].get("type", {}).get("enum")
    union = {c[0].lower() + c[1:] for c in choices or ()} | {"urlRewrite", "cors", "uri"}
    if choices and rng.random() < 0.75:
        kind = found.get("type", "")
        wanted = {"URLRewrite": "urlRewrite", "CORS": "cors", "URI": "uri"}.get(
            kind, kind[:1].lower() + kind[1:]
        )
        for key in union & set(found) - {wanted, "type"}:
            del found[key]
        if wanted in node["properties"]:
            found.setdefault(wanted, made(rng, node["properties"][wanted], wanted, dense))
    return found


def document_of(rng: random.Random, subject: Subject) -> dict:
    """A document of a kind."""
    spec = subject.schema["properties"]["spec"]
    return {
        "apiVersion": f"{subject.group}/{subject.version}",
        "kind": subject.kind,
        "metadata": {"name": "a"},
        "spec": made(rng, spec, "spec", rng.choice([0.15, 0.3, 0.5])),
    }


def mutant(rng: random.Random, document: dict, subject: Subject) -> dict:
    """A copy with up to three changes that mostly stay right by the schema."""
    document = copy.deepcopy(document)
    for _ in range(rng.randrange(4)):
        where = [p for p in places(document) if p[0] == "spec" and len(p) > 1]
        if not where:
            break
        path = rng.choice(where)
        parent: object = document
        node: object = subject.schema
        for step in path[:-1]:
            parent = parent[step]
            node = _below(node, step)
        field = _below(node, path[-1])
        field = field if isinstance(field, dict) else {}
        name = next((s for s in reversed(path) if isinstance(s, str)), "")
        match rng.randrange(6):
            case 0:
                del parent[path[-1]]
            case 1 if isinstance(parent, list):
                parent.append(copy.deepcopy(rng.choice(parent)))
            case 2 if isinstance(parent, dict) and isinstance(node, dict):
                key = rng.choice(list(node.get("properties", {})) or ["x"])
                if key in node.get("properties", {}):
                    parent[key] = made(rng, node["properties"][key], key, 0.5)
            case 3 if isinstance(parent, list) and isinstance(parent[0], dict):
                count = rng.choice([2, 16, 64])
                parent[:] = [copy.deepcopy(rng.choice(parent)) for _ in range(count)]
            case 4:
                parent[path[-1]] = None
            case _:
                parent[path[-1]] = made(rng, field, name, 0.5)
    return document


def _below(node: object, step: object) -> object:
    if not isinstance(node, dict):
        return None
    if isinstance(step, int):
        return node.get("items")
    return node.get("properties", {}).get(step, node.get("additionalProperties"))


# --------------------------------------------------------------------------
# The comparison


def theirs(rules: CrdRules, document: dict, kind: str) -> set[tuple]:
    """Where the CRD's rules fail, and the rule of ours that says it."""
    found = set()
    for one in rules(document):
        message = one.fault.message.partition(" (the rule came to no value")[0]
        if message in ELSEWHERE or (kind == "Gateway" and message.startswith(OF_GATEWAY)):
            continue
        found.add((one.at, sort_of(message)))
    return found


def ours(document: dict, subject: Subject) -> set[tuple]:
    """Where our rules fail."""
    judge = rules_of(subject.group, subject.kind, subject.version, subject.channel or "standard")
    return {(one.at, one.fault.rule) for one in judge(document)} if judge else set()


def difference(found: set[tuple], expected: set[tuple], document: dict) -> str:
    """Say how they differ; empty when they agree."""
    # tls that a protocol cannot have: what it lacks is of no interest.
    plain = {
        ("spec", "listeners", index, "tls")
        for index, one in enumerate(document["spec"].get("listeners") or ())
        if one.get("protocol") in ("HTTP", "TCP", "UDP")
    }
    missed = {one for one in expected - found if one[0] not in plain}
    # A name that two rules of the CRD refuse is one finding; so is a port name of theirs.
    extra = {one for one in found - expected if one[0] != ("spec", "port", "name")}
    return (
        f"only edgegen: {sorted(extra, key=repr)}; only the CRD: {sorted(missed, key=repr)}"
        if extra or missed
        else ""
    )


def compare(subject: Subject, count: int, seed: int) -> tuple[int, int, list[str]]:
    """Judge mutants; return how many were right by the schema, how many broke a rule, the differences."""
    rng = random.Random(f"{seed} {subject.name}")  # noqa: S311 (no secret)
    opinion, rules = Opinion(subject), CrdRules(subject.schema)
    valid = broken = 0
    differences: list[str] = []
    while valid < count:
        base = document_of(rng, subject)
        for _ in range(4):
            document = mutant(rng, base, subject)
            if opinion.errors(document):
                valid += 0.05  # a kind of which little is right comes to an end too
                continue
            valid += 1
            expected = theirs(rules, document, subject.kind)
            broken += bool(expected)
            words = difference(ours(document, subject), expected, document)
            if words:
                differences.append(f"{subject.name}: {words[:600]}\n{json.dumps(document)[:3000]}")
    return int(valid), broken, differences


def judged() -> list[Subject]:
    """The kinds that have rules, here or there."""
    return [
        s
        for s in subjects()
        if s.group != "metallb.io"  # rules of that family say it
        and (CrdRules(s.schema) or rules_of(s.group, s.kind, s.version, s.channel))
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--kind")
    options = parser.parse_args()
    print(f"seed {options.seed}")  # noqa: T201 (a script reports)
    wrong = 0
    for subject in judged():
        if options.kind in (None, subject.kind):
            count, broken, differences = compare(subject, options.count, options.seed)
            wrong += len(differences)
            print(  # noqa: T201 (a script reports)
                f"{subject.name}: {count} documents, {broken} break a rule, {len(differences)} differ",
                flush=True,
            )
            for text in differences[:3]:
                print(text)  # noqa: T201 (a script reports)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
