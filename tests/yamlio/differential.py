"""Whether the short way through plain YAML reads what the event parser reads.

    python tests/yamlio/differential.py --count 1000000 --seed 1 --processes 2

Manifests are mutated until `--count` mutants have gone the short way. Each is read again
by events alone; documents, values, types, order of keys and problems have to be the same.
A difference is printed with the mutant and the seed of its batch, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from edgegen.yamlio import reader
from edgegen.yamlio.document import Json
from edgegen.yamlio.limits import DEFAULT_LIMITS
from edgegen.yamlio.plain import read_plain
from edgegen.yamlio.reader import Reading, read_bytes
from edgegen.yamlio.split import split

PROJECT = Path(__file__).parents[2]
_MOST_TEXT = 3_000  # longer seeds give few mutants a second
_BATCH = 20_000

FORMS = (
    "a: b\nc: d e f\ng:\n  h: 1\n  i: 1.5\nj: true\nk: ~\nl: null\nm: -3\nn: 0x1F\no: .5\n",
    "a:\n- b\n- c: 1\n  d: 2\n-   e:\n      f: 1\n- g:\n  - h\n  i: j\nk: l\n",
    "a:\n  - b\n  - c: 1\n    d:\n    - e\n    - f:\n    g:\n  - h:\n      - i\nj:\n",
    "a: \"b # c: 'd'\"\ne: 'f: \"g\"'\nh: \"\"\ni: ''\n- j: k\n",
    "a: \"é\u00a0€\"  # ü\nb: '🚀'   \n# ö\n\nc: d # e\n\n   # f\ng: h\n",
    "a: []\nb: {}\nc: [d, 1, true, \"e, f\", 'g]']\nh: {i: j, k: 2, l: \"m}\"}\nn:\n- [o, p]\n- {q: r}\n",
    "a: [[b], {c: [d, e]}, {}]\nf: { g: [ h ], i: {j: {k: l}} }\nm: [ ]\nn: { }\n",
    "# a\n---  # b\n# c\nd: e\n---\nf: g\n---\n\n---\n- h\n...\n# i\n",
    "a: http://b:80/c?d=e&f\ng: fd00::1/64\nh: 12:30\ni: 2024-01-01\nj: a:b:c\nk: x::y\n",
    "a: Host(`b.c`) && Path(`/d`)\ne: ${vars.f}-g\nh: i, j; k = l | m > n\no: 5 * 3 % @ !\n",
    "a: b\n\n\n#\n  #\nc:\n\n  # d\n  e:\n   # f\n    g: h\n  # i\n  j:\nk:\n# l\n",
    "a:\n  b:\n    c:\n      d:\n      - e:\n          f: g\n        h: i\n      - j\n    k: l\nm: n\n",
    "yes_: 1\nno.: 2\ny/: 3\ntrue-: 4\n$patch: delete\n_: 5\nA.b/c-d: 6\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n"
    "    labels: {app: shop, tier: 'front'}\n  data:\n    key: \"1\"\n    other: '1'\n    third: 1\n",
    "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: shop\n"
    "  labels:\n    app.kubernetes.io/name: shop\nspec:\n  parentRefs:\n  - name: public\n"
    "    namespace: edge\n    sectionName: https\n  hostnames:\n  - shop.example.com\n"
    "  rules:\n  - matches:\n    - path:\n        type: PathPrefix\n        value: /api\n"
    "      headers:\n      - name: x-version\n        value: \"1\"\n    backendRefs:\n"
    "    - name: shop-api\n      port: 8080\n      weight: 90\n    - name: canary\n"
    "      port: 8080\n      weight: 10\n  - backendRefs:\n    - name: shop\n      port: 80\n",
)  # fmt: skip
"""Every form of the grammar, and its neighbours."""

TOKENS = (
    *(" ", "  ", "   ", ":", ": ", " :", "::", "- ", "-", "- - ", "#", " #", " # c", "# ", '"'),
    *("'", "''", '""', "{", "}", "[", "]", ",", ", ", "{}", "[]", "[a, b]", "{a: b}", "[[", "}}"),
    *("&", "&a ", "*", "*a", "!", "!!str ", "!!int ", "|", "|-", ">", ">-", "%", "@", "`", "?"),
    *("? ", "<<", "<<: *a", "=", "~", "\\", "\\x41", "\\/", "---", "...", "--- ", "%YAML 1.1"),
    *("\t", "\r", "\r\n", "\n", "\n\n", "\n  ", "\n- ", "\x00", "\x07", "\x0b", "\x0c", "\x1c"),
    *("\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffe", "\u200b", "\u3000", "é"),
    *("🚀", "0", "1", "9", "00", "_", ".", "/", "+", "$", "(", ")", ";", "<", "^", "a", "Z", "٣"),
)  # fmt: skip
WORDS = (
    *("y", "Y", "n", "N", "yes", "On", "OFF", "oN", "true", "False", "null", "Null", "~", ""),
    *("-", "--", "---", "...", ".", "..", "=", "<<", "_", "0", "-0", "+1", "010", "08", "0o14"),
    *("0x_1", "0b11", "0b-1", "1_000", "1e3", "1E400", "1.", ".5", ".5_0", "-.5", "1.0", "-0.0"),
    *(".inf", "-.inf", "+.Inf", ".nan", "12:30", "1:2:3", "2024-01-01", "2024-01-01T00:00:00Z"),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "1e21", "123e18"),
    *("a b", "a  b", "a: b", "a:b", "a #b", "a#b", "a:", ":a", "::1", "- a", "-a", "?a", "? a"),
    *("&a b", "*a", "!a b", "|", ">", "|+", "@a", "`a`", "%a", "[", "]", "{", "}", "[a", "{a: b"),
    *("[a, b]", "[a, [b]]", "{a: b, c: d}", "{a: b, a: c}", "{y: 1}", "[y, 1]", "[a b]", "[a,b]"),
    *("{a:b}", "{a: }", "{a}", "[a: b]", "[::1]", "[-1]", "[- a]", "[a?]", "[a,]", "[,]", "[]]"),
    *("{a: [b, {c: d}]}", "['a', \"b\"]", "{'a': b}", '{"a":1}', "[a]b", "{}a", "[] # a", "[]#a"),
    *('"a"', "'a'", '"a', "'a", "\"a\" b", "'a''b'", '"a\\"b"', '"\\x85"', '"a" # b', '"a"#b'),
    *('"a": b', "'a': b", '"a":', '"\u2028"', '"\xa0"', "'\ufeff'", "'\t'", '" a "', "a ", "a\t"),
    *("${a}", "$(a)", "$", "(a)", "a,b", "a, b", "a|b", "a > b", "a & b", "a ? b", "a - b", "a -"),
    *("a \\ b", "x" * 90, "x" * 130, "é", "a é", "a\xa0b", "a\u3000", "a\u2028b", "٣"),
)  # fmt: skip
LINES = (
    *("", " ", "   ", "\t", "#", "# a", "  # a", "\t# a", "#\t", "a", "  a", "    a b", "- a", "-"),
    *("  - a", "    - b", "-  a", "- - a", "- a: b", "  - a: b", "- a:", "  - a:", "-   a: b", "a:"),
    *("  a:", "    a:", " a: b", "   a: b", "      a: b", "a : b", "a:b", "? a", ": b", "  : b"),
    *("---", "--- a", "--- # a", "---a", "...", "... # a", "%YAML 1.1", "%TAG ! !", "%a", "{}"),
    *("[]", "{a: b}", "'a'", '"a"', '"a": b', "<<: *a", "a: &a b", "a: *a", "a: |", "  text", "y: 1"),
    *("true: 1", "null: 1", "1: 2", "é: a", "a: b: c", "a: - b", "- a: - b", "- [a]: b", "[a]: b"),
    *("a: # b", "a:# b", "a: b# c", "a:  b", "a:   ", "- # a", "-# a", "-\ta", "a:\tb", "\ta: b"),
)  # fmt: skip


def seeds(folders: Iterable[Path]) -> list[str]:
    """Return what is mutated: the forms above, and the documents below folders."""
    found = dict.fromkeys(FORMS)
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            text = path.read_bytes().decode(errors="ignore")
            found |= dict.fromkeys(part.text for part in split(text) if len(part.text) < _MOST_TEXT)
    return list(found)


def own_seeds() -> list[str]:
    """Return the forms and the manifests of this project."""
    return seeds(
        PROJECT / name
        for name in ("clusters", "teams", "policies", "rendered", "examples", "tests")
    )


def mutate(rng: random.Random, texts: list[str]) -> str:
    """Return one of the texts, or one of the short forms, with one to five changes."""
    text = rng.choice(FORMS if rng.random() < 0.4 else texts)
    lines = text.split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 5))):
        at = rng.randrange(len(lines))
        rng.choice(_CHANGES)(rng, lines, at)
        if not lines:
            lines.append("")
    return "\n".join(lines)


def _insert(rng: random.Random, lines: list[str], at: int) -> None:
    column = rng.randint(0, len(lines[at]))
    lines[at] = lines[at][:column] + rng.choice(TOKENS) + lines[at][column:]


def _replace(rng: random.Random, lines: list[str], at: int) -> None:
    column = rng.randint(0, len(lines[at]))
    lines[at] = lines[at][:column] + rng.choice(TOKENS) + lines[at][column + rng.randint(1, 4) :]


def _append(rng: random.Random, lines: list[str], at: int) -> None:
    lines[at] += rng.choice(TOKENS) + rng.choice(("", "", "a"))


def _revalue(rng: random.Random, lines: list[str], at: int) -> None:
    head, colon, _ = lines[at].partition(": ")
    if colon:
        lines[at] = head + colon + rng.choice(WORDS)
    else:
        lines[at] = lines[at].rstrip() + " " + rng.choice(WORDS)


def _reitem(rng: random.Random, lines: list[str], at: int) -> None:
    indent = len(lines[at]) - len(lines[at].lstrip(" -"))
    lines[at] = lines[at][:indent] + rng.choice(WORDS)


def _rekey(rng: random.Random, lines: list[str], at: int) -> None:
    indent = len(lines[at]) - len(lines[at].lstrip(" -"))
    _, colon, rest = lines[at].partition(":")
    lines[at] = lines[at][:indent] + rng.choice(WORDS) + colon + rest


def _shift(rng: random.Random, lines: list[str], at: int) -> None:
    by = rng.choice((-4, -3, -2, -1, 1, 2, 3, 4))
    for row in range(at, min(len(lines), at + rng.choice((1, 1, 1, 2, 4)))):
        line = lines[row]
        lines[row] = " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip())) :]


def _dash(rng: random.Random, lines: list[str], at: int) -> None:
    indent = len(lines[at]) - len(lines[at].lstrip())
    lines[at] = lines[at][:indent] + rng.choice(("- ", "-  ", "-", "- - ")) + lines[at][indent:]


def _undash(_: random.Random, lines: list[str], at: int) -> None:
    lines[at] = lines[at].replace("- ", "  ", 1)


def _double(rng: random.Random, lines: list[str], at: int) -> None:
    lines.insert(rng.choice((at, rng.randint(0, len(lines)))), lines[at])


def _swap(rng: random.Random, lines: list[str], at: int) -> None:
    other = rng.choice((min(at + 1, len(lines) - 1), rng.randrange(len(lines))))
    lines[at], lines[other] = lines[other], lines[at]


def _join(rng: random.Random, lines: list[str], at: int) -> None:
    if at + 1 < len(lines):
        line = lines.pop(at + 1)
        lines[at] += rng.choice(("", " ")) + rng.choice((line, line.lstrip()))


def _cut(rng: random.Random, lines: list[str], at: int) -> None:
    column = rng.randint(0, len(lines[at]))
    lines[at] = lines[at][:column] + lines[at][column + rng.randint(1, 8) :]


def _break(rng: random.Random, lines: list[str], at: int) -> None:
    column = rng.randint(0, len(lines[at]))
    lines.insert(at + 1, " " * rng.randint(0, 8) + lines[at][column:])
    lines[at] = lines[at][:column]


def _new_line(rng: random.Random, lines: list[str], at: int) -> None:
    lines.insert(at, " " * rng.choice((0, 0, 2, 4, 6)) + rng.choice(LINES))


def _drop(rng: random.Random, lines: list[str], at: int) -> None:
    del lines[at : at + rng.choice((1, 1, 1, 2, 5))]


def _empty(_: random.Random, lines: list[str], at: int) -> None:
    lines[at] = lines[at].partition(":")[0] + ":"


def _graft(rng: random.Random, lines: list[str], at: int) -> None:
    line = rng.choice(rng.choice(FORMS).split("\n"))
    lines.insert(at, " " * rng.choice((0, 2, 4)) + line)


_Change = Callable[[random.Random, list[str], int], None]
_CHANGES: tuple[_Change, ...] = (
    *(_insert, _insert, _replace, _append, _revalue, _revalue, _reitem, _rekey, _shift, _shift),
    *(_dash, _undash, _double, _swap, _join, _cut, _break, _new_line, _drop, _empty, _graft),
)


def takes_short_way(text: str) -> int:
    """Return how many documents of a text need no event parser."""
    return sum(read_plain(part.text, DEFAULT_LIMITS) is not None for part in split(text))


def by_events(data: bytes) -> Reading:
    """Read a file with the short way closed."""
    open_way = reader.read_plain
    reader.read_plain = _no_way  # type: ignore[attr-defined] # a name that the reader imports
    try:
        return read_bytes("f.yaml", data)
    finally:
        reader.read_plain = open_way  # type: ignore[attr-defined]


def _no_way(*_: object) -> None:
    return None


def difference(text: str) -> str:
    """Return how the two ways differ, `""` where they agree."""
    data = text.encode(errors="ignore")
    short, full = read_bytes("f.yaml", data), by_events(data)
    for part in split(text):
        if twice := _shared(read_plain(part.text, DEFAULT_LIMITS)):
            return f"{twice!r} stands at two places"
    ours, theirs = _shown(short), _shown(full)
    return "" if ours == theirs else f"short way: {ours}\nby events: {theirs}"


def _shown(reading: Reading) -> str:
    """Return all that a reading says; `repr` tells types, signs of zero and order of keys."""
    documents = [(d.path, d.index, d.line, d.text, d.value) for d in reading.documents]
    return repr((documents, reading.problems))


def _shared(value: Json) -> Json:
    """Return a collection that occurs twice in a value; the short way knows no aliases."""
    seen: set[int] = set()
    rest = [value]
    while rest:
        here = rest.pop()
        if isinstance(here, dict | list):
            if id(here) in seen:
                return here
            seen.add(id(here))
            rest += here.values() if isinstance(here, dict) else here
    return None


@dataclass
class Result:
    """What a batch found: mutants tried, those that took the short way, the differences."""

    seed: int
    tried: int = 0
    accepted: int = 0
    differences: list[tuple[str, str]] = field(default_factory=list)


def run(texts: list[str], wanted: int, seed: int) -> Result:
    """Mutate until so many mutants have taken the short way, and compare those."""
    rng = random.Random(seed)  # noqa: S311 # repeatable, no secret
    result = Result(seed)
    while result.accepted < wanted:
        text = mutate(rng, texts)
        result.tried += 1
        if not takes_short_way(text):
            continue
        result.accepted += 1
        if found := difference(text):
            result.differences.append((text, found))
    return result


def _batches(arguments: argparse.Namespace) -> Iterator[Result]:
    texts = seeds(arguments.seeds) if arguments.seeds else own_seeds()
    sizes = [_BATCH] * (arguments.count // _BATCH) + [arguments.count % _BATCH]
    work = partial(run, texts)
    batches = [size for size in sizes if size]
    numbers = [seed for seed, _ in zip(count(arguments.seed), batches)]
    if arguments.processes == 1:
        yield from map(work, batches, numbers)
        return
    with ProcessPoolExecutor(arguments.processes) as pool:
        yield from pool.map(work, batches, numbers)


def main() -> int:
    """Run what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="mutants on the short way")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seeds", type=Path, nargs="*", help="folders of other manifests")
    arguments = parser.parse_args()
    tried = accepted = wrong = 0
    for result in _batches(arguments):
        tried, accepted = tried + result.tried, accepted + result.accepted
        wrong += len(result.differences)
        for text, found in result.differences[:5]:
            sys.stdout.write(f"seed {result.seed}: {text!r}\n{found}\n\n")
    sys.stdout.write(
        f"seed {arguments.seed}: {tried} mutants, {accepted} compared, {wrong} differ\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
