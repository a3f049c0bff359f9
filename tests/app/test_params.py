"""Parameters of rules, as a repository's settings give them."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, write_tree

from edgegen.app.lint import lint_repository
from edgegen.rules import RULES

PEER = """\
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: a}
spec: {myASN: 64512, peerASN: 64500, peerAddress: 10.1.0.1}
"""


def found(tmp_path: Path, rule: str, params: str, pool: str = "10.1.0.64/28") -> list[str]:
    """Return what a rule says of one cluster's pool and peer, with some parameters."""
    code = next(one.code for one in RULES if rule in (one.code, one.name))
    east = SMALL["clusters/east/cluster.yaml"].replace("10.1.0.64/28", pool)
    files = {
        "clusters/east/cluster.yaml": east,
        "clusters/east/peer.yaml": PEER,
        "policies/rules.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: RuleSettings\n"
        f"metadata: {{name: a}}\nspec: {{rules: {{{rule}: {{params: {params}}}}}}}\n",
    }
    outcome = lint_repository(write_tree(tmp_path, {**SMALL, **files}))
    assert not outcome.errors
    here = (one for one in outcome.diagnostics if "east" in one.clusters)
    return [one.message for one in here if one.code == code]


@pytest.mark.parametrize(
    ("rule", "pool", "loud", "quiet"),
    [
        ("ML006", "10.1.0.64/28", "{prefixV4: 29}", "{prefixV4: 28}"),
        ("oversized-address-pool-range", "fd00::/64", "{prefixV6: 65}", "{prefixV6: 64}"),
        ("ML007", "192.0.2.0/28", "{}", "{allowed: [192.0.2.0/24]}"),
        ("ML007", "192.0.2.0/28", "{allowed: [192.0.2.0/29]}", "{allowed: ['192.0.2.0-192.0.2.15']}"),
        ("ML008", "100.64.1.0/28", "{}", "{allowed: [100.64.0.0/10]}"),
        ("ML036", "10.1.0.64/28", "{}", "{allowed: ['64496-64511']}"),
        ("ML036", "10.1.0.64/28", "{own: ['64513'], allowed: ['64500']}",
         "{own: ['64512-64513'], allowed: ['64500']}"),
        ("ML086", "10.1.0.70/32", "{smallest: 1}", "{smallest: 2}"),
        ("ML086", "10.1.0.64/28", "{infoPercent: 6}", "{infoPercent: 7}"),
    ],
)  # fmt: skip
def test_thresholds(tmp_path: Path, rule: str, pool: str, loud: str, quiet: str) -> None:
    assert len(found(tmp_path / "loud", rule, loud, pool)) == 1
    assert found(tmp_path / "quiet", rule, quiet, pool) == []


def test_each_parameter_is_documented() -> None:
    for rule in RULES:
        for param in rule.params if rule.family != "PO" else ():
            assert param.doc, (rule.code, param.name)
            value = param.read(param.default)
            assert value == (
                tuple(param.default) if isinstance(param.default, list) else param.default
            )
