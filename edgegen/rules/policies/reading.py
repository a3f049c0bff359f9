"""Policy documents: from YAML to policies, with what is wrong with them, and their own tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from edgegen.diagnostics import Severity
from edgegen.model.fault import Fault
from edgegen.model.ids import group_of
from edgegen.rules.policies.policy import CLUSTER, FLEET, RESOURCE, Policy, broken, words_of
from edgegen.schema.cel import Uncompiled
from edgegen.schema.words import quoted

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Spot
    from edgegen.schema.cel import Plain
    from edgegen.yamlio.document import Json

UNUSABLE: Final = "policy-unusable"
SAME_NAME: Final = "policy-defined-twice"

_TYPES: Final[dict[str, tuple[Callable[[Json], bool], Json]]] = {
    "string": (lambda value: isinstance(value, str), ""),
    "integer": (lambda value: isinstance(value, int) and not isinstance(value, bool), 0),
    "boolean": (lambda value: isinstance(value, bool), False),
    "list": (
        lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
        [],
    ),
}
"""Type of a parameter -> what says whether a default has it, and a value of that type."""


class Stated(Protocol):
    """A document that states a policy."""

    @property
    def value(self) -> dict[str, Json]:
        """The document's mapping."""
        ...

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value."""
        ...


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One test of a policy, as its file has it."""

    policy: Policy
    name: str
    value: dict[str, Json]
    spot: Spot


def read_policies(
    documents: Iterable[Stated], taken: Iterable[str]
) -> tuple[list[Policy], list[Fault]]:
    """Return the policies that can be evaluated, and what is wrong with the others.

    Args:
        documents: right by the schema of their kind.
        taken: codes and names of other rules.
    """
    found: list[Policy] = []
    faults: list[Fault] = []
    words = set(taken)
    for document in documents:
        policy = policy_of(document)
        wrong = list(_faults(policy, document, words))
        words |= {policy.code, policy.name}
        faults += wrong
        if not wrong:
            found.append(policy)
    return found, faults


def policy_of(document: Stated) -> Policy:
    """Return the policy that a document states."""
    value = document.value
    spec, metadata = _mapping(value.get("spec")), _mapping(value.get("metadata"))
    match = _mapping(spec.get("match"))
    severity = spec.get("severity")
    name = str(metadata.get("name"))
    return Policy(
        code=str(spec.get("code")),
        name=name,
        expression=str(spec.get("expression")),
        title=_text(spec.get("description")) or f"policy {name} does not hold",
        scope=_text(spec.get("scope")) or RESOURCE,
        severity=Severity.parse(severity) if isinstance(severity, str) else Severity.ERROR,
        message=_text(spec.get("message")),
        message_expression=_text(spec.get("messageExpression")),
        help=_text(spec.get("help")),
        kinds=_texts(match.get("kinds")),
        groups=_texts(match.get("groups")),
        namespaces=_texts(match.get("namespaces")),
        clusters=match.get("clusters"),
        each=_text(spec.get("each")),
        where=_path(spec.get("fieldPath")),
        params={
            key: _mapping(item).get("default") for key, item in _mapping(spec.get("params")).items()
        },
        spot=document.at("metadata", "name"),
    )


def _faults(policy: Policy, document: Stated, taken: set[str]) -> Iterator[Fault]:
    for word, path in (
        (policy.name, ("metadata", "name")),
        (policy.code, ("spec", "code")),
    ):
        if word in taken:
            message = f"another rule is called {quoted(word)}"
            remedy = "give this one another name and code"
            yield Fault(SAME_NAME, document.at(*path), message, remedy)
    for field, compiled in (
        ("expression", policy.compiled()),
        ("messageExpression", policy.worded()),
    ):
        if isinstance(compiled, Uncompiled):
            message = f"{field} does not compile: {compiled.reason}"
            remedy = "correct it; docs/policies.md names what an expression may use"
            yield Fault(UNUSABLE, document.at("spec", field), message, remedy)
    declared = _mapping(_mapping(document.value.get("spec")).get("params"))
    for name, item in declared.items():
        kind = str(_mapping(item).get("type"))
        fits, example = _TYPES.get(kind, _TYPES["string"])
        if not fits(_mapping(item).get("default")):
            message = f"the default of {name} is not {words_of(example)}"
            at = document.at("spec", "params", name, "default")
            yield Fault(UNUSABLE, at, message, "write a default of the type")
    if policy.each and policy.scope != FLEET:
        at = document.at("spec", "each")
        yield Fault(UNUSABLE, at, "each goes with scope: fleet", "remove it, or change the scope")


# --------------------------------------------------------------------------
# Tests inside the file


def stated_tests(document: Stated) -> list[PolicyTest]:
    """Return the tests that a policy document brings along."""
    policy = policy_of(document)
    tests = _mapping(document.value.get("spec")).get("tests")
    return [
        PolicyTest(policy, str(test.get("name")), test, document.at("spec", "tests", index))
        for index, test in enumerate(tests if isinstance(tests, list) else [])
        if isinstance(test, dict)
    ]


def failure(test: PolicyTest) -> str | None:
    """Return why a test fails, or None where it passes."""
    expected = str(test.value.get("expect"))
    said = [words for data in _cases(test) if (words := broken(test.policy, data)) is not None]
    if expected == "pass":
        return f"expected to pass, and says: {said[0]}" if said else None
    if not said:
        return "expected to fail, and passes"
    wanted = _text(test.value.get("message"))
    if wanted and not any(wanted in words for words in said):
        return f"expected the message {quoted(wanted)}, and says: {said[0]}"
    return None


def _cases(test: PolicyTest) -> Iterator[Mapping[str, Plain]]:
    """Yield the data on which the expression is evaluated."""
    value, policy = test.value, test.policy
    params = {**policy.params, **_mapping(value.get("params"))}
    cluster = {"name": "test", "labels": {}, "spec": {}, **_mapping(value.get("cluster"))}
    objects = value.get("objects")
    items = (
        [item for item in objects if isinstance(item, dict)] if isinstance(objects, list) else []
    )
    if policy.scope == RESOURCE:
        for item in items:
            team = _text(value.get("team"))
            yield _plain({"object": item, "params": params, "cluster": cluster, "team": team})
    elif policy.scope == CLUSTER:
        found: dict[str, Json] = {kind.partition(".")[0]: [] for kind in policy.kinds}
        for item in items:
            listed = found.setdefault(str(item.get("kind")), [])
            if isinstance(listed, list) and _is_of(policy, item):
                listed.append(item)
        yield _plain({"resources": found, "params": params, "cluster": cluster})
    else:
        fleet = _mapping(value.get("fleet"))
        listed = fleet.get(policy.each) if policy.each else [None]
        for one in listed if isinstance(listed, list) else []:
            yield _plain({"fleet": fleet, "item": one, "params": params})


def _is_of(policy: Policy, item: Mapping[str, Json]) -> bool:
    kind, group = str(item.get("kind")), group_of(str(item.get("apiVersion")))
    return not policy.kinds or bool({kind, f"{kind}.{group}"} & set(policy.kinds))


def _plain(data: dict[str, Json]) -> Mapping[str, Plain]:
    return data


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _path(value: Json) -> Path:
    from edgegen.schema.crdrules import field_steps

    return field_steps(value)
