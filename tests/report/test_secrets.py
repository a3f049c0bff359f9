"""What a Secret holds stays in its file: no report says it, whatever is wrong around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, write_tree

from edgegen.app.lint import Input, lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.report.json import render_json
from edgegen.report.text import render_text

HEAD = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n"
PEER = "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: a, namespace: b}\n"

INPUTS = {
    "key-twice": HEAD + "data:\n  key: hunter2\n  key: hunter3\n",
    "flow": HEAD + "data: {key: hunter2, key: hunter3}\n",
    "one-line": "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: hunter2, k: hunter3}}\n",
    "json": '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"},\n'
    '"data":\n{"k": "hunter2",\n"k": "hunter3"}}\n',
    "open-quote": HEAD + 'stringData:\n  key: "hunter2\n',
    "colon-in-value": HEAD + "stringData:\n  key: hunter2: hunter3\n",
    "open-flow": HEAD + "stringData:\n  key: {hunter2\n",
    "broken-block": HEAD + "stringData:\n  key: |\n    hunter2\n   hunter3: x\n",
    "broken-block-words": HEAD + "stringData:\n  key: |\n    hunter2\n   hunter3 hunter4\n",
    "bad-escape": HEAD + 'stringData:\n  key: "\\hunter2"\n',
    "bad-start": HEAD + "stringData:\n  key: @hunter2\n",
    "percent": HEAD + "stringData:\n  key: %hunter2\n",
    "looks-like-an-alias": HEAD + "stringData:\n  key: *hunter2\n",
    "looks-like-a-tag": HEAD + "stringData:\n  key: !hunter2\n",
    "tag-before-a-value": HEAD + "stringData:\n  key: !tag hunter2\n",
    "tab": HEAD + "stringData:\n\tkey: hunter2\n",
    "list-as-key": HEAD + "stringData:\n  ? [hunter2]\n  : hunter3\n",
    "complex-key": HEAD + "? data\n: {k: hunter2, k: hunter3}\n",
    "control-character": HEAD + 'data: {a: "hunt\x01er2", b: hunter3}\n',
    "values-before-kind": "data: {k: hunter2, k: hunter3}\nmetadata: {name: a}\nkind: Secret\napiVersion: v1\n",
    "quoted-kind": "apiVersion: v1\n'kind': 'Secret'\nmetadata: {name: a}\ndata: {k: hunter2, k: hunter3}\n",
    "escaped-kind": 'apiVersion: v1\nkind: "Sec\\u0072et"\nmetadata: {name: a}\ndata: {k: hunter2, k: hunter3}\n',
    "kind-below": "apiVersion: v1\nkind:\n  Secret\nmetadata: {name: a}\ndata: {k: hunter2, k: hunter3}\n",
    "list": "apiVersion: v1\nkind: List\nitems:\n"
    "  - apiVersion: v1\n    kind: Secret\n    metadata: {name: a}\n"
    "    data: {k: hunter2, k: hunter3}\n",
    "list-in-flow": "apiVersion: v1\nkind: List\nitems:\n"
    "  - {apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: hunter2, k: hunter3}}\n",
    "secret-list": "apiVersion: v1\nkind: SecretList\nitems:\n"
    "  - metadata: {name: a}\n    stringData: {k: hunter2, k: hunter3}\n",
    "pem-at-the-margin": HEAD + "stringData:\n  key: |\n-----BEGIN PRIVATE KEY-----\nhunter2\n"
    "-----END PRIVATE KEY-----\n",
    "pem-in-quotes": HEAD + 'stringData:\n  key: "\n-----BEGIN PRIVATE KEY-----\nhunter2"\n'
    "-----END PRIVATE KEY-----\n",
    "twice": f"{HEAD}data: {{hunter2: hunter3}}\n---\n{HEAD}data: {{hunter2: hunter3}}\n",
    "peer-password": PEER + "spec:\n  password: hunter2\n  password: hunter3\n",
    "peer-password-in-flow": PEER + "spec: {password: hunter2, password: hunter3}\n",
    "peer-password-open": PEER + "spec:\n  peerASN: 1\n  password: {a: hunter2\n",
    "windows-lines": (HEAD + "data:\n  key: hunter2\n  key: hunter3\n").replace("\n", "\r\n"),
    "byte-order-mark": "\ufeff" + HEAD + "data:\n  key: hunter2\n  key: hunter3\n",
}

SECRETS = ("hunter", "hunt\x01er", "hunt\ufffder")


def said(outcome: Outcome) -> list[str]:
    """Every line of both reports that says a secret."""
    text = render_text(outcome) + render_json(outcome)
    return [line for line in text.splitlines() if any(secret in line for secret in SECRETS)]


@pytest.mark.parametrize("name", INPUTS)
def test_manifests(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("secret.yaml").write_bytes(INPUTS[name].encode())
    outcome = lint_manifests([Input("secret.yaml")], lambda: b"", complete=True)
    assert said(outcome) == []


QUIET = {"percent", "pem-in-quotes"}


@pytest.mark.parametrize("name", sorted(set(INPUTS) - QUIET))
def test_each_input_has_a_finding(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above proves nothing."""
    monkeypatch.chdir(tmp_path)
    Path("secret.yaml").write_bytes(INPUTS[name].encode())
    outcome = lint_manifests([Input("secret.yaml")], lambda: b"", complete=True)
    assert outcome.diagnostics


