"""Digests tell apart what differs, and notice a file that changes between two readings."""

from __future__ import annotations

import pytest

from edgegen.fragments.digests import Digested, by_home, digest_of
from edgegen.fragments.layout import Home, Layer
from edgegen.sources import Memory


def joined(*files: tuple[str, bytes]) -> bytes | None:
    return Digested(Memory(dict(files))).joined([path for path, _ in files])


def test_names_and_contents_count() -> None:
    one = joined(("a", b"x"), ("b", b"y"))
    assert one == joined(("a", b"x"), ("b", b"y"))
    others = {
        joined(("a", b"y"), ("b", b"x")),
        joined(("b", b"y"), ("a", b"x")),
        joined(("ab", b"xy")),
        joined(("a", b"xy"), ("b", b"")),
        joined(("a", b"x")),
        joined(),
    }
    assert one not in others
    assert len(others) == 6


def test_what_cannot_be_read_has_no_digest() -> None:
    source = Digested(Memory({"a": b"x"}))
    assert source.joined(["a", "b"]) is None
    assert source.digest("b") is None
    assert source.digest("a") == digest_of(b"x")


@pytest.mark.parametrize(("second", "changed"), [(b"x", False), (b"y", True)])
def test_a_change_between_two_readings_is_noticed(second: bytes, changed: bool) -> None:
    source = Digested(Memory({"a": second}))
    source.note("a", digest_of(b"x"))
    assert source.read("a") == second
    assert source.changed is changed


def test_files_by_home() -> None:
    assert by_home(["teams/a/x.yaml", "teams/a/layers/l/x.yaml", "teams/a/z.yaml"]) == {
        Home(Layer.TEAM, "a"): ["teams/a/x.yaml", "teams/a/z.yaml"],
        Home(Layer.TEAM_LAYER, "a", "l"): ["teams/a/layers/l/x.yaml"],
    }
