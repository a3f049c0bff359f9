"""A real git, with a configuration and names of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    # Equal content has equal names of commits: pages of the documentation show them.
    "GIT_AUTHOR_DATE": "2026-01-05T08:00:00+00:00",
    "GIT_COMMITTER_DATE": "2026-01-05T08:00:00+00:00",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed; a failure is an error."""
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str = "m") -> str:
    """Commit everything and return the commit's name."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
