"""Settings of a repository: `edgegen.yaml`, `RuleSettings` and `Exemption` in `policies/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.errors import EdgegenError
from edgegen.exemptions import Exemption
from edgegen.fragments.layout import FRAGMENT_FOLDERS, Layer
from edgegen.model.fault import Fault
from edgegen.model.mending import mend_at
from edgegen.model.path import value_at
from edgegen.schema.fault import fault_at
from edgegen.schema.validate import faults as schema_faults
from edgegen.schema.words import closest, only_candidate, quoted, suggestion
from edgegen.yamlio.edits import RenameKey

if TYPE_CHECKING:
    from edgegen.fragments.repository import Fragment, Reading
    from edgegen.model.params import Param
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

_CONDITION = re.compile(r"\s*(>=|<=|==|!=|~=|>|<)\s*([0-9]+(?:\.[0-9]+)*)\s*\Z")
_POLICY_KINDS = {
    Layer.SETTINGS: ("Settings",),
    Layer.POLICY: ("RuleSettings", "Exemption", "Policy"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a repository, with their defaults.

    `policies` are documents of kind Policy that are right by their schema.
    `params` holds by name or code of a rule the values of its parameters, by field.
    """

    requires: str = ""
    complete: frozenset[str] = frozenset()
    output: str = "rendered"
    rules: Mapping[str, Severity | None] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    policies: tuple[Fragment, ...] = ()
    faults: tuple[Fault, ...] = ()


def settings_of(
    shared: Reading,
    known_rules: Iterable[str],
    params: Mapping[str, Sequence[Param]] | None = None,
) -> Settings:
    """Read the settings and rule settings among the shared fragments.

    Args:
        known_rules: names and codes; a setting for another one is a fault.
        params: by name and code, the parameters of the rules that have some.
    """
    policies = [one for one in shared.of(Layer.POLICY) if one.kind == "Policy"]
    known = sorted({*known_rules, *_policy_words(policies)})
    right: list[Fragment] = []
    faults: list[Fault] = []
    rules: dict[str, Severity | None] = {}
    tuned: dict[str, dict[str, object]] = {}
    exemptions: list[Exemption] = []
    spec: dict[str, Json] = {}
    for layer, kinds in _POLICY_KINDS.items():
        for fragment in shared.of(layer):
            wrong = _fragment_faults(fragment, kinds)
            faults += wrong
            found = value_at(fragment.value, ("spec",))
            if fragment.kind == "Settings" and isinstance(found, dict):
                spec = found
            if fragment.kind in ("Settings", "RuleSettings"):
                rules.update(_rules(fragment, known, faults))
                for rule, values in _params(fragment, known, params or {}, faults):
                    tuned.setdefault(rule, {}).update(values)
            elif fragment.kind == "Policy":
                right += [] if wrong else [fragment]
            elif not wrong:  # one that cannot be read as a whole could exempt too much
                exemptions += _exemption(fragment, known, faults)
    complete = spec.get("complete")
    output = spec.get("output")
    requires = spec.get("requires")
    return Settings(
        requires=requires if isinstance(requires, str) else "",
        complete=frozenset(
            kind
            for kind in (complete if isinstance(complete, list) else ())
            if isinstance(kind, str)
        ),
        output=_output(output) if isinstance(output, str) else "rendered",
        rules=rules,
        params=tuned,
        exemptions=tuple(exemptions),
        policies=tuple(right),
        faults=tuple(faults),
    )


def _policy_words(policies: Iterable[Fragment]) -> Iterator[str]:
    """Yield the names and codes of the policies of a repository."""
    for one in policies:
        for path in (("metadata", "name"), ("spec", "code")):
            word = value_at(one.value, path)
            if isinstance(word, str):
                yield word


def _fragment_faults(fragment: Fragment, kinds: tuple[str, ...]) -> list[Fault]:
    if not fragment.is_edgegen or fragment.kind not in kinds:
        return [
            Fault(
                "misplaced-kind",
                fragment.at("kind"),
                f"{fragment.kind} has no effect in {fragment.document.path}",
                help=f"this file holds {' or '.join(kinds)}",
            )
        ]
    return [
        fault_at(fault, fragment.at(*fault.path))
        for fault in schema_faults(fragment.kind, fragment.value, merged=True)
    ]


