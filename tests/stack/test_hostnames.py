from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.stack.hostnames import (
    NO_INTERSECTION,
    HostTrie,
    NoIntersection,
    OwnerMap,
    certificate_covers,
    covers,
    hostname_fault,
    intersection,
    is_hostname,
    is_wildcard,
)

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


@pytest.mark.parametrize(
    "text",
    ["a", "1", "example.com", "*.example.com", "*.com", "a-b.c--d.e0", "1.2.3", "0x.1", LONGEST],
)
def test_valid_hostnames(text: str) -> None:
    assert (is_hostname(text), hostname_fault(text)) == (True, None)


FAULTS = [
    ("", "is empty"),
    ("https://example.com", "has a scheme"),
    ("10.0.0.1", "is an IP address"),
    ("2001:db8::1", "is an IP address"),
    ("[2001:db8::1]", "is an IP address"),
    ("[2001:db8::1]:80", "has a port"),
    ("example.com/api", "has a path"),
    ("example.com:443", "has a port"),
    ("10.0.0.1:443", "has a port"),
    ("*.example.com:443", "has a port"),
    ("example .com", "has a space"),
    ("example.com\n", "has a space"),
    ("example.com.", "ends with a dot"),
    (LONGEST + "d", "has 254 characters, more than 253"),
    ("my_app.example.com", "has an underscore"),
    ("Example.com", "has upper-case letters"),
    ("*", "is a wildcard without a domain"),
    ("a.*.example.com", "has a wildcard after its first label"),
    ("*.*.example.com", "has a wildcard after its first label"),
    ("*a.example.com", "has a wildcard that is not a whole label"),
    ("a*", "has a wildcard that is not a whole label"),
    ("*.a*.com", "has a wildcard that is not a whole label"),
    ("a..b", "has an empty label"),
    (".a", "has an empty label"),
    ("*..a", "has an empty label"),
    ("-a.b", "has a label that starts or ends with a hyphen"),
    ("a-.b", "has a label that starts or ends with a hyphen"),
    ("a" * 64 + ".b", "has a label of 64 characters, more than 63"),
    ("b\u00fccher.de", "has the character '\u00fc'"),
    ("a:b", "has the character ':'"),
    ("a\0b", "has the character '\\x00'"),
    ("\ud800", "has the character '\\ud800'"),
    ("a\u0661", "has the character '\u0661'"),
    ("${vars.host}", "has the character '$'"),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_hostname_fault_says_why(text: str, fault: str) -> None:
    assert (is_hostname(text), hostname_fault(text)) == (False, fault)


@given(st.text(max_size=40) | st.text(alphabet="aA0-.*:/_[] ", max_size=12))
def test_every_text_has_a_fault_or_is_a_hostname(text: str) -> None:
    fault = hostname_fault(text)
    assert (fault is None) == is_hostname(text)
    assert fault != "is not a hostname"


def test_wildcards() -> None:
    assert [is_wildcard(text) for text in ("*.a", "a", "*", "a.*", "*a.b")] == [
        True,
        False,
        False,
        False,
        False,
    ]


INTERSECTIONS = [
    (None, None, None),
    (None, "a.com", "a.com"),
    (None, "*.a.com", "*.a.com"),
    ("a.com", "a.com", "a.com"),
    ("a.com", "b.com", NO_INTERSECTION),
    ("a.com", "x.a.com", NO_INTERSECTION),
    ("*.a.com", "*.a.com", "*.a.com"),
    ("*.a.com", "x.a.com", "x.a.com"),
    ("*.a.com", "y.x.a.com", "y.x.a.com"),
    ("*.a.com", "a.com", NO_INTERSECTION),
    ("*.a.com", "xa.com", NO_INTERSECTION),
    ("*.a.com", ".a.com", NO_INTERSECTION),
    ("*.a.com", "*.x.a.com", "*.x.a.com"),
    ("*.com", "*.x.a.com", "*.x.a.com"),
    ("*.a.com", "*.b.com", NO_INTERSECTION),
    ("*.a.com", "*.xa.com", NO_INTERSECTION),
]


@pytest.mark.parametrize(("first", "second", "expected"), INTERSECTIONS)
def test_intersection(
    first: str | None, second: str | None, expected: str | NoIntersection | None
) -> None:
    assert intersection(first, second) == expected
    assert intersection(second, first) == expected


@pytest.mark.parametrize(
    ("pattern", "hostname", "expected"),
    [
        (None, None, True),
        (None, "a.com", True),
        ("*.com", None, False),
        ("a.com", "a.com", True),
        ("a.com", "x.a.com", False),
        ("*.com", "a.com", True),
        ("*.com", "*.a.com", True),
        ("*.a.com", "*.com", False),
        ("*.a.com", "*.a.com", True),
        ("*.a.com", "a.com", False),
        ("a.com", "*.a.com", False),
    ],
)
def test_covers(pattern: str | None, hostname: str | None, expected: bool) -> None:
    assert covers(pattern, hostname) is expected


@pytest.mark.parametrize(
    ("name", "hostname", "expected"),
    [
        ("a.com", "a.com", True),
        ("A.com", "a.COM", True),
        ("a.com", "x.a.com", False),
        ("*.a.com", "x.a.com", True),
        ("*.A.com", "x.a.com", True),
        ("*.a.com", "y.x.a.com", False),
        ("*.a.com", "a.com", False),
        ("*.a.com", ".a.com", False),
        ("x*.a.com", "xy.a.com", False),
        ("x.*.com", "x.a.com", False),
        ("*", "a", False),
        ("*.", "a", False),
        ("*.a.com", "*.a.com", True),
        ("*.com", "*.a.com", False),
        ("*.com", "*.com", True),
    ],
)
def test_wildcard_certificate_covers_one_label(name: str, hostname: str, expected: bool) -> None:
    assert certificate_covers(name, hostname) is expected


def trie_of(*hostnames: str | None) -> HostTrie[str]:
    trie: HostTrie[str] = HostTrie()
    for number, hostname in enumerate(hostnames):
        trie.add(hostname, f"{number}:{hostname}")
    return trie


def test_matching_goes_from_the_most_specific_to_the_least() -> None:
    trie = trie_of(None, "*.com", "pay.a.com", "*.a.com", "a.com", "*.pay.a.com", "pay.a.com")
    assert trie.matching("pay.a.com") == [
        "2:pay.a.com",
        "6:pay.a.com",
        "3:*.a.com",
        "1:*.com",
        "0:None",
    ]
    assert trie.matching("a.com") == ["4:a.com", "1:*.com", "0:None"]
    assert trie.matching("x.y.a.com") == ["3:*.a.com", "1:*.com", "0:None"]
    assert trie.matching("com") == ["0:None"]
    assert len(trie) == 7


def test_covering_a_wildcard() -> None:
    trie = trie_of("*.com", "a.com", "*.a.com", "*.x.a.com", None)
    assert trie.covering("*.a.com") == ["2:*.a.com", "0:*.com", "4:None"]
    assert trie.covering(None) == ["4:None"]
    assert trie.most_specific("*.a.com") == "2:*.a.com"
    assert trie_of("a.com").most_specific("*.a.com") is None


def test_below_keeps_the_order_of_insertion() -> None:
    trie = trie_of("z.a.com", "a.com", "*.a.com", "b.com", "*.y.a.com", "c.y.a.com", None)
    assert trie.below("*.a.com") == ["0:z.a.com", "2:*.a.com", "4:*.y.a.com", "5:c.y.a.com"]
    assert trie.below("*.a.com", strictly=True) == ["0:z.a.com", "4:*.y.a.com", "5:c.y.a.com"]
    assert trie.below("a.com") == ["1:a.com"]
    assert trie.below("a.com", strictly=True) == []
    assert trie.below("*.net") == []
    assert trie.below(None, strictly=True) == [
        "0:z.a.com",
        "1:a.com",
        "2:*.a.com",
        "3:b.com",
        "4:*.y.a.com",
        "5:c.y.a.com",
    ]


def test_meeting_takes_both_sides() -> None:
    trie = trie_of("z.a.com", "*.com", "a.com", None, "*.a.com")
    assert trie.meeting("*.a.com") == ["4:*.a.com", "1:*.com", "3:None", "0:z.a.com"]
    assert trie.meeting("z.a.com") == ["0:z.a.com", "4:*.a.com", "1:*.com", "3:None"]


def test_empty_first_label_is_no_name_below_a_wildcard() -> None:
    trie = trie_of("*.a.com", ".a.com", "..a.com", "*..a.com")
    assert trie.matching(".a.com") == ["1:.a.com"]
    assert trie.matching("..a.com") == ["2:..a.com", "0:*.a.com"]
    assert trie.covering("*..a.com") == ["3:*..a.com", "0:*.a.com"]
    assert trie.below("*.a.com", strictly=True) == ["2:..a.com", "3:*..a.com"]
    assert trie.below("*.com", strictly=True) == [
        "0:*.a.com",
        "1:.a.com",
        "2:..a.com",
        "3:*..a.com",
    ]


def test_deep_hostname_does_not_recurse() -> None:
    deep = "a." * 20_000 + "com"
    trie = trie_of(deep, "*.com")
    assert trie.matching(deep) == [f"0:{deep}", "1:*.com"]
    assert trie.below("*.com", strictly=True) == [f"0:{deep}"]


NAMES = st.text(alphabet="ab", min_size=1, max_size=1)
HOSTNAMES = st.one_of(
    st.none(),
    st.lists(NAMES, min_size=1, max_size=4).map(".".join),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda labels: "*." + ".".join(labels)),
    st.text(alphabet="a.*", max_size=6),
)


