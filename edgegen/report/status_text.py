"""The tables of `edgegen status`: aligned, one line for each thing, faults marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import printable
from edgegen.report.text import plain

if TYPE_CHECKING:
    from edgegen.app.status import ClusterStatus
    from edgegen.diagnostics import Condition
    from edgegen.report.text import Style
    from edgegen.routing.status import GatewayStatus, RouteStatus

_GAP = "  "
_MANY = 10**9
_MOST_NAMES = 3

Row = tuple[str, Sequence[str]]
"""Role (`error`, `warning` or empty) and the cells of a line."""


def render_status_text(clusters: Iterable[ClusterStatus], style: Style = plain) -> Iterator[str]:
    """Yield the text of each cluster, ready to print."""
    for number, one in enumerate(clusters):
        tables = [
            _table(("POOL", "FAMILY", "SIZE", "USED", "FREE", "ADVERTISED"), _pools(one), style),
            _table(("VIP", "POOL", "ADVERTISEMENT", "OWNER"), _vips(one), style),
            _table(("GATEWAY", "CLASS", "EDGE", "ADDRESSES", "STATUS"), _gateways(one), style),
            _table(
                ("LISTENER", "PORT", "PROTOCOL", "HOSTNAME", "ROUTES", "STATUS"),
                _listeners(one.gateways),
                style,
            ),
            _table(
                ("ROUTE", "HOSTNAMES", "PARENT", "LISTENERS", "STATUS"), _routes(one.routes), style
            ),
        ]
        head = style("place", f"cluster {printable(one.name)}") + "\n\n"
        nothing = "no pools, addresses, Gateways or routes\n"
        yield ("\n" if number else "") + head + ("\n".join(filter(None, tables)) or nothing)


def _table(heads: Sequence[str], rows: Iterable[Row], style: Style) -> str:
    """Return a table, or an empty text where it has no rows."""
    made = [(role, [printable(cell) or "-" for cell in cells]) for role, cells in rows]
    if not made:
        return ""
    columns = zip(heads, *(cells for _, cells in made), strict=True)
    widths = [max(map(len, column)) for column in columns]
    lines = [style("gutter", _line(heads, widths))]
    for role, cells in made:
        line = _line(cells, widths)
        # The last cell says what is wrong: it alone is coloured.
        cut = len(line) - len(cells[-1])
        lines.append(line[:cut] + style(role, cells[-1]) if role else line)
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    *first, last = cells
    return _GAP.join([*(c.ljust(w) for c, w in zip(first, widths, strict=False)), last])


def _pools(one: ClusterStatus) -> Iterator[Row]:
    for pool in one.pools:
        how = " ".join(pool.advertised)
        for use in pool.families:
            numbers = map(_number, (use.size, use.used, use.free))
            cells = (pool.name, f"IPv{use.family}", *numbers, how or "by nobody")
            yield ("" if how else "error"), cells


def _number(number: int) -> str:
    """Return a count; that of a large IPv6 range as a power of two."""
    return str(number) if number < _MANY else f"~2^{number.bit_length() - 1}"


def _vips(one: ClusterStatus) -> Iterator[Row]:
    for vip in one.vips:
        pool = vip.pool or ("any" if vip.address is None else "none")
        lost = vip.address is not None and vip.pool is None and bool(one.pools)
        cells = (vip.address or "any", pool, vip.advertisement or "", ", ".join(vip.owners))
        yield ("error" if lost else ""), cells


def _gateways(one: ClusterStatus) -> Iterator[Row]:
    for gateway in one.gateways:
        name = f"{gateway.namespace}/{gateway.name}"
        role, told = _told(gateway.conditions)
        addresses = ", ".join(gateway.addresses)
        yield role, (name, gateway.gateway_class, gateway.edge, addresses, told)


def _listeners(gateways: Iterable[GatewayStatus]) -> Iterator[Row]:
    for gateway in gateways:
        for one in gateway.listeners:
            name = f"{gateway.namespace}/{gateway.name}/{one.name}"
            role, told = _told(one.conditions)
            routes = str(one.attached)
            if one.undecided:
                routes = f"{one.attached - one.undecided} to {one.attached}"
            hostname = one.hostname or "*"
            yield role, (name, str(one.port), one.protocol, hostname, routes, told)


def _routes(routes: Iterable[RouteStatus]) -> Iterator[Row]:
    for route in routes:
        name = f"{route.kind}/{route.namespace}/{route.name}"
        hostnames = _few(route.hostnames)
        if not route.parents:
            yield "error", (name, hostnames, "", "", "no parentRefs: no status")
        for parent in route.parents:
            place = parent.parent.partition("/")[2]
            if not parent.parent.startswith("Gateway/"):
                place = parent.parent
            place += f"/{parent.section}" if parent.section else ""
            place += f":{parent.port}" if parent.port is not None else ""
            role, told = _told(parent.conditions)
            yield role, (name, hostnames, place, ", ".join(parent.listeners), told)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _told(conditions: Sequence[Condition]) -> tuple[str, str]:
    """Return role and text of conditions: those that are not as they should be."""
    if not conditions:
        return "warning", "no status by Traefik"
    bad = [c for c in conditions if c.status != ("False" if c.type == "Conflicted" else "True")]
    if not bad:
        partly = [c for c in conditions if c.reason == "ListenersNotValid"]
        return ("warning", "Programmed, ListenersNotValid") if partly else ("", _good(conditions))
    role = "warning" if all(c.status == "Unknown" for c in bad) else "error"
    return role, ", ".join(f"{c.type}={c.status} ({c.reason})" for c in bad)


def _good(conditions: Sequence[Condition]) -> str:
    types = [condition.type for condition in conditions]
    return "Programmed" if "Programmed" in types else "Accepted"
