from __future__ import annotations

from edgegen.app.excerpts import Excerpts


def test_an_endless_line_is_cut() -> None:
    data = b"a: " + b"b" * 70_000 + b"\nc: [" + b"d: 1, " * 20_000 + b"\n"
    first, second = Excerpts(lambda _path: data)("a.yaml")[:2]
    assert first == "a: " + "b" * 3_997
    assert len(second) <= 4_000
