"""Git revisions as trees of files, read from Git's objects.

The work tree is neither read nor touched, nothing is fetched, and no hook or
filter of the repository runs: only `rev-parse`, `merge-base`, `ls-tree` and
`cat-file` are asked.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.sources import MAX_FILE_BYTES

if TYPE_CHECKING:
    from git import Repo

_LINK = "120000"
_SUBMODULE = "160000"
_ENVIRONMENT = {
    # A partial clone would fetch what it lacks; edgegen asks no network.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of a commit: mode, object name and size in bytes, as `ls-tree` prints them."""

    mode: str
    object: str
    size: int


class Revisions:
    """The commits of the Git repository around a folder.

    Attributes:
        prefix: path of the folder below the top of the repository, with `/` at its
            end; empty for the top itself and for a bare repository.
        top: the top folder of the work tree; None for a bare repository.
    """

    def __init__(self, folder: Path) -> None:
        """Open the repository.

        Raises:
            EdgegenError: there is none, Git is missing, or Git refuses it.
        """
        self._repo = _open(folder)
        self._repo.git.update_environment(**_ENVIRONMENT)
        top = self._repo.working_tree_dir
        inside = Path(os.path.realpath(folder)).relative_to(os.path.realpath(top)) if top else None
        self.top = Path(top) if top else None
        self.prefix = f"{inside.as_posix()}/" if inside and inside.parts else ""

    def close(self) -> None:
        """End the Git process that serves objects."""
        self._repo.close()

    def commit(self, revision: str) -> str:
        """Return the full name of a commit.

        Raises:
            EdgegenError: no such commit is here.
        """
        found = self._ask(
            "rev_parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if not found:
            raise EdgegenError(f'"{revision}" is no commit of this repository', self._deepen())
        return found

    def merge_base(self, base: str, head: str) -> str:
        """Return the commit from which two commits went apart.

        Raises:
            EdgegenError: they have none, or a shallow clone does not reach it.
        """
        found = self._ask("merge_base", base, head).split("\n")[0]
        if not found:
            raise EdgegenError(
                f"{base[:12]} and {head[:12]} have no common commit here",
                self._deepen() or "compare with --base REV --no-merge-base",
            )
        return found

    def tree(self, commit: str) -> GitTree:
        """Return the files of a commit below the folder."""
        listing = self._ask(
            "ls_tree", "-r", "-z", "-l", "--full-tree", commit, "--", self.prefix or "."
        )
        return GitTree(self._repo, commit, self.prefix, listing)

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit by its path from the top; None when there is none."""
        name = self._ask("rev_parse", "--verify", "--quiet", f"{commit}:{path}")
        return bytes(self._repo.git.get_object_data(name)[3]) if name else None

    def _ask(self, command: str, *arguments: str) -> str:
        from git.exc import GitCommandError

        try:
            return str(getattr(self._repo.git, command)(*arguments))
        except GitCommandError as error:
            if error.status in (1, 128) and command in ("rev_parse", "merge_base"):
                return ""
            raise EdgegenError(
                f"git {command.replace('_', '-')} failed: {_words(error.stderr)}"
            ) from error

    def _deepen(self) -> str:
        if self._ask("rev_parse", "--is-shallow-repository") == "true":
            return "this is a shallow clone: `git fetch --unshallow`, or fetch-depth: 0 in CI"
        return "" if self._repo.head.is_valid() else "the repository has no commit yet"


class GitTree:
    """The files of one commit below a folder: a `Source`.

    Symbolic links are followed inside the tree, as in a work tree; those that
    lead out are noted in `escapes`. What lies in a submodule is not in this
    repository's objects; reading it is refused with a remedy.
    """

    def __init__(self, repo: Repo, commit: str, prefix: str, listing: str) -> None:
        self.commit = commit
        self.escapes: list[str] = []
        self._repo = repo
        self._entries = dict(_entries(listing, prefix))
        self._follow_links()
        self._paths = sorted(self._entries, key=lambda path: path.split("/"))

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the files below a folder, sorted; hidden entries are left out."""
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        for path in self._paths:
            if path.startswith(prefix) and "/." not in f"/{path}":
                yield path

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        return sorted(
            {
                name
                for path in self._paths
                if path.startswith(prefix)
                for name, slash, _ in [path[len(prefix) :].partition("/")]
                if slash and not name.startswith(".")
            }
        )

    def read(self, path: str) -> bytes:
        """Return a file's bytes as they were committed; EdgegenError when there is none."""
        entry = self._entries.get(path)
        if entry is None:
            raise EdgegenError(f"cannot read {path} in {self.commit[:12]}: no such file")
        if entry.mode == _SUBMODULE:
            raise submodule_error(path)
        if entry.mode == _LINK:
            raise EdgegenError(f"cannot read {path} in {self.commit[:12]}: a link to nothing")
        if entry.size > MAX_FILE_BYTES:
            raise FileTooLargeError(
                f"file has {entry.size:,} bytes, the limit is {MAX_FILE_BYTES:,}"
            )
        return bytes(self._repo.git.get_object_data(entry.object)[3])

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of that path is there."""
        prefix = path.rstrip("/") + "/"
        return path in self._entries or any(name.startswith(prefix) for name in self._entries)

    def submodules(self) -> list[str]:
        """Return the paths of submodules: of their files nothing is known here."""
        return [path for path in self._paths if self._entries[path].mode == _SUBMODULE]

    def identity(self, path: str) -> str:
        """Return the name of a file's object: equal names are equal bytes; empty for no file."""
        entry = self._entries.get(path)
        return entry.object if entry else ""

    def _follow_links(self) -> None:
        """Put what links inside the tree point at in their place."""
        links = {path: entry for path, entry in self._entries.items() if entry.mode == _LINK}
        for path, entry in links.items():
            target = self._repo.git.get_object_data(entry.object)[3].decode("utf-8", "replace")
            real = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if target.startswith("/") or real.startswith(".."):
                del self._entries[path]
                self.escapes.append(path)
                continue
            found = self._entries.get(real)
            if found is not None and real not in links:
                self._entries[path] = found
            elif not f"{path}/".startswith(f"{real}/"):  # a link to a parent would never end
                below = [name for name in self._entries if name.startswith(f"{real}/")]
                for name in below:
                    if name not in links:
                        self._entries[f"{path}{name[len(real) :]}"] = self._entries[name]
                if below:
                    del self._entries[path]


def submodule_error(path: str) -> EdgegenError:
    """Return the error of a submodule where files are wanted."""
    return EdgegenError(
        f"{path} is a submodule, its files are not in this repository",
        "keep fragments in this repository, or compare inside the submodule",
    )


def _open(folder: Path) -> Repo:
    os.environ.setdefault(
        "GIT_PYTHON_REFRESH", "quiet"
    )  # a missing git is our error, not an import's
    import git

    try:
        git.refresh()
    except git.exc.GitCommandNotFound:
        raise EdgegenError(
            "git is not installed", "install it; `edgegen diff` reads revisions"
        ) from None
    try:
        repo = git.Repo(folder, search_parent_directories=True)
    except (git.exc.InvalidGitRepositoryError, git.exc.NoSuchPathError):
        raise EdgegenError(
            f"{folder} is in no Git repository", "run it in a clone, or name its folder with -C"
        ) from None
    try:
        repo.git.rev_parse("--git-dir")
    except git.exc.GitCommandError as error:  # another user's repository, a broken one
        repo.close()
        raise EdgegenError(f"git refuses {folder}: {_words(error.stderr)}") from error
    return repo


def _words(stderr: object) -> str:
    text = str(stderr).strip().removeprefix("stderr: ").strip("'\n ")
    return text.splitlines()[0].removeprefix("fatal: ") if text else "no reason given"


def _entries(listing: str, prefix: str) -> Iterator[tuple[str, _Entry]]:
    for line in listing.split("\0"):
        head, tab, path = line.partition("\t")
        if tab and path.startswith(prefix):
            mode, _kind, name, size = head.split()
            yield path[len(prefix) :], _Entry(mode, name, int(size) if size != "-" else 0)