def rank(hostname: str | None) -> int:
    """Higher is more specific; among hostnames that cover one and the same."""
    if hostname is None:
        return 0
    return 2 * len(hostname) if is_wildcard(hostname) else 2 * len(hostname) + 1000


@given(st.lists(HOSTNAMES, max_size=20), HOSTNAMES)
def test_trie_gives_the_answer_of_all_entries(entries: list[str | None], asked: str | None) -> None:
    trie: HostTrie[int] = HostTrie()
    for number, hostname in enumerate(entries):
        trie.add(hostname, number)
    numbers = range(len(entries))
    covering = [number for number in numbers if covers(entries[number], asked)]
    covering.sort(key=lambda number: -rank(entries[number]))
    below = [number for number in numbers if covers(asked, entries[number])]
    strictly = [number for number in below if entries[number] != asked]
    assert trie.covering(asked) == covering
    assert trie.most_specific(asked) == (covering[0] if covering else None)
    assert trie.below(asked) == below
    assert trie.below(asked, strictly=True) == strictly
    assert trie.meeting(asked) == covering + strictly
    assert set(trie.meeting(asked)) == {
        number
        for number in numbers
        if not isinstance(intersection(entries[number], asked), NoIntersection)
    }


@given(HOSTNAMES, HOSTNAMES)
def test_intersection_is_symmetric_and_one_of_both(first: str | None, second: str | None) -> None:
    found = intersection(first, second)
    assert found == intersection(second, first)
    if not isinstance(found, NoIntersection):
        assert found in {first, second}
        assert covers(first, found)
        assert covers(second, found)


