"""The releases of Traefik's chart whose values are judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgegen.stack.helm import releases
from edgegen.stack.traefik import CHART
from edgegen.stack.traefik_values import looks_like_values

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.helm import Release

_MAJOR = 41
"""Of the chart whose values are known here."""

_VERSION = re.compile(r"v?(\d{1,4})(?:\.|\Z)")


def judged_releases(cluster: Cluster) -> list[Release]:
    """Return the releases of Traefik's chart of a version that is known; with `cached`.

    A release of another major version has other values. One without a version,
    or with a range, is taken to be the current one, and so is a Cluster
    document's default. K3s brings along a chart of its own choice.
    """
    found: list[Release] = []
    for release in cluster.cached(releases):
        version = release.version or cluster.facts.traefik_chart
        match = _VERSION.match(version)
        ours = release.chart == CHART or (
            not release.chart and (release.name or looks_like_values(release.values.tree))
        )
        packaged = release.of_k3s and not version
        if ours and not packaged and (match is None or int(match[1]) == _MAJOR):
            found.append(release)
    return found
