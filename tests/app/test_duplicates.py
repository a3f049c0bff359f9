"""What plain manifests define twice, and what was asked for by name and is no manifest."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import write_tree

from edgegen.app.inputs import Input
from edgegen.app.lint import lint_manifests

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: x}\n"


def found(root: Path, files: dict[str, str], path: str = "") -> list[tuple[str, str]]:
    write_tree(root, files)
    outcome = lint_manifests([Input(str(root / path))], lambda: b"")
    assert not outcome.errors
    return [(d.code, d.message.replace(f"{root}/", "")) for d in outcome.diagnostics]


def test_folders_of_several_clusters_are_one_finding(tmp_path: Path) -> None:
    files = {
        f"rendered/{name}/base/{one}.yaml": CONFIG % one
        for name in ("a", "b", "c", "d", "e")
        for one in ("x1", "x2")
    }
    message = (
        "8 resources are defined again: rendered/a, rendered/b, rendered/c and 2 more"
        " hold the same ones"
    )
    assert found(tmp_path, files) == [("IN014", message)]
    outcome = lint_manifests([Input(str(tmp_path))], lambda: b"")
    (diagnostic,) = outcome.diagnostics
    assert f"--cluster b={tmp_path}/rendered/b" in diagnostic.help


def test_others_are_told_one_by_one(tmp_path: Path) -> None:
    files = {
        "a.yaml": f"{CONFIG % 'x'}---\n{CONFIG % 'x'}---\n{CONFIG % 'x'}",
        "b/c.yaml": CONFIG % "x",
    }
    assert found(tmp_path, files) == [("IN014", "ConfigMap/x/x is defined twice")] * 3


@pytest.mark.parametrize(("path", "codes"), [("a.yaml", ["IN011", "IN011"]), ("", [])])
def test_what_is_no_mapping_is_told_of_a_file_that_was_named(
    tmp_path: Path, path: str, codes: list[str]
) -> None:
    files = {"a.yaml": "- list\n---\ntext\n---\nvalues: here\n"}
    assert [code for code, _ in found(tmp_path, files, path)] == codes
