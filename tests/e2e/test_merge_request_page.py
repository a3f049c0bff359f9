"""The story of a merge request, and the page that tells it."""

from __future__ import annotations

import json
from pathlib import Path

from gits import commit, git
from goldens import Golden
from merge_request_page import PAGE, STOLEN, begun, page
from repositories import write_tree

from edgegen.app.diff import diff
from edgegen.compare.requests import Move
from edgegen.report.diffs import render_diff_json


def test_the_page_is_fresh(golden: Golden, tmp_path: Path) -> None:
    golden(PAGE, page(tmp_path / "edge"))


def test_the_gate_stops_it_and_the_diff_says_why(tmp_path: Path) -> None:
    story = begun(tmp_path / "edge")
    assert "(exit code" not in story.told("lint")
    git(story.folder, "checkout", "-q", "-b", "offers")
    write_tree(story.folder, {"teams/blog/offers.yaml": STOLEN})
    commit(story.folder)
    refused = story.told("lint", "--base", "main")
    assert "(exit code 1)" in refused
    assert "error[OW010]" in refused
    found = diff(story.folder, "main")
    [stolen] = found.clusters[0].requests.changes
    assert stolen.move is Move.MOVES
    assert (stolen.hostname, stolen.paths) == ("shop.prod.example.com", ("/cart",))
    assert (stolen.before.teams, stolen.after.teams) == (("shop",), ("blog",))
    assert {ask.team: ask.contacts for ask in found.ask if ask.team} == {
        "blog": ("@acme/blog",),
        "shop": ("@acme/shop",),
    }
    assert json.loads(render_diff_json(found))["summary"]["requests"] == 1
