from __future__ import annotations

from pathlib import Path

import pytest
from ran import Cli
from repositories import SMALL, write_tree

from edgegen.app.codeowners import BEGIN, END, codeowners, is_owner, with_part
from edgegen.errors import EdgegenError

TEAM = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: %s}
spec:
  namespaces: [%s]
  edges: [public]
  contacts: [%s]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write_tree(tmp_path / "repository", SMALL)
    for name, contacts in (("pay", '"@acme/pay", "#pay", a.b@acme.example'), ("wiki", '"#wiki"')):
        path = root / f"policies/teams/{name}.yaml"
        path.write_text(TEAM % (name, name, contacts))
    return root


def test_the_platform_first_and_each_team_after_it(repository: Path) -> None:
    found = codeowners(repository, ["@acme/platform"])
    assert found.lines[:5] == (
        "/clusters/ @acme/platform",
        "/policies/ @acme/platform",
        "/schemas/ @acme/platform",
        "/teams/ @acme/platform",
        "/edgegen.yaml @acme/platform",
    )
    assert found.lines[5:] == (
        "/teams/pay/ @acme/pay a.b@acme.example",
        "/rendered/*/teams/pay/ @acme/pay a.b@acme.example",
    )
    assert "wiki" in found.nameless
    assert "pay" not in found.nameless


@pytest.mark.parametrize("text", ["@a", "@a/b-c", "@a/b/c", "x.y+z@acme.example"])
def test_owners(text: str) -> None:
    assert is_owner(text)


@pytest.mark.parametrize("text", ["#a", "a", "@", "@a b", "a@b", "@a\n* @me", "", "@a/"])
def test_no_owners(text: str) -> None:
    assert not is_owner(text)


def test_lines_around_the_part_stay() -> None:
    first = with_part("* @acme/all\n", ["/teams/a/ @a"])
    assert first == f"* @acme/all\n{BEGIN}\n/teams/a/ @a\n{END}\n"
    second = with_part(first + "/docs/ @b\n", ["/teams/c/ @c"])
    assert second == f"* @acme/all\n{BEGIN}\n/teams/c/ @c\n{END}\n/docs/ @b\n"
    assert with_part(second, ["/teams/c/ @c"]) == second
    assert with_part("no end", []) == f"no end\n{BEGIN}\n{END}\n"


@pytest.mark.parametrize("text", [BEGIN, END])
def test_one_mark_alone_is_refused(text: str) -> None:
    with pytest.raises(EdgegenError, match="one of edgegen's two marks"):
        with_part(f"a\n{text}\nb\n", [])


def test_the_command_writes_and_then_finds_no_drift(
    cli: Cli, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    (repository / ".gitlab").mkdir()
    file = repository / ".gitlab/CODEOWNERS"
    file.write_text("* @acme/all\n")
    stale = cli("codeowners", "--check")
    assert stale.code == 1
    assert "+/teams/pay/ @acme/pay a.b@acme.example" in stale.out
    assert file.read_text() == "* @acme/all\n"
    assert cli("codeowners", "--write").code == 0
    assert file.read_text().startswith(f"* @acme/all\n{BEGIN}\n")
    assert cli("codeowners", "--check").code == 0
    (repository / "policies/teams/wiki.yaml").write_text(TEAM % ("wiki", "wiki", '"@w"'))
    assert "+/teams/wiki/ @w" in cli("codeowners", "--check").out


def test_a_wrong_owner_is_a_usage_error(cli: Cli, repository: Path) -> None:
    ran = cli("codeowners", "-C", str(repository), "--platform", "platform")
    assert ran.code == 2
    assert '"platform" is no owner' in ran.err
