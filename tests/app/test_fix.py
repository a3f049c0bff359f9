"""Safe fixes: each mends its finding, keeps the rest of the file, and comes to an end."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, write_tree

from edgegen.app.fix import FixedFile, diff_lines, fixed_files
from edgegen.app.inputs import Input
from edgegen.app.lint import lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.sources import STDIN, Memory, WorkTree

PATH = STDIN


def judged(text: str) -> Outcome:
    data = text.encode()
    return lint_manifests([Input("-")], lambda: data)


def fixed(text: str, code: str = "") -> str:
    """Return a manifest after one round of fixes: of all findings, or of one rule's."""
    found = [one for one in judged(text).diagnostics if code in ("", one.code)]
    files = fixed_files(found, Memory({PATH: text.encode()}).read)
    return files[0].after.decode() if files else text


ROUTE = """\
# About the route.
apiVersion: gateway.networking.k8s.io/v1   # of the edge
kind: HTTPRoute
metadata: {name: a, namespace: shop}
spec:
  hostnames: [a.example.com]  # the shop
  parentRefs:
    - name: public
      namespace: edge
      port: 443
  rules:
    - matches:
        # Everything below /a.
        - path: {type: PathPrefix, value: /a}
      backendRefs:
        - name: web
          port: 80
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    metallb.io/loadBalancerIPs: 10.0.0.1 # by hand
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""

ARGO = "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {}\n"

MENDED = {
    "apiVersion": ("SC007", ROUTE, "k8s.io/v1 ", "k8s.io/v1beta1 "),
    "key": ("SC001", ROUTE, "backendRefs:", "backendRef:"),
    "key-in-flow": ("SC001", ROUTE, "type:", "tpye:"),
    "key-of-plural": ("SC001", ROUTE, "hostnames:", "hostName:"),
    "value-in-other-case": ("SC004", ROUTE, "type: PathPrefix", "type: pathprefix"),
    "number-as-text": ("SC002", ROUTE, "port: 80\n", 'port: "80"\n'),
    "prefix": ("ML082", SERVICE, "metallb.io/", "metallb.universe.tf/"),
    "annotation": ("ML081", SERVICE, "loadBalancerIPs", "loadBalancerIps"),
    "text-as-number": ("SC002", ROUTE, 'name: "1.30"', "name: 1.30"),
}


@pytest.mark.parametrize("name", MENDED)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_what_is_wrong_changes(name: str, ends: str, mark: str) -> None:
    code, base, right, wrong = MENDED[name]
    if right not in base:  # a name that has to be quoted
        base = base.replace("name: web", right)
    assert base.count(right) == 1
    good = mark + base.replace("\n", ends)
    right, wrong = (part.replace("\n", ends) for part in (right, wrong))
    bad = good.replace(right, wrong)
    assert code in [one.code for one in judged(bad).diagnostics]
    assert fixed(bad, code) == good
    assert fixed(good, code) == good
    assert code not in [one.code for one in judged(good).diagnostics]


def test_a_key_that_yaml_reads_as_something_else() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {on: 'x', 010: 'y'} # z\n"
    assert fixed(text, "IN052") == text.replace("{on:", '{"on":').replace("010:", '"010":')


def test_defaults_are_written_out() -> None:
    new = fixed(ROUTE + ARGO, "IN070")
    assert new == ROUTE.replace(
        "    - name: public\n",
        "    - group: gateway.networking.k8s.io\n      kind: Gateway\n      name: public\n",
    ).replace(
        "        - name: web\n",
        '        - group: ""\n          kind: Service\n          weight: 1\n          name: web\n',
    ) + (ARGO)
    assert "IN070" not in [one.code for one in judged(new).diagnostics]


def test_what_the_server_writes_is_removed() -> None:
    text = ROUTE.replace(
        "metadata: {name: a, namespace: shop}\n",
        "metadata:\n  name: a\n  # kept\n  namespace: shop\n  uid: abc # gone\n  generation: 3\n"
        "  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {}\n",
    )
    new = fixed(text + "status:\n  parents: [{a: b}]\n", "IN071")
    assert new == ROUTE.replace(
        "metadata: {name: a, namespace: shop}\n",
        "metadata:\n  name: a\n  # kept\n  namespace: shop\n",
    )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("backendRefs:", "backendRefs: []\n      backendRef:"),  # the right key is there
        ("hostnames: [a.example.com]", "hostname: a.example.com"),  # of another type
        ("hostnames: [a.example.com]", "hostnam: [a.b]\n  hostnmes: [a.c]"),  # two for one
        ("type: PathPrefix", "type: Prefix"),  # a choice
        ("port: 80\n", 'port: "080"\n'),
        ("port: 80\n", "port: [80]\n"),
    ],
)
def test_what_a_person_must_decide_is_left(right: str, wrong: str) -> None:
    text = ROUTE.replace(right, wrong)
    assert text != ROUTE
    assert judged(text).diagnostics
    assert fixed(text) == text


def test_several_documents_and_rounds() -> None:
    text = ROUTE.replace("k8s.io/v1 ", "k8s.io/v1beta1 ").replace("matches", "matchs")
    text = text.replace("PathPrefix", "pathPrefix")
    once = fixed(f"{text}---\n{text.replace('name: a', 'name: b')}")
    assert once.count("k8s.io/v1 ") == once.count("matches") == 2
    twice = fixed(once)
    assert twice == f"{ROUTE}---\n{ROUTE.replace('name: a', 'name: b')}"
    assert fixed(twice) == twice


def test_a_secret_is_not_touched() -> None:
    peer = "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: a, namespace: b}\n"
    text = f"{peer}spec: {{myASN: 64512, peerASN: 64512, peerAddress: 192.0.2.1, password: 1234}}\n"
    found = [one for one in judged(text).diagnostics if one.field == "spec.password"]
    assert [one.edits for one in found if one.code == "SC002"] == [()]
    assert fixed(text) == text


def test_anchor_and_alias_are_left() -> None:
    text = ROUTE.replace("port: 443", 'port: &p "443"').replace("port: 80", "port: *p")
    assert fixed(text, "SC002") == text


def test_a_file_that_would_read_worse_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgegen.yamlio import edits

    text = ROUTE.replace("backendRefs:", "backendRef:")
    monkeypatch.setattr(edits, "apply_edits", lambda text, _edits: (f"{text}: [", 1))
    assert fixed(text) == text


def repository_fixes(root: Path) -> list[FixedFile]:
    return fixed_files(lint_repository(root).diagnostics, WorkTree(root).read)


def test_fragments(tmp_path: Path) -> None:
    route = SMALL["teams/shop/routes.yaml"]
    peer = "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: a}\n"
    bad = route.replace("hostnames:", "hostnams:  # ours\n   ")
    files = {
        "teams/shop/routes.yaml": bad,
        "clusters/_layers/x/peer.yaml": peer + "spec: {vfr: a}\n",
    }
    root = write_tree(tmp_path, {**SMALL, **files})
    for name in ("east", "west"):
        path = root / f"clusters/{name}/cluster.yaml"
        path.write_text(path.read_text().replace("spec:\n", "spec:\n  layers: [x]\n", 1))
    found = {one.path: (one.after.decode(), one.made) for one in repository_fixes(root)}
    assert found == {
        "teams/shop/routes.yaml": (bad.replace("hostnams", "hostnames"), 1),
        "clusters/_layers/x/peer.yaml": (peer + "spec: {vrf: a}\n", 1),
    }


def test_what_follows_from_a_variable_is_left(tmp_path: Path) -> None:
    route = SMALL["teams/shop/routes.yaml"].replace(
        "to: web:8080", "to: {service: web, port: '${vars.p}'}"
    )
    root = write_tree(tmp_path, {**SMALL, "teams/shop/routes.yaml": route})
    assert repository_fixes(root) == []


def test_a_diff_shows_no_secret() -> None:
    old = (
        b"kind: A\npasswd: one\npassword: two\nspec: {a: 1}\ntokn: three\nb: 1\nc: 1\nd: 1\ne: 1\n"
    )
    new = old.replace(b"tokn", b"token").replace(b"a: 1", b"a: 2")
    assert list(diff_lines(FixedFile("a.yaml", old, new, 2))) == [
        "--- a/a.yaml",
        "+++ b/a.yaml",
        "@@ -1,8 +1,8 @@",
        " kind: A",
        " passwd: …",
        " password: …",
        "-spec: …",
        "-tokn: …",
        "+spec: …",
        "+token: …",
        " b: 1",
        " c: 1",
        " d: 1",
    ]
