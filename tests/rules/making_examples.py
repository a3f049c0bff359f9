"""Chooses the examples of the rules' pages among the cases that test them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory

from by_hand import BY_HAND
from repositories import SMALL, write_tree

from edgegen.app.choice import Choice
from edgegen.app.inputs import Input
from edgegen.app.lint import lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.diagnostics import Diagnostic
from edgegen.rules import RULES
from edgegen.rules.base import Rule

CASES = Path(__file__).parent / "cases"

_EXPECT = re.compile(r"#\s*expect:\s*([A-Z0-9 ]+?)\s*(?:#.*)?$", re.MULTILINE)
_MOST_LINES = 24  # of an example; a page is read, not studied


@dataclass(frozen=True)
class Candidate:
    """Documents of a case: with the finding first, then those that it points at."""

    case: Path
    documents: tuple[str, ...]
    says: str

    @property
    def text(self) -> str:
        return "---\n".join(self.documents)

    @property
    def lines(self) -> int:
        return self.text.count("\n")


def page_examples() -> dict[str, dict[str, str]]:
    """Return code -> bad example, what it says, good example."""
    found: dict[str, dict[str, str]] = {}
    for rule in RULES:
        example = _by_hand(rule) if rule.code in BY_HAND else _of_cases(rule)
        if example is not None:
            found[rule.code] = example
    return found


def as_text(found: dict[str, dict[str, str]]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _of_cases(rule: Rule) -> dict[str, str] | None:
    folders = sorted(CASES.glob(f"*/{rule.name}"))
    bad = [one for case in _cases(folders, "bad") for one in _candidates(case, rule)]
    if not bad:
        return None
    best = min(bad, key=lambda one: (one.lines > _MOST_LINES, one.lines, one.case.name))
    if best.lines > _MOST_LINES:
        best = Candidate(best.case, best.documents[:1], best.says)
    good = [text for case in _cases(folders, "good") for text in _texts(case)]
    return {
        "bad": _marked(best.text, rule.code),
        "says": best.says,
        "good": _nearest(good, best.documents[0]),
    }


def _cases(folders: Iterable[Path], word: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob(f"{word}*"))


def _candidates(case: Path, rule: Rule) -> Iterator[Candidate]:
    files = sorted(case.rglob("*.yaml")) if case.is_dir() else [case]
    texts = {_name(path, case): _documents(path.read_text("utf-8")) for path in files}
    if not any(
        rule.code in match[1]
        for path in files
        for match in _EXPECT.finditer(path.read_text("utf-8"))
    ):
        return
    outcome = _judged(case, files, Choice(frozenset({one.family for one in RULES} | {rule.code})))
    for one in outcome.diagnostics:
        if one.code == rule.code and one.place is not None:
            yield Candidate(case, tuple(_shown(one, texts)), one.message)


def _name(path: Path, case: Path) -> str:
    """Return a file's path as findings name it."""
    return path.relative_to(case).as_posix() if case.suffix == ".repo" else str(path)


def _judged(case: Path, files: list[Path], chosen: Choice) -> Outcome:
    if case.suffix == ".repo":
        return lint_repository(case, chosen=chosen)
    inputs = [Input(str(path), path.stem if case.is_dir() else "") for path in files]
    complete = "partial" not in case.stem
    return lint_manifests(inputs, lambda: b"", complete=complete, chosen=chosen)


def _shown(one: Diagnostic, texts: dict[str, list[str]]) -> Iterator[str]:
    places = [place for place in (one.place, *(note.place for note in one.notes)) if place]
    for path, document in dict.fromkeys((place.path, place.document) for place in places[:2]):
        if path in texts and document < len(texts[path]):
            yield texts[path][document]


def _texts(case: Path) -> Iterator[str]:
    for path in sorted(case.rglob("*.yaml")) if case.is_dir() else [case]:
        yield from _documents(path.read_text("utf-8"))


def _documents(text: str) -> list[str]:
    """Return the documents of a file, without comments that stand before them."""
    parts = re.split(r"^---.*\n", text, flags=re.MULTILINE)
    return [re.sub(r"\A(?:#.*\n|\s*\n)+", "", part) for part in parts]


def _nearest(texts: list[str], bad: str) -> str:
    """Return the text that looks most like the bad one, and is short enough to be read."""
    plain = _EXPECT.sub("", bad)
    short = [text for text in texts if _is_short(text) and not _EXPECT.search(text)]
    kind = re.search(r"^kind:.*$", plain, re.MULTILINE)
    same = [text for text in short if kind and kind[0] in text] or short
    scored = [(SequenceMatcher(None, plain, text, autojunk=False).ratio(), text) for text in same]
    return max(scored)[1].rstrip("\n") + "\n" if scored else ""


def _is_short(text: str) -> bool:
    return text.count("\n") <= _MOST_LINES and text.strip() != ""


def _marked(text: str, code: str) -> str:
    """Return an example whose line at fault ends with the code."""
    marked = _EXPECT.sub(lambda match: f"# {code}" if code in match[1] else "", text)
    return re.sub(r" +$", "", marked, flags=re.MULTILINE).rstrip("\n") + "\n"


def _by_hand(rule: Rule) -> dict[str, str]:
    path, bad, good = BY_HAND[rule.code]
    says = judged_by_hand(path, bad)
    assert rule.code in says, (rule.code, says)
    assert rule.code not in judged_by_hand(path, good), rule.code
    where = f"# {path}\n"
    good = where + good if good else ""
    return {"bad": where + bad, "says": says[rule.code], "good": good}


def judged_by_hand(path: str, text: str) -> dict[str, str]:
    """Return code -> message of the findings in a small repository with one file more."""
    with TemporaryDirectory() as folder:
        root = (
            write_tree(Path(folder), {**SMALL, path: text})
            if text
            else write_tree(Path(folder), SMALL)
        )
        outcome = lint_repository(root, today="2026-06-01")
    return {one.code: one.message for one in outcome.diagnostics}
