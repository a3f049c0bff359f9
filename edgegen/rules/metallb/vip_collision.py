"""ML020: one address requested twice without sharing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import pins

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.metallb import Pin


@cluster_rule(code="ML020", name="vip-requested-twice", severity=Severity.ERROR, since="0.1.0")
def vip_requested_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two Services or Edges ask for one address and do not share it.

    ## Why is this bad
    MetalLB gives the address to whichever Service it sees first; the other one stays
    pending. After a restart it may be the other way round.

    Services share an address when both have the same, non-empty
    `metallb.io/allow-shared-ip`. Edges never share one.

    ## How to fix
    Give each an address of its own, or set the same sharing key on all of the Services.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `checkSharing`.
    """
    first: dict[tuple[int, int], tuple[Pin, Spot]] = {}
    for pin in cluster.cached(pins):
        for address, spot in pin.addresses():
            holder, held = first.setdefault((address.family, address.start), (pin, spot))
            if holder is pin or _text(held) == _text(spot):
                continue
            if pin.sharing_key and pin.sharing_key == holder.sharing_key:
                continue
            yield Finding(
                at=spot,
                message=f"{address.text} is also requested by {holder.owner.id}",
                help="use another address, or the same metallb.io/allow-shared-ip on both Services",
                related=((held, "first requested here"),),
                discriminator=f"IPv{address.family}",
            )


def _text(spot: Spot) -> tuple[object, ...]:
    """What was written where: an Edge and what is derived from it are one request."""
    return spot.file, spot.document, spot.path
