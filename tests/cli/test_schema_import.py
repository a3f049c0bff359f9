"""`edgegen schema import`: a cluster's own CRDs take the place of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from ran import Cli
from repositories import SMALL, write_tree

CRD = """\
# our own profile
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bfdprofiles.metallb.io}
spec:
  group: metallb.io
  scope: Namespaced
  names: {kind: BFDProfile, plural: bfdprofiles}
  versions:
  - name: v1beta1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {mine: {type: integer}}}}
"""
PROFILE = """\
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: {name: fast}
spec: {mine: 1, echoMode: true}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write_tree(tmp_path, {**SMALL, "clusters/east/bfd.yaml": PROFILE})
    return tmp_path


def test_an_imported_definition_judges(cli: Cli, repository: Path, tmp_path: Path) -> None:
    before = cli("lint", "-C", str(repository), "--select", "SC001")
    assert 'unknown field "mine" in spec' in before.out
    given = tmp_path / "given.yaml"
    given.write_text(f"---\n{CRD}", encoding="utf-8")
    ran = cli("schema", "import", "-C", str(repository), str(given))
    assert (ran.code, ran.out) == (0, "schemas/crds/bfdprofiles.metallb.io.yaml\n")
    written = repository / "schemas" / "crds" / "bfdprofiles.metallb.io.yaml"
    assert written.read_text(encoding="utf-8") == CRD
    after = cli("lint", "-C", str(repository), "--select", "SC001")
    assert 'unknown field "mine" in spec' not in after.out
    assert 'unknown field "echoMode" in spec' in after.out


def test_from_standard_input(cli: Cli, repository: Path) -> None:
    ran = cli("schema", "import", "-C", str(repository), "-", stdin=CRD.encode())
    assert ran.code == 0
    assert (repository / "schemas/crds/bfdprofiles.metallb.io.yaml").is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PROFILE, "no CustomResourceDefinition of apiextensions.k8s.io/v1"),
        ("", "holds no document"),
        ("a: [", "error: "),
        (CRD.replace("bfdprofiles.metallb.io", "../../x"), "has no usable metadata.name"),
        (CRD.replace("integer", "inteeger"), "the schema cannot be used"),
    ],
)
def test_nothing_is_written_unless_all_is_right(
    cli: Cli, repository: Path, tmp_path: Path, text: str, words: str
) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(CRD, encoding="utf-8")
    bad.write_text(text, encoding="utf-8")
    ran = cli("schema", "import", "-C", str(repository), str(good), str(bad))
    assert ran.code == 2
    assert words in ran.err
    assert not (repository / "schemas").exists()


def test_no_file_is_a_usage_error(cli: Cli, repository: Path) -> None:
    ran = cli("schema", "import", "-C", str(repository))
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: no file to import")
    assert cli("schema", "import", "-C", str(repository), "gone.yaml").code == 2


def test_what_is_no_definition_stops_a_lint(cli: Cli, repository: Path) -> None:
    write_tree(repository, {"schemas/crds/a.yaml": PROFILE})
    ran = cli("lint", "-C", str(repository))
    assert ran.code == 2
    assert "schemas/crds/a.yaml:1: no CustomResourceDefinition" in ran.err
