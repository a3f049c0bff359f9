"""Errors between teams, warnings inside one."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgegen.app.lint import Input, lint_manifests
from edgegen.diagnostics import Severity

CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize(
    ("case", "code", "severity"),
    [
        ("gateway/route-match-claimed-twice/bad-between-teams", "GW012", Severity.ERROR),
        ("gateway/route-match-claimed-twice/bad-inside-team", "GW012", Severity.WARNING),
        ("gateway/route-match-claimed-twice/bad-without-teams", "GW012", Severity.WARNING),
        ("ownership/hostname-of-two-route-kinds/bad-between-teams", "OW027", Severity.ERROR),
        ("ownership/hostname-of-two-route-kinds/bad-own-and-foreign", "OW027", Severity.ERROR),
        ("ownership/hostname-of-two-route-kinds/bad-inside-team", "OW027", Severity.WARNING),
        ("ownership/traefik-name-spelt-alike/bad-two-teams", "OW018", Severity.ERROR),
        ("ownership/traefik-name-spelt-alike/bad-inside-team", "OW018", Severity.WARNING),
        (
            "ownership/traefik-reference-across-namespaces/bad-own-other-namespace",
            "OW016",
            Severity.WARNING,
        ),
    ],
)
def test_severity(case: str, code: str, severity: Severity) -> None:
    outcome = lint_manifests([Input(str(CASES / f"{case}.yaml"))], lambda: b"", complete=True)
    assert {(found.code, found.severity) for found in outcome.diagnostics} == {(code, severity)}
