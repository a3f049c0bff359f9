"""What `plan` finds on disk, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgegen.errors import EdgegenError
from edgegen.output import MARKER, FolderPlan, confine, orphans, plan

TEXT = MARKER + b"a: 1\n"


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def test_a_missing_folder_is_created_whole(tmp_path: Path) -> None:
    folder = tmp_path / "rendered" / "prod"
    found = plan(folder, {"teams/b.yaml": TEXT, "a.yaml": TEXT})
    assert found == FolderPlan(folder, ("a.yaml", "teams/b.yaml"), (), (), (), (), ())
    assert found.changed
    assert not folder.parent.exists()


def test_every_file_lands_in_its_list(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "prod",
        {
            "same.yaml": TEXT,
            "longer.yaml": TEXT + b"b: 2\n",
            "shorter.yaml": MARKER,
            "teams/stale.yaml": TEXT,
            "teams/README.md": b"by hand\n",
            "teams/empty": b"",
            "almost.yaml": MARKER[:-1] + b"!\n",
        },
    )
    wanted = dict.fromkeys(("same.yaml", "longer.yaml", "shorter.yaml", "new/x.yaml"), TEXT)
    assert plan(folder, wanted) == FolderPlan(
        folder,
        create=("new/x.yaml",),
        update=("longer.yaml", "shorter.yaml"),
        delete=("teams/stale.yaml",),
        same=("same.yaml",),
        foreign=("almost.yaml", "teams/README.md", "teams/empty"),
        blocked=(),
    )


def test_equal_content_is_no_change(tmp_path: Path) -> None:
    folder = write(tmp_path / "prod", {"a.yaml": TEXT, "notes": b"by hand\n"})
    assert not plan(folder, {"a.yaml": TEXT}).changed


def test_a_checkout_with_crlf_is_still_ours(tmp_path: Path) -> None:
    crlf = TEXT.replace(b"\n", b"\r\n")
    folder = write(tmp_path / "prod", {"a.yaml": crlf, "b.yaml": crlf, "c.yaml": MARKER[:-1]})
    found = plan(folder, {"a.yaml": TEXT})
    assert (found.update, found.delete, found.foreign) == (("a.yaml",), ("b.yaml", "c.yaml"), ())


@pytest.mark.parametrize(
    ("standing", "wanted", "blocked"),
    [
        ({"a.yaml": b"by hand\n"}, "a.yaml", "a.yaml"),
        ({"a.yaml/x": b"by hand\n"}, "a.yaml", "a.yaml"),
        ({"a.yaml/x": TEXT}, "a.yaml", "a.yaml"),
        ({"teams": b"by hand\n"}, "teams/pay/a.yaml", "teams"),
        ({"teams": TEXT}, "teams/pay/a.yaml", "teams"),
        ({"teams/pay": b"by hand\n"}, "teams/pay/a.yaml", "teams/pay"),
        ({"A.yaml": b"by hand\n"}, "a.yaml", "A.yaml"),
        ({"Teams": b"by hand\n"}, "teams/a.yaml", "Teams"),
    ],
)
def test_what_stands_in_the_way(
    tmp_path: Path, standing: dict[str, bytes], wanted: str, blocked: str
) -> None:
    found = plan(write(tmp_path / "prod", standing), {wanted: TEXT})
    assert found.blocked == (blocked,)
    assert found.delete == (("a.yaml/x",) if standing == {"a.yaml/x": TEXT} else ())
    assert found.changed


def test_a_stale_file_whose_name_differs_in_case_is_replaced(tmp_path: Path) -> None:
    found = plan(write(tmp_path / "prod", {"A.yaml": TEXT}), {"a.yaml": TEXT})
    assert (found.create, found.delete, found.blocked) == (("a.yaml",), ("A.yaml",), ())


def test_links_and_devices_are_foreign_and_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"a.yaml": TEXT, "x/b.yaml": TEXT})
    folder = write(tmp_path / "prod", {"own.yaml": TEXT})
    (folder / "a.yaml").symlink_to(outside / "a.yaml")
    (folder / "dead.yaml").symlink_to("nowhere")
    (folder / "teams").symlink_to(outside / "x", target_is_directory=True)
    (folder / "beside").symlink_to(outside, target_is_directory=True)
    os.mkfifo(folder / "pipe.yaml")
    found = plan(folder, {"a.yaml": TEXT, "teams/b.yaml": TEXT, "pipe.yaml": TEXT})
    assert found.foreign == ("a.yaml", "beside", "dead.yaml", "pipe.yaml", "teams")
    assert found.blocked == ("a.yaml", "pipe.yaml", "teams")
    assert found.delete == ("own.yaml",)


@pytest.mark.parametrize("target", [".", "elsewhere", "missing"])
def test_a_cluster_folder_that_is_a_link_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "prod"
    folder.symlink_to(tmp_path / target, target_is_directory=True)
    with pytest.raises(EdgegenError, match=r"cannot read .*prod: Not a directory") as caught:
        plan(folder, {"a.yaml": TEXT})
    assert caught.value.remedy == "edgegen follows no symbolic link; put a folder in its place"


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "..", "../a", "a/../../b", "./a", "a/.", "a//b", "a/", "a\\b", "a\nb"],
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(EdgegenError, match="no output path inside"):
        plan(tmp_path / "prod", {path: TEXT})


@pytest.mark.parametrize(
    "path", ["a\0b", "\x85", "\u2028", "\udc80"], ids=["null", "c1", "separator", "surrogate"]
)
def test_paths_with_characters_that_no_name_has(tmp_path: Path, path: str) -> None:
    with pytest.raises(EdgegenError, match="no output path inside"):
        plan(tmp_path / "prod", {path: TEXT})


@pytest.mark.parametrize(
    ("first", "second"),
    [("A.yaml", "a.yaml"), ("T/a.yaml", "t/b.yaml"), ("é.yaml", "e\u0301.yaml"), ("T/a", "t")],
)
def test_paths_that_differ_only_in_case_are_refused(
    tmp_path: Path, first: str, second: str
) -> None:
    with pytest.raises(EdgegenError, match="differ only in case"):
        plan(tmp_path / "prod", {first: TEXT, second: TEXT})


def test_a_path_cannot_be_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(EdgegenError, match=r"^a would be an output file and an output folder$"):
        plan(tmp_path / "prod", {"a": TEXT, "a/b": TEXT})


def test_a_file_without_marker_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.yaml does not begin with the marker"):
        plan(tmp_path / "prod", {"a.yaml": b"a: 1\n"})


@pytest.mark.parametrize("name", [".edgegen-staging-prod", ".git", ".."])
def test_folders_that_are_no_clusters(tmp_path: Path, name: str) -> None:
    with pytest.raises(EdgegenError, match="no folder for a cluster's output"):
        plan(tmp_path / name, {"a.yaml": TEXT})


def test_names_that_no_terminal_should_print(tmp_path: Path) -> None:
    folder = write(tmp_path / "prod", {"\x1b[31mred": b"", "a\nb": TEXT})
    (folder / os.fsdecode(b"\xff")).write_bytes(b"")
    found = plan(folder, {})
    assert found.foreign == ("\\x1b[31mred", "a\\nb", "\\udcff")
    assert found.delete == ()


def test_folders_nested_without_end(tmp_path: Path) -> None:
    (tmp_path / "prod").joinpath(*["d"] * 40).mkdir(parents=True)
    with pytest.raises(EdgegenError, match="nested deeper than 32"):
        plan(tmp_path / "prod", {})


def test_orphans_are_folders_with_files_of_ours_and_no_cluster(tmp_path: Path) -> None:
    root = tmp_path / "rendered"
    write(root / "prod", {"a.yaml": TEXT})
    write(root / "gone", {"teams/pay/a.yaml": TEXT, "README.md": b"by hand\n"})
    write(root / "also-gone", {"kustomization.yaml": TEXT})
    write(root / "by-hand", {"a.yaml": b"a: 1\n"})
    write(root / ".edgegen-staging-prod", {"0": TEXT})
    write(root, {"file.yaml": TEXT})
    (root / "linked").symlink_to(root / "gone", target_is_directory=True)
    assert orphans(root, {"prod"}) == ("also-gone", "gone")
    assert orphans(tmp_path / "missing", {"prod"}) == ()


def test_an_output_root_may_not_lead_out_of_the_repository(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (repository / "inside").symlink_to(repository / "deep", target_is_directory=True)
    (repository / "rendered").symlink_to(tmp_path / "outside", target_is_directory=True)
    for allowed in ("deep", "inside", "missing/yet", tmp_path / "outside"):
        confine(Path(allowed), repository)
    for refused in ("rendered", repository / "rendered", "rendered/deeper"):
        with pytest.raises(EdgegenError, match="leads out of the repository"):
            confine(Path(refused), repository)
