"""Fixtures of the schema tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def schemas() -> Path:
    """The committed schemas for editors."""
    return PROJECT / "schemas"


@pytest.fixture
def shared_folder() -> Path:
    """The folder of worked examples beside the project."""
    folder = PROJECT.parent / "shared"
    if not (folder / "example-fleet").is_dir():
        reason = "no folder of worked examples beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
