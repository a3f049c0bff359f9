"""Kills processes that write a cluster's folder, and says what each kill has left.

Run as a program, so that it forks from a process with a single thread:
`python interrupted.py SCENARIO FOLDER`, where SCENARIO is one of `steps`, `recovery` and
`random`. Prints a JSON object: `outcomes`, one word a kill (`old`, `new`, or what was
wrong), in the order of the steps.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from edgegen import output
from edgegen.output import disk

Snapshot = dict[str, bytes | None]


def contents(count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return old and new files: of `count` changes a third each creates, updates and deletes."""
    old, new = {}, {}
    for number in range(count):
        text = output.MARKER + b"number: %d\n" % number
        if number % 3 == 0:
            new[f"teams/new-{number % 4}/deep/file-{number}.yaml"] = text
        elif number % 3 == 1:
            old[f"teams/kept-{number % 4}/file-{number}.yaml"] = text
            new[f"teams/kept-{number % 4}/file-{number}.yaml"] = text + b"more: true\n" * number
        else:
            old[f"teams/gone-{number % 4}/deep/file-{number}.yaml"] = text
    same = {"kustomization.yaml": output.MARKER + b"kind: Kustomization\n"}
    return old | same, new | same


def snapshot(root: Path) -> Snapshot:
    """Return every path below a folder with its bytes; None for folders."""
    found: Snapshot = {}
    for above, folders, files in os.walk(root):
        place = above.removeprefix(str(root)).lstrip("/")
        found |= {f"{place}/{name}".lstrip("/"): None for name in folders}
        for name in files:
            with open(f"{above}/{name}", "rb") as file:  # noqa: PTH123 - thousands of files
                found[f"{place}/{name}".lstrip("/")] = file.read()
    return found


def lay_out(root: Path, files: dict[str, bytes]) -> Snapshot:
    """Write a cluster's folder afresh, with foreign files; return the whole output root."""
    shutil.rmtree(root, ignore_errors=True)
    foreign = {"README.md": b"by hand\n", "teams/gone-0/notes.txt": b"by hand\n"}
    for path, data in (files | foreign).items():
        target = root / "prod" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return snapshot(root)


def in_child(work: Callable[[], object], stop_at: int = -1) -> bool:
    """Run work in a fork that is killed before its change number `stop_at`; say if it ended."""
    child = os.fork()
    if not child:
        seen = 0

        def step() -> None:
            nonlocal seen
            if seen == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

        disk._step = step
        disk.flush = disk.flush_folder = lambda *_: None  # a killed process loses no page
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status not in {0, signal.SIGKILL}:
        sys.exit(f"the child failed with {status}")
    return status == 0


class Case:
    """One change of a folder that is interrupted again and again."""

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        self.old, self.new = contents(count)
        self.after = lay_out(root, self.new)
        self.before = lay_out(root, self.old)

    def write(self) -> None:
        """Bring the folder to its new content."""
        folder = self.root / "prod"
        output.apply(folder, self.new, output.plan(folder, self.new))

    def recover(self) -> None:
        """Do what every command does first."""
        output.recover(self.root)

    def decided(self) -> bool:
        """Say whether a journal stands; without one the folder must be whole."""
        return (self.root / ".edgegen-journal-prod").exists()

    def standing(self) -> str:
        """Say what the folder holds: `old`, `new` or `mixed`; edgegen's own files do not count."""
        found = snapshot(self.root)
        own = {path: data for path, data in found.items() if not path.startswith(".edgegen")}
        return {True: "old"}.get(own == self.before) or ("new" if own == self.after else "mixed")

    def judge(self) -> str:
        """Return the outcome of an interruption, after a whole recovery."""
        decided, standing = self.decided(), self.standing()
        if not decided and standing == "mixed":
            return "mixed without a journal"
        self.recover()
        found = snapshot(self.root)
        outcome = "old" if found == self.before else "new" if found == self.after else "mixed"
        if decided and outcome != "new":
            return f"{outcome} after a journal"
        if not decided and outcome != standing:
            return f"{standing} became {outcome}"
        return outcome

    def reset(self) -> None:
        """Lay out the old content again."""
        lay_out(self.root, self.old)


def at_every_step(root: Path) -> list[str]:
    """Kill the writing of 201 changes before each change of the disk."""
    case, outcomes, step = Case(root, 201), [], 0
    while True:
        case.reset()
        ended = in_child(case.write, step)
        outcomes.append(case.judge())
        if ended:
            return outcomes
        step += 1


def in_recovery(root: Path) -> list[str]:
    """Kill 9 changes before each change of the disk, and the recovery at each of its own."""
    case, outcomes, step, ended = Case(root, 9), [], 0, False
    while not ended:
        second, recovered = 0, False
        while not recovered:
            case.reset()
            ended = in_child(case.write, step)
            decided = case.decided()
            recovered = in_child(case.recover, second)
            outcome = case.judge()
            if decided and outcome != "new":
                outcome = f"{outcome} after a journal"
            outcomes.append(outcome)
            second += 1
        step += 1
    return outcomes


def at_random(root: Path) -> list[str]:
    """Kill the writing of 201 changes from outside, at 60 moments spread over its usual time."""
    case, outcomes = Case(root, 201), []
    started = time.monotonic()
    in_child(case.write)
    usual = time.monotonic() - started
    for moment in range(60):
        case.reset()
        child = os.fork()
        if not child:
            case.write()
            os._exit(0)
        time.sleep(usual * moment / 55)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        outcomes.append(case.judge())
    return outcomes


def main(scenario: str, folder: str) -> None:
    """Print the outcomes of a scenario as JSON."""
    run = {"steps": at_every_step, "recovery": in_recovery, "random": at_random}[scenario]
    memory = "/dev/shm"  # noqa: S108 - a file system in memory is ten times as fast
    real = scenario == "random" or not os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=folder if real else memory) as place:
        json.dump({"outcomes": run(Path(place) / "rendered")}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
