"""Whether lint stands whatever the manifests hold.

    python tests/fuzz.py --count 5000 --seed 1

Real manifests, alone and as fragments of a repository, are changed by lines and by values.
Each mutant is judged: no rule may raise, every place has to lie inside its file, every
format has to render, safe fixes have to come to an end, and all of it in bounded time.
What does not hold is printed with the number that makes it again (`--seed N --count 1`).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgegen.app.fix import fixed_files
from edgegen.app.inputs import Input
from edgegen.app.lint import lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.diagnostics import Place
from edgegen.errors import EdgegenError
from edgegen.report.formats import FORMATS, render
from edgegen.sources import STDIN, Memory
from edgegen.yamlio import read_bytes
from edgegen.yamlio.document import Json
from edgegen.yamlio.emitter import emit

PROJECT = Path(__file__).parents[1]
CASES = PROJECT / "tests/rules/cases"
REPOSITORY_PARTS = ("edgegen.yaml", "clusters", "policies", "teams")

LONGEST = 10.0
"""Seconds of the processor that one mutant may cost; the seeds cost a hundredth."""

_ROUNDS = 4
_MOST_TEXT = 6_000  # longer seeds give few mutants a second

WORDS = (
    *("", "~", "null", "true", "no", "on", "y", "0", "-1", "65536", "1e3", "010", "1.5", ".inf"),
    *("99999999999999999999", "''", '""', "a", "*", "*.a.b", "a b", "a: b", "${vars.domain}", "${"),
    *("$${x}", "$(A)", "{}", "[]", "[[]]", "{a: {}}", "[a, 1, ~]", "{y: 1, n: 2}", "&a b", "*a"),
    *("!!binary YQ==", "!x y", "|", ">-", "@", "%", "10.0.0.0/8", "10.0.0.5-10.0.0.1", "::/0"),
    *("::ffff:10.0.0.1", "fe80::1%eth0", "999.1.1.1/33", "2024-01-01", "12:30", "é", "\u202e", "🚀"),
    *("x" * 300, "(" * 40, "[a-z]+(", "^/a(?P<x>", "\\", "Host(`a`", "443", "web:8080", "/a//b"),
)  # fmt: skip
"""What stands after a colon or a dash of a mutant."""

VALUES: tuple[Json, ...] = (
    *(None, True, False, 0, -1, 1.5, 70000, 1 << 70, "", "a", "*", "*.x.y", "10.0.0.0/8", "::/0"),
    *("10.9.9.9-10.0.0.1", "${vars.domain}", "${vars.", "\x00", "\ud7ff", "a" * 300, "/", "1", "no"),
    *([], {}, [None], [[]], [{}], {"": None}, {"a": {"b": [1]}}, ["a", "a"], [1, "x", None, {}]),
    *({"name": None}, {"name": ["a"]}, [{"name": 1}], {"$patch": "delete"}, {"$patch": 1}),
    *({"matchLabels": []}, [{"key": 1, "operator": "In"}], {"from": "Selector"}, {"kind": {}}),
)  # fmt: skip
"""What takes the place of a value."""


@dataclass(frozen=True, slots=True)
class Seed:
    """Real manifests; `repository` says that they are the fragments of one."""

    name: str
    files: Mapping[str, str]
    repository: bool = False


@cache
def seeds() -> tuple[tuple[Seed, ...], tuple[Seed, ...]]:
    """Return the manifests and the repositories that are mutated."""
    alone = [
        Seed(str(path.relative_to(PROJECT)), {"m.yaml": text})
        for folder in (CASES, PROJECT / "examples/broken/manifests", PROJECT / "rendered")
        for path in sorted(folder.rglob("*.yaml"))
        if not any(part.endswith(".repo") for part in path.parts)
        and len(text := path.read_text("utf-8")) < _MOST_TEXT
    ]
    roots = [PROJECT, PROJECT / "examples/broken", *sorted(CASES.rglob("*.repo"))]
    return tuple(alone), tuple(Seed(root.name, _fragments(root), repository=True) for root in roots)


def _fragments(root: Path) -> dict[str, str]:
    files = (
        f for part in REPOSITORY_PARTS for f in sorted([root / part, *(root / part).rglob("*")])
    )
    return {f.relative_to(root).as_posix(): f.read_text("utf-8") for f in files if f.is_file()}


# --------------------------------------------------------------------------
# Mutants


def mutant(rng: random.Random) -> Seed:
    """Return a seed with one to five changes."""
    alone, repositories = seeds()
    seed = rng.choice(repositories if rng.random() < 0.15 else alone)
    files = dict(seed.files)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        path = rng.choice(sorted(files))
        change = _by_value if rng.random() < 0.5 else _by_line
        files[path] = change(rng, files[path])
    return Seed(seed.name, files, seed.repository)


def _by_line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    rng.choice(_LINE_CHANGES)(rng, lines, rng.randrange(len(lines)))
    return "\n".join(lines)


def _revalue(rng: random.Random, lines: list[str], at: int) -> None:
    head = re.match(r"\s*(?:- )*(?:[^:#]*:(?=\s|$))?", lines[at])
    lines[at] = f"{head[0] if head else ''} {rng.choice(WORDS)}"


def _rekey(rng: random.Random, lines: list[str], at: int) -> None:
    indent = len(lines[at]) - len(lines[at].lstrip(" -"))
    key, colon, rest = lines[at][indent:].partition(":")
    cut = rng.randrange(len(key) + 1)
    spelt = rng.choice((rng.choice(WORDS), key[:cut] + key[cut + 1 :], key.upper(), f'"{key}"'))
    lines[at] = lines[at][:indent] + spelt + colon + rest


def _insert(rng: random.Random, lines: list[str], at: int) -> None:
    column = rng.randint(0, len(lines[at]))
    token = rng.choice((*WORDS, "\t", "\r", "\x00", "\ufeff", "#", " #", '"', "'", "{", "}", "- "))
    lines[at] = lines[at][:column] + token + lines[at][column + rng.choice((0, 0, 1, 4)) :]


def _shift(rng: random.Random, lines: list[str], at: int) -> None:
    for row in range(at, min(len(lines), at + rng.choice((1, 1, 2, 5)))):
        lines[row] = rng.choice((" ", "  ", "- ")) + lines[row] if at % 2 else lines[row][2:]


def _drop(rng: random.Random, lines: list[str], at: int) -> None:
    lines[at : at + rng.choice((1, 1, 2, 6))] = []
    lines[:] = lines or [""]


def _repeat(rng: random.Random, lines: list[str], at: int) -> None:
    part = lines[at : at + rng.choice((1, 1, 3, 12))]
    where = rng.randint(0, len(lines))
    lines[where:where] = part * rng.choice((1, 1, 1, 30))


def _swap(rng: random.Random, lines: list[str], at: int) -> None:
    other = rng.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _new_line(rng: random.Random, lines: list[str], at: int) -> None:
    extra = (
        "---",
        "...",
        "a:",
        "- a",
        "status: {a: 1}",
        "# edgegen: ignore[ML003]",
        "%YAML 1.2",
        "}",
    )
    lines.insert(at, " " * rng.choice((0, 2, 4)) + rng.choice(extra))


def _ends(rng: random.Random, lines: list[str], at: int) -> None:
    lines[: at + 1] = [f"{line}\r" for line in lines[: at + 1]]


_LINE_CHANGES: tuple[Callable[[random.Random, list[str], int], None], ...] = (
    *(_revalue, _revalue, _revalue, _rekey, _rekey, _insert, _insert, _shift, _drop, _repeat),
    *(_swap, _new_line, _ends),
)


def _by_value(rng: random.Random, text: str) -> str:
    """Change one value of one document; comments are lost."""
    documents = [document.value for document in read_bytes("m.yaml", text.encode()).documents]
    if not documents:
        return text
    here = rng.randrange(len(documents))
    documents[here] = _changed(rng, documents[here], documents)
    try:
        return "---\n".join(emit(value) for value in documents)
    except ValueError:  # what no YAML can say
        return text


def _changed(rng: random.Random, value: Json, others: Sequence[Json]) -> Json:
    if isinstance(value, dict) and value and rng.random() < 0.96:
        key = rng.choice(list(value))
        rest = {k: v for k, v in value.items() if k != key}
        match rng.randrange(12):
            case 0:
                return rest
            case 1:
                return {**rest, key + rng.choice(("s", "x", "")): value[key], "extra": 1}
            case _:
                return {**value, key: _changed(rng, value[key], others)}
    if isinstance(value, list) and value and rng.random() < 0.96:
        at = rng.randrange(len(value))
        match rng.randrange(8):
            case 0:
                return [*value, value[at]]
            case 1:
                return value[:at] + value[at + 1 :]
            case _:
                return [*value[:at], _changed(rng, value[at], others), *value[at + 1 :]]
    return rng.choice((*VALUES, rng.choice(others), _part(rng, others)))


def _part(rng: random.Random, others: Sequence[Json]) -> Json:
    """Return any value of the documents: one of a type that may fit elsewhere too."""
    here = rng.choice(others)
    while isinstance(here, dict | list) and here and rng.random() < 0.8:
        here = rng.choice(list(here.values()) if isinstance(here, dict) else here)
    return here


# --------------------------------------------------------------------------
# What has to hold


def faults_of(seed: Seed) -> list[str]:
    """Return what does not hold of a mutant; empty where lint stands."""
    started = time.process_time()
    found: list[str] = []
    files = {path: text.encode("utf-8", "surrogatepass") for path, text in seed.files.items()}
    for round_number in range(_ROUNDS):
        try:
            outcome, shown = _judged(files, repository=seed.repository)
        except EdgegenError:  # said in words, with a remedy
            break
        found += [f"internal error: {one.details}" for one in outcome.errors]
        found += [f"place outside its file: {place}" for place in _lost(outcome, shown)]
        if round_number == 0:
            for name in FORMATS:
                render(outcome, name)
        fixed = fixed_files(outcome.diagnostics, Memory(shown).read)
        if not fixed:
            break
        for one in fixed:
            files["m.yaml" if one.path == _STDIN else one.path] = one.after
    else:
        found.append(f"fixes find no end: {[one.path for one in fixed]}")
    spent = time.process_time() - started
    return [*found, *([f"{spent:.1f} s"] if spent > LONGEST else [])]


_STDIN = STDIN


def _judged(files: Mapping[str, bytes], *, repository: bool) -> tuple[Outcome, Mapping[str, bytes]]:
    if repository:
        return lint_repository(Path(), source=Memory(files), today="2026-06-01"), files
    data = files["m.yaml"]
    return lint_manifests([Input("-")], lambda: data, complete=True), {_STDIN: data}


def _lost(outcome: Outcome, files: Mapping[str, bytes]) -> Iterator[Place]:
    """Yield the places that are not in their files."""
    for one in outcome.diagnostics:
        places = [one.place, *(note.place for note in one.notes), *(e.place for e in one.edits)]
        for place in places:
            if place is not None and not _is_inside(place, files):
                yield place


def _is_inside(place: Place, files: Mapping[str, bytes]) -> bool:
    if place.path not in files:
        known = any(path.startswith(place.path.rstrip("/") + "/") for path in files)
        return place.line == 1 and (known or "/" in place.path)
    lines = files[place.path].decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    start, end = (place.line, place.column), (place.end_line, place.end_column)
    return start <= end and all(
        1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1
        for line, column in (start, end)
    )


def numbered(number: int) -> Seed:
    """Return the mutant of a number, always the same."""
    return mutant(random.Random(number))  # noqa: S311  # no secret hangs on it


def check(number: int) -> list[str]:
    """Return what does not hold of the mutant of a number."""
    return faults_of(numbered(number))


def main() -> int:
    """Judge mutants by their numbers, and print what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="number of the first mutant")
    asked = parser.parse_args()
    broken = 0
    for number in range(asked.seed, asked.seed + asked.count):
        try:
            found = check(number)
        except Exception as error:  # noqa: BLE001  # what is looked for
            import traceback

            found = ["".join(traceback.format_exception(error))]
        if found:
            broken += 1
            print(f"--seed {number}:", *found, sep="\n", flush=True)  # noqa: T201  # a tool of its own
    print(f"{asked.count} mutants, {broken} broken")  # noqa: T201  # a tool of its own
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
