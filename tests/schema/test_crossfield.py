"""Cross-field rules say what the CRDs' own CEL says, and survive anything."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from crossfields import compare, judged
from mutants import SHARED, WRONG, document_of, mutant, subjects

from edgegen.schema.crossfield import rules_of, unexplained
from edgegen.schema.crossfield.breach import CROSSFIELD_RULES, breach
from edgegen.yamlio.document import Json

GATEWAY = "gateway.networking.k8s.io"
COUNT = 45


def broken(kind: str, spec: Json, channel: str = "standard", version: str = "v1") -> set[object]:
    judge = rules_of(GATEWAY, kind, version, channel)
    assert judge is not None
    return {(one.fault.path[1:], one.fault.rule) for one in judge({"spec": spec})}


def test_every_rule_of_the_crds_is_said_as_they_say_it(crds: Path) -> None:
    assert crds == SHARED
    seed = random.SystemRandom().randrange(10**9)
    breaking = 0
    for subject in judged():
        count, wrong, differences = compare(subject, COUNT, seed)
        assert not differences, f"seed {seed}: {differences[0]}"
        assert count >= COUNT
        breaking += wrong
    assert breaking > 10 * COUNT  # else it compares silence with silence


def test_rules_survive_values_of_any_type(crds: Path) -> None:
    assert crds == SHARED
    rng = random.Random(7)  # noqa: S311 (a fixed sequence, no secret)
    for subject in subjects():
        judge = rules_of(subject.group, subject.kind, subject.version, subject.channel)
        if judge is None:
            continue
        for _ in range(30):
            document = mutant(rng, document_of(rng, subject), subject)
            for one in judge(document):
                assert one.fault.rule in CROSSFIELD_RULES
        for value in WRONG:
            judge({"spec": value})
            judge({"spec": {"rules": [value], "listeners": [value], "parentRefs": [value, value]}})


@pytest.mark.parametrize(
    ("value", "is_right"),
    [("/a", True), ("/", True), ("a", False), ("/a//", False), ("/a/..", False), ("/a/..b", True),
     ("/%41", True), ("/%4", False), ("/é", False), ("/a\n", False)],
)  # fmt: skip
def test_paths(value: str, is_right: bool) -> None:
    spec = {"rules": [{"matches": [{"path": {"value": value}}]}]}
    where = ("rules", 0, "matches", 0, "path", "value")
    assert broken("HTTPRoute", spec) == (set() if is_right else {(where, "match-path-refused")})
    spec["rules"][0]["matches"][0]["path"]["type"] = "RegularExpression"
    assert broken("HTTPRoute", spec) == set()


def test_ports_tell_parents_apart_in_the_experimental_channel_only() -> None:
    refs: Json = [{"name": "a", "port": 80}, {"name": "a", "port": 443}]
    assert broken("TCPRoute", {"parentRefs": refs}) == {(("parentRefs", 1), "listed-twice")}
    assert broken("TCPRoute", {"parentRefs": refs}, "experimental") == set()


def test_hostnames_of_old_tls_routes_are_free() -> None:
    spec: Json = {"hostnames": ["10.0.0.1"]}
    assert broken("TLSRoute", spec) == {(("hostnames", 0), "text-refused")}
    assert broken("TLSRoute", spec, "experimental", "v1alpha2") == set()


def test_a_missing_and_a_wrong_field_of_one_union_are_one_mistake() -> None:
    filters: Json = [{"type": "CORS", "urlRewrite": {}}]
    expected = {(("rules", 0, "filters", 0, "urlRewrite"), "union-field-mismatch")}
    assert broken("HTTPRoute", {"rules": [{"filters": filters}]}) == expected


def test_what_a_fault_of_the_schema_may_explain_is_not_said() -> None:
    item = ("spec", "rules", 0, "filters", 0)
    found = [breach(item, (*item, "type"), "union-field-mismatch", "m", "r")]
    assert list(unexplained(found, [(*item, "requestHeaderModifer")])) == []
    assert list(unexplained(found, [item[:2]])) == []
    deeper = (*item, "requestRedirect", "scheme")
    assert list(unexplained(found, [deeper])) == [found[0].fault]
