"""What is to be said of the version in which a native kind is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP, METALLB_GROUP, TRAEFIK_GROUP, group_of, version_of
from edgegen.schema.builtin import native_kinds
from edgegen.schema.fault import DEPRECATED, NOT_SERVED, REMOVED_KIND, SUPERSEDED
from edgegen.schema.words import closest, quoted
from edgegen.stack.tables.releases import release_text
from edgegen.stack.tables.served import (
    EXPERIMENTAL,
    EXPERIMENTAL_GROUP,
    FIRST_GROUP,
    REPLACED,
    SERVED,
    STANDARD,
    TRAEFIK_2_GROUP,
    Served,
)

if TYPE_CHECKING:
    from edgegen.schema.builtin import Target
    from edgegen.schema.definitions import Definition

_PROJECTS: Final = {
    GATEWAY_GROUP: "Gateway API",
    EXPERIMENTAL_GROUP: "Gateway API",
    METALLB_GROUP: "MetalLB",
    TRAEFIK_GROUP: "Traefik",
}
"""API group -> the project that defines its kinds."""

_WRITTEN_BY_CONTROLLERS: Final = frozenset(
    {"ServiceL2Status", "ServiceBGPStatus", "ConfigurationState"}
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the version or kind of a resource comes to.

    Attributes:
        field: `apiVersion` or `kind`, whichever is at fault.
        final: nothing of the resource can be judged, since nothing serves it.
        severity: where it differs from the rule's own.
        instead: the apiVersion with which the resource means the same.
    """

    rule: str
    message: str
    help: str = ""
    field: str = "apiVersion"
    final: bool = False
    severity: Severity | None = None
    instead: str = ""


def project_of(group: str) -> str:
    """Return the name of the project that an API group belongs to."""
    return _PROJECTS[group]


def builtin_notice(api_version: str, kind: str, target: Target) -> Notice | None:
    """Return what is to be said of a kind of MetalLB, the Gateway API or Traefik, or None."""
    group, version = group_of(api_version), version_of(api_version)
    if group == FIRST_GROUP:
        return _first_group(kind)
    if group == TRAEFIK_2_GROUP:
        return _of_traefik_2(kind, target)
    if group not in _PROJECTS or kind in _WRITTEN_BY_CONTROLLERS:
        return None
    versions = SERVED.get((group, kind)) or _traefik(group, kind)
    if not versions:
        return _unknown_kind(group, kind)
    served = versions.get(version)
    if served is None:
        return _unknown_version(kind, version, versions, target)
    if _serves(served, target):
        return _advice(kind, (group, version), served, versions, target)
    gone = REPLACED.get((group, kind))
    if gone is not None and _ended(served, target):
        return Notice(
            REMOVED_KIND,
            f"{_PROJECTS[group]} has no {kind} any more",
            f"write {gone}",
            "kind",
            True,
        )
    return _not_served(group, kind, version, versions, target)


def _traefik(group: str, kind: str) -> dict[str, Served]:
    known = (group, kind, "v1alpha1") in native_kinds() and group == TRAEFIK_GROUP
    return _ALWAYS if known else {}


_ALWAYS: Final = {"v1alpha1": SERVED[METALLB_GROUP, "Community"]["v1beta1"]}


def _serves(served: Served, target: Target) -> bool:
    if served.span(target.channel).holds(target.release):
        return True
    # Deprecated versions that only the experimental channel serves are named as deprecated.
    return target.assumed and served.experimental.holds(target.release) and bool(served.deprecated)


def _ended(served: Served, target: Target) -> bool:
    until = served.experimental.until
    return until is not None and target.release >= until


