"""Fixtures of the expansion tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def crd_folder() -> Path:
    """The folder of upstream CRDs and of the chart's schema, beside the project."""
    folder = Path(__file__).parents[3] / "shared" / "crds"
    if not folder.is_dir():
        reason = "no folder of upstream CRDs beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
