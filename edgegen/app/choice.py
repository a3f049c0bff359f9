"""Which rules run, as the command line chooses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.rules import RULES

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

Chosen = Callable[[str, str], bool]
"""Says for a rule's code and name whether it runs."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rules run: codes, names and families, as `--select` and `--ignore` give them."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def __call__(self, code: str, name: str) -> bool:
        """Say for a rule's code and name whether it runs."""
        named = {code, name, code[:2]}
        chosen = not self.select or not named.isdisjoint(self.select)
        return chosen and named.isdisjoint(self.ignore)

    def names(self, rule: Rule) -> bool:
        """Say whether a rule is asked for by itself, which switches it on; a family does not."""
        return rule.code in self.select or rule.name in self.select


def disabled_codes(chosen: Chosen | None) -> frozenset[str]:
    """Return the codes of the rules that a choice leaves out."""
    if chosen is None:
        return frozenset()
    return frozenset(rule.code for rule in RULES if not chosen(rule.code, rule.name))


def selected_codes(chosen: Chosen | None) -> frozenset[str]:
    """Return the codes of the rules that a choice asks for by themselves."""
    if not isinstance(chosen, Choice):
        return frozenset()
    return frozenset(rule.code for rule in RULES if chosen.names(rule))
