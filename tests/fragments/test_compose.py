"""The stack of one cluster, from files to merged resources."""

from __future__ import annotations

import pytest

from edgegen.fragments.compose import Composer, Composition
from edgegen.fragments.repository import list_tree, read_fragments, unknown_teams
from edgegen.model.path import value_at
from edgegen.model.resource import Resource
from edgegen.sources import Memory

OURS = "apiVersion: edgegen.dev/v1alpha1\n"
BASE = {
    "clusters/_layers/base/c.yaml": OURS
    + "kind: Cluster\nspec: {labels: {env: none}, vars: {domain: base.example}, gitops: {type: none}, kubernetes: {version: '1.34'}, gatewayAPI: {version: 1.6.1}, traefik: {chart: 41.3.0}, metallb: {chart: 0.16.1}}\n",
    "clusters/_layers/prod/c.yaml": OURS
    + "kind: Cluster\nspec: {labels: {env: prod}, vars: {domain: '${cluster.name}.example'}}\n",
    "clusters/one/c.yaml": OURS
    + "kind: Cluster\nmetadata: {name: one}\nspec: {layers: [base, prod]}\n",
    "clusters/two/c.yaml": OURS + "kind: Cluster\nmetadata: {name: two}\nspec: {layers: [base]}\n",
    "policies/teams/shop.yaml": OURS
    + "kind: Team\nmetadata: {name: shop}\nspec: {namespaces: [shop, cart], hostnames: ['*.${vars.domain}'], edges: [public]}\n",
    "teams/shop/r.yaml": OURS
    + "kind: Route\nmetadata: {name: web}\nspec: {hostnames: ['a.${vars.domain}'], to: 'web:80'}\n",
    "teams/shop/layers/prod/r.yaml": OURS
    + "kind: Route\nmetadata: {name: web}\nspec: {to: 'web:81'}\n",
    "teams/shop/clusters/one/r.yaml": OURS
    + "kind: Route\nmetadata: {name: web}\nspec: {to: 'web:82'}\n",
}


def compose(files: dict[str, str], *names: str) -> list[Composition]:
    source = Memory({path: text.encode() for path, text in files.items()})
    tree = list_tree(source)
    composer = Composer(read_fragments(source, tree.shared), tree.layers)
    return [composer.compose(n, read_fragments(source, tree.own.get(n, ()))) for n in names]


def find(composition: Composition, kind: str, name: str) -> Resource:
    (found,) = [r for r in composition.resources if (r.kind, r.name) == (kind, name)]
    return found


def faults(composition: Composition) -> list[tuple[str, str]]:
    return [(fault.rule, fault.at.file) for fault in composition.faults]


def test_the_order_of_the_stack() -> None:
    one, two = compose(BASE, "one", "two")
    assert find(one, "Route", "web").spec["to"] == "web:82"
    assert find(two, "Route", "web").spec["to"] == "web:80"
    without = {p: t for p, t in BASE.items() if "teams/shop/clusters" not in p}
    (one,) = compose(without, "one")
    assert find(one, "Route", "web").spec["to"] == "web:81"
    assert faults(one) == faults(two) == []


def test_variables_of_the_later_layer_and_of_the_cluster() -> None:
    one, two = compose(BASE, "one", "two")
    assert find(one, "Route", "web").spec["hostnames"] == ["a.one.example"]
    assert find(two, "Route", "web").spec["hostnames"] == ["a.base.example"]
    assert one.tenants.teams["shop"].hostnames == ("*.one.example",)
    assert one.facts.labels == {"env": "prod"}


def test_the_namespace_of_a_team_is_its_first() -> None:
    (one,) = compose(BASE, "one")
    route = find(one, "Route", "web")
    assert (route.namespace, route.team) == ("shop", "shop")


def test_what_clusters_share_is_merged_once() -> None:
    files = {
        p: t for p, t in BASE.items() if "layers/prod" not in p and "teams/shop/clusters" not in p
    }
    files["clusters/one/c.yaml"] = files["clusters/one/c.yaml"].replace("base, prod", "base")
    one, two = compose(files, "one", "two")
    assert find(one, "Route", "web") is find(two, "Route", "web")


def test_a_value_of_another_type_is_another_piece() -> None:
    """1 and true are equal as keys of a dictionary."""
    files = dict(BASE)
    files["clusters/one/v.yaml"] = (
        OURS + "kind: Cluster\nmetadata: {name: one}\nspec: {vars: {x: 1}}\n"
    )
    files["clusters/two/v.yaml"] = (
        OURS + "kind: Cluster\nmetadata: {name: two}\nspec: {vars: {x: true}}\n"
    )
    files["clusters/_layers/base/m.yaml"] = (
        "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: m, namespace: x-ns}\nspec: {v: '${vars.x}'}\n"
    )
    one, two = compose(files, "one", "two")
    assert find(one, "Middleware", "m").spec["v"] is not True
    assert find(two, "Middleware", "m").spec["v"] is True


