"""Rules of the user's own: the library that edgegen brings along, and what is said of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import input_rule
from edgegen.rules.policies.library import LIBRARY

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

_SOURCE = "edgegen's own contract, docs/policies.md."

POLICY_RULES: tuple[Rule, ...] = (
    input_rule(
        "PO001",
        "policy-unusable",
        Severity.ERROR,
        "0.1.0",
        f"""A policy cannot be evaluated.

## Why is this bad
It finds nothing, whatever breaks it.

## How to fix
Correct what the message names; `edgegen lint --test-policies` runs its tests.

## Source
{_SOURCE}""",
    ),
    input_rule(
        "PO002",
        "policy-defined-twice",
        Severity.ERROR,
        "0.1.0",
        f"""A policy has the name or code of another rule.

## Why is this bad
Settings, comments and exemptions that name it would mean two rules.

## How to fix
Give it another name, and a code from PO200 on.

## Source
{_SOURCE}""",
    ),
    *LIBRARY,
)
"""The rules of this family that edgegen brings along, in the order of their codes."""
