"""`edgegen lint --test-policies`: run the tests that policies bring along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.fragments.layout import POLICIES, Layer
from edgegen.fragments.repository import list_tree, read_fragments
from edgegen.fragments.settings import settings_of
from edgegen.locate import Locator
from edgegen.rules import RULES
from edgegen.rules.policies.reading import failure, read_policies, stated_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.diagnostics import Place
    from edgegen.sources import Source


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """One test of a policy; `failure` is empty where it passes."""

    policy: str
    test: str
    failure: str
    place: Place | None


def run_policy_tests(source: Source) -> Iterator[PolicyVerdict]:
    """Yield the tests of a repository's policies, in the order of files.

    A policy that cannot be read or evaluated is a failed test of its own.
    """
    tree = list_tree(source)
    files = [file for file in tree.shared if file.startswith(f"{POLICIES}/")]
    shared = read_fragments(source, files)
    words = [word for rule in RULES for word in (rule.name, rule.code)]
    settings = settings_of(shared, words)
    _, wrong = read_policies(settings.policies, words)
    own = {one.document.path for one in shared.of(Layer.POLICY) if one.kind == "Policy"}
    locator = Locator(source)
    for problem in shared.problems:
        yield PolicyVerdict("", "", problem.message, problem.place)
    broken = {fault.at.file: fault for fault in settings.faults if fault.at.file in own}
    for fault in [*broken.values(), *wrong]:
        name = fault.at.resource.name if fault.at.resource else ""
        yield PolicyVerdict(name, "", fault.message, locator.place(fault.at))
    unusable = {(fault.at.file, fault.at.document) for fault in wrong}
    for document in settings.policies:
        if (document.document.path, document.document.index) in unusable:
            continue
        for test in stated_tests(document):
            why = failure(test) or ""
            yield PolicyVerdict(
                test.policy.name, test.name, why, locator.place(test.spot) if why else None
            )


def policy_words(source: Source) -> frozenset[str]:
    """Return the names and codes of a repository's own policies."""
    tree = list_tree(source)
    files = [file for file in tree.shared if file.startswith(f"{POLICIES}/")]
    settings = settings_of(read_fragments(source, files), ())
    found = read_policies(settings.policies, ())[0]
    return frozenset(word for policy in found for word in (policy.name, policy.code))
