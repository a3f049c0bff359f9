"""The bench that all comparisons with the real Traefik share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_traefik import Bench


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made
