"""IP ranges as MetalLB reads them, special address space, and sweeps for overlaps.

An address is an integer and its family. Parsing follows Go's `net.ParseIP` and
`net.ParseCIDR`, as MetalLB calls them in `ParseCIDR` (metallb,
internal/config/config.go, 0.16.1): no leading zeros in octets, no zones, no
dotted masks, no space around a CIDR, space around the halves of a range.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import TypeVar

from edgegen.stack.sweep import earlier_partners

T = TypeVar("T")
L = TypeVar("L")
R = TypeVar("R")

_BITS = {4: 32, 6: 128}
_PREFIX_LENGTHS = {str(length): length for length in range(129)}
_HOST_MASKS = tuple((1 << bits) - 1 for bits in range(129))
_MAPPED = 0xFFFF  # the upper 96 bits of ::ffff:0:0/96
_V4_MASK = 0xFFFFFFFF
_V4_SPACE = 1 << 32  # addresses of IPv4
_SHOWN = 40  # characters of a hostile text that a message repeats
# unicode.IsSpace of Go; str.strip() would also take U+001C to U+001F.
_GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


class AddressFault(enum.Enum):
    """Why a text is no range of addresses."""

    SYNTAX = "syntax"
    ORDER = "order"
    """The range starts after its end."""
    MIXED_FAMILIES = "mixed families"
    """One half is IPv4, the other IPv6."""


class AddressError(ValueError):
    """A text that MetalLB refuses, or accepts as a range without addresses.

    Attributes:
        reason: a predicate in plain words, to follow the quoted text:
            `has prefix length 33, above 32`.
        fault: the kind of fault.
    """

    def __init__(self, reason: str, fault: AddressFault = AddressFault.SYNTAX) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault


@dataclass(frozen=True, slots=True)
class AddressRange:
    """All addresses from `start` to `end`, both included.

    IPv4-mapped IPv6 is IPv4, as in Go's `net.IP.To4`; only `text` still tells.

    Attributes:
        family: 4 or 6.
        start: first address.
        end: last address, never below `start`.
        text: the range as written.
    """

    family: int
    start: int
    end: int
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def size(self) -> int:
        """How many addresses the range holds."""
        return self.end - self.start + 1

    def overlaps(self, other: AddressRange) -> bool:
        """Whether both ranges hold one same address; families never meet."""
        return self.family == other.family and self.start <= other.end and other.start <= self.end

    def contains(self, other: AddressRange) -> bool:
        """Whether every address of the other range, or the one address, lies in this range."""
        return self.family == other.family and self.start <= other.start and other.end <= self.end


# The generated constructor of a frozen class takes 690 ns, setting the slots 310.
_new_range = object.__new__
_set_family: Callable[[AddressRange, int], None] = vars(AddressRange)["family"].__set__
_set_start: Callable[[AddressRange, int], None] = vars(AddressRange)["start"].__set__
_set_end: Callable[[AddressRange, int], None] = vars(AddressRange)["end"].__set__
_set_text: Callable[[AddressRange, str], None] = vars(AddressRange)["text"].__set__


def _range(family: int, start: int, end: int, text: str) -> AddressRange:
    made = _new_range(AddressRange)
    _set_family(made, family)
    _set_start(made, start)
    _set_end(made, end)
    _set_text(made, text)
    return made


def parse_pool_range(text: str) -> AddressRange:
    """Read an entry of `IPAddressPool.spec.addresses`: a CIDR, or `start-end`.

    Host bits of a CIDR are masked without a word, as Go does; `host_bits_set`
    tells. A `-` anywhere makes the text a range.

    Raises:
        AddressError: MetalLB refuses the text, or takes no address from it.
    """
    return _span(text) if "-" in text else _cidr(text)


def parse_network(text: str) -> AddressRange:
    """Read a CIDR, a single address or `start-end`, as facts of a cluster use them.

    Raises:
        AddressError: the text is none of the three.
    """
    if "-" in text:
        return _span(text)
    return _cidr(text) if "/" in text else parse_ip(text)


def parse_ip(text: str) -> AddressRange:
    """Read one address, as Go's `net.ParseIP` does.

    Raises:
        AddressError: the text is no address.
    """
    family, number = _unmapped(text)
    return _range(family, number, number, text)


def _address(text: str) -> tuple[int, int]:
    """Return (32 or 128 bits as written, the number); AddressError for no address."""
    try:
        if ":" not in text:
            return 32, int.from_bytes(inet_pton(AF_INET, text))
        if "%" not in text:  # some systems' inet_pton take zones
            return 128, int.from_bytes(inet_pton(AF_INET6, text))
    except (OSError, ValueError):
        pass
    raise AddressError(_address_fault(text))


def _cidr(text: str) -> AddressRange:
    address, slash, prefix = text.partition("/")
    bits, number = _address(address)
    if not slash:
        raise AddressError("has no prefix length")
    length = _PREFIX_LENGTHS.get(prefix, -1)
    if not 0 <= length <= bits:
        length = _prefix_length(prefix, bits)
    mask = _HOST_MASKS[bits - length]
    end = number | mask
    start = end ^ mask
    if bits == 32:
        return _range(4, start, end, text)
    if start >> 32 == _MAPPED:
        return _range(4, start & _V4_MASK, end & _V4_MASK, text)
    return _range(6, start, end, text)


def _span(text: str) -> AddressRange:
    first_text, _, last_text = text.partition("-")
    try:
        if ":" not in text:
            first = int.from_bytes(inet_pton(AF_INET, first_text))
            last = int.from_bytes(inet_pton(AF_INET, last_text))
            if first <= last:
                return _range(4, first, last, text)
        elif "%" not in text and "." not in text:
            first = int.from_bytes(inet_pton(AF_INET6, first_text))
            last = int.from_bytes(inet_pton(AF_INET6, last_text))
            if first <= last and not first >> 32 <= _MAPPED <= last >> 32:
                return _range(6, first, last, text)
    except (OSError, ValueError):
        pass  # with space, malformed, or of two families: the careful way tells
    return _careful_span(text, first_text, last_text)


def _careful_span(text: str, first_text: str, last_text: str) -> AddressRange:
    first_family, first = _half(first_text, "starts")
    last_family, last = _half(last_text, "ends")
    if first_family != last_family:
        reason = f"starts in IPv{first_family} and ends in IPv{last_family}"
        raise AddressError(reason, AddressFault.MIXED_FAMILIES)
    if first > last:
        raise AddressError("starts after its end", AddressFault.ORDER)
    return _range(first_family, first, last, text)


def _half(text: str, verb: str) -> tuple[int, int]:
    try:
        return _unmapped(text.strip(_GO_SPACE))
    except AddressError as error:
        raise AddressError(f"{verb} with {_shown(text)}, which {error.reason}") from None


def _unmapped(text: str) -> tuple[int, int]:
    """Return (family, number) of an address; IPv4-mapped IPv6 is IPv4."""
    bits, number = _address(text)
    if bits == 32:
        return 4, number
    return (4, number & _V4_MASK) if number >> 32 == _MAPPED else (6, number)


def _prefix_length(text: str, bits: int) -> int:
    """Read a prefix length off the fast path; Go's `dtoi` takes leading zeros."""
    if not text:
        raise AddressError("has an empty prefix length")
    if "." in text:
        raise AddressError(f"has the mask {_shown(text)} for a prefix length")
    if not (text.isascii() and text.isdigit()):
        raise AddressError(f"has prefix length {_shown(text)}, not a number")
    length = _PREFIX_LENGTHS.get(text.lstrip("0") or "0", -1)
    if not 0 <= length <= bits:
        raise AddressError(f"has prefix length {_shown(text, quote=False)}, above {bits}")
    return length