def _rules(fragment: Fragment, known: list[str], faults: list[Fault]) -> dict[str, Severity | None]:
    entries = value_at(fragment.value, ("spec", "rules"))
    found: dict[str, Severity | None] = {}
    for rule, setting in entries.items() if isinstance(entries, dict) else ():
        if rule not in known:
            faults.append(_unknown_rule(fragment.at("spec", "rules", rule), rule, known))
            continue
        word = setting.get("severity") if isinstance(setting, dict) else setting
        if word == "off":
            found[rule] = None
        elif isinstance(word, str) and word in {s.label for s in Severity}:
            found[rule] = Severity.parse(word)
    return found


def _params(
    fragment: Fragment,
    known: list[str],
    declared: Mapping[str, Sequence[Param]],
    faults: list[Fault],
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the rules whose parameters a document sets, with the values that fit."""
    entries = value_at(fragment.value, ("spec", "rules"))
    for rule, setting in entries.items() if isinstance(entries, dict) else ():
        given = setting.get("params") if isinstance(setting, dict) else None
        if rule not in known or not isinstance(given, dict):
            continue
        by_name = {param.name: param for param in declared.get(rule, ())}
        values: dict[str, object] = {}
        for name, value in given.items():
            at = fragment.at("spec", "rules", rule, "params", name)
            param = by_name.get(name)
            if param is None:
                faults.append(_unknown_param(at, rule, name, list(by_name)))
                continue
            try:
                values[param.field] = param.read(value)
            except ValueError:
                message = f"{name} of {rule} is {quoted(value)}, expected {param.expected}"
                remedy = f"the default is {json.dumps(param.default)}"
                faults.append(Fault("wrong-type", at, message, remedy))
        yield rule, values


def _unknown_param(at: Spot, rule: str, name: str, known: list[str]) -> Fault:
    remedy = suggestion(name, known) if known else "remove it: the rule has none"
    meant = only_candidate(name, known)
    mend = mend_at(at, RenameKey(at.path, meant)) if meant else None
    message = f"{rule} has no parameter {quoted(name)}"
    return Fault("unknown-field", at, message, remedy, mend=mend)


def _exemption(fragment: Fragment, known: list[str], faults: list[Fault]) -> Iterator[Exemption]:
    """Yield the exemption of a document that its schema has passed."""
    spec = value_at(fragment.value, ("spec",))
    if not isinstance(spec, dict):
        return
    rule = str(spec.get("rule"))
    if rule not in known:
        faults.append(_unknown_rule(fragment.at("spec", "rule"), rule, known))
        return
    clusters = spec.get("clusters")
    yield Exemption(
        rule,
        str(spec.get("resource")),
        frozenset(map(str, clusters)) if isinstance(clusters, list) else frozenset(),
        str(spec.get("expires")),
        fragment.at("spec", "expires"),
    )


def _unknown_rule(at: Spot, rule: str, known: list[str]) -> Fault:
    near = closest(rule, known)
    return Fault(
        "invalid-value",
        at,
        f'no rule is called "{rule}"',
        help=f'did you mean "{near}"?' if near else "`edgegen rules` lists them",
        discriminator=rule,
    )


def _output(text: str) -> str:
    parts = text.strip("/").split("/")
    if parts[0] in FRAGMENT_FOLDERS:
        raise EdgegenError(
            f'edgegen.yaml: spec.output "{text}" is a folder of fragments',
            "name a folder of its own, such as rendered",
        )
    if not text or text.startswith("/") or ".." in parts or parts == [""]:
        raise EdgegenError(
            f'edgegen.yaml: spec.output "{text}" leaves the repository',
            "name a folder inside it, such as rendered",
        )
    return "/".join(parts)


def require_version(requires: str, version: str) -> None:
    """Refuse to run with a version that the repository does not ask for.

    Raises:
        EdgegenError: the version is outside `requires`, or that is no condition.
    """
    for condition in filter(None, (part.strip() for part in requires.split(","))):
        match = _CONDITION.match(condition)
        if match is None:
            raise EdgegenError(
                f'edgegen.yaml: spec.requires "{requires}" is no version condition',
                'write it as ">=0.1,<0.2"',
            )
        if not _holds(_numbers(version), match[1], match[2]):
            raise EdgegenError(
                f"this repository requires edgegen {requires}, and this is {version}",
                "install that version, so that the hook and the gate agree",
            )


def _numbers(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"[0-9]+", text)[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _holds(left: tuple[int, ...], operator: str, text: str) -> bool:
    right = _numbers(text)
    if operator == "~=":  # PEP 440: at least this one, and the same but for its last number
        same = text.count(".")
        return left >= right and left[:same] == right[:same]
    return {
        ">=": left >= right,
        "<=": left <= right,
        "==": left == right,
        "!=": left != right,
        ">": left > right,
        "<": left < right,
    }[operator]
