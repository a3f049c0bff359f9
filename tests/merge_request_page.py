"""The page of a merge request: a team takes a path of another one's hostname, and is stopped."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gits import commit, git
from repositories import PROJECT, TEAM, cluster, write_tree

from edgegen.cli.commands import run

PAGE = PROJECT / "docs" / "merge-requests.md"

_SHOP = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: shop}
spec:
  hostnames: ["shop.${vars.domain}"]
  to: web:8080
"""
_BLOG = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: blog}
spec:
  hostnames: ["blog.${vars.domain}"]
  to: blog:8080
"""
STOLEN = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: offers}
spec:
  hostnames: ["shop.${vars.domain}"]
  rules:
    - path: /cart
      to: offers:8080
"""
MENDED = STOLEN.replace("shop.$", "blog.$")

MAIN = {
    "clusters/prod/cluster.yaml": cluster("prod", 1),
    "policies/teams/shop.yaml": TEAM + '  contacts: ["@acme/shop"]\n',
    "policies/teams/blog.yaml": TEAM.replace("shop", "blog") + '  contacts: ["@acme/blog"]\n',
    "teams/shop/routes.yaml": _SHOP,
    "teams/blog/routes.yaml": _BLOG,
}
"""What stands on the main branch."""

_FILE = "teams/blog/offers.yaml"

_HEAD = """\
# In a merge request

<!-- Written by `pytest tests/e2e/test_merge_request_page.py --update-golden`: every output is real. -->

Two teams share one edge. `shop` owns `shop.prod.example.com`, `blog` owns
`blog.prod.example.com`; the platform team owns everything else. This is the story
of a branch in which `blog` takes a path of the shop, and of what stops it.
"""

_OWNERS = """\
## Before: who reviews what

Code hosts ask the owners of files that change. Who they are follows from the
`contacts` of the teams:
"""

_BRANCH = """\
## The branch

Somebody of team `blog` wants special offers in the shop's cart, and adds
`{file}`. It is their own folder, so no code owner of the shop is asked:
"""

_GATE = """\
## The gate

The linter knows whose hostname it is. With `--base` it tells only what the branch
introduces, so that old findings stop nobody:
"""

_DIFF = """\
## What would move

`edgegen diff` reads both revisions from Git, asks the router of both for the
requests that the change can touch, and tells which of them somebody else would
answer. The work tree is not touched, and the work follows the size of the change,
not that of the fleet. Only what is committed and on disk is asked: no cluster.
"""

_COMMENT = """\
The same as a comment for the merge request, under the 65,536 characters that code
hosts take:
"""

_SIGNS = """\
`~` somebody else answers, `-` nobody answers any more, `+` somebody does now, `?`
nothing in Git decides who does. `--format json` has all of it for programs
([schema](../schemas/output/diff.json)). `--exit-code` exits with 1 when anything
changes; without it the diff is no gate.

What is compared is what Traefik really does ([trace](trace.md)): outcome, backends
and their weights, redirects, and the host and path that a backend sees. Up to
1,000 requests a cluster are made up from the matches that changed and those that
compete with them; where that is not all, the report says so.
"""

_MENDED = """\
## Mended

`blog` serves the offers under its own hostname instead:
"""

_CI = """\
## The same in CI

`edgegen init` writes these files; `--ci github` or `--ci gitlab` only one of them.
None of them needs a token: GitHub shows the comment as the summary of the job,
GitLab keeps it as an artifact. Both need the whole history, since the base is a
commit like any other.

`.github/workflows/edgegen.yaml`:
"""

_READY = """\
Or take the ready-made ones: the [action](../action.yml) of this repository, which
puts findings, what moves and whom to ask into the summary,

```yaml
- uses: actions/checkout@v4
  with: {fetch-depth: 0}
- uses: acme/edgegen@v0.1.0   # your mirror of this repository
```

and the [component](../templates/edgegen.yml) for GitLab:

```yaml
include:
  - component: $CI_SERVER_FQDN/tools/edgegen/edgegen@v0.1.0   # your mirror
```

A bot that has a token may post the file as a comment; the text starts with
`### edgegen`, by which it finds its own comment again.
"""

