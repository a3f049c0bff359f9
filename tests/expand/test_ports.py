from __future__ import annotations

import pytest

from edgegen.expand.ports import EntryPoint, entry_point, port_note


@pytest.mark.parametrize(
    ("client_port", "name", "port"),
    [
        (80, "web", 8000),
        (443, "websecure", 8443),
        (1, "p1", 10001),
        (22, "p22", 10022),
        (1023, "p1023", 11023),
        (1024, "p1024", 1024),
        (5432, "p5432", 5432),
        (8000, "p8000", 18000),
        (8443, "p8443", 18443),
        (8080, "p8080", 18080),
        (9100, "p9100", 19100),
        (8081, "p8081", 8081),
        (65535, "p65535", 65535),
    ],
)
def test_port_map(client_port: int, name: str, port: int) -> None:
    assert entry_point(client_port) == EntryPoint(name, port)


def test_no_entry_point_is_privileged_or_one_of_the_chart() -> None:
    for client_port in set(range(1, 65536)) - {80, 443}:
        port = entry_point(client_port).port
        assert 1024 <= port <= 65535
        assert port not in {8000, 8443, 8080, 9100}


def test_note() -> None:
    assert port_note(443) == "client port 443 is entryPoint websecure 8443"
