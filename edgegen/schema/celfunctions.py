"""Kubernetes' own CEL functions, for an engine that does not have them.

Addresses, URLs and quantities are opaque in Kubernetes; here they are mappings
with one key that no manifest has. Source: Kubernetes 1.37, apiserver,
pkg/cel/library (ip.go, cidr.go, urls.go, quantity.go, regex.go, lists.go, format.go).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from cel_expr_python import cel

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Opaque = dict[str, object]

_ADDRESS: Final = "ip address"
_NETWORK: Final = "ip network"
_URL: Final = "absolute url"
_QUANTITY: Final = "exact quantity"
_FORMAT: Final = "named format"


def declarations() -> list[cel.FunctionDecl]:
    """Return the functions as the engine takes them."""
    from cel_expr_python import cel

    types = {
        "str": cel.Type.STRING, "bool": cel.Type.BOOL, "int": cel.Type.INT,
        "dyn": cel.Type.DYN, "map": cel.Type.MAP, "list": cel.Type.LIST, "float": cel.Type.DOUBLE,
    }  # fmt: skip
    overloads: dict[str, list[cel.Overload]] = {}
    for name, is_member, parameters, result, function in _FUNCTIONS:
        one = cel.Overload(
            id=f"edgegen_{name}_{len(overloads.get(name, []))}".replace(".", "_"),
            return_type=types[result],
            parameters=[types[kind] for kind in parameters],
            is_member=is_member,
            impl=function,
        )
        overloads.setdefault(name, []).append(one)
    return [cel.FunctionDecl(name, found) for name, found in overloads.items()]


# --------------------------------------------------------------------------
# Addresses and networks


def _is_ip(text: str) -> bool:
    try:
        _address(text)
    except ValueError:
        return False
    return True


def _address(text: object) -> _Ip:
    """As netip.ParseAddr without zones and without IPv4 inside IPv6."""
    if isinstance(text, dict):
        text = text[_ADDRESS]
    if "%" in str(text):
        raise ValueError("no IP address")
    found = ipaddress.ip_address(str(text))
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        raise ValueError("an IPv4 address inside an IPv6 address")
    return found


def _ip(text: str) -> _Opaque:
    return {_ADDRESS: str(_address(text))}


def _family(value: _Opaque) -> int:
    return _address(value).version


def _is_canonical(text: str) -> bool:
    return str(_address(text)) == text


def _is_cidr(text: str) -> bool:
    try:
        _network(text)
    except ValueError:
        return False
    return True


def _network(text: object) -> _Network:
    if isinstance(text, dict):
        text = text[_NETWORK]
    address, slash, length = str(text).partition("/")
    if not slash or not (length.isascii() and length.isdigit()) or str(int(length[:4])) != length:
        raise ValueError("no network")
    _address(address)
    return ipaddress.ip_network(str(text), strict=False)


def _cidr(text: str) -> _Opaque:
    _network(text)
    return {_NETWORK: text}


def _cidr_ip(value: _Opaque) -> _Opaque:
    _network(value)
    return {_ADDRESS: str(value[_NETWORK]).partition("/")[0]}


def _masked(value: _Opaque) -> _Opaque:
    return {_NETWORK: str(_network(value))}


def _prefix_length(value: _Opaque) -> int:
    return _network(value).prefixlen


def _contains_ip(value: _Opaque, address: object) -> bool:
    return _address(address) in _network(value)


def _contains_cidr(value: _Opaque, other: object) -> bool:
    outer, inner = _network(value), _network(other)
    return (
        outer.version == inner.version
        and outer.prefixlen <= inner.prefixlen
        and inner.network_address in outer
    )


def _test(name: str) -> Callable[[_Opaque], bool]:
    return lambda value: bool(getattr(_address(value), name))


# --------------------------------------------------------------------------
# URLs


def _parsed(text: str) -> dict[str, str]:
    found = urlsplit(text)
    if not (found.scheme or text.startswith("/")) or any(c <= " " or c == "\x7f" for c in text):
        raise ValueError("no absolute URL")
    port = found.port
    host = found.hostname or ""
    bracketed = f"[{host}]" if ":" in host else host
    return {
        "scheme": found.scheme,
        "host": bracketed + (f":{port}" if port is not None else ""),
        "hostname": host,
        "port": "" if port is None else str(port),
        "path": found.path,
        "query": found.query,
    }


def _is_url(text: str) -> bool:
    try:
        _parsed(text)
    except ValueError:
        return False
    return True


def _url(text: str) -> _Opaque:
    _parsed(text)
    return {_URL: text}


def _part(name: str) -> Callable[[_Opaque], str]:
    return lambda value: _parsed(str(value[_URL]))[name]


def _query(value: _Opaque) -> dict[str, list[str]]:
    return parse_qs(_parsed(str(value[_URL]))["query"], keep_blank_values=True)


# --------------------------------------------------------------------------
# Quantities

_QUANTITY_FORM: Final = re.compile(
    r"([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))([EPTGMk]i?|Ki|[numk]|[eE][+-]?[0-9]{1,2})?"
)
_SCALES: Final = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000),
    "k": Fraction(10**3), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12),
    "P": Fraction(10**15), "E": Fraction(10**18), "Ki": Fraction(2**10), "Mi": Fraction(2**20),
    "Gi": Fraction(2**30), "Ti": Fraction(2**40), "Pi": Fraction(2**50), "Ei": Fraction(2**60),
}  # fmt: skip


def _number(value: object) -> Fraction:
    if isinstance(value, dict):
        return Fraction(str(value[_QUANTITY]))
    if isinstance(value, int):
        return Fraction(value)
    match = _QUANTITY_FORM.fullmatch(str(value))
    if match is None:
        raise ValueError("no quantity")
    number, suffix = match[1], match[2] or ""
    if suffix and suffix not in _SCALES:
        try:
            return Fraction(Decimal(f"{number}{suffix}"))
        except InvalidOperation as error:
            raise ValueError("no quantity") from error
    if suffix == "ki":
        raise ValueError("no quantity")
    return Fraction(Decimal(number)) * _SCALES.get(suffix, Fraction(1))


def _is_quantity(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True


def _opaque_number(number: Fraction) -> _Opaque:
    return {_QUANTITY: str(number)}


def _as_integer(value: _Opaque) -> int:
    number = _number(value)
    if number.denominator != 1 or not -(2**63) <= number < 2**63:
        raise ValueError("no integer of 64 bits")
    return int(number)


# --------------------------------------------------------------------------
# Regular expressions and lists


def _find(text: str, pattern: str) -> str:
    import re2

    found = re2.search(pattern, text)
    return found.group(0) if found else ""


def _find_all(text: str, pattern: str) -> list[str]:
    return list(_all_found(text, pattern))


def _find_some(text: str, pattern: str, most: int) -> list[str]:
    found = list(_all_found(text, pattern))
    return found if most < 0 else found[:most]


def _all_found(text: str, pattern: str) -> Iterator[str]:
    import re2

    for found in re2.finditer(pattern, text):
        yield found.group(0)


def _sum(values: Sequence[int]) -> object:
    return sum(values)


def _is_sorted(values: Sequence[int]) -> bool:
    return all(first <= second for first, second in pairwise(values))


def _least(values: Sequence[int]) -> object:
    return min(values)


def _greatest(values: Sequence[int]) -> object:
    return max(values)


def _equal(one: object, other: object) -> bool:
    # True is no 1 here, as it is in Python.
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _set_contains(values: Sequence[object], items: Sequence[object]) -> bool:
    return all(any(_equal(value, item) for value in values) for item in items)


def _set_equivalent(one: Sequence[object], other: Sequence[object]) -> bool:
    return _set_contains(one, other) and _set_contains(other, one)


def _set_intersects(one: Sequence[object], other: Sequence[object]) -> bool:
    return any(_equal(first, second) for first in one for second in other)


# --------------------------------------------------------------------------
# Formats

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME_PART = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_FORMATS: Final[dict[str, tuple[re.Pattern[str], int]]] = {
    "dns1123Label": (re.compile(_LABEL), 63),
    "dns1123Subdomain": (re.compile(rf"{_LABEL}(\.{_LABEL})*"), 253),
    "dns1035Label": (re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?"), 63),
    "dns1123LabelPrefix": (re.compile(r"[a-z0-9]([-a-z0-9]*[-a-z0-9])?"), 63),
    "dns1123SubdomainPrefix": (re.compile(rf"{_LABEL}(\.{_LABEL})*[-.]?"), 253),
    "dns1035LabelPrefix": (re.compile(r"[a-z]([-a-z0-9]*[-a-z0-9])?"), 63),
    "qualifiedName": (re.compile(rf"({_LABEL}(\.{_LABEL})*/)?{_NAME_PART}"), 317),
    "labelValue": (re.compile(rf"({_NAME_PART})?"), 63),
    "uri": (re.compile(r"[A-Za-z][-A-Za-z0-9+.]*:[^\s]*|/[^\s]*"), 10_000),
    "uuid": (re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"), 36),
    "byte": (re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"), 10**7),
    "date": (re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"), 10),
    "datetime": (
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
        ),
        64,
    ),
}


def _format(name: str) -> Callable[[], _Opaque]:
    return lambda: {_FORMAT: name}


def _violates(value: _Opaque, text: str) -> bool:
    form, longest = _FORMATS[str(value[_FORMAT])]
    return form.fullmatch(text) is None or len(text) > longest


_FUNCTIONS: Final[tuple[tuple[str, bool, tuple[str, ...], str, Callable[..., object]], ...]] = (
    ("isIP", False, ("str",), "bool", _is_ip),
    ("ip", False, ("str",), "dyn", _ip),
    ("ip.isCanonical", False, ("str",), "bool", _is_canonical),
    ("family", True, ("map",), "int", _family),
    ("isUnspecified", True, ("map",), "bool", _test("is_unspecified")),
    ("isLoopback", True, ("map",), "bool", _test("is_loopback")),
    ("isLinkLocalMulticast", True, ("map",), "bool", lambda v: _is_link_multicast(_address(v))),
    ("isLinkLocalUnicast", True, ("map",), "bool", _test("is_link_local")),
    ("isGlobalUnicast", True, ("map",), "bool", lambda v: _is_unicast(_address(v))),
    ("isCIDR", False, ("str",), "bool", _is_cidr),
    ("cidr", False, ("str",), "dyn", _cidr),
    ("ip", True, ("map",), "dyn", _cidr_ip),
    ("masked", True, ("map",), "dyn", _masked),
    ("prefixLength", True, ("map",), "int", _prefix_length),
    ("containsIP", True, ("map", "str"), "bool", _contains_ip),
    ("containsIP", True, ("map", "map"), "bool", _contains_ip),
    ("containsCIDR", True, ("map", "str"), "bool", _contains_cidr),
    ("containsCIDR", True, ("map", "map"), "bool", _contains_cidr),
    ("isURL", False, ("str",), "bool", _is_url),
    ("url", False, ("str",), "dyn", _url),
    ("getScheme", True, ("map",), "str", _part("scheme")),
    ("getHost", True, ("map",), "str", _part("host")),
    ("getHostname", True, ("map",), "str", _part("hostname")),
    ("getPort", True, ("map",), "str", _part("port")),
    ("getEscapedPath", True, ("map",), "str", _part("path")),
    ("getQuery", True, ("map",), "dyn", _query),
    ("isQuantity", False, ("str",), "bool", _is_quantity),
    ("quantity", False, ("str",), "dyn", lambda text: _opaque_number(_number(text))),
    ("isGreaterThan", True, ("map", "map"), "bool", lambda a, b: _number(a) > _number(b)),
    ("isLessThan", True, ("map", "map"), "bool", lambda a, b: _number(a) < _number(b)),
    ("compareTo", True, ("map", "map"), "int",
     lambda a, b: (_number(a) > _number(b)) - (_number(a) < _number(b))),
    ("add", True, ("map", "map"), "dyn", lambda a, b: _opaque_number(_number(a) + _number(b))),
    ("add", True, ("map", "int"), "dyn", lambda a, b: _opaque_number(_number(a) + _number(b))),
    ("sub", True, ("map", "map"), "dyn", lambda a, b: _opaque_number(_number(a) - _number(b))),
    ("sub", True, ("map", "int"), "dyn", lambda a, b: _opaque_number(_number(a) - _number(b))),
    ("sign", True, ("map",), "int", lambda a: (_number(a) > 0) - (_number(a) < 0)),
    ("isInteger", True, ("map",), "bool", lambda a: _number(a).denominator == 1),
    ("asInteger", True, ("map",), "int", _as_integer),
    ("asApproximateFloat", True, ("map",), "float", lambda a: float(_number(a))),
    ("find", True, ("str", "str"), "str", _find),
    ("findAll", True, ("str", "str"), "list", _find_all),
    ("findAll", True, ("str", "str", "int"), "list", _find_some),
    ("isSorted", True, ("list",), "bool", _is_sorted),
    ("sum", True, ("list",), "dyn", _sum),
    ("min", True, ("list",), "dyn", _least),
    ("max", True, ("list",), "dyn", _greatest),
    ("sets.contains", False, ("list", "list"), "bool", _set_contains),
    ("sets.equivalent", False, ("list", "list"), "bool", _set_equivalent),
    ("sets.intersects", False, ("list", "list"), "bool", _set_intersects),
    ("violates", True, ("map", "str"), "bool", _violates),
    *((f"format.{name}", False, (), "dyn", _format(name)) for name in _FORMATS),
)  # fmt: skip
"""Name, whether it is called on a value, types of its parameters and result, and what it does."""


def _is_link_multicast(address: _Ip) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address in ipaddress.ip_network("224.0.0.0/24")
    return address.is_multicast and address.packed[1] & 0x0F == 0x02


def _is_unicast(address: _Ip) -> bool:
    """As Go's IsGlobalUnicast: no multicast, loopback, link-local, unspecified or broadcast address."""
    return not (
        address.is_multicast
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or str(address) == "255.255.255.255"
    )