_REFUSALS = """\
## When it refuses

| message | why |
|---|---|
| `"origin/main" is no commit of this repository` | a shallow clone: `fetch-depth: 0` for GitHub, `GIT_DEPTH: "0"` for GitLab |
| `… have no common commit here` | the same, or histories without a common start: `--no-merge-base` |
| `… is a submodule, its files are not in this repository` | fragments of a submodule are in no commit of this repository |
| `this repository requires edgegen …` | the branch asks for another version. A base that does is compared all the same, with a remark |
"""


@dataclass(frozen=True)
class Story:
    """A repository in which commands run and are written down."""

    folder: Path

    def told(self, *arguments: str) -> str:
        """Run edgegen, and return the command with what it printed."""
        with (
            contextlib.chdir(self.folder),
            io.StringIO() as shown,
            contextlib.redirect_stdout(shown),
            contextlib.redirect_stderr(shown),
        ):
            code = run([*arguments])
            text = shown.getvalue()
        end = f"(exit code {code})\n" if code else ""
        return _block("", f"$ edgegen {' '.join(arguments)}\n{text}{end}")

    def read(self, path: str) -> str:
        """Return a file of the repository."""
        return (self.folder / path).read_text(encoding="utf-8")


def begun(folder: Path) -> Story:
    """Return the story where the main branch stands."""
    git(write_tree(folder, MAIN), "init", "-q", "-b", "main")
    commit(folder, "two teams, one edge")
    return Story(folder)


def page(folder: Path) -> str:
    """Play the story in an empty folder and return the page."""
    return "\n".join([*_told(begun(folder)), *_ci(), _READY, _REFUSALS]).rstrip() + "\n"


def _told(story: Story) -> Iterator[str]:
    yield _HEAD
    yield _OWNERS
    yield story.told("codeowners", "--platform", "@acme/platform", "--write")
    yield _block("", _lines_of_owners(story))
    commit(story.folder, "owners")
    git(story.folder, "checkout", "-q", "-b", "offers")
    write_tree(story.folder, {_FILE: STOLEN})
    commit(story.folder, "offers in the cart")
    yield _BRANCH.format(file=_FILE)
    yield _block("yaml", STOLEN)
    yield _GATE
    yield story.told("lint", "--base", "main")
    yield _DIFF
    yield story.told("diff", "--base", "main")
    yield _SIGNS
    yield _COMMENT
    comment = story.told("diff", "--base", "main", "--format", "markdown")
    yield (
        comment.replace("```\n$ edgegen", "````markdown\n$ edgegen").removesuffix("```\n")
        + "````\n"
    )
    write_tree(story.folder, {_FILE: MENDED})
    commit(story.folder, "offers at home")
    yield _MENDED
    yield _block("yaml", MENDED)
    yield story.told("lint", "--base", "main")
    yield story.told("diff", "--base", "main")


def _lines_of_owners(story: Story) -> str:
    for place in (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"):
        if (story.folder / place).is_file():
            return f"$ cat {place}\n{story.read(place)}"
    raise FileNotFoundError("CODEOWNERS")


def _ci() -> Iterator[str]:
    scaffold = PROJECT / "edgegen" / "scaffold"
    yield _CI
    yield _block("yaml", _versioned(scaffold / "dot-github/workflows/edgegen.yaml"))
    yield "`.gitlab-ci.yml`:\n"
    yield _block("yaml", _versioned(scaffold / "dot-gitlab-ci.yml"))


def _versioned(path: Path) -> str:
    from edgegen import __version__

    return path.read_text(encoding="utf-8").replace("__VERSION__", __version__)


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"
