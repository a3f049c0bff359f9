"""ML032 and ML033: the timers of BGP peers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import peers
from edgegen.stack.durations import SECOND, parse_duration
from edgegen.stack.metallb import quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.bgp import Peer

_SHORTEST = 3 * SECOND
_LONGEST = 65535 * SECOND
_FIELDS = ("holdTime", "keepaliveTime", "connectTime")


@cluster_rule(code="ML032", name="bgp-peer-timers", severity=Severity.ERROR, since="0.1.0")
def bgp_peer_timers(cluster: Cluster) -> Iterator[Finding]:
    """A timer of a BGPPeer is none that MetalLB takes.

    ## Why is this bad
    MetalLB refuses the peer, or discards its whole new configuration. Timers are durations
    as Go writes them (`90s`, `1m30s`). The hold time, in whole seconds, is 0 or at least 3,
    the keepalive time at most the hold time. Of the two, the one that is not set follows
    from the other: a third, or three times as much. `connectTime` is a whole number of
    seconds from 1 to 65535.

    ## How to fix
    Set both, the hold time three times the keepalive time, or none.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `parseTimers`; the CEL rules of
    `connectTime` in api/v1beta2/bgppeer_types.go.
    """
    for peer in cluster.cached(peers):
        for field in _FIELDS:
            text = peer.resource.spec.get(field)
            if isinstance(text, str) and _nanoseconds(peer, field) is None:
                yield Finding(
                    at=peer.resource.at("spec", field),
                    message=f"{field} {quoted(text)} of BGPPeer {peer.name} is no duration",
                    help="write a duration such as 90s",
                )
        yield from _refused(peer)
        yield from _connect(peer)


def _nanoseconds(peer: Peer, field: str) -> int | None:
    text = peer.resource.spec.get(field)
    try:
        return parse_duration(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _pair(peer: Peer) -> tuple[int, int] | None:
    """Return hold and keepalive time, the missing one derived; None when one is malformed."""
    spec = peer.resource.spec
    hold, keepalive = _nanoseconds(peer, "holdTime"), _nanoseconds(peer, "keepaliveTime")
    if hold is None and spec.get("holdTime") is not None:
        return None
    if keepalive is None and spec.get("keepaliveTime") is not None:
        return None
    if peer.is_v1beta1:
        return hold or 0, keepalive or 0
    if hold is None and keepalive is None:
        return None
    if keepalive is None:
        return hold or 0, (hold or 0) // 3
    return (keepalive * 3 if hold is None else hold), keepalive


def _refused(peer: Peer) -> Iterator[Finding]:
    pair = _pair(peer)
    if pair is None:
        return
    hold, keepalive = pair
    field = "holdTime" if "holdTime" in peer.resource.spec else "keepaliveTime"
    if int(hold / SECOND) != 0 and int(hold / SECOND) * SECOND < _SHORTEST:
        yield Finding(
            at=peer.resource.at("spec", field),
            message=f"the hold time of BGPPeer {peer.name} is {hold / SECOND:g}s, "
            "neither 0 nor at least 3s",
            help="write 3s or more",
        )
    elif keepalive > hold:
        yield Finding(
            at=peer.resource.at("spec", "keepaliveTime"),
            message=f"the keepalive time of BGPPeer {peer.name} is {keepalive / SECOND:g}s, "
            f"above its hold time of {hold / SECOND:g}s",
            help="write a third of the hold time",
        )


def _connect(peer: Peer) -> Iterator[Finding]:
    time = _nanoseconds(peer, "connectTime")
    if time is not None and (time % SECOND or not SECOND <= time <= _LONGEST):
        yield Finding(
            at=peer.resource.at("spec", "connectTime"),
            message=f"connectTime of BGPPeer {peer.name} is {time / SECOND:g}s, "
            "not a whole number of seconds from 1 to 65535",
            help="write a whole number of seconds",
        )


@cluster_rule(code="ML033", name="doubtful-bgp-timers", severity=Severity.WARNING, since="0.1.0")
def doubtful_bgp_timers(cluster: Cluster) -> Iterator[Finding]:
    """The timers of a BGPPeer are accepted, and do not do what they seem to.

    ## Why is this bad
    A hold time below one second is cut to zero, which switches the timer off: a dead peer is
    never noticed. So does a hold time of zero. Above 65535 seconds the value does not fit
    the message. Parts of a second are dropped. With a keepalive time above a third of the
    hold time one lost message is enough to end the session.

    ## How to fix
    Write whole seconds, the hold time three times the keepalive time. Use BFD to notice
    faults faster.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `parseTimers`; RFC 4271 (4.2, 4.4, 10).
    """
    for peer in cluster.cached(peers):
        pair = None if peer.is_v1beta1 and not _written(peer) else _pair(peer)
        if pair is None:
            continue
        hold, keepalive = pair
        if (int(hold / SECOND) and int(hold / SECOND) * SECOND < _SHORTEST) or keepalive > hold:
            continue
        field, fault = _doubt(peer, hold, keepalive)
        if fault:
            yield Finding(
                at=peer.resource.at("spec", field),
                message=f"{fault} (BGPPeer {peer.name})",
                help="write whole seconds, the hold time three times the keepalive time",
            )


def _written(peer: Peer) -> bool:
    return "holdTime" in peer.resource.spec or "keepaliveTime" in peer.resource.spec


def _doubt(peer: Peer, hold: int, keepalive: int) -> tuple[str, str]:
    field = "holdTime" if "holdTime" in peer.resource.spec else "keepaliveTime"
    if hold < SECOND:
        return field, "a hold time of 0 switches the timer off, a dead peer is never noticed"
    if hold > _LONGEST:
        return field, f"a hold time of {hold / SECOND:g}s is above 65535s"
    if hold % SECOND:
        return field, f"a hold time of {hold / SECOND:g}s loses its parts of a second"
    if "keepaliveTime" not in peer.resource.spec:
        return field, ""
    if keepalive < SECOND:
        return "keepaliveTime", "a keepalive time of 0 sends no keepalives"
    if keepalive % SECOND:
        return "keepaliveTime", "the keepalive time loses its parts of a second"
    if keepalive * 3 > hold:
        return "keepaliveTime", "the keepalive time is above a third of the hold time"
    return field, ""