def test_bytes_that_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("secret.yaml").write_bytes(HEAD.encode() + b"data:\n  key: hunt\xffer2\n")
    outcome = lint_manifests([Input("secret.yaml")], lambda: b"", complete=True)
    assert [one.code for one in outcome.diagnostics] == ["IN002"]
    assert said(outcome) == []


@pytest.mark.parametrize("name", INPUTS)
def test_a_repository(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path, SMALL)
    (root / "clusters/east/secret.yaml").write_bytes(INPUTS[name].encode())
    (root / "teams/shop/secret.yaml").write_bytes(INPUTS[name].encode())
    assert said(lint_repository(root)) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{PEER}spec: {{password: hunter2}}\n---\n{PEER}spec: {{password: hunter3}}\n",
        f"{HEAD}data: {{a: hunter2}}\n---\n{HEAD}data: {{a: hunter3}}\n",
        f'{PEER}spec: {{password: "${{vars.x}}hunter2"}}\n',
        f"{PEER}$final: [spec.password]\nspec: {{password: hunter2}}\n---\n{PEER}spec: {{password: hunter3}}\n",
    ],
)
def test_a_conflict_between_fragments(tmp_path: Path, text: str) -> None:
    root = write_tree(tmp_path, {**SMALL, "clusters/east/more.yaml": text})
    outcome = lint_repository(root)
    assert outcome.diagnostics
    assert said(outcome) == []


def test_a_frozen_password(tmp_path: Path) -> None:
    spec = "spec: {myASN: 64512, peerASN: 64512, peerAddress: 192.0.2.1, password: hunter2}"
    frozen = f"{PEER}$final: [spec.password]\n{spec}\n"
    later = f"{PEER}spec: {{password: hunter3}}\n"
    cluster = SMALL["clusters/east/cluster.yaml"].replace("spec:\n", "spec:\n  layers: [base]\n", 1)
    root = write_tree(
        tmp_path,
        {
            **SMALL,
            "clusters/east/cluster.yaml": cluster,
            "clusters/_layers/base/peer.yaml": frozen,
            "clusters/east/peer.yaml": later,
        },
    )
    outcome = lint_repository(root)
    assert "IN023" in [one.code for one in outcome.diagnostics]
    assert said(outcome) == []


def test_fingerprints_do_not_hang_on_the_content(tmp_path: Path) -> None:
    """Two runs over other content give the same fingerprints: nothing of it is hashed."""
    found = []
    for secret in ("hunter2", "another"):
        path = tmp_path / "secret.yaml"
        path.write_text(INPUTS["key-twice"].replace("hunter2", secret), encoding="utf-8")
        outcome = lint_manifests([Input(str(path))], lambda: b"", complete=True)
        found.append([one.fingerprint for one in outcome.diagnostics])
    assert found[0] == found[1]
