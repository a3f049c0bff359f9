"""What is kept from one run to the next changes how long a run takes, never what it finds."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import ROUTE, SMALL, TEAM, cluster, copy_fragments, write_tree

from edgegen.app import judge
from edgegen.app.build import BuildOptions, build
from edgegen.app.choice import Choice
from edgegen.app.kept import CODEC
from edgegen.app.lint import lint_repository
from edgegen.cache.folder import Folder
from edgegen.engine import Hit, InternalError, Results, run_cluster
from edgegen.fragments.lazily import Note
from edgegen.fragments.unreached import Reach
from edgegen.report.json import render_json
from edgegen.sources import WorkTree
from edgegen.summary import ClusterSummary

EAST, WEST = cluster("east", 1), cluster("west", 2)
LAYERED = EAST.replace("spec:\n", "spec:\n  layers: [site, ghost]\n  labels: {zone: a}\n", 1)
LAYER = """\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
spec:
  vars: {domain: site.example.com}
"""
POOL = """\
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: other}
spec: {addresses: [10.1.0.64/29], segment: east-lan, l2: {}}
"""
PAY = TEAM.replace("shop", "pay")
CHOSEN_PAY = PAY.replace("  edges:", "  clusters: {matchLabels: {zone: a}}\n  edges:")
RULES = """\
apiVersion: edgegen.dev/v1alpha1
kind: RuleSettings
metadata: {name: house}
spec: {rules: {hostname-not-owned: warning, vip-not-pinned: "off"}}
"""
BROKEN = "a: [1\n---\nkind: x\n"
MARKED = "# edgegen: ignore[OW010] because\n" + ROUTE.replace("shop.$", "dox.$")

VERSIONS: dict[str, tuple[str | None, ...]] = {
    "edgegen.yaml": (
        None,
        "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {complete: [Service]}\n",
        BROKEN,
    ),
    "policies/house.yaml": (None, RULES, BROKEN),
    "policies/teams/shop.yaml": (TEAM, None, BROKEN, TEAM.replace("edges: [public]", "edges: []")),
    "policies/teams/pay.yaml": (None, PAY, CHOSEN_PAY, PAY.replace('"pay', '"shop')),
    "clusters/_layers/site/facts.yaml": (None, LAYER, BROKEN, LAYER + "  layers: [x]\n"),
    "clusters/_layers/site/pool.yaml": (None, POOL),
    "clusters/_layers/ghost/pool.yaml": (None, POOL.replace("other", "main")),
    "clusters/east/cluster.yaml": (EAST, LAYERED, BROKEN, None, EAST.replace("main", "mian", 1)),
    "clusters/west/cluster.yaml": (WEST, WEST.replace("10.2.", "10.1."), None),
    "clusters/south/cluster.yaml": (None, cluster("south", 3)),
    "clusters/south/kustomization.yaml": (None, "resources: []\n"),
    "teams/shop/routes.yaml": (ROUTE, MARKED, BROKEN, None, ROUTE + "  tow: x\n"),
    "teams/shop/layers/site/routes.yaml": (None, ROUTE.replace("8080", "81"), BROKEN),
    "teams/shop/clusters/west/routes.yaml": (None, MARKED, ROUTE.replace("web", "Web")),
    "teams/pay/routes.yaml": (None, ROUTE.replace("shop", "pay"), MARKED),
    "teams/nobody/routes.yaml": (None, ROUTE),
}
"""Path -> what may stand there; None: nothing."""

EDITS = st.lists(
    st.sampled_from([(path, text) for path, texts in VERSIONS.items() for text in texts]),
    min_size=1,
    max_size=6,
)


def put(root: Path, path: str, text: str | None) -> None:
    if text is None:
        (root / path).unlink(missing_ok=True)
    else:
        write_tree(root, {path: text})


def found(root: Path, cache: Path | None, **options: object) -> str:
    folder = Folder(str(cache)) if cache else None
    outcome = lint_repository(root, cache=folder, today="2026-06-01", **options)  # type: ignore[arg-type]  # options of one name
    assert not outcome.errors
    return render_json(outcome)


def files(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.cache"))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clusters that were judged, and not found in the cache."""
    names: list[str] = []
    real = judge._Bench.judge

    def noted(self: judge._Bench, name: str) -> object:
        names.append(name)
        return real(self, name)

    monkeypatch.setattr(judge._Bench, "judge", noted)
    return names


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS, seed=st.integers(0, 3))
def test_findings_are_those_of_a_run_without_a_cache(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str | None]], seed: int
) -> None:
    root, cache = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("cache")
    cache.chmod(0o700)
    for path, texts in VERSIONS.items():
        put(root, path, texts[seed % len(texts)])
    assert found(root, cache) == found(root, None)
    for path, text in edits:
        put(root, path, text)
        assert found(root, cache) == found(root, None)
        assert found(root, cache) == found(root, None)