def _shown(text: str, *, quote: bool = True) -> str:
    """The text as a message repeats it: short, and with control characters escaped."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return repr(short) if quote else short


def _address_fault(text: str) -> str:
    """Say what is wrong with a text that is no address."""
    if not text:
        return "is empty"
    if text.strip(_GO_SPACE) != text:
        return "has space around an address"
    if "/" in text:
        return "has a prefix length"
    if "%" in text:
        return f"has the zone {_shown(text[text.index('%') :])}"
    host, colon, port = text.rpartition(":")
    if not colon:
        return _v4_fault(text)
    if ":" not in host and "." in host and port.isascii() and port.isdigit():
        return "has a port"
    return _v6_fault(text)


def _v4_fault(text: str) -> str:
    octets = text.split(".")
    if len(octets) == 1 or not all(octet.isascii() and octet.isdigit() for octet in octets):
        return "is not an IP address"
    for octet in octets:
        if len(octet) > 1 and octet[0] == "0":
            return f"has octet {_shown(octet, quote=False)} with a leading zero"
        if len(octet) > 3 or int(octet) > 255:
            return f"has octet {_shown(octet, quote=False)}, above 255"
    return f"has {len(octets)} octets instead of 4"


def _v6_fault(text: str) -> str:
    if text.count("::") > 1 or ":::" in text:
        return "has more than one '::'"
    for group in text.split(":"):
        if "." not in group and not all(digit in "0123456789abcdefABCDEF" for digit in group):
            return "is not an IP address"
        if "." not in group and len(group) > 4:
            return f"has group {_shown(group, quote=False)} of more than four digits"
    return "is not an IPv6 address"


def host_bits_set(address_range: AddressRange) -> bool:
    """Whether the range was written as a CIDR with host bits: `10.0.0.10/24`."""
    address, slash, _ = address_range.text.partition("/")
    return bool(slash) and parse_ip(address).start != address_range.start


def canonical(address_range: AddressRange) -> str:
    """Write the range anew: a CIDR where one block holds it, else `start-end`."""
    family, start, end = address_range.family, address_range.start, address_range.end
    blocks = prefixes(address_range)
    _, length = next(blocks)
    if next(blocks, None) is None:
        return f"{format_address(family, start)}/{length}"
    return f"{format_address(family, start)}-{format_address(family, end)}"


def format_address(family: int, number: int) -> str:
    """Write one address of family 4 or 6 in its canonical form."""
    packed = number.to_bytes(_BITS[family] // 8)
    return inet_ntop(AF_INET if family == 4 else AF_INET6, packed)


def prefixes(address_range: AddressRange) -> Iterator[tuple[int, int]]:
    """Cut a range into the fewest CIDR blocks, lowest first, as (start, prefix length).

    At most 62 blocks of IPv4 and 254 of IPv6. The same blocks as `Summarize` of
    github.com/mikioh/ipaddr, which MetalLB calls; for an IPv4-mapped CIDR
    MetalLB counts the length in 128 bits, here it is counted in 32.
    """
    bits = _BITS[address_range.family]
    start, end = address_range.start, address_range.end
    while start <= end:
        aligned = (start & -start).bit_length() - 1 if start else bits
        free = min(aligned, (end - start + 1).bit_length() - 1)
        yield start, bits - free
        start += 1 << free


class SpecialKind(enum.Enum):
    """What a block of special address space is for; the value is the word for messages."""

    DEFAULT_ROUTE = "default route"
    UNSPECIFIED = "unspecified"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    MULTICAST = "multicast"
    BROADCAST = "limited broadcast"
    V4_MAPPED = "IPv4-mapped"
    CLASS_E = "class E"
    DOCUMENTATION = "documentation"
    CGNAT = "carrier-grade NAT"
    BENCHMARK = "benchmark"
    PROTOCOL = "protocol assignment"
    V4_COMPATIBLE = "IPv4-compatible"
    TRANSLATION = "IPv4/IPv6 translation"
    TUNNEL = "tunnel"
    DISCARD = "discard-only"
    SITE_LOCAL = "site-local"


@dataclass(frozen=True, slots=True)
class SpecialPurpose:
    """A block of special address space.

    Attributes:
        kind: what it is for.
        network: the block as a CIDR.
        usable: False where no client can reach a Service at such an address.
        source: the document that reserves it.
    """

    kind: SpecialKind
    network: str
    usable: bool
    source: str


def _special(
    kind: SpecialKind, network: str, usable: bool, source: str
) -> tuple[AddressRange, SpecialPurpose]:
    return parse_network(network), SpecialPurpose(kind, network, usable, source)


# The gravest first: the whole family, then what no client can reach, then what is suspicious.
_SPECIAL = (
    _special(SpecialKind.UNSPECIFIED, "0.0.0.0/8", False, "RFC 1122, 3.2.1.3"),
    _special(SpecialKind.LOOPBACK, "127.0.0.0/8", False, "RFC 1122, 3.2.1.3"),
    _special(SpecialKind.LINK_LOCAL, "169.254.0.0/16", False, "RFC 3927"),
    _special(SpecialKind.MULTICAST, "224.0.0.0/4", False, "RFC 5771"),
    _special(SpecialKind.BROADCAST, "255.255.255.255/32", False, "RFC 919"),
    _special(SpecialKind.UNSPECIFIED, "::/128", False, "RFC 4291, 2.5.2"),
    _special(SpecialKind.LOOPBACK, "::1/128", False, "RFC 4291, 2.5.3"),
    _special(SpecialKind.LINK_LOCAL, "fe80::/10", False, "RFC 4291, 2.5.6"),
    _special(SpecialKind.MULTICAST, "ff00::/8", False, "RFC 4291, 2.7"),
    # Linux sends to class E since 2.6.25, other systems do not.
    _special(SpecialKind.CLASS_E, "240.0.0.0/4", True, "RFC 1112, 4"),
    _special(SpecialKind.DOCUMENTATION, "192.0.2.0/24", True, "RFC 5737"),
    _special(SpecialKind.DOCUMENTATION, "198.51.100.0/24", True, "RFC 5737"),
    _special(SpecialKind.DOCUMENTATION, "203.0.113.0/24", True, "RFC 5737"),
    _special(SpecialKind.DOCUMENTATION, "2001:db8::/32", True, "RFC 3849"),
    _special(SpecialKind.DOCUMENTATION, "3fff::/20", True, "RFC 9637"),
    _special(SpecialKind.CGNAT, "100.64.0.0/10", True, "RFC 6598"),
    _special(SpecialKind.BENCHMARK, "198.18.0.0/15", True, "RFC 2544, C.2.2"),
    _special(SpecialKind.BENCHMARK, "2001:2::/48", True, "RFC 5180, 8"),
    _special(SpecialKind.PROTOCOL, "192.0.0.0/24", True, "RFC 6890, 2.1"),
    _special(SpecialKind.V4_COMPATIBLE, "::/96", True, "RFC 4291, 2.5.5.1"),
    _special(SpecialKind.TRANSLATION, "64:ff9b::/96", True, "RFC 6052, 2.1"),
    _special(SpecialKind.TRANSLATION, "64:ff9b:1::/48", True, "RFC 8215"),
    _special(SpecialKind.DISCARD, "100::/64", True, "RFC 6666"),
    _special(SpecialKind.TUNNEL, "2001::/32", True, "RFC 4380"),
    _special(SpecialKind.TUNNEL, "2002::/16", True, "RFC 3056"),
    _special(SpecialKind.SITE_LOCAL, "fec0::/10", True, "RFC 3879"),
)
_SPECIAL_OF = {
    family: tuple(
        (block.start, block.end, purpose) for block, purpose in _SPECIAL if block.family == family
    )
    for family in (4, 6)
}
_DEFAULT_ROUTES = {
    4: SpecialPurpose(SpecialKind.DEFAULT_ROUTE, "0.0.0.0/0", True, "RFC 4632, 5.1"),
    6: SpecialPurpose(SpecialKind.DEFAULT_ROUTE, "::/0", True, "RFC 4291, 2.3"),
}
# MetalLB gives a mapped CIDR a prefix length above 32, and every BGPAdvertisement then fails;
# a range of mapped addresses is plain IPv4 to it.
_MAPPED_CIDR = SpecialPurpose(SpecialKind.V4_MAPPED, "::ffff:0:0/96", False, "RFC 4291, 2.5.5.2")
_MAPPED_SPAN = SpecialPurpose(SpecialKind.V4_MAPPED, "::ffff:0:0/96", True, "RFC 4291, 2.5.5.2")
_LINK_LOCAL = tuple(map(parse_network, ("169.254.0.0/16", "fe80::/10")))
_PRIVATE = tuple(map(parse_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def special_purposes(address_range: AddressRange) -> list[SpecialPurpose]:
    """Return the blocks of special space that the range touches, the gravest first.

    Sources are the RFCs of each row and the IANA special-purpose registries.
    A range over a whole family is the default route and nothing else.
    """
    family, start, end = address_range.family, address_range.start, address_range.end
    if end - start == _HOST_MASKS[_BITS[family]]:
        return [_DEFAULT_ROUTES[family]]
    touched = [
        purpose for first, last, purpose in _SPECIAL_OF[family] if start <= last and first <= end
    ]
    if family == 4 and ":" in address_range.text:
        if "/" in address_range.text:
            return [_MAPPED_CIDR, *touched]
        touched.append(_MAPPED_SPAN)
    return touched


def special_purpose(address_range: AddressRange) -> SpecialPurpose | None:
    """Return the gravest special space that the range touches, or None."""
    touched = special_purposes(address_range)
    return touched[0] if touched else None


def is_private(address_range: AddressRange) -> bool:
    """Whether all of the range is private (RFC 1918) or unique local (RFC 4193) space."""
    return any(block.contains(address_range) for block in _PRIVATE)


def is_link_local(address_range: AddressRange) -> bool:
    """Whether all of the range is link-local (RFC 3927, RFC 4291), where addresses repeat."""
    return any(block.contains(address_range) for block in _LINK_LOCAL)


def is_public(address_range: AddressRange) -> bool:
    """Whether the range is neither private nor touches special space."""
    return not is_private(address_range) and special_purpose(address_range) is None


def overlaps(
    items: Iterable[tuple[AddressRange, T]], group: Callable[[T], Hashable] | None = None
) -> Iterator[tuple[T, T]]:
    """Yield (later, earlier) once for each item that overlaps an item declared before it.

    The order of `items` is the order of declaration, and of the answer. With
    `group`, only items of another group count. `earlier` is the earliest
    declared item that holds the first address of `later`; where there is none,
    the one with the lowest start above it, the earliest declared among equals.

    O(n log n), and at most one pair an item: a pool pasted a thousand times
    gives 999 pairs, not half a million.
    """
    pairs = list(items)
    # One line of numbers: IPv4 lies below zero, so families never meet.
    starts = [r.start if r.family == 6 else r.start - _V4_SPACE for r, _ in pairs]
    ends = [r.end if r.family == 6 else r.end - _V4_SPACE for r, _ in pairs]
    groups: Sequence[Hashable] = range(len(pairs))
    if group is not None:
        groups = [group(value) for _, value in pairs]
    for later, earlier in earlier_partners(starts, ends, groups):
        yield pairs[later][1], pairs[earlier][1]


def meets(
    left_items: Iterable[tuple[AddressRange, L]], right_items: Iterable[tuple[AddressRange, R]]
) -> Iterator[tuple[L, R]]:
    """Yield (left, right) once for each left item that overlaps some right item.

    In the order of `left_items`; `right` is the overlapping item with the lowest
    start, the first given among equals. O((l + r) log r).
    """
    rights: dict[int, list[tuple[int, int, R]]] = {4: [], 6: []}
    for item, right in right_items:
        rights[item.family].append((item.start, item.end, right))
    reaches: dict[int, list[int]] = {}
    for family, members in rights.items():
        members.sort(key=itemgetter(0))
        # The highest end so far never falls, so the first range that ends at or
        # above an address is found by bisection.
        reaches[family] = list(accumulate((end for _, end, _ in members), max))
    for wanted, left in left_items:
        members = rights[wanted.family]
        position = bisect_left(reaches[wanted.family], wanted.start)
        if position < len(members) and members[position][0] <= wanted.end:
            yield left, members[position][2]
