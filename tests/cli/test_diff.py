"""`edgegen diff` in real git repositories: what changes, and who is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from diffing import ROUTE, TEAM, Differ
from gits import commit, git
from ran import Change, Cli
from repositories import write_tree


def test_nothing_changes(cli: Cli, differ: Differ) -> None:
    document = differ()
    assert document["files"] == document["clusters"] == document["ask"] == []
    assert document["summary"] == {
        "changed_clusters": 0,
        "unchanged_clusters": 2,
        "requests": 0,
        "cautions": 0,
    }
    assert "nothing changes for any cluster" in cli("diff", "--exit-code").out
    assert cli("diff", "--exit-code").code == 0


def test_a_comment_changes_nothing(repository: Path, differ: Differ) -> None:
    path = repository / "teams/shop/routes.yaml"
    path.write_text(f"# words\n{path.read_text()}")
    document = differ()
    assert document["files"] == ["teams/shop/routes.yaml"]
    assert document["clusters"] == []


def test_a_teams_change_is_told_once_for_its_clusters(
    cli: Cli, change: Change, differ: Differ
) -> None:
    change("teams/shop/routes.yaml", "web:8080", "web:9090")
    [group] = differ()["clusters"]
    assert group["names"] == ["east", "west"]
    [resource] = group["resources"]
    assert resource["resource"]["kind"] == "HTTPRoute"
    assert resource["change"] == "changed"
    assert resource["team"] == "shop"
    assert resource["fields"] == [
        {"path": "spec.rules[0].backendRefs[0].port", "before": 8080, "after": 9090}
    ]
    assert resource["location"] == {"path": "teams/shop/routes.yaml", "document": 0}
    assert cli("diff", "--exit-code").code == 1
    assert differ("--cluster", "east")["clusters"][0]["names"] == ["east"]


def test_who_is_asked(repository: Path, change: Change, differ: Differ) -> None:
    (repository / ".github").mkdir()
    (repository / ".github/CODEOWNERS").write_text(
        "* @all\n/teams/ @platform\n/teams/shop/ @shop # theirs\n/teams/shop/other.yaml\n"
    )
    change("teams/shop/routes.yaml", "web:8080", "web:9090")
    change("clusters/east/cluster.yaml", "10.1.0.70", "10.1.0.71")
    asked = {one["team"] or one["contacts"][0]: one["why"] for one in differ()["ask"]}
    assert "teams/shop/routes.yaml is theirs" in asked["shop"]
    assert "HTTPRoute/shop/shop is changed" in asked["shop"]
    assert asked["@shop"] == ["CODEOWNERS: teams/shop/routes.yaml"]
    assert asked["@all"] == ["CODEOWNERS: clusters/east/cluster.yaml"]


def test_a_hostname_changes_hands(repository: Path, differ: Differ) -> None:
    policies = repository / "policies/teams"
    (policies / "shop.yaml").write_text(TEAM % ("shop", "shop", "x.east.example.com", "shop"))
    (policies / "blog.yaml").write_text(TEAM % ("blog", "blog", '"shop.east.example.com"', "blog"))
    east = next(one for one in differ()["clusters"] if "east" in one["names"])
    moved = {one["hostname"]: (one["before"], one["after"]) for one in east["owners"]}
    assert moved["shop.east.example.com"] == ("shop", "blog")
    assert moved["x.east.example.com"] == (None, "shop")
    asked = {one["team"]: one for one in differ()["ask"]}
    assert asked["blog"]["contacts"] == ["#blog"]
    assert "shop.east.example.com changes its owner" in asked["shop"]["why"]


def test_hostnames_come_and_go(change: Change, differ: Differ) -> None:
    change("policies/teams/shop.yaml", '["shop.', '["store.${vars.domain}", "shop.')
    change("teams/shop/routes.yaml", '["shop.', '["store.')
    for group in differ()["clusters"]:
        [name] = group["names"]
        assert [(one["hostname"], one["served"]) for one in group["hostnames"]] == [
            (f"shop.{name}.example.com", False),
            (f"store.{name}.example.com", True),
        ]
        assert {one["gateway"] for one in group["hostnames"]} == {"traefik-public/public"}


def test_a_pool_shrinks_below_an_address_in_use(change: Change, differ: Differ) -> None:
    change("clusters/east/cluster.yaml", "10.1.0.64/28", "10.1.0.72/29")
    [group] = differ()["clusters"]
    assert group["pools"] == [
        {"pool": "main", "before": ["10.1.0.64/28"], "after": ["10.1.0.72/29"]}
    ]
    [lost] = group["withdrawn"]
    assert (lost["address"], lost["pool"], lost["owner"]) == ("10.1.0.70", "main", "Edge/public")
    assert differ()["summary"]["cautions"] == 1


def test_an_address_given_up_on_purpose_is_no_loss(change: Change, differ: Differ) -> None:
    change("clusters/east/cluster.yaml", "10.1.0.64/28", "10.1.0.72/29")
    change("clusters/east/cluster.yaml", "10.1.0.70", "10.1.0.72")
    [group] = differ()["clusters"]
    assert group["withdrawn"] == []
    assert group["vips"] == [
        {"owner": "Edge/public", "before": ["10.1.0.70"], "after": ["10.1.0.72"]}
    ]


def cautions(group: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in group["cautions"]]


def test_a_renamed_pool_is_refused_halfway(change: Change, differ: Differ) -> None:
    change("clusters/east/cluster.yaml", "metadata: {name: main}", "metadata: {name: edge}")
    change("clusters/east/cluster.yaml", "pool: main", "pool: edge")
    [group] = differ()["clusters"]
    assert cautions(group) == ["pool-blocked"]
    assert group["cautions"][0]["plan"] == [
        "take the addresses out of pool main, and let that sync",
        "give them to pool edge",
    ]


def test_a_pool_that_grows_beside_another_is_not(change: Change, differ: Differ) -> None:
    change("clusters/east/cluster.yaml", "[10.1.0.64/28]", "[10.1.0.64/28, 10.1.0.96/28]")
    [group] = differ()["clusters"]
    assert cautions(group) == []


def test_a_renamed_edge_is_an_outage(change: Change, differ: Differ) -> None:
    for path in ("clusters/east/cluster.yaml", "clusters/west/cluster.yaml"):
        change(path, "metadata: {name: public}", "metadata: {name: front}")
    change("policies/teams/shop.yaml", "edges: [public]", "edges: [front]")
    for group in differ()["clusters"]:
        assert "edge-renamed" in cautions(group)


def test_an_object_that_moves_between_units(repository: Path, differ: Differ) -> None:
    (repository / "policies/teams/shop.yaml").unlink()
    text = TEAM % ("store", "shop", '"shop.${vars.domain}"', "store")
    (repository / "policies/teams/store.yaml").write_text(text)
    (repository / "teams/shop").rename(repository / "teams/store")
    for group in differ()["clusters"]:
        assert "unit-moved" in cautions(group)
        [moved] = [one for one in group["cautions"] if one["kind"] == "unit-moved"]
        assert "from team shop to team store" in moved["message"]


def test_channel_and_mode_have_no_way_back(change: Change, differ: Differ) -> None:
    path = "clusters/east/cluster.yaml"
    change(path, "{version: 1.6.1}", "{version: 1.6.1, channel: experimental}")
    commit(Path(), "experimental")
    git(Path(), "branch", "-f", "main")
    change(path, ", channel: experimental", "")
    change(path, "bgp: native", "bgp: frr")
    [group] = differ()["clusters"]
    assert sorted(cautions(group)) == ["bgp-mode", "channel-back"]


def test_clusters_come_and_go(repository: Path, differ: Differ) -> None:
    text = (repository / "clusters/west/cluster.yaml").read_text()
    (repository / "clusters/west/cluster.yaml").unlink()
    (repository / "clusters/north").mkdir()
    (repository / "clusters/north/cluster.yaml").write_text(text.replace("west", "north"))
    groups = {name: group for group in differ()["clusters"] for name in group["names"]}
    assert (groups["west"]["gone"], groups["west"]["new"]) == (True, False)
    assert (groups["north"]["gone"], groups["north"]["new"]) == (False, True)
    assert {one["change"] for one in groups["west"]["resources"]} == {"removed"}
    assert "east" not in groups


def test_two_revisions_without_the_work_tree(
    cli: Cli, repository: Path, change: Change, differ: Differ
) -> None:
    change("teams/shop/routes.yaml", "web:8080", "web:9090")
    commit(repository)
    (repository / "teams/shop/routes.yaml").write_text("broken: [")
    before = git(repository, "status", "--porcelain")
    [group] = differ("--head", "topic")["clusters"]
    assert group["resources"][0]["fields"][0]["after"] == 9090
    assert git(repository, "status", "--porcelain") == before


def test_a_merge_commit_tells_only_the_branchs_part(
    repository: Path, change: Change, differ: Differ
) -> None:
    change("clusters/east/cluster.yaml", "10.1.0.70", "10.1.0.71")
    commit(repository, "east")
    git(repository, "checkout", "-q", "main")
    change("clusters/west/cluster.yaml", "10.2.0.70", "10.2.0.71")
    commit(repository, "west")
    git(repository, "checkout", "-q", "topic")
    assert [one["names"] for one in differ("--head", "topic")["clusters"]] == [["east"]]
    both = differ("--head", "topic", "--no-merge-base")["clusters"]
    assert sorted(one["names"] for one in both) == [["east"], ["west"]]
    git(repository, "merge", "-q", "-m", "merge", "main")
    assert [one["names"] for one in differ()["clusters"]] == [["east"]]


def test_a_renamed_file_changes_nothing(repository: Path, differ: Differ) -> None:
    git(repository, "mv", "teams/shop/routes.yaml", "teams/shop/all.yaml")
    document = differ()
    assert document["files"] == ["teams/shop/all.yaml", "teams/shop/routes.yaml"]
    assert document["clusters"] == []


def test_conflict_markers_remove_only_what_they_break(
    repository: Path, change: Change, differ: Differ
) -> None:
    change("teams/shop/routes.yaml", "spec:", "<<<<<<< HEAD\nspec:")
    groups = differ()["clusters"]
    assert [[one["change"] for one in group["resources"]] for group in groups] == [["removed"]] * 2


def test_a_base_that_does_not_parse(repository: Path, change: Change, differ: Differ) -> None:
    change("teams/shop/routes.yaml", "spec:", "<<<<<<< HEAD\nspec:")
    commit(repository)
    git(repository, "branch", "-f", "main")
    change("teams/shop/routes.yaml", "<<<<<<< HEAD\n", "")
    groups = differ()["clusters"]
    assert [[one["change"] for one in group["resources"]] for group in groups] == [["added"]] * 2


def test_no_secret_is_shown(cli: Cli, repository: Path) -> None:
    text = """\
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor}
spec: {myASN: 64512, peerASN: 64513, peerAddress: 10.1.0.1, password: %s}
"""
    path = repository / "clusters/east/peer.yaml"
    path.write_text(text % "hunter2-old")
    commit(repository)
    path.write_text(text % "hunter2-new")
    for name in ("text", "json", "markdown"):
        ran = cli("diff", "--format", name)
        assert "password" in ran.out
        assert "hunter2" not in ran.out


def test_text_and_markdown(cli: Cli, repository: Path, change: Change) -> None:
    change("clusters/east/cluster.yaml", "10.1.0.64/28", "10.1.0.72/29")
    text = cli("diff").out
    assert "cluster east\n  requests that move:\n" in text
    assert "    - shop.east.example.com /: Service shop/web:8080 (team shop) -> nobody" in text
    assert "\n  beware:\n" in text
    assert "    main: - 10.1.0.64/28, + 10.1.0.72/29\n" in text
    markdown = cli("diff", "--format", "markdown").out
    assert markdown.startswith("### edgegen: ")
    assert "> ⚠️ 10.1.0.70 of Edge/public leaves pool main" in markdown
    assert "<details open><summary>requests that move: cluster east</summary>" in markdown
    assert "<details><summary>cluster east</summary>" in markdown
    assert len(markdown.encode()) < 60_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "nowhere"], "is no commit of this repository"),
        (["--base", "--all"], "is no commit of this repository"),
        (["--cluster", "est"], 'did you mean "east"?'),
    ],
)
def test_usage(cli: Cli, repository: Path, arguments: list[str], words: str) -> None:
    ran = cli("diff", *[word.replace("--all", "-x") for word in arguments])
    assert ran.code == 2
    assert words in ran.err


def test_outside_of_git(cli: Cli, small: Path) -> None:
    ran = cli("diff")
    assert ran.code == 2
    assert "is in no Git repository" in ran.err


def test_requests_that_move_and_who_is_asked(cli: Cli, repository: Path, differ: Differ) -> None:
    (repository / "policies/teams/blog.yaml").write_text(
        TEAM % ("blog", "blog", '"blog.${vars.domain}"', "blog")
    )
    thief = ROUTE % ("thief", "blog", '"*.${vars.domain}"', "/cart", "blog")
    write_tree(repository, {"teams/blog/routes.yaml": thief})
    [group] = differ()["clusters"][:1]
    moves = {one["hostname"]: one for one in group["requests"]["changes"]}
    taken = moves["shop.east.example.com"]
    assert (taken["cluster"], taken["change"], taken["paths"]) == ("east", "moves", ["/cart"])
    assert taken["example"]["url"] == "https://shop.east.example.com/cart"
    assert taken["before"]["teams"] == ["shop"]
    assert [one["name"] for one in taken["after"]["backends"]] == ["blog"]
    assert moves["*.east.example.com"]["change"] == "starts"
    asked = {one["team"]: one["why"] for one in differ()["ask"]}
    assert asked["shop"][0] == "requests for shop.east.example.com /cart get another answer"
    markdown = cli("diff", "--format", "markdown").out
    assert markdown.index("requests that move") < markdown.index("resources, 1 added")
    assert "`GET https://shop.east.example.com/cart`" in markdown
    assert "- \\+ `*.east.example.com` `/cart`: nobody (404) -> " in markdown