def test_only_what_an_edit_concerns_is_judged_again(tmp_path: Path, judged: list[str]) -> None:
    layered = {
        "clusters/east/cluster.yaml": LAYERED.replace(", ghost", ""),
        "clusters/_layers/site/facts.yaml": LAYER,
        "policies/teams/pay.yaml": CHOSEN_PAY,
        "teams/pay/routes.yaml": ROUTE.replace("shop", "pay"),
    }
    root, cache = write_tree(tmp_path / "root", {**SMALL, **layered}), tmp_path / "cache"

    def again(path: str = "", text: str = "") -> list[str]:
        judged.clear()
        if path:
            write_tree(root, {path: text})
        found(root, cache)
        return list(judged)

    assert again() == ["east", "west"]
    assert again() == []
    assert again("clusters/west/cluster.yaml", WEST + "# edited\n") == ["west"]
    assert again("clusters/_layers/site/facts.yaml", LAYER + "# edited\n") == ["east"]
    assert again("teams/pay/routes.yaml", ROUTE.replace("shop", "pay") + "# edited\n") == ["east"]
    assert again("teams/shop/routes.yaml", ROUTE + "# edited\n") == ["east", "west"]
    assert again("teams/shop/layers/site/more.yaml", ROUTE) == ["east"]
    assert again("policies/house.yaml", RULES) == ["east", "west"]
    assert again("teams/shop/routes.yaml", ROUTE) == ["east", "west"]
    assert again() == []


def test_another_choice_of_rules_has_findings_of_its_own(tmp_path: Path) -> None:
    root, cache = (
        write_tree(tmp_path / "root", {**SMALL, "teams/shop/x.yaml": MARKED}),
        tmp_path / "c",
    )
    for _ in range(2):
        for chosen in (None, Choice(ignore=frozenset({"OW"})), Choice(select=frozenset({"SC"}))):
            assert found(root, cache, chosen=chosen) == found(root, None, chosen=chosen)


def test_clusters_that_differ_in_their_crds_are_judged_again(
    tmp_path: Path, judged: list[str]
) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"
    found(root, cache)
    judged.clear()
    write_tree(root, {"schemas/crds/none.yaml": "---\n"})
    found(root, cache)
    assert judged == ["east", "west"]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_number_of_processes_finds_the_same(tmp_path: Path, jobs: int) -> None:
    root, cache = (
        write_tree(tmp_path / "root", {**SMALL, "teams/shop/x.yaml": BROKEN}),
        tmp_path / "c",
    )
    for _ in range(2):
        assert found(root, cache, jobs=jobs) == found(root, None)
        write_tree(root, {"clusters/west/cluster.yaml": WEST.replace("main", "mian", 1)})


def test_a_build_takes_other_clusters_from_the_cache(tmp_path: Path, judged: list[str]) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"
    found(root, cache)
    judged.clear()
    built = build(root, ["west"], BuildOptions(write=False), cache=Folder(str(cache)))
    plain = build(root, ["west"], BuildOptions(write=False))
    assert judged == ["west", "east", "west"]
    assert built.files == plain.files
    assert render_json(built.outcome) == render_json(plain.outcome)


def test_nothing_is_kept_of_a_run_during_which_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: list[str]
) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"
    found(root, cache)
    write_tree(root, {"clusters/west/cluster.yaml": WEST + "# edited\n"})
    route, real, reads = "teams/shop/routes.yaml", WorkTree.read, []

    def read(self: WorkTree, path: str) -> bytes:
        data = real(self, path)
        if path == route:
            reads.append(path)
            if len(reads) == 1:  # it has been hashed, and will be parsed
                write_tree(root, {route: BROKEN})
        return data

    monkeypatch.setattr(WorkTree, "read", read)
    written = files(cache)
    assert found(root, cache) == found(root, None)
    assert files(cache) == written
    assert len(reads) > 1
    assert json.loads(found(root, cache))["findings"][0]["location"]["path"] == route


def test_a_verdict_with_an_internal_error_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"

    def crashed(cluster: object, rules: object) -> Results:
        results = run_cluster(cluster, rules)  # type: ignore[arg-type]  # handed on
        results.errors.append(InternalError("XX", "x", "trace"))
        return results

    monkeypatch.setattr(judge, "run_cluster", crashed)
    for _ in range(2):
        outcome = lint_repository(root, cache=Folder(str(cache)))
        assert [error.rule for error in outcome.errors] == ["XX", "XX"]


def spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    match how:
        case "truncated":
            path.write_bytes(data[: len(data) // 2])
        case "empty":
            path.write_bytes(b"")
        case "flipped":
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "forged":
            path.write_bytes(data.replace(b'"cluster:', b'"Cluster:'))
        case "random":
            path.write_bytes(os.urandom(len(data)))
        case "writable":
            path.chmod(0o666)
        case "link":
            other = path.with_name("elsewhere")
            path.rename(other)
            path.symlink_to(other)
        case "renamed":
            path.rename(path.with_name(path.name[:-10] + "0000.cache"))
        case "folder":
            path.unlink()
            path.mkdir()
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "gone":
            path.unlink()


SPOILT = ("truncated", "empty", "flipped", "forged", "random", "writable", "link", "renamed")
GONE = ("folder", "pipe", "gone")


@pytest.mark.parametrize("how", [*SPOILT, *GONE])
@pytest.mark.parametrize("what", ["*.cache", "secret"])
def test_what_is_spoilt_is_not_there(
    tmp_path: Path, judged: list[str], what: str, how: str
) -> None:
    root, cache = (
        write_tree(tmp_path / "root", {**SMALL, "teams/shop/x.yaml": MARKED}),
        tmp_path / "c",
    )
    expected = found(root, cache)
    for path in cache.glob(what):
        spoil(path, how)
    judged.clear()
    assert found(root, cache) == expected
    assert judged == ["east", "west"] or (what, how) in {
        ("secret", "renamed"),
        ("secret", "forged"),
    }
    assert found(root, cache) == expected


def test_a_foreign_folder_is_neither_read_nor_written(
    tmp_path: Path, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"
    found(root, cache)
    written = files(cache)
    judged.clear()
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    found(root, cache)
    assert judged == ["east", "west"]
    assert files(cache) == written


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    root, cache = write_tree(tmp_path / "root", SMALL), tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    found(root, cache)
    assert list(cache.iterdir()) == []


def test_a_folder_that_cannot_be_made_does_no_harm(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "root", SMALL)
    (tmp_path / "file").write_text("")
    assert found(root, tmp_path / "file" / "cache") == found(root, None)


def test_two_processes_at_once_and_a_killed_one(tmp_path: Path) -> None:
    root, cache = copy_fragments(tmp_path / "root"), tmp_path / "cache"
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "EDGEGEN_CACHE": ""}
    command = [sys.executable, "-m", "edgegen", "lint", "--format", "json", "-C", str(root)]
    expected = subprocess.run([*command, "--no-cache"], env=env, capture_output=True).stdout
    assert not cache.exists()
    runs = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    killed = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        killed.wait(0.25)
    except subprocess.TimeoutExpired:
        killed.kill()
        killed.wait()
    assert [run.communicate()[0] for run in runs] == [expected, expected]
    assert files(cache / "edgegen")
    assert subprocess.run(command, env=env, capture_output=True).stdout == expected
    off = {**env, "EDGEGEN_CACHE": "off", "XDG_CACHE_HOME": str(tmp_path / "none")}
    assert subprocess.run(command, env=off, capture_output=True).stdout == expected
    assert not (tmp_path / "none").exists()


def parts(kind: object, seen: set[type]) -> Iterator[type]:
    """Yield the types of the package that a type is made of, by its annotations."""
    if typing.get_args(kind):
        for inner in typing.get_args(kind):
            yield from parts(inner, seen)
    elif isinstance(kind, type) and kind.__module__.startswith("edgegen.") and kind not in seen:
        seen.add(kind)
        yield kind
        if dataclasses.is_dataclass(kind):
            for hint in hints(kind).values():
                yield from parts(hint, seen)


def hints(kind: type) -> dict[str, object]:
    """Return the annotations of a class, those under `TYPE_CHECKING` too."""
    known = {other.__name__: other for other in CODEC.types}
    import edgegen.yamlio.document as document
    import edgegen.yamlio.edits as edits

    names = {**vars(typing), **vars(edits), **vars(document), **known, "Path": tuple}
    return typing.get_type_hints(kind, {**names, **vars(sys.modules[kind.__module__])}, names)


def test_the_codec_knows_all_that_a_verdict_may_hold() -> None:
    seen: set[type] = set()
    for kind in (Hit, ClusterSummary, Reach, Note):
        list(parts(kind, seen))
    assert {kind.__name__ for kind in seen} == {kind.__name__ for kind in CODEC.types}


def test_no_secret_is_kept(tmp_path: Path) -> None:
    text = "hunter2hunter2"
    secret = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: s, namespace: shop}}
stringData: {{password: {text}}}
"""
    root, cache = (
        write_tree(tmp_path / "root", {**SMALL, "teams/shop/s.yaml": secret}),
        tmp_path / "c",
    )
    write_tree(root, {"clusters/east/s.yaml": secret, "clusters/west/s.yaml": secret + "data: 7\n"})
    assert json.loads(found(root, cache))["findings"]
    assert files(cache)
    for path in files(cache):
        assert text.encode() not in path.read_bytes()
