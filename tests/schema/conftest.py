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


@pytest.fixture
def crds() -> Path:
    """The CRDs beside the project; a test that asks for them fails without."""
    folder = PROJECT.parent / "shared" / "crds"
    assert folder.is_dir(), f"{folder} is missing: the CRDs are the judge of these tests"
    return folder
