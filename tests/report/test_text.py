"""Carets, masked characters and numbers of the text report."""

from __future__ import annotations

import unicodedata

import pytest

from edgegen.app.outcome import Outcome, Summary
from edgegen.diagnostics import Diagnostic, Note, Place, ResourceRef, Severity
from edgegen.engine import InternalError
from edgegen.report.json import render_json
from edgegen.report.text import render_text, summary_line


def outcome(*diagnostics: Diagnostic, lines: tuple[str, ...] = ()) -> Outcome:
    return Outcome("lint", diagnostics, (), Summary(), lambda _: list(lines))


def finding(
    place: Place | None, message: str = "a fault", clusters: tuple[str, ...] = ()
) -> Diagnostic:
    return Diagnostic("XX001", "a-rule", Severity.ERROR, message, place, clusters=clusters)


def excerpt(line: str, start: int, end: int) -> list[str]:
    """The source line and the carets below it, without their gutters."""
    text = render_text(outcome(finding(Place("f.yaml", 1, start, 1, end)), lines=(line,)))
    shown = text.splitlines()[1:3]
    assert [one[:4] for one in shown] == ["1 | ", "  | "]
    return [one[4:] for one in shown]


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    wide = {"W", "F"}
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in wide)
        for char in text
    )


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("name: pubic", "pubic"),
        ("{名前: 値, next: bad}", "bad"),
        ("名前: 値", "値"),
        ("rocket: 🚀 bad", "bad"),
        ("rocket: 🚀🚀", "🚀🚀"),
        ("cafe\u0301: bad", "bad"),
        ("fullwidth \uff21: bad", "bad"),
    ],
)
def test_carets_stand_below_their_value(line: str, part: str) -> None:
    start = line.index(part)
    shown, carets = excerpt(line, start + 1, start + 1 + len(part))
    assert shown == line
    assert carets == " " * cells(line[:start]) + "^" * cells(part)


def test_a_tab_takes_one_cell() -> None:
    assert excerpt("a:\tbad\t# x", 4, 7) == ["a: bad # x", "   ^^^"]


@pytest.mark.parametrize(
    ("start", "end", "carets"),
    [
        (1, 1, "^"),
        (4, 4, "   ^"),
        (4, 400, "   ^"),
        (5, 5, "    ^"),
        (90, 99, "    ^"),
    ],
)
def test_places_beyond_the_line_are_kept_near(start: int, end: int, carets: str) -> None:
    assert excerpt("abcd", start, end) == ["abcd", carets]


def test_a_span_of_several_lines_ends_with_its_first() -> None:
    place = Place("f.yaml", 1, 3, 4, 2)
    text = render_text(outcome(finding(place), lines=("a: {", "", "", "}")))
    assert text.splitlines()[1:3] == ["1 | a: {", "  |   ^^"]


def test_a_long_line_is_cut_and_a_far_column_has_no_excerpt() -> None:
    shown, carets = excerpt("x" * 5000, 3, 4000)
    assert len(shown) <= 200
    assert len(carets) <= 200
    text = render_text(outcome(finding(Place("f.yaml", 1, 4000, 1, 4001)), lines=("x" * 5000,)))
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("lines", [(), ("",), ("   ",)])
def test_no_line_no_excerpt(lines: tuple[str, ...]) -> None:
    text = render_text(outcome(finding(Place("f.yaml", 1, 1, 1, 2)), lines=lines))
    assert (
        text == "f.yaml:1:1: error[XX001] a fault\nno findings (0 clusters, 0 resources, 0 files)\n"
    )


def test_a_finding_without_a_place() -> None:
    text = render_text(outcome(finding(None)))
    assert text.splitlines()[0] == "error[XX001] a fault"


@pytest.mark.parametrize(
    ("clusters", "shown"),
    [
        ((), ""),
        (("default",), ""),
        (("a",), " (in a)"),
        (("a", "b", "c"), " (in a, b, c)"),
        (tuple(f"c{number}" for number in range(1204)), " (in 1,204 clusters)"),
    ],
)
def test_clusters_of_a_finding(clusters: tuple[str, ...], shown: str) -> None:
    text = render_text(outcome(finding(None, clusters=clusters)))
    assert text.splitlines()[0] == f"error[XX001] a fault{shown}"


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202ereversed\u202c",
    "\u2066isolate\u2069",
    "\u200b\u200e\ufeff",
    "back\b\b\bspace",
    "carriage\rreturn",
    "line\nbreak",
    "line\u2028separator\u2029",
    "\udc80",
)


def neutral(text: str) -> bool:
    """No character of a text moves the cursor, reorders or hides what stands beside it."""
    return not [
        char
        for char in text
        if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_excerpts_cannot_steer_a_terminal(hostile: str) -> None:
    line = f"name: {hostile.replace(chr(10), '')}x"
    text = render_text(outcome(finding(Place("f.yaml", 1, 1, 1, 5)), lines=(line,)))
    assert neutral(text)
    assert "name: " in text


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
@pytest.mark.parametrize("where", ["message", "help", "note", "path", "cluster"])
def test_words_of_the_user_cannot_steer_a_terminal(hostile: str, where: str) -> None:
    words = dict.fromkeys(("message", "help", "note", "path", "cluster"), "words")
    words[where] = f"before {hostile} after"
    place = Place(words["path"], 1, 1, 1, 2)
    one = Diagnostic(
        "XX001",
        "a-rule",
        Severity.ERROR,
        words["message"],
        place,
        help=words["help"],
        notes=(Note(place, words["note"]),),
        clusters=(words["cluster"],),
    )
    text = render_text(outcome(one))
    assert neutral(text)
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_json_holds_hostile_words_as_data(hostile: str) -> None:
    """A document on a terminal steers it no more than a text does, and it can be encoded."""
    ref = ResourceRef("v1", "ConfigMap", "", hostile)
    one = Diagnostic("XX001", "a-rule", Severity.ERROR, hostile, None, resource=ref)
    text = render_json(outcome(one))
    assert not [
        char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cs")
    ]
    text.encode()


def test_internal_errors_are_told_last() -> None:
    failed = InternalError("XX002", "Gateway/a/b", 'Traceback\n  File "x"\nValueError: y\n')
    text = render_text(
        Outcome("lint", (finding(None),), (failed,), Summary(internal_errors=1), lambda _: [])
    )
    assert text.splitlines() == [
        "error[XX001] a fault",
        "internal error: rule XX002 failed on Gateway/a/b",
        "  Traceback",
        '    File "x"',
        "  ValueError: y",
        "  this is a bug of edgegen; all other findings are reported above",
        "no findings (0 clusters, 0 resources, 0 files, 1 internal errors)",
    ]


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        (Summary(), "no findings (0 clusters, 0 resources, 0 files)"),
        (
            Summary(errors=1, clusters=1, resources=1, files=1),
            "1 error (1 cluster, 1 resource, 1 file)",
        ),
        (
            Summary(errors=2, warnings=1, infos=3, clusters=2, resources=4, files=5),
            "2 errors, 1 warning, 3 infos (2 clusters, 4 resources, 5 files)",
        ),
        (
            Summary(suppressed=1, exempted=2, baselined=3, unknown_kinds=4, not_validated=5),
            "no findings (0 clusters, 0 resources, 0 files, 1 suppressed, 2 exempted,"
            " 3 in the baseline, 4 of unknown kinds passed over, 5 without a schema)",
        ),
    ],
)
def test_the_line_of_numbers(summary: Summary, line: str) -> None:
    assert summary_line(summary) == line
