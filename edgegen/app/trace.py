"""`edgegen trace URL`: which backend answers a request, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError
from edgegen.routing.trace import require_gateway, trace
from edgegen.routing.verdict import UNDETERMINED, Result

if TYPE_CHECKING:
    from edgegen.app.inputs import Loaded
    from edgegen.diagnostics import Place
    from edgegen.model.resource import Spot
    from edgegen.routing.verdict import Request


@dataclass(frozen=True, slots=True)
class Traced:
    """What one edge does with the request; `place` finds where its values stand."""

    result: Result
    place: Callable[[Spot], Place]


@dataclass(frozen=True, slots=True)
class Trace:
    """A request, and what every edge that could be meant does with it."""

    request: Request
    traced: tuple[Traced, ...]

    @property
    def answered(self) -> bool:
        """Whether something answers, by what Traefik does; perhaps it is not known what."""
        return any(
            one.result.traefik.answered or one.result.traefik.outcome == UNDETERMINED
            for one in self.traced
        )


def trace_clusters(
    clusters: Iterable[Loaded], request: Request, *, gateway: str | None = None
) -> Trace:
    """Trace a request through clusters.

    Where some edges name what is asked for, by address, Gateway, or hostname of
    a route, those that would merely take it are left out.

    Raises:
        EdgegenError: no cluster has the Gateway.
    """
    name = None if gateway is None else require_gateway(gateway)
    found = [
        Traced(result, locator.place)
        for cluster, locator in clusters
        for result in trace(cluster, request, gateway=name)
    ]
    if name is not None and not found:
        raise EdgegenError(f"there is no Gateway {name}", "write NAMESPACE/NAME")
    best = max((one.result.named for one in found), default=0)
    return Trace(request, tuple(one for one in found if one.result.named == best))