def test_a_team_that_the_cluster_does_not_select() -> None:
    files = dict(BASE)
    files["policies/teams/shop.yaml"] += "  # only production\n"
    files["policies/teams/shop.yaml"] = files["policies/teams/shop.yaml"].replace(
        "edges: [public]}", "edges: [public], clusters: {matchLabels: {env: prod}}}"
    )
    one, two = compose(files, "one", "two")
    assert "shop" in one.tenants.teams
    assert two.tenants.teams == {}
    assert [r.kind for r in two.resources] == ["Cluster"]


def test_two_teams_may_call_a_delegation_alike() -> None:
    files = dict(BASE)
    files["policies/teams/pay.yaml"] = (
        OURS + "kind: Team\nmetadata: {name: pay}\nspec: {namespaces: [pay], edges: [public]}\n"
    )
    for team in ("shop", "pay"):
        files[f"teams/{team}/d.yaml"] = (
            OURS
            + "kind: Delegation\nmetadata: {name: lend}\nspec: {hostname: x.one.example, to: pay}\n"
        )
    (one,) = compose(files, "one")
    assert [r.team for r in one.resources if r.kind == "Delegation"] == ["pay", "shop"]


def test_two_fragments_of_one_layer_that_disagree() -> None:
    files = dict(BASE)
    files["teams/shop/r2.yaml"] = files["teams/shop/r.yaml"].replace("web:80", "web:90")
    (two,) = compose(files, "two")
    (fault,) = two.faults
    assert fault.rule == "merge-conflict"
    places = {fault.at.file, *(spot.file for spot, _ in fault.related)}
    assert places == {"teams/shop/r.yaml", "teams/shop/r2.yaml"}


def test_faults_of_the_cluster_itself() -> None:
    files = {
        "clusters/one/c.yaml": OURS
        + "kind: Cluster\nmetadata: {name: uno}\nspec: {layers: [bse], gitops: {type: none}}\n",
        "clusters/_layers/base/c.yaml": OURS + "kind: Cluster\nspec: {}\n",
        "clusters/two/p.yaml": OURS
        + "kind: AddressPool\nmetadata: {name: p}\nspec: {addresses: [10.0.0.0/24], bgp: {peers: [x]}}\n",
    }
    one, two = compose(files, "one", "two")
    assert [f.rule for f in one.faults][:2] == ["cluster-name-mismatch", "unknown-layer"]
    assert one.faults[1].help == 'did you mean "base"?'
    assert faults(two) == [("cluster-without-facts", "clusters/two/p.yaml")]


def test_an_unknown_variable_names_the_near_one() -> None:
    files = dict(BASE)
    files["teams/shop/r.yaml"] = files["teams/shop/r.yaml"].replace("vars.domain", "vars.domian")
    (fault,) = compose(files, "two")[0].faults
    assert fault.rule == "unknown-variable"
    assert fault.at.path == ("spec", "hostnames", 0)
    assert fault.help.startswith('did you mean "${vars.domain}"?')


def test_kinds_where_they_mean_nothing() -> None:
    files = dict(BASE)
    files["clusters/one/t.yaml"] = (
        OURS + "kind: Team\nmetadata: {name: evil}\nspec: {namespaces: [x-ns], edges: [public]}\n"
    )
    files["clusters/one/r.yaml"] = (
        OURS + "kind: Route\nmetadata: {name: r}\nspec: {hostnames: [a.example], to: 'a:1'}\n"
    )
    (one,) = compose(files, "one")
    assert faults(one) == [
        ("misplaced-kind", "clusters/one/r.yaml"),
        ("misplaced-kind", "clusters/one/t.yaml"),
    ]
    assert "evil" not in one.tenants.teams


def test_a_team_cannot_write_what_is_not_open_to_it() -> None:
    files = dict(BASE)
    files["teams/shop/g.yaml"] = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: public, namespace: traefik-public}\nspec: {}\n"
    )
    (one,) = compose(files, "one")
    assert faults(one) == [("kind-not-open-to-team", "teams/shop/g.yaml")]
    assert [r for r in one.resources if r.kind == "Gateway"] == []


def test_a_platform_fragment_may_patch_a_teams_object() -> None:
    files = dict(BASE)
    middleware = (
        "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: m, namespace: shop}\n"
    )
    files["clusters/one/m.yaml"] = (
        middleware + "$final: [spec.rateLimit.average]\nspec: {rateLimit: {average: 5}}\n"
    )
    files["teams/shop/m.yaml"] = middleware + "spec: {rateLimit: {average: 500, burst: 9}}\n"
    (one,) = compose(files, "one")
    assert find(one, "Middleware", "m").spec == {"rateLimit": {"average": 5, "burst": 9}}
    assert faults(one) == [("frozen-field", "teams/shop/m.yaml")]


def test_a_resource_without_a_name() -> None:
    files = dict(BASE)
    files["clusters/one/m.yaml"] = (
        "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {namespace: shop}\nspec: {}\n"
    )
    (one,) = compose(files, "one")
    assert faults(one) == [("missing-name", "clusters/one/m.yaml")]


