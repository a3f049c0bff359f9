"""`edgegen init`: a repository with one cluster and one team that builds, lints and passes its tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from edgegen import __version__
from edgegen.errors import EdgegenError
from edgegen.yamlio import Json, emit

GITOPS = ("none", "argocd", "flux")
CI = {"github": "dot-github/", "gitlab": "dot-gitlab-ci.yml"}
"""CI system -> the part of the scaffold that only it needs."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What the new repository is about.

    `ci` names the CI systems to write files for; `repo_url` is only needed
    where Argo CD or Flux reads the repository.
    """

    cluster: str = "prod"
    team: str = "demo"
    domain: str = "example.com"
    gitops: str = "none"
    repo_url: str = ""
    ci: tuple[str, ...] = tuple(CI)


def initialise(folder: Path, scaffold: Scaffold) -> list[str]:
    """Write the files of a new repository and return their paths, sorted.

    Nothing is written when a file stands in the way: the user's files stay.

    Raises:
        EdgegenError: files are in the way, or the folder cannot be written.
    """
    wanted = dict(sorted(scaffold_files(scaffold).items()))
    taken = [path for path in wanted if (folder / path).exists() or (folder / path).is_symlink()]
    if taken:
        raise EdgegenError(
            f"{', '.join(taken)} stand{'s' if len(taken) == 1 else ''} in {folder} already",
            "choose an empty folder, or move them away",
        )
    try:
        for path, text in wanted.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
    except OSError as error:
        raise EdgegenError(f"cannot write {error.filename}: {error.strerror}") from error
    return list(wanted)


def scaffold_files(scaffold: Scaffold) -> dict[str, str]:
    """Return path -> text of the new repository's files, without its output."""
    words = _words(scaffold)
    unwanted = tuple(part for name, part in CI.items() if name not in scaffold.ci)
    return {
        _filled(path, words).replace("dot-", "."): _filled(text, words)
        for path, text in _templates(files("edgegen") / "scaffold")
        if not path.startswith(unwanted or ("\0",))
    }


def _templates(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")


def _words(scaffold: Scaffold) -> Mapping[str, str]:
    major, minor, *_ = __version__.split(".")
    return {
        "__CLUSTER__": scaffold.cluster,
        "__TEAM__": scaffold.team,
        "__DOMAIN__": scaffold.domain,
        "__VERSION__": __version__,
        "__REQUIRES__": f">={__version__},<{major}.{int(minor) + 1}",
        "__GITOPS__\n": _gitops(scaffold),
    }


def _gitops(scaffold: Scaffold) -> str:
    if scaffold.gitops == "none":
        return ""
    block: dict[str, Json] = {"type": scaffold.gitops, "repoURL": scaffold.repo_url}
    if scaffold.gitops == "argocd":
        # Sync waves do nothing without it; the README of the new repository says so.
        block["argocd"] = {"destination": scaffold.cluster, "healthOfApplications": True}
    return "".join(f"  {line}\n" for line in emit({"gitops": block}).splitlines())


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text
