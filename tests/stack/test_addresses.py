from __future__ import annotations

import ipaddress
import pickle
from collections.abc import Hashable
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.stack.addresses import (
    AddressError,
    AddressFault,
    AddressRange,
    SpecialKind,
    canonical,
    format_address,
    host_bits_set,
    is_private,
    is_public,
    meets,
    overlaps,
    parse_ip,
    parse_network,
    parse_pool_range,
    prefixes,
    special_purpose,
    special_purposes,
)


def number(text: str) -> int:
    return int(ipaddress.ip_address(text))


FIRST_V4 = str(ipaddress.IPv4Address(0))
ACCEPTED = [
    ("10.0.0.0/24", 4, "10.0.0.0", "10.0.0.255"),
    ("10.0.0.10/24", 4, "10.0.0.0", "10.0.0.255"),
    ("10.0.0.1/32", 4, "10.0.0.1", "10.0.0.1"),
    ("10.0.0.0/31", 4, "10.0.0.0", "10.0.0.1"),
    ("0.0.0.0/0", 4, FIRST_V4, "255.255.255.255"),
    ("10.0.0.0/08", 4, "10.0.0.0", "10.255.255.255"),
    ("10.0.0.0/0000000000000000000024", 4, "10.0.0.0", "10.0.0.255"),
    ("10.0.0.0/00", 4, FIRST_V4, "255.255.255.255"),
    ("10.0.0.5-10.0.0.9", 4, "10.0.0.5", "10.0.0.9"),
    ("10.0.0.5 - 10.0.0.9", 4, "10.0.0.5", "10.0.0.9"),
    ("  10.0.0.5-10.0.0.9\t\n", 4, "10.0.0.5", "10.0.0.9"),
    ("10.0.0.5\u00a0-\u300010.0.0.9", 4, "10.0.0.5", "10.0.0.9"),
    ("10.0.0.5-10.0.0.5", 4, "10.0.0.5", "10.0.0.5"),
    ("2001:db8::/64", 6, "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"),
    ("2001:DB8::A/124", 6, "2001:db8::", "2001:db8::f"),
    ("2001:db8::1-2001:db8::ff", 6, "2001:db8::1", "2001:db8::ff"),
    ("::/0", 6, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("1:2:3:4:5:6:7::/128", 6, "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"),
    ("::10.0.0.1/128", 6, "::a00:1", "::a00:1"),
    # IPv4-mapped IPv6 is IPv4, but only where the prefix reaches the IPv4 part.
    ("::ffff:10.0.0.9/120", 4, "10.0.0.0", "10.0.0.255"),
    ("::ffff:a00:9/120", 4, "10.0.0.0", "10.0.0.255"),
    ("::ffff:10.0.0.9/96", 4, FIRST_V4, "255.255.255.255"),
    ("::ffff:10.0.0.9/95", 6, "::fffe:0:0", "::ffff:ffff:ffff"),
    ("::ffff:10.0.0.1-10.0.0.9", 4, "10.0.0.1", "10.0.0.9"),
]


@pytest.mark.parametrize(("text", "family", "start", "end"), ACCEPTED)
def test_pool_range_is_read_as_metallb_reads_it(
    text: str, family: int, start: str, end: str
) -> None:
    assert parse_pool_range(text) == AddressRange(family, number(start), number(end), text)
    assert parse_network(text) == parse_pool_range(text)


SYNTAX = [
    ("", "is empty"),
    ("10.0.0.0", "has no prefix length"),
    ("2001:db8::1", "has no prefix length"),
    ("10.0.0.0/", "has an empty prefix length"),
    ("10.0.0.0/33", "has prefix length 33, above 32"),
    ("2001:db8::/129", "has prefix length 129, above 128"),
    ("10.0.0.0/99999999999999999999", "has prefix length 99999999999999999999, above 32"),
    ("10.0.0.0/+8", "has prefix length '+8', not a number"),
    ("10.0.0.0/8 ", "has prefix length '8 ', not a number"),
    ("10.0.0.0/8/8", "has prefix length '8/8', not a number"),
    ("10.0.0.0/\u0668", "has prefix length '\u0668', not a number"),
    ("10.0.0.0/255.0.0.0", "has the mask '255.0.0.0' for a prefix length"),
    (" 10.0.0.0/8", "has space around an address"),
    ("10.0.0.0 /8", "has space around an address"),
    ("010.0.0.0/8", "has octet 010 with a leading zero"),
    ("10.0.0.00/8", "has octet 00 with a leading zero"),
    ("10.0.0.300/24", "has octet 300, above 255"),
    ("10.0.0.256/24", "has octet 256, above 255"),
    ("10.0.0/24", "has 3 octets instead of 4"),
    ("10.0.0.0.0/24", "has 5 octets instead of 4"),
    ("10.0..0/24", "is not an IP address"),
    ("10/8", "is not an IP address"),
    ("1\u0660.0.0.0/8", "is not an IP address"),
    ("10.0.0.0\0/8", "is not an IP address"),
    ("\ud800/8", "is not an IP address"),
    ("example.com", "is not an IP address"),
    ("10.0.0.1:80", "has a port"),
    ("[2001:db8::]/64", "is not an IP address"),
    ("fe80::1%eth0/64", "has the zone '%eth0'"),
    ("fe80::%/64", "has the zone '%'"),
    ("1::2::3/64", "has more than one '::'"),
    (":::/64", "has more than one '::'"),
    ("12345::/16", "has group 12345 of more than four digits"),
    ("00001::/16", "has group 00001 of more than four digits"),
    ("1:2:3:4:5:6:7/64", "is not an IPv6 address"),
    ("1:2:3:4:5:6:7:8:9/64", "is not an IPv6 address"),
    ("1:2:3:4:5:6::7:8/64", "is not an IPv6 address"),
    ("1:2:3:4:5:6::1.2.3.4/64", "is not an IPv6 address"),
    ("1:/64", "is not an IPv6 address"),
    ("::1.2.3.04/128", "is not an IPv6 address"),
    ("::1.2.3.4:5/128", "is not an IPv6 address"),
    ("10.0.0.1-9", "ends with '9', which is not an IP address"),
    ("10.0.0.1-", "ends with '', which is empty"),
    ("-10.0.0.1", "starts with '', which is empty"),
    ("-", "starts with '', which is empty"),
    ("10.0.0.1 10.0.0.2-10.0.0.3", "starts with '10.0.0.1 10.0.0.2', which is not an IP address"),
    ("10.0.0.0/24-10.0.1.0/24", "starts with '10.0.0.0/24', which has a prefix length"),
    ("10.0.0.1-10.0.0.9/24", "ends with '10.0.0.9/24', which has a prefix length"),
    ("10.0.0.1-10.0.0.2-10.0.0.3", "ends with '10.0.0.2-10.0.0.3', which is not an IP address"),
    ("10.0.0.1\x1c-10.0.0.2", "starts with '10.0.0.1\\x1c', which is not an IP address"),
    ("fe80::1-fe80::2%eth0", "ends with 'fe80::2%eth0', which has the zone '%eth0'"),
    ("x" * 60, "is not an IP address"),
    ("9" * 60 + ".0.0.0/8", "has octet " + "9" * 37 + "..., above 255"),
]


@pytest.mark.parametrize(("text", "reason"), SYNTAX)
def test_malformed_pool_range_says_why(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_pool_range(text)
    assert (caught.value.reason, caught.value.fault) == (reason, AddressFault.SYNTAX)


@pytest.mark.parametrize(
    ("text", "reason", "fault"),
    [
        ("10.0.0.9-10.0.0.1", "starts after its end", AddressFault.ORDER),
        ("2001:db8::2-2001:db8::1", "starts after its end", AddressFault.ORDER),
        ("10.0.0.1-2001:db8::1", "starts in IPv4 and ends in IPv6", AddressFault.MIXED_FAMILIES),
        ("2001:db8::1-10.0.0.1", "starts in IPv6 and ends in IPv4", AddressFault.MIXED_FAMILIES),
        ("::1-10.0.0.1", "starts in IPv6 and ends in IPv4", AddressFault.MIXED_FAMILIES),
    ],
)
def test_order_and_family_are_faults_of_their_own(
    text: str, reason: str, fault: AddressFault
) -> None:
    with pytest.raises(AddressError) as caught:
        parse_pool_range(text)
    assert (caught.value.reason, caught.value.fault) == (reason, fault)


@pytest.mark.parametrize(
    ("text", "family", "address"),
    [
        ("10.0.0.1", 4, "10.0.0.1"),
        ("2001:db8::1", 6, "2001:db8::1"),
        ("::ffff:10.0.0.1", 4, "10.0.0.1"),
        ("::", 6, "::"),
    ],
)
def test_one_address(text: str, family: int, address: str) -> None:
    wanted = AddressRange(family, number(address), number(address), text)
    assert (parse_ip(text), parse_network(text)) == (wanted, wanted)


@pytest.mark.parametrize("text", ["", "10.0.0.0/24", "10.0.0.1-10.0.0.2", " 10.0.0.1", "fe80::1%1"])
def test_no_address(text: str) -> None:
    with pytest.raises(AddressError):
        parse_ip(text)


def by_standard_library(text: str) -> tuple[int, int, int] | None:
    """(family, start, end) in the slow and obvious way; None for a refused text."""
    try:
        if "%" in text:
            return None
        if "-" in text:
            halves = [half.strip(" ") for half in text.split("-", 1)]
            first, last = map(ipaddress.ip_address, halves)
            found = unmapped(first), unmapped(last)
            (family, start), (last_family, end) = found
            return (family, start, end) if family == last_family and start <= end else None
        address, slash, length = text.partition("/")
        if not slash or not (length.isascii() and length.isdigit()):
            return None
        network = ipaddress.ip_network((address, int(length)), strict=False)
        family, start = unmapped(network[0])
        end = unmapped(network[-1])[1] if family == 4 else int(network[-1])
    except ValueError:
        return None
    return family, start, end


def unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> tuple[int, int]:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (4, int(mapped)) if mapped else (address.version, int(address))


ADDRESS_TEXTS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.text(alphabet="0123456789abf.:%", max_size=12),
)
RANGE_TEXTS = st.one_of(
    st.builds("{}/{}".format, ADDRESS_TEXTS, st.integers(0, 130)),
    st.builds("{}/{:04}".format, ADDRESS_TEXTS, st.integers(0, 130)),
    st.builds("{}-{}".format, ADDRESS_TEXTS, ADDRESS_TEXTS),
    st.ip_addresses(v=4).map(lambda address: f"{address} - 255.0.0.1"),
)


@given(
    RANGE_TEXTS, st.integers(0, 60), st.sampled_from(["", "", "0", "9", ":", ".", " ", "/", "-"])
)
def test_pool_ranges_agree_with_the_standard_library(text: str, at: int, typo: str) -> None:
    text = text[:at] + typo + text[at:]
    try:
        found = parse_pool_range(text)
    except AddressError:
        assert by_standard_library(text) is None
    else:
        assert by_standard_library(text) == (found.family, found.start, found.end)


@given(st.text(max_size=30))
def test_hostile_text_gives_an_address_error_or_a_range(text: str) -> None:
    for parse in (parse_pool_range, parse_network, parse_ip):
        try:
            assert parse(text).text == text
        except AddressError:
            continue


def test_range_behaves_as_a_value() -> None:
    made = parse_pool_range("10.0.0.0/24")
    assert made == AddressRange(4, 167772160, 167772415, "10.0.0.0/24")
    assert hash(made) == hash(AddressRange(4, 167772160, 167772415, "10.0.0.0/24"))
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes
    assert (str(made), made.size) == ("10.0.0.0/24", 256)
    with pytest.raises(FrozenInstanceError):
        made.start = 0  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("first", "second", "overlap", "contain"),
    [
        ("10.0.0.0/24", "10.0.0.0/24", True, True),
        ("10.0.0.0/24", "10.0.0.255/32", True, True),
        ("10.0.0.0/24", "10.0.1.0/32", False, False),
        ("10.0.0.0/24", "10.0.0.255-10.0.1.0", True, False),
        ("10.0.0.255/32", "10.0.0.0/24", True, False),
        ("0.0.0.0/0", "::/0", False, False),
        ("10.0.0.0/24", "::ffff:10.0.0.1-::ffff:10.0.0.2", True, True),
    ],
)
def test_overlap_and_containment(first: str, second: str, overlap: bool, contain: bool) -> None:
    a, b = parse_pool_range(first), parse_pool_range(second)
    assert (a.overlaps(b), b.overlaps(a), a.contains(b)) == (overlap, overlap, contain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.10/24", True),
        ("10.0.0.0/24", False),
        ("10.0.0.1/32", False),
        ("10.0.0.10-10.0.0.20", False),
        ("10.0.0.10", False),
        ("2001:db8::1/64", True),
        ("2001:db8::/64", False),
        ("::ffff:10.0.0.9/120", True),
        ("::ffff:10.0.0.0/120", False),
        ("::ffff:10.0.0.9/64", True),
    ],
)
def test_host_bits(text: str, expected: bool) -> None:
    assert host_bits_set(parse_network(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.10/24", "10.0.0.0/24"),
        ("10.0.0.0-10.0.0.255", "10.0.0.0/24"),
        ("10.0.0.1 - 10.0.0.3", "10.0.0.1-10.0.0.3"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("2001:DB8:0::1/64", "2001:db8::/64"),
        ("::ffff:10.0.0.0/120", "10.0.0.0/24"),
    ],
)
def test_canonical_text(text: str, expected: str) -> None:
    assert canonical(parse_network(text)) == expected


def test_address_text() -> None:
    assert format_address(4, 0) == FIRST_V4
    assert format_address(6, 0x20010DB8 << 96) == "2001:db8::"


def test_range_is_cut_into_blocks() -> None:
    cut = [
        f"{format_address(4, start)}/{length}"
        for start, length in prefixes(parse_pool_range("10.0.0.1-10.0.0.10"))
    ]
    assert cut == ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8/31", "10.0.0.10/32"]


def test_longest_cuts() -> None:
    assert len(list(prefixes(parse_pool_range("0.0.0.1-255.255.255.254")))) == 62
    widest = "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"
    assert len(list(prefixes(parse_pool_range(widest)))) == 254


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_blocks_are_those_of_the_standard_library(first: int, last: int) -> None:
    start, end = min(first, last), max(first, last)
    networks = ipaddress.summarize_address_range(
        ipaddress.IPv4Address(start), ipaddress.IPv4Address(end)
    )
    expected = [(int(network.network_address), network.prefixlen) for network in networks]
    assert list(prefixes(AddressRange(4, start, end, ""))) == expected


SPECIAL = [
    ("10.0.0.0/24", []),
    ("8.8.8.0/24", []),
    ("2a00::/32", []),
    ("0.0.0.0/0", [("default route", "0.0.0.0/0", True)]),
    ("0.0.0.0-255.255.255.255", [("default route", "0.0.0.0/0", True)]),
    ("::/0", [("default route", "::/0", True)]),
    ("0.0.0.1/32", [("unspecified", "0.0.0.0/8", False)]),
    ("127.0.0.1/32", [("loopback", "127.0.0.0/8", False)]),
    ("126.255.255.0-127.0.0.0", [("loopback", "127.0.0.0/8", False)]),
    ("169.254.1.0/24", [("link-local", "169.254.0.0/16", False)]),
    ("239.0.0.0/8", [("multicast", "224.0.0.0/4", False)]),
    ("240.0.0.0/24", [("class E", "240.0.0.0/4", True)]),
    (
        "255.255.255.0/24",
        [("limited broadcast", "255.255.255.255/32", False), ("class E", "240.0.0.0/4", True)],
    ),
    ("192.0.2.10/32", [("documentation", "192.0.2.0/24", True)]),
    ("198.51.100.0/24", [("documentation", "198.51.100.0/24", True)]),
    ("203.0.113.0/28", [("documentation", "203.0.113.0/24", True)]),
    ("2001:db8:1::/48", [("documentation", "2001:db8::/32", True)]),
    ("3fff:1::/32", [("documentation", "3fff::/20", True)]),
    ("100.64.0.0-100.127.255.255", [("carrier-grade NAT", "100.64.0.0/10", True)]),
    ("100.128.0.0/24", []),
    ("198.19.255.0/24", [("benchmark", "198.18.0.0/15", True)]),
    ("2001:2::/64", [("benchmark", "2001:2::/48", True)]),
    ("192.0.0.0/29", [("protocol assignment", "192.0.0.0/24", True)]),
    ("::/128", [("unspecified", "::/128", False), ("IPv4-compatible", "::/96", True)]),
    ("::1/128", [("loopback", "::1/128", False), ("IPv4-compatible", "::/96", True)]),
    ("::10.0.0.0/120", [("IPv4-compatible", "::/96", True)]),
    ("fe80::/64", [("link-local", "fe80::/10", False)]),
    ("ff02::1/128", [("multicast", "ff00::/8", False)]),
    ("64:ff9b::/96", [("IPv4/IPv6 translation", "64:ff9b::/96", True)]),
    ("64:ff9b:1::/64", [("IPv4/IPv6 translation", "64:ff9b:1::/48", True)]),
    ("100::/64", [("discard-only", "100::/64", True)]),
    ("2001:0:1::/48", [("tunnel", "2001::/32", True)]),
    ("2002:a00::/32", [("tunnel", "2002::/16", True)]),
    ("fec0::/64", [("site-local", "fec0::/10", True)]),
    ("::ffff:10.0.0.0/120", [("IPv4-mapped", "::ffff:0:0/96", False)]),
    ("::ffff:10.0.0.1-::ffff:10.0.0.9", [("IPv4-mapped", "::ffff:0:0/96", True)]),
    (
        "::ffff:127.0.0.0/120",
        [("IPv4-mapped", "::ffff:0:0/96", False), ("loopback", "127.0.0.0/8", False)],
    ),
]


@pytest.mark.parametrize(("text", "expected"), SPECIAL)
def test_special_space(text: str, expected: list[tuple[str, str, bool]]) -> None:
    address_range = parse_pool_range(text)
    touched = special_purposes(address_range)
    assert [(one.kind.value, one.network, one.usable) for one in touched] == expected
    assert special_purpose(address_range) == (touched[0] if touched else None)


def test_special_space_names_its_source() -> None:
    cgnat = special_purpose(parse_ip("100.64.0.1"))
    assert cgnat is not None
    assert (cgnat.kind, cgnat.source) == (SpecialKind.CGNAT, "RFC 6598")


@pytest.mark.parametrize(
    ("text", "private", "public"),
    [
        ("10.1.0.0/16", True, False),
        ("172.31.255.0/24", True, False),
        ("172.32.0.0/24", False, True),
        ("192.168.255.0-192.169.0.5", False, True),
        ("fd00::/8", True, False),
        ("2a00::/32", False, True),
        ("203.0.113.0/24", False, False),
        ("0.0.0.0/0", False, False),
    ],
)
def test_private_and_public_space(text: str, private: bool, public: bool) -> None:
    address_range = parse_pool_range(text)
    assert (is_private(address_range), is_public(address_range)) == (private, public)


def overlap_texts(texts: list[str]) -> list[tuple[str, str]]:
    return list(overlaps([(parse_pool_range(text), text) for text in texts]))


def test_overlap_is_told_once_of_the_later_range() -> None:
    assert overlap_texts(["10.0.0.0/24", "10.1.0.0/24", "10.0.0.128/25", "10.0.0.0/24"]) == [
        ("10.0.0.128/25", "10.0.0.0/24"),
        ("10.0.0.0/24", "10.0.0.0/24"),
    ]


def test_partner_is_the_earliest_around_the_first_address() -> None:
    assert overlap_texts(["10.0.0.200/30", "10.0.0.0/25", "10.0.0.0/26", "10.0.0.0/24"]) == [
        ("10.0.0.0/26", "10.0.0.0/25"),
        ("10.0.0.0/24", "10.0.0.0/25"),
    ]


def test_partner_is_else_the_lowest_inside() -> None:
    assert overlap_texts(["10.0.0.200/32", "10.0.0.100/32", "10.0.0.0/24"]) == [
        ("10.0.0.0/24", "10.0.0.100/32")
    ]


def test_touching_ranges_and_other_families_do_not_overlap() -> None:
    assert overlap_texts(["10.0.0.0/24", "10.0.1.0/24", "::a00:0/120", "9.255.255.255/32"]) == []


def test_only_other_groups_count() -> None:
    items = [
        (parse_pool_range("10.0.0.0/24"), "edge-1/a"),
        (parse_pool_range("10.0.0.0/25"), "edge-1/b"),
        (parse_pool_range("10.0.0.0/23"), "edge-2/a"),
        (parse_pool_range("10.0.0.7/32"), "edge-1/c"),
    ]
    assert list(overlaps(items, group=lambda name: name.partition("/")[0])) == [
        ("edge-2/a", "edge-1/a"),
        ("edge-1/c", "edge-2/a"),
    ]


def test_meeting_is_told_once_of_each_left_range() -> None:
    lefts = ["10.0.0.0/24", "10.9.0.0/24", "10.0.1.255-10.0.2.0", "10.0.2.0-10.0.2.9", "::/0"]
    rights = ["10.0.0.128/25", "10.0.0.0/25", "10.0.0.0/26", "10.0.1.0/24"]
    pairs = meets(
        [(parse_pool_range(text), text) for text in lefts],
        [(parse_pool_range(text), text) for text in rights],
    )
    assert list(pairs) == [("10.0.0.0/24", "10.0.0.0/25"), ("10.0.1.255-10.0.2.0", "10.0.1.0/24")]


def test_ranges_that_share_one_address_meet() -> None:
    low, high = parse_pool_range("10.0.0.1-10.0.0.5"), parse_pool_range("10.0.0.5-10.0.0.9")
    assert list(meets([(low, "low")], [(high, "high")])) == [("low", "high")]
    assert list(meets([(high, "high")], [(low, "low")])) == [("high", "low")]
    assert list(overlaps([(low, "low"), (high, "high")])) == [("high", "low")]
    assert list(overlaps([(high, "high"), (low, "low")])) == [("low", "high")]


def test_no_ranges_no_overlaps() -> None:
    assert list(overlaps([])) == []
    assert list(meets([], [])) == []


RANGES = st.tuples(st.sampled_from([4, 6]), st.integers(0, 40), st.integers(0, 12)).map(
    lambda drawn: AddressRange(drawn[0], drawn[1], drawn[1] + drawn[2], "")
)
GROUPED = st.lists(st.tuples(RANGES, st.integers(0, 3)), max_size=24)


def naive_overlaps(ranges: list[AddressRange], groups: list[Hashable]) -> list[tuple[int, int]]:
    """All pairs, and the documented choice among the earlier ones."""
    answer = []
    for later, mine in enumerate(ranges):
        earlier = [
            index
            for index in range(later)
            if ranges[index].overlaps(mine) and groups[index] != groups[later]
        ]
        around = [index for index in earlier if ranges[index].start <= mine.start]
        if around:
            answer.append((later, around[0]))
        elif earlier:
            answer.append((later, min(earlier, key=lambda index: ranges[index].start)))
    return answer


@given(GROUPED)
def test_sweep_gives_the_answer_of_all_pairs(drawn: list[tuple[AddressRange, int]]) -> None:
    ranges = [item for item, _ in drawn]
    items = [(item, index) for index, item in enumerate(ranges)]
    assert list(overlaps(items)) == naive_overlaps(ranges, list(range(len(ranges))))


@given(GROUPED)
def test_grouped_sweep_gives_the_answer_of_all_pairs(
    drawn: list[tuple[AddressRange, int]],
) -> None:
    ranges = [item for item, _ in drawn]
    groups: list[Hashable] = [group for _, group in drawn]
    items = [(item, index) for index, item in enumerate(ranges)]
    answer = list(overlaps(items, group=lambda index: groups[index]))
    assert answer == naive_overlaps(ranges, groups)


@given(st.lists(RANGES, max_size=16), st.lists(RANGES, max_size=16))
def test_meeting_gives_the_answer_of_all_pairs(
    left: list[AddressRange], right: list[AddressRange]
) -> None:
    expected = []
    for index, mine in enumerate(left):
        met = [other for other, theirs in enumerate(right) if theirs.overlaps(mine)]
        if met:
            expected.append((index, min(met, key=lambda other: right[other].start)))
    lefts = [(item, index) for index, item in enumerate(left)]
    rights = [(item, index) for index, item in enumerate(right)]
    assert list(meets(lefts, rights)) == expected