def test_metallb_kinds_live_in_its_namespace() -> None:
    files = dict(BASE)
    files["clusters/one/b.yaml"] = (
        "apiVersion: metallb.io/v1beta1\nkind: BFDProfile\nmetadata: {name: fast}\nspec: {}\n"
    )
    (one,) = compose(files, "one")
    assert find(one, "BFDProfile", "fast").namespace == "metallb-system"


def test_the_order_of_files_changes_nothing() -> None:
    renamed = {
        p.replace("/r.yaml", "/0.yaml").replace("/c.yaml", "/z.yaml"): t for p, t in BASE.items()
    }
    (one,) = compose(BASE, "one")
    (again,) = compose(renamed, "one")
    assert [value_at(r.value, ()) for r in one.resources] == [r.value for r in again.resources]


def test_team_folders_without_a_team() -> None:
    source = Memory({p: t.encode() for p, t in {**BASE, "teams/shp/r.yaml": "a: b\n"}.items()})
    tree = list_tree(source)
    (problem,) = unknown_teams(tree, read_fragments(source, tree.shared))
    assert (problem.rule, problem.place.path) == ("unknown-folder", "teams/shp/r.yaml")
    assert problem.help == 'did you mean "shop"?'


def test_a_team_cannot_withdraw_what_the_platform_writes() -> None:
    files = dict(BASE)
    middleware = (
        "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: m, namespace: shop"
    )
    files["clusters/one/m.yaml"] = middleware + "}\nspec: {rateLimit: {average: 5}}\n"
    files["teams/shop/m.yaml"] = middleware + ", annotations: {edgegen.dev/emit: 'false'}}\n"
    (one,) = compose(files, "one")
    assert faults(one) == [("reserved-metadata", "teams/shop/m.yaml")]
    files["teams/shop/m.yaml"] += "spec: {rateLimit: {average: 5}}\n"
    del files["clusters/one/m.yaml"]
    (one,) = compose(files, "one")
    assert faults(one) == []


@pytest.mark.parametrize(
    ("name", "namespace", "field"),
    [
        ("../../x", "shop", "name"),
        ("a/b", "shop", "name"),
        ("Upper", "shop", "name"),
        ("a@b", "shop", "name"),
        ("x" * 254, "shop", "name"),
        ("fine", "Shop", "namespace"),
    ],
)
def test_names_that_the_api_server_refuses(name: str, namespace: str, field: str) -> None:
    files = dict(BASE)
    files["clusters/one/m.yaml"] = (
        f"apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: '{name}', namespace: {namespace}}}\n"
    )
    (one,) = compose(files, "one")
    assert [(f.rule, f.at.path) for f in one.faults] == [("malformed-name", ("metadata", field))]
    assert [r for r in one.resources if r.kind == "Middleware"] == []


def test_names_of_other_groups_may_hold_more() -> None:
    files = dict(BASE)
    files["clusters/one/r.yaml"] = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'system:edge'}\n"
    )
    (one,) = compose(files, "one")
    assert faults(one) == []
    assert find(one, "ClusterRole", "system:edge").namespace == ""


def test_a_missing_field_is_found_where_it_was_deleted() -> None:
    files = dict(BASE)
    files["teams/shop/clusters/one/r.yaml"] = (
        OURS + "kind: Route\nmetadata: {name: web}\nspec: null\n"
    )
    (one,) = compose(files, "one")
    (fault,) = one.faults
    assert (fault.rule, fault.at.file, fault.at.path) == (
        "missing-field",
        "teams/shop/clusters/one/r.yaml",
        ("spec",),
    )


def test_what_was_deleted_is_remembered_for_explain() -> None:
    files = dict(BASE)
    files["teams/shop/clusters/one/r.yaml"] = (
        OURS + "kind: Route\nmetadata: {name: web}\n$patch: delete\n"
    )
    (one,) = compose(files, "one")
    (removed,) = one.removed
    assert str(removed.id) == "Route/shop/web"
    assert [document.path for document in removed.documents] == [
        "teams/shop/r.yaml",
        "teams/shop/layers/prod/r.yaml",
        "teams/shop/clusters/one/r.yaml",
    ]


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ("vars: {a: x, b: '${vars.a}'}", ("spec", "vars", "b")),
        ("labels: {env: '${vars.domain}'}", ("spec", "labels", "env")),
        ("labels: {a: x, b: '${cluster.labels.a}'}", ("spec", "labels", "b")),
        ("labels: {a: '${cluster.name}'}, vars: {b: '${cluster.labels.a}'}", None),
    ],
)
def test_variables_are_not_made_of_themselves(
    spec: str, place: tuple[str | int, ...] | None
) -> None:
    files = dict(BASE)
    files["clusters/one/v.yaml"] = (
        OURS + f"kind: Cluster\nmetadata: {{name: one}}\nspec: {{{spec}}}\n"
    )
    (one,) = compose(files, "one")
    assert [(fault.rule, fault.at.path) for fault in one.faults] == (
        [("unknown-variable", place)] if place else []
    )
