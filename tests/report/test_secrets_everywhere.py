"""A marker stands in every place where a secret may, and in no output of any command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import SMALL, write_tree

from edgegen.app.explain import explain_resource
from edgegen.app.fix import diff_lines, fixed_files
from edgegen.app.inputs import Input
from edgegen.app.known import baseline_text
from edgegen.app.lint import lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.report.formats import FORMATS, render
from edgegen.sources import STDIN, Memory

MARK = "Zq7Zq7Zq7"
LEAK = "Zq7"

_OPAQUE = "apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: b}}\n"
_PEER = (
    "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {{name: a, namespace: b}}\n"
    "spec:\n  myASN: 64512\n  peerASN: 64512\n  peerAddress: 192.0.2.1\n"
)
HEADS = {
    "data": _OPAQUE + "data:\n  key: {}\n",
    "data-quoted-key": _OPAQUE + 'data:\n  "key": {}\n',
    "data-explicit-key": _OPAQUE + "data:\n  ? key\n  : {}\n",
    "data-itself": _OPAQUE + "data: {}\n",
    "data-as-list": _OPAQUE + "data:\n  - {}\n",
    "string-data": _OPAQUE + "type: Opaque\nstringData:\n  tls.key: {}\n  a: b\n",
    "misspelt-data": _OPAQUE + "stringdata:\n  key: {}\n",
    "unknown-field-of-secret": _OPAQUE + "spec: {}\n",
    "twice": _OPAQUE + "data:\n  key: {0}\n  key: {0}\n",
    "flow": "{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, data: {{k: {}}}}}\n",
    "list": "apiVersion: v1\nkind: List\nitems:\n"
    "- {{apiVersion: v1, kind: Secret, metadata: {{name: a}}, data: {{k: {}}}}}\n",
    "peer": _PEER + "  password: {}\n",
    "peer-twice": _PEER + "  password: {0}\n  password: {0}\n",
    "peer-in-other-case": _PEER + "  Password: {}\n",
    "peer-misspelt": _PEER + "  pasword: {}\n",
    "peer-below": _PEER + "  password:\n    key: {}\n",
    "values": "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: traefik}}\n"
    "spec:\n  chart: traefik\n  valuesContent: |\n    hub:\n      token: {}\n    prts: {{}}\n",
    "values-set": "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: traefik}}\n"
    "spec:\n  chart: traefik\n  set:\n    hub.token: {}\n",
    "annotation": "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n"
    "    example.com/token: {}\nspec: {{prts: []}}\n",
    "plugin": "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: a}}\n"
    "spec:\n  plugin:\n    guard:\n      apiToken: {}\n  errrors: {{}}\n",
}  # fmt: skip
"""Manifests with one place for a secret."""

VALUES = {
    "plain": MARK,
    "double": f'"{MARK}"',
    "single": f"'{MARK}'",
    "number": f"7 # {MARK}",
    "with-colon": f"{MARK}: {MARK}",
    "with-hash": f"{MARK} # {MARK}",
    "open-quote": f'"{MARK}',
    "open-flow": f"{{{MARK}",
    "list": f"[{MARK}]",
    "mapping": f"{{{MARK}: {MARK}}}",
    "alias": f"*{MARK}",
    "anchor": f"&{MARK} {MARK}",
    "tag": f"!{MARK} {MARK}",
    "binary": f"!!binary {MARK}",
    "reserved": f"@{MARK}",
    "escape": f'"\\{MARK}"',
    "variable": f"${{vars.{MARK}}}{MARK}",
    "open-variable": f"${{{MARK}",
    "block": f"|\n      {MARK}\n      {MARK}",
    "block-that-ends": f"|\n      {MARK}\n {MARK}",
    "pem": f"|\n-----BEGIN KEY-----\n{MARK}\n-----END KEY-----",
    "control": f'"{MARK}\x01"',
    "long": MARK * 40,
}
"""What may stand there."""


def outputs(outcome: Outcome, files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield what a run may print or write, by name."""
    for name in FORMATS:
        yield name, render(outcome, name)
    yield "baseline", baseline_text(outcome.diagnostics)
    for file in fixed_files(outcome.diagnostics, Memory(files).read):
        yield "diff", "\n".join(diff_lines(file))


def leaks(outcome: Outcome, files: dict[str, bytes]) -> list[str]:
    """Return the lines of all outputs that say a secret."""
    return [
        f"{name}: {line}"
        for name, text in outputs(outcome, files)
        for line in text.splitlines()
        if LEAK in line
    ]


def leaks_of(text: str) -> list[str]:
    data = text.encode("utf-8", "surrogatepass")
    outcome = lint_manifests([Input("-")], lambda: data, complete=True)
    assert not outcome.errors
    return leaks(outcome, {STDIN: data})


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("value", VALUES)
def test_manifests(head: str, value: str) -> None:
    assert leaks_of(HEADS[head].format(VALUES[value])) == []


@pytest.mark.parametrize("head", HEADS)
def test_fragments(head: str) -> None:
    for name, value in VALUES.items():
        if head == "peer-misspelt" and "variable" in name:
            continue  # the name of a variable is no secret, and none is near that says so
        text = HEADS[head].format(value)
        files = {
            **{path: content.encode() for path, content in SMALL.items()},
            "clusters/east/secret.yaml": text.encode(),
            "teams/shop/secret.yaml": text.encode(),
        }
        outcome = lint_repository(Path(), source=Memory(files))
        assert not outcome.errors
        assert leaks(outcome, files) == []


NOISE = (
    *("  a: b", "a", "- x", "  - y: [", "}", "\ta: 1", "status: {a: 1}", "    deep: 1", "a: 'b"),
    *("# edgegen: ignore[SC001]", "? x", "extra: {k: v}", "  on: 1", "%YAML", "\r"),
    *("metadata: {uid: 1}", "kind: Service", "spec: 1", "", "  10: a", "a: &x", "b: *y"),
)
"""Lines that break what stands around them."""


@settings(max_examples=150, deadline=None)
@given(
    head=st.sampled_from(sorted(HEADS)),
    value=st.sampled_from(sorted(VALUES)),
    noise=st.lists(st.tuples(st.integers(0, 12), st.sampled_from(NOISE)), max_size=4),
    ends=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_whatever_is_wrong_around_it(
    head: str, value: str, noise: list[tuple[int, str]], ends: str, mark: str
) -> None:
    lines = HEADS[head].format(VALUES[value]).splitlines()
    for at, line in noise:
        lines.insert(min(at, len(lines)), line)
    assert leaks_of(mark + ends.join(lines) + ends) == []


@pytest.mark.parametrize("head", ["peer", "annotation", "plugin", "values"])
def test_explanations(tmp_path: Path, head: str) -> None:
    text = HEADS[head].format(MARK).replace("a, namespace: b", "a")
    kinds = {"peer": "BGPPeer/a", "annotation": "Service/a", "plugin": "Middleware/a"}
    name = kinds.get(head, "HelmChart/traefik")
    root = write_tree(tmp_path, {**SMALL, "clusters/east/secret.yaml": text})
    told = explain_resource(root, "east", name)
    assert told
    assert LEAK not in repr(told)


def test_the_marker_would_be_seen() -> None:
    """Else the tests above prove nothing."""
    assert leaks_of(HEADS["peer"].format(MARK).replace("password", "peerPort")) != []