def _advice(
    kind: str,
    written: tuple[str, str],
    served: Served,
    versions: dict[str, Served],
    target: Target,
) -> Notice | None:
    group, version = written
    best = _best(versions, target)
    if best is None or best == version:
        return None
    if served.deprecated is not None and target.release >= served.deprecated:
        return Notice(DEPRECATED, f"{version} of {kind} is deprecated", f"write {best}")
    if served.superseded is not None and target.release >= served.superseded:
        remedy = f"write {best}: nothing else changes"
        message = f"{version} of {kind} is superseded by {best}"
        return Notice(SUPERSEDED, message, remedy, instead=f"{group}/{best}")
    return None


def _best(versions: dict[str, Served], target: Target) -> str | None:
    """Return the first version of the table that the target serves: the one to write."""
    serving = (v for v, s in versions.items() if s.span(target.channel).holds(target.release))
    return next(serving, None)


def _has(group: str, target: Target) -> str:
    text = f"{_PROJECTS[group]} {release_text(target.release)}"
    if _PROJECTS[group] != "Gateway API":
        return text
    return f"the {target.channel} channel of {text}"


def _not_served(
    group: str, kind: str, version: str, versions: dict[str, Served], target: Target
) -> Notice:
    message = f"{_has(group, target)} does not serve {version} of {kind}"
    best = _best(versions, target)
    served = versions[version]
    other = EXPERIMENTAL if target.channel == STANDARD else STANDARD
    if best is not None:
        remedy = f"write {best}"
    elif served.span(other).holds(target.release):
        remedy = f"the {other} channel serves it"
    else:
        since = served.span(target.channel).since or served.span(other).since
        remedy = f"it exists since {release_text(since)}" if since else ""
    severity = Severity.WARNING if target.assumed and best is None else None
    return Notice(NOT_SERVED, message, remedy, final=severity is None, severity=severity)


def _unknown_version(
    kind: str, version: str, versions: dict[str, Served], target: Target
) -> Notice:
    best = _best(versions, target) or next(iter(versions))
    severity = Severity.WARNING if target.newer else None
    message = f"no release that edgegen knows serves {version} of {kind}"
    return Notice(NOT_SERVED, message, f"write {best}", final=True, severity=severity)


def _unknown_kind(group: str, kind: str) -> Notice:
    kinds = [k for g, k, _ in native_kinds() if g == group]
    near = closest(kind, dict.fromkeys(kinds))
    remedy = f"did you mean {quoted(near)}?" if near else ""
    return Notice(NOT_SERVED, f"{group} has no kind {quoted(kind)}", remedy, "kind", True)


def _first_group(kind: str) -> Notice:
    message = f"{FIRST_GROUP} was the group of the Gateway API before release 0.5.0"
    return Notice(REMOVED_KIND, message, f"write {kind} of {GATEWAY_GROUP}/v1", final=True)


def _of_traefik_2(kind: str, target: Target) -> Notice | None:
    """Say that Traefik 3 reads nothing of the group that Traefik 2 had first."""
    if target.release < (3, 0, 0):
        return None
    severity = Severity.WARNING if target.assumed else None
    message = f"{TRAEFIK_2_GROUP} was the group of Traefik 2, and Traefik 3 does not read it"
    remedy = f"write {kind} of {TRAEFIK_GROUP}/v1alpha1"
    return Notice(REMOVED_KIND, message, remedy, final=True, severity=severity)


def defined_notice(definition: Definition, version: str) -> Notice | None:
    """Return what a CRD of the cluster says of one version of its kind, or None."""
    known = definition.versions.get(version)
    serving = [v.name for v in definition.versions.values() if v.served]
    remedy = f"write {serving[0]}" if serving else ""
    if known is None or not known.served:
        message = f"the CustomResourceDefinition does not serve {version} of {definition.kind}"
        return Notice(NOT_SERVED, message, remedy, final=True)
    if known.deprecated:
        current = [v.name for v in definition.versions.values() if v.served and not v.deprecated]
        remedy = f"write {current[0]}" if current else ""
        return Notice(DEPRECATED, f"{version} of {definition.kind} is deprecated", remedy)
    return None
