"""TK036 to TK039: values of Traefik's Helm chart that it refuses, drops or no longer knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.releases import judged_releases
from edgegen.schema.words import closest, quoted
from edgegen.stack.traefik_values import What, moved, type_hint, value_faults

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.stack.helm import Release
    from edgegen.stack.traefik_values import Moved, ValueFault

_EXPOSURE = frozenset({"loadBalancerSourceRanges", "type"})
"""Old settings of the Service whose loss opens the edge."""

_NAMED = 12  # keys that a remedy lists


class _Judged(NamedTuple):
    release: Release
    fault: ValueFault
    moved: Moved | None


def judged_values(cluster: Cluster) -> list[_Judged]:
    """Return what is wrong with the values of all releases; with `cluster.cached`."""
    return [
        _Judged(release, fault, moved(fault.path))
        for release in cluster.cached(judged_releases)
        for fault in value_faults(release.values.tree)
    ]


@cluster_rule(code="TK036", name="unknown-helm-value", severity=Severity.ERROR, since="0.1.0")
def unknown_helm_value(cluster: Cluster) -> Iterator[Finding]:
    """Traefik's Helm chart does not know a value.

    ## Why is this bad
    Where the chart's schema is closed, the release does not install. Where it
    is open, the value is dropped without a word; that is a warning.

    ## How to fix
    Correct the key, or remove it.

    ## Source
    traefik-helm-chart 41.3.0, traefik/values.schema.json and templates.
    """
    for one in cluster.cached(judged_values):
        fault = one.fault
        if one.moved or fault.what not in (What.UNKNOWN, What.DROPPED):
            continue
        dropped = fault.what is What.DROPPED
        yield Finding(
            at=one.release.values.at(*fault.path),
            message=f"the chart has no value {_dotted(fault.path)}"
            + (" and drops it" if dropped else ""),
            help=_nearest(fault),
            severity=Severity.WARNING if dropped else None,
            discriminator=_dotted(fault.path),
        )


@cluster_rule(code="TK037", name="malformed-helm-value", severity=Severity.ERROR, since="0.1.0")
def malformed_helm_value(cluster: Cluster) -> Iterator[Finding]:
    """A value of Traefik's Helm chart has a type or content that the chart refuses.

    ## Why is this bad
    Helm checks values against the chart's schema: the release does not
    install, or stays as it was.

    ## How to fix
    Write what the chart takes. Some values had another type in older charts.

    ## Source
    traefik-helm-chart 41.3.0, traefik/values.schema.json.
    """
    for one in cluster.cached(judged_values):
        fault = one.fault
        if fault.what is What.TYPE:
            wanted = " or ".join(fault.wanted)
            message = f"{_dotted(fault.path)} is {quoted(fault.value)}, not a {wanted}"
            remedy = type_hint(fault.path) or f"write a {wanted}"
        elif fault.what is What.CHOICE:
            choices = ", ".join(choice or '""' for choice in fault.wanted)
            message = f"{_dotted(fault.path)} cannot be {quoted(fault.value)}"
            remedy = f"write one of {choices}" if len(fault.wanted) > 1 else f"write {choices}"
        else:
            continue
        yield Finding(
            at=one.release.values.at(*fault.path),
            message=message,
            help=remedy,
            discriminator=_dotted(fault.path),
        )


@cluster_rule(code="TK038", name="moved-helm-value", severity=Severity.ERROR, since="0.1.0")
def moved_helm_value(cluster: Cluster) -> Iterator[Finding]:
    """A value stands where an older version of Traefik's Helm chart had it.

    ## Why is this bad
    The chart refuses to install, or drops the value without a word: a Service
    that was to be ClusterIP becomes a LoadBalancer, source ranges are lost and
    the edge is open to everybody. A dropped value that opens nothing is a
    warning.

    ## How to fix
    Move it to where the chart has it now.

    ## Source
    traefik-helm-chart, Changelog.md, 27.0.0 to 41.0.0; observed by rendering
    41.3.0.
    """
    for release in cluster.cached(judged_releases):
        gateway = release.values.get("experimental", "kubernetesGateway")
        if isinstance(gateway, dict) and gateway.get("enabled") is True:
            path: Path = ("experimental", "kubernetesGateway")
            known = moved(path)
            if known is not None:
                yield _moved(release, path, known)
    for one in cluster.cached(judged_values):
        if one.moved is not None:
            yield _moved(one.release, one.fault.path, one.moved)


def _moved(release: Release, path: Path, known: Moved) -> Finding:
    value = release.values.get(*path)
    opens = path[-1] in _EXPOSURE and value != "LoadBalancer"
    lost = "" if known.refused else ", and drops it without a word"
    return Finding(
        at=release.values.at(*path),
        message=f"chart {known.since} moved {_dotted(path)}{lost}",
        help=f"write {known.to}",
        severity=None if known.refused or opens else Severity.WARNING,
        discriminator=_dotted(path),
    )


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _nearest(fault: ValueFault) -> str:
    key = str(fault.path[-1])
    near = closest(key, sorted(fault.wanted))
    if near is not None:
        return f'did you mean "{near}"?'
    known = ", ".join(fault.wanted[:_NAMED])
    return f"known there: {known}" if len(fault.wanted) <= _NAMED else "correct it, or remove it"
