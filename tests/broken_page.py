"""The page of broken examples: each file of `examples/broken`, and what edgegen says to it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from repositories import PROJECT

from edgegen.cli.commands import run

ROOT = PROJECT / "examples" / "broken"
PAGE = PROJECT / "docs" / "broken.md"
RIGHT = "Nothing is wrong here"

_HEAD = """\
# Broken, and what edgegen says

<!-- Written by `pytest tests/e2e/test_broken_page.py --update-golden` from examples/broken. -->

[`examples/broken`](../examples/broken) is a small fragments repository with two
clusters and two teams. It holds the mistakes that people make, a file each, and
below is what `edgegen lint FILE` prints in that folder, word for word. `edgegen
build --all` says the same and writes nothing.

Try it:

```sh
cd examples/broken
edgegen lint
```
"""

_MANIFESTS = """\
## Manifests without a repository

The same rules judge any manifests, whoever wrote them. These lie in
[`examples/broken/manifests`](../examples/broken/manifests), and the folder is
judged as one cluster.
"""


def lint(*arguments: str) -> str:
    """Return what `edgegen lint` prints in the broken repository."""
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()) as shown:
        run(["lint", *arguments])
    return shown.getvalue()


def fragments() -> list[str]:
    """The fragment files in the order of the page: cluster by cluster, team by team."""
    files = [path for folder in ("clusters", "teams") for path in (ROOT / folder).rglob("*.yaml")]
    return sorted(path.relative_to(ROOT).as_posix() for path in files)


def broken_fragments() -> list[str]:
    """Those that hold a mistake, as their first comment says."""
    return [path for path in fragments() if RIGHT not in _text(path)]


def page() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_sections(), _MANIFESTS, *_manifests()])


def _sections() -> Iterator[str]:
    for path in broken_fragments():
        yield f"## {_title(path)}\n"
        yield f"`{path}`:\n"
        yield _block("yaml", _text(path))
        yield _block("", f"$ edgegen lint {path}\n{lint(path)}")


def _manifests() -> Iterator[str]:
    for file in sorted((ROOT / "manifests").glob("*.yaml")):
        yield f"`{file.name}`:\n"
        yield _block("yaml", _text(f"manifests/{file.name}"))
    yield _block("", f"$ edgegen lint manifests\n{lint('manifests')}")


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _title(path: str) -> str:
    """The first line of a file: a comment that names the mistake."""
    return _text(path).partition("\n")[0].removeprefix("# ")


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"
