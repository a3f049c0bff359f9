from __future__ import annotations

import pytest

from edgegen.diagnostics import Note, Place
from edgegen.yamlio.reader import read_bytes

ALLOWED_BY_12 = "YAML 1.2 allows this, the reader of the API server does not"
LONG = "k" * 1100


@pytest.mark.parametrize(
    ("text", "place", "message", "remedy"),
    [
        ("a: {b: ${vars.x}}", "1:8-17", '"${vars.x}" is not quoted in flow style', 'quote it: "${vars.x}"'),
        ("a: [${vars.x}, b]", "1:5-14", '"${vars.x}" is not quoted in flow style', 'quote it: "${vars.x}"'),
        ("a:\n\tb: 1\n", "2:1-2", "a tab in the indentation", "indent with spaces"),
        ("a: *.x.com\n", "1:4-5", '"*" without a name behind it', "quote the value"),
        ("a: & b\n", "1:4-5", '"&" without a name behind it', "quote the value"),
        ("a: @x\n", "1:4-5", 'a value cannot start with "@"', "quote it"),
        ("a: ,b\n", "1:4-5", 'a value cannot start with ","', "quote it"),
        ("a: 'x\nb: 1\n", "1:4-5", "the quote is never closed", "close it"),
        ("a: [1, 2\n", "1:4-5", 'the "[" is never closed', "close it"),
        ("a: {b: 1\n\n\n", "1:4-5", 'the "{" is never closed', "close it"),
        ("a: [ # x\n", "1:4-5", 'the "[" is never closed', "close it"),
        ("a:\n  - b: {c: [d, 'e]', # ]\n", "2:12-13", 'the "[" is never closed', "close it"),
        ("a: {b # [\n", "1:4-5", 'the "{" is never closed', "close it"),
        ("<<: \na: 1\n", "1:1-3", '"<<" merges a mapping or a list of mappings, nothing else', 'name a mapping, or quote "<<"'),
        ("[", "1:1-2", 'the "[" is never closed', "close it"),
        ("a: b: c\n", "1:5-6", 'a ":" cannot stand here', "quote the value if the sign belongs to it, or correct the indentation"),
        (LONG + ": 1\n", "1:1-1101", "a key longer than 1024 characters", "shorten it"),
        ("a: 1\nbcd\n", "2:1-4", 'this line is no "key: value"', 'add the ":", or indent the line to continue the value above'),
        ("a: |x\n", "1:5-6", 'text behind the "|" or ">" of a block', "start the text on the next line, or quote the value"),
        ("a: 'it's'\n", "1:8-9", "this is no key of the mapping", "correct the indentation, or quote the value"),
        ("a: - b\n", "1:4-5", "a list cannot start here", "start it on a line of its own, or quote the value"),
        ('a: "\\q"\n', "1:5-6", "an unknown escape in double quotes", "double the backslash, or use single quotes"),
        ("a: !e!x 1\n", "1:4-5", "a tag handle that no %TAG line declares", "remove the tag"),
        (" a: 1\nb: 2\n", "2:1-2", "the document ended before this line", 'correct the indentation, or start a document with "---"'),
        ("a: *x\n", "1:4-6", "this alias names no anchor that stands before it", "quote it, or correct the name"),
        ("é: [b?c]\n", "1:5-8", 'a "?" ends the value here, for the reader of the API server', "quote the value"),
        ("a: 1 # \u2028---\u2028b: 1\n", "1:9-12", "a second document starts after a line separator U+2028 or U+2029", "start it on a line of its own"),
    ],
)  # fmt: skip
def test_words_and_places(text, place, message, remedy):
    (problem,) = read_bytes("f.yaml", text.encode()).problems
    at = problem.place
    assert problem.rule == "yaml-syntax"
    assert (f"{at.line}:{at.column}-{at.end_column}", problem.message, problem.help) == (
        place,
        message,
        remedy,
    )
    assert problem.notes == ()


@pytest.mark.parametrize("text", ["a: [::1]\n", "[a:]\n", 'a: "\\ud83d\\ude00"\n'])
def test_what_yaml_12_allows_is_said(text):
    (problem,) = read_bytes("f.yaml", text.encode()).problems
    assert [note.message for note in problem.notes] == [ALLOWED_BY_12]


@pytest.mark.parametrize(
    ("text", "message", "begun"),
    [
        ("x:\n  b: 1\n c: 2\n", "this is no key of the mapping", 1),
        ("- a\nb: 1\n", "this is no item of the list", 1),
        ("a: 1\nb: [1, 2\nc: 3\n", 'expected "," or "]" before ":"', 2),
    ],
)
def test_what_is_unfinished_names_its_start(text, message, begun):
    (problem,) = read_bytes("f.yaml", text.encode()).problems
    assert problem.message == message
    assert [(note.place.line, note.message) for note in problem.notes] == [
        (begun, "it starts here")
    ]


def test_places_count_lines_of_the_file():
    (problem,) = read_bytes("f.yaml", b"a: 1\n---\n# c\nb: [1\n").problems
    assert problem.place == Place("f.yaml", 4, 4, 4, 5, 1)


def test_the_second_opinion_has_a_budget():
    text = "---\n" + "a: [::1]\n" + "#" * 5_000 + "\n"
    problems = read_bytes("f.yaml", (text * 6).encode()).problems
    said = [[note.message for note in problem.notes] for problem in problems]
    assert said == [[ALLOWED_BY_12]] * 3 + [[]] * 3
    assert problems[0].notes[0] == Note(problems[0].place, ALLOWED_BY_12)
