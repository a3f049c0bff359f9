"""Requests that move, as people and programs read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgegen.compare.requests import Answer, Move, Part, RequestChange, RequestChanges
from edgegen.report.markdown import LARGEST_COMMENT, fitted
from edgegen.report.moves import alike, request_lines, requests_json, url_of
from edgegen.routing.verdict import Request

WEB = Part("Service", "shop", "web", 80, 1.0, valid=True)
SERVED = Answer(
    "backend",
    "public",
    routes=("HTTPRoute/shop/web",),
    teams=("shop",),
    backends=(WEB,),
    forwarded=("shop.example.com", "/a"),
)
NOTHING = Answer("error", "public", status=404, reason="no router matches")
GET = Request("https", "shop.example.com", 443, "/a")


def change(before: Answer, after: Answer, request: Request = GET) -> RequestChange:
    return RequestChange(Move.MOVES, "shop.example.com", ("/a",), request, before, after)


def line(before: Answer, after: Answer) -> str:
    return next(request_lines(RequestChanges((change(before, after),)), str))


SERVICE = "Service shop/web:80 (team shop)"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (NOTHING, "nobody (404)"),
        (Answer("tls-error"), "nobody (tls error)"),
        (replace(SERVED, backends=(replace(WEB, name="b"),)), "Service shop/b:80 (team shop)"),
        (
            replace(
                SERVED, backends=(replace(WEB, share=0.25), replace(WEB, name="b", share=0.75))
            ),
            "Service shop/web:80 (0.25), Service shop/b:80 (0.75) (team shop)",
        ),
        (
            replace(SERVED, backends=(replace(WEB, valid=False),)),
            "Service shop/web:80, which answers an error (team shop)",
        ),
        (Answer("redirect", status=302, location="https://b/"), "302 to https://b/"),
        (
            Answer("undetermined", routes=("HTTPRoute/a/a", "HTTPRoute/b/b"), reason="equal"),
            "HTTPRoute/a/a or HTTPRoute/b/b: equal",
        ),
    ],
)
def test_an_answer_in_words(after: Answer, words: str) -> None:
    assert line(SERVED, after) == f"~ shop.example.com /a: {SERVICE} -> {words}"


def test_only_what_tells_two_answers_apart_is_told() -> None:
    rewritten = replace(SERVED, forwarded=("shop.example.com", "/"))
    assert line(SERVED, rewritten) == (
        "~ shop.example.com /a: Service shop/web:80 sees shop.example.com/a (team shop)"
        " -> Service shop/web:80 sees shop.example.com/ (team shop)"
    )
    elsewhere = replace(SERVED, edge="inner")
    assert line(SERVED, elsewhere).endswith("-> Service shop/web:80 at edge inner (team shop)")


@pytest.mark.parametrize(
    ("request_", "url"),
    [
        (GET, "https://shop.example.com/a"),
        (replace(GET, port=8443), "https://shop.example.com:8443/a"),
        (replace(GET, scheme="http", port=443), "http://shop.example.com:443/a"),
        (replace(GET, scheme="tls"), "tls://shop.example.com"),
        (replace(GET, host="fd00::1", scheme="tcp", port=9), "tcp://[fd00::1]:9"),
        (replace(GET, path="/a?q=1&b=x+y"), "https://shop.example.com/a?q=1&b=x+y"),
        (replace(GET, path="/a?token=hunter2"), "https://shop.example.com/a?token=…"),
    ],
)
def test_urls(request_: Request, url: str) -> None:
    assert url_of(request_) == url


def test_no_secret_is_shown() -> None:
    asked = replace(GET, headers=(("x-api-token", "hunter2"), ("x-beta", "1")))
    found = RequestChanges((change(SERVED, NOTHING, asked),), 1)
    _, example = request_lines(found, str)
    assert example == "    GET https://shop.example.com/a, x-api-token: …, x-beta: 1"
    assert "hunter2" not in str(requests_json([("east", found)]))


def test_much_is_counted() -> None:
    many = tuple(
        replace(change(SERVED, NOTHING), paths=tuple(f"/{n}" for n in range(5))) for _ in range(40)
    )
    lines = list(request_lines(RequestChanges(many, 1000, is_cut=True), str))
    assert lines[0].startswith("~ shop.example.com /0, /1, /2 and 2 more paths: ")
    assert lines[-2:] == ["… and 10 more", "only the first 1,000 requests were compared"]
    assert len(lines) == 62


def test_clusters_that_differ_in_hostnames_alone_are_alike() -> None:
    east = change(SERVED, NOTHING)
    west = replace(
        east,
        hostname="shop.west.example",
        request=replace(GET, host="shop.west.example"),
        before=replace(SERVED, forwarded=("shop.west.example", "/a")),
    )
    assert alike(RequestChanges((east,))) == alike(RequestChanges((west,)))
    other = replace(east, paths=("/b",))
    assert alike(RequestChanges((east,))) != alike(RequestChanges((other,)))
    document = requests_json(
        [("east", RequestChanges((east,), 2)), ("west", RequestChanges((), 3))]
    )
    assert (document["asked"], document["cut"]) == (5, False)


def test_a_comment_of_many_sections_stays_a_comment() -> None:
    sections = [(f"cluster {n} {'x' * 50}", [f"- {'y' * 100}"] * 9) for n in range(2_000)]
    comment = fitted("### head\n", sections, unfolded=1)
    assert 50_000 < len(comment.encode()) <= LARGEST_COMMENT
    assert comment.count("<details open>") == 1
    assert comment.count("<details") == comment.count("</details>")
    assert comment.endswith(" more sections; the report of the job has them all\n")
