from __future__ import annotations

import random

import pytest

from edgegen.yamlio.scalars import (
    ScalarError,
    key_text,
    native,
    reads_as_string,
    resolve,
    tagged,
)

HEAD = "apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: a}\nspec:\n"
WORDS = [
    word
    for lower in ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf")
    for word in (lower, lower.title(), lower.upper(), lower[:-1] + lower[-1].upper())
]
FORMS = [
    *(
        "1",
        "-1",
        "+12",
        "0",
        "-0",
        "00",
        "010",
        "08",
        "0o14",
        "0O14",
        "0x1F",
        "0X1f",
        "0x",
        "0b101",
    ),
    *(
        "-0b11",
        "0b",
        "0b-101",
        "0b+11",
        "0b2",
        "1_000",
        "0x_1",
        "1__0",
        "_1",
        "1_",
        "12:30",
        "1:2:3",
    ),
    *(
        "1.0",
        "1.",
        ".5",
        ".5_0",
        "._5",
        ".5_",
        ".5e1_0",
        "+.5",
        "-.5",
        "1e3",
        "1E3",
        "1e+3",
        "1e400",
    ),
    *(
        "1e-400",
        "-0.0",
        "0e9",
        "1.5e",
        "e5",
        ".e5",
        "1e21",
        "1e20",
        "1e19",
        "1e18",
        "1e6",
        "123456.7",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("18446744073709551615", "18446744073709551616", "+18446744073709551615"),
    *("0xFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFF", "1234567890123456789.0", "0.1", "3.4e39"),
    *("2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "2024-01-01 10:00:00", "64512:10"),
    *(
        "~",
        "=",
        "<<",
        "10.0.0.0/8",
        "fc00::/7",
        "1.2.3",
        "0777",
        "0o8",
        "1e3_0",
        "99999999999999999999",
    ),
]


def _random_scalars(count: int) -> list[str]:
    rng = random.Random(20)  # noqa: S311 # repeatable, no secret
    starts = ["", "", "0x", "0b", "0o", "0", ".", "-", "+", "-0b", "0b-", "1e", "-.", "1.5e"]
    letters = "0123456789" * 2 + "+-_.eExXoObBaFf"
    found: set[str] = set()
    while len(found) < count:
        text = rng.choice(starts) + "".join(rng.choices(letters, k=rng.randint(1, 8)))
        if text != "-" and not text.startswith("---"):
            found.add(text)
    for bits in range(40, 72):
        for sign in ("", "-", "+"):
            found.add(f"{sign}{rng.getrandbits(bits)}")
            found.add(f"{sign}{rng.getrandbits(bits)}.0")
        found.add(repr(rng.random() * 10.0 ** rng.randint(-10, 25)))
    return sorted(found)


@pytest.fixture(scope="module")
def scalars() -> list[str]:
    return list(dict.fromkeys(WORDS + FORMS + _random_scalars(4_000)))


def _typed(values: list[object]) -> list[tuple[str, object]]:
    return [(type(value).__name__, value) for value in values]


def test_values_are_those_of_the_api_machinery(scalars, judge):
    read = judge(HEAD + "".join(f"- {text}\n" for text in scalars))[0]["spec"]
    ours = [resolve(text) for text in scalars]
    wrong = [
        (text, our, theirs)
        for text, our, theirs in zip(scalars, _typed(ours), _typed(read), strict=True)
        if our != theirs
    ]
    assert wrong == []


def test_keys_are_those_of_the_api_machinery(scalars, judge):
    keys = [text for text in scalars if text not in ("~", "<<") and _key(text) is not None]
    read = judge(HEAD + "".join(f"- {text}: 1\n" for text in keys))[0]["spec"]
    wrong = [
        (text, _key(text), next(iter(theirs)))
        for text, theirs in zip(keys, read, strict=True)
        if _key(text) != next(iter(theirs))
    ]
    assert wrong == []


def _key(text: str) -> str | None:
    try:
        return key_text(native(text), text)
    except ScalarError:
        return None


@pytest.mark.parametrize("text", [".inf", ".Inf", "+.INF", "-.inf", ".nan", ".NaN", ".NAN"])
def test_infinity_and_nan_have_no_json_form(text, refuses):
    with pytest.raises(ScalarError) as caught:
        resolve(text)
    assert caught.value.rule == "yaml-unrepresentable"
    assert refuses(HEAD + f"  a: {text}\n")


@pytest.mark.parametrize("text", ["", "~", "null", "18446744073709551615"])
def test_keys_that_the_api_machinery_refuses(text, refuses):
    with pytest.raises(ScalarError) as caught:
        key_text(native(text), text)
    assert caught.value.rule == "yaml-bad-key"
    assert refuses(HEAD + f"  ? {text}\n  : 1\n")


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "1", "1"),
        ("str", "", ""),
        ("int", "1", 1),
        ("int", "0o14", 12),
        ("float", "1", 1),
        ("float", "1.5", 1.5),
        ("bool", "y", True),
        ("null", "~", None),
        ("binary", "aGk=", "hi"),
        ("binary", "4oI=", "\ufffd\ufffd"),
        ("timestamp", "2024-02-29", "2024-02-29"),
        ("timestamp", "2024-1-1T1:2:3.5+01:00", "2024-1-1T1:2:3.5+01:00"),
        ("merge", "1", "1"),
        ("foo", "1", "1"),
    ],
)
def test_tags_as_the_api_machinery_reads_them(tag, text, value, judge):
    assert tagged(f"tag:yaml.org,2002:{tag}", text) == value
    assert judge(HEAD + f'  a: !!{tag} "{text}"\n')[0]["spec"] == {"a": value}


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("int", "foo"),
        ("int", "1.5"),
        ("bool", "1"),
        ("null", "x"),
        ("float", "18446744073709551615"),
        ("binary", "a"),
        ("timestamp", "2023-02-29"),
        ("timestamp", "today"),
        ("timestamp", "2023-13-01"),
    ],
)
def test_tags_that_do_not_fit(tag, text, refuses):
    with pytest.raises(ScalarError) as caught:
        tagged(f"tag:yaml.org,2002:{tag}", text)
    assert caught.value.rule == "yaml-unrepresentable"
    assert refuses(HEAD + f'  a: !!{tag} "{text}"\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", True),
        ("y", False),
        ("Y", False),
        ("oN", False),
        ("1", False),
        ("", False),
        ("=", False),
    ],
)
def test_reads_as_string_asks_for_every_reader(text, expected):
    assert reads_as_string(text) is expected


def test_long_digits_are_no_trap():
    assert resolve("9" * 5_000) == "9" * 5_000
    assert resolve("0" * 5_000 + "7") == 7
    assert resolve("1" + "0" * 300) == 1e300