@given(HOSTNAMES, HOSTNAMES, HOSTNAMES)
def test_covering_is_transitive(first: str | None, second: str | None, third: str | None) -> None:
    if covers(first, second) and covers(second, third):
        assert covers(first, third)


def owners(*entries: tuple[str, str]) -> OwnerMap[tuple[str, str]]:
    made: OwnerMap[tuple[str, str]] = OwnerMap(owner=lambda entry: entry[1])
    for hostname, team in entries:
        made.add(hostname, (hostname, team))
    return made


FLEET = owners(
    ("*.x.com", "platform"),
    ("pay.x.com", "payments"),
    ("*.shop.x.com", "shop"),
    ("www.shop.x.com", "platform"),
    ("cdn.x.com", "platform"),
)


@pytest.mark.parametrize(
    ("hostname", "entry"),
    [
        ("pay.x.com", ("pay.x.com", "payments")),
        ("v2.pay.x.com", ("*.x.com", "platform")),
        ("shop.x.com", ("*.x.com", "platform")),
        ("a.shop.x.com", ("*.shop.x.com", "shop")),
        ("b.a.shop.x.com", ("*.shop.x.com", "shop")),
        ("www.shop.x.com", ("www.shop.x.com", "platform")),
        ("*.shop.x.com", ("*.shop.x.com", "shop")),
        ("*.a.shop.x.com", ("*.shop.x.com", "shop")),
        ("*.pay.x.com", ("*.x.com", "platform")),
        ("*.com", None),
        ("x.com", None),
        (None, None),
    ],
)
def test_owner_holds_the_most_specific_entry(
    hostname: str | None, entry: tuple[str, str] | None
) -> None:
    assert FLEET.owner(hostname) == entry


def test_entries_of_others_inside_a_wildcard() -> None:
    assert FLEET.carved_out("*.x.com") == [("pay.x.com", "payments"), ("*.shop.x.com", "shop")]
    assert FLEET.carved_out("*.shop.x.com") == [("www.shop.x.com", "platform")]
    assert FLEET.carved_out("pay.x.com") == []
    assert [team for _, team in FLEET.carved_out("*.com")] == [
        "platform",
        "payments",
        "shop",
        "platform",
        "platform",
    ]


def test_hostname_of_two_owners_is_contested() -> None:
    contested: OwnerMap[tuple[str, str]] = OwnerMap(owner=lambda entry: entry[0])
    for entry in (("red", "1"), ("red", "2"), ("blue", "1"), ("red", "3")):
        contested.add("a.com", entry)
    contested.add("*.a.com", ("blue", "2"))
    assert contested.contested() == [(("blue", "1"), ("red", "1"))]
    assert contested.owner("a.com") == ("red", "1")
    assert FLEET.contested() == []


def test_entries_are_their_own_owners_without_a_key() -> None:
    plain: OwnerMap[str] = OwnerMap()
    plain.add("*.x.com", "red")
    plain.add("a.x.com", "blue")
    plain.add("b.x.com", "red")
    assert (plain.owner("a.x.com"), plain.carved_out("*.x.com")) == ("blue", ["blue"])
