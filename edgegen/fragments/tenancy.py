"""What a team's folder may write: closed lists of kinds, namespaces and metadata.

What is not open to a team is refused before merging, so that it cannot become
part of any resource. Values that need the merged result (hostnames, parents,
backends) are judged by the ownership rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from edgegen.model.fault import Fault
from edgegen.model.ids import (
    CLUSTER_SCOPED,
    EDGEGEN_GROUP,
    GATEWAY_GROUP,
    METALLB_GROUP,
    TRAEFIK_GROUP,
)
from edgegen.schema.words import closest

if TYPE_CHECKING:
    from edgegen.fragments.repository import Fragment
    from edgegen.stack.tenants import Team
    from edgegen.yamlio.document import Json

EMIT = "edgegen.dev/emit"

BASE_KINDS = frozenset(
    {
        (EDGEGEN_GROUP, "Route"),
        (EDGEGEN_GROUP, "Delegation"),
        (GATEWAY_GROUP, "HTTPRoute"),
        (GATEWAY_GROUP, "GRPCRoute"),
        (GATEWAY_GROUP, "BackendTLSPolicy"),
        (GATEWAY_GROUP, "ReferenceGrant"),
        (TRAEFIK_GROUP, "Middleware"),
        (TRAEFIK_GROUP, "TraefikService"),
    }
)
_OWN_KINDS = sorted(kind for group, kind in BASE_KINDS if group == EDGEGEN_GROUP)

KNOWN_NOT_WRITTEN = frozenset({("", "Service"), ("", "ConfigMap")})
"""Kinds that a team may declare, so that references to them are known, never write."""

_KINDS_OF = {
    GATEWAY_GROUP: (
        "BackendTLSPolicy",
        "GRPCRoute",
        "HTTPRoute",
        "ReferenceGrant",
        "TCPRoute",
        "TLSRoute",
        "UDPRoute",
    ),
    TRAEFIK_GROUP: (
        "Middleware",
        "MiddlewareTCP",
        "ServersTransport",
        "ServersTransportTCP",
        "TraefikService",
    ),
}
"""Kinds of the stack's groups that can be open to a team (Gateway API 1.6.1, Traefik 3.7.15)."""

_GRANTED_BY_KIND = tuple(kind for kinds in _KINDS_OF.values() for kind in kinds)

_OTHER_GROUPS = {
    kind: (group,)
    for group, kinds in {
        EDGEGEN_GROUP: ("AddressPool", "Edge", "Team"),
        METALLB_GROUP: (
            "BFDProfile",
            "BGPAdvertisement",
            "BGPPeer",
            "Community",
            "IPAddressPool",
            "L2Advertisement",
        ),
        "argoproj.io": ("AppProject", "Application", "ApplicationSet"),
        "kustomize.toolkit.fluxcd.io": ("Kustomization",),
        "helm.toolkit.fluxcd.io": ("HelmRelease",),
    }.items()
    for kind in kinds
} | {kind: (group,) for group, kind in CLUSTER_SCOPED}
"""Kinds that people write without their group -> the group that they mean."""

PLUGIN_GRANT = "MiddlewarePlugin"
"""In `Team.kinds`: Middlewares with any plugin; `<name>/MiddlewarePlugin` opens one of them."""

NEVER_KINDS = frozenset(
    {
        "Gateway",
        "GatewayClass",
        "Ingress",
        "IngressClass",
        "IngressRoute",
        "IngressRouteTCP",
        "IngressRouteUDP",
        "ListenerSet",
        "Namespace",
        "TLSOption",
        "TLSStore",
        "XListenerSet",
    }
)
"""Never open to a team, in whatever group: each would reach beyond its own namespaces."""

_DEPLOYING_KINDS = frozenset(
    {
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("argoproj.io", "AppProject"),
    }
)
"""Kinds that deploy anything anywhere with the rights of the GitOps controller; Flux's too."""

_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")  # generators leave one in it

_METADATA_KEYS = frozenset({"name", "namespace", "labels", "annotations"})
_RESERVED_PREFIXES = frozenset(
    {
        "argocd.argoproj.io",
        "config.kubernetes.io",
        "edgegen.dev",
        "internal.config.kubernetes.io",
        "kubernetes.io",
        "metallb.io",
        "metallb.universe.tf",
        "traefik.containo.us",
        "traefik.io",
    }
)
_RESERVED_SUFFIX = ".toolkit.fluxcd.io"
_STATUS_KINDS = frozenset({"ServiceL2Status", "ServiceBGPStatus", "ConfigurationState"})


def never_open(group: str, kind: str) -> bool:
    """Say whether a kind can never be opened to a team."""
    if group == EDGEGEN_GROUP:
        return (group, kind) not in BASE_KINDS
    cluster_scoped = (group, kind) in CLUSTER_SCOPED or (
        # Kinds of other projects follow this habit; a lone `Cluster` is a database's.
        group not in ("", GATEWAY_GROUP, TRAEFIK_GROUP)
        and kind.startswith("Cluster")
        and kind != "Cluster"
    )
    deploys = (group, kind) in _DEPLOYING_KINDS or group.endswith(_RESERVED_SUFFIX)
    return kind in NEVER_KINDS or group == METALLB_GROUP or cluster_scoped or deploys


def grants_never_open(entry: str) -> bool:
    """Say whether an entry of `Team.kinds` names a kind that can never be opened.

    Args:
        entry: `Kind` of the Gateway API or of Traefik, or `group/Kind`.
    """
    group, slash, kind = entry.rpartition("/")
    if slash:
        return never_open(group, kind)
    if kind in _GRANTED_BY_KIND or kind == PLUGIN_GRANT:
        return False
    groups = (GATEWAY_GROUP, TRAEFIK_GROUP, *_OTHER_GROUPS.get(kind, ()))
    return any(never_open(known, kind) for known in groups)


def unknown_kind(entry: str) -> str | None:
    """Return a remedy for an entry of `Team.kinds` that names no kind, else None.

    Without a group it names a kind of the Gateway API or of Traefik. Kinds of
    other groups are not known, so any of them passes.
    """
    group, slash, kind = entry.rpartition("/")
    if grants_never_open(entry) or kind == PLUGIN_GRANT:
        return None
    known = _KINDS_OF.get(group, ()) if slash else (*_GRANTED_BY_KIND, PLUGIN_GRANT)
    if kind in known or (slash and group not in _KINDS_OF):
        return None
    near = closest(kind, known)
    if near is not None:
        return f'did you mean "{f"{group}/{near}" if slash else near}"?'
    return "write its API group before it, as in cert-manager.io/Certificate"


def kind_is_open(group: str, kind: str, team: Team) -> bool:
    """Say whether a team may write a kind: the base set, or what its Team grants."""
    if never_open(group, kind):
        return False
    if (group, kind) in BASE_KINDS or (group, kind) in KNOWN_NOT_WRITTEN:
        return True
    if kind == PLUGIN_GRANT:
        return False  # a right of Middlewares, and no kind
    if f"{group}/{kind}" in team.kinds:
        return True
    return kind in team.kinds and group in (GATEWAY_GROUP, TRAEFIK_GROUP)


def team_faults(
    fragment: Fragment, value: Mapping[str, Json], team: Team, namespace: str
) -> Iterator[Fault]:
    """Yield what forbids a fragment in a team's folder.

    Args:
        value: the fragment after substitution.
        namespace: its namespace after defaulting.
    """
    if not kind_is_open(fragment.group, fragment.kind, team):
        yield _closed_kind(fragment, team)
        return
    yield from _namespace_faults(fragment, team, namespace)
    yield from _metadata_faults(fragment, value, team)
    if (fragment.group, fragment.kind) in KNOWN_NOT_WRITTEN and not _not_emitted(value):
        yield Fault(
            "kind-not-open-to-team",
            fragment.at("kind"),
            f"team {team.name} writes a {fragment.kind} for the output",
            help=f'{fragment.kind}s live with the applications; annotate it with {EMIT}: "false"'
            " to declare it without writing it",
        )


def platform_faults(fragment: Fragment, value: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield what nobody may write: secrets' contents, a status, status-only kinds."""
    if fragment.group == "" and fragment.kind == "Secret":
        for key in ("data", "stringData"):
            if value.get(key):
                yield Fault(
                    "secret-in-repository",
                    fragment.at(key),
                    "a Secret carries its content in the repository",
                    help="keep a reference: a sealed or external secret, or a Secret made by hand",
                )
    if fragment.group == METALLB_GROUP and fragment.kind in _STATUS_KINDS:
        yield Fault(
            "status-only-kind",
            fragment.at("kind"),
            f"{fragment.kind} is written by MetalLB alone",
            help="remove it from the repository",
        )
    if value.get("status") and (fragment.group, fragment.kind) != _DEFINITION:
        yield Fault(
            "status-in-repository",
            fragment.at("status"),
            f"{fragment.kind} has a status",
            help="remove it: controllers write the status",
        )


def _closed_kind(fragment: Fragment, team: Team) -> Fault:
    if fragment.is_edgegen and fragment.kind == "Team":
        remedy = "only the platform grants rights, in policies/teams/"
    elif fragment.is_edgegen and (near := closest(fragment.kind, _OWN_KINDS)) is not None:
        remedy = f'did you mean "{near}"?'
    elif never_open(fragment.group, fragment.kind):
        remedy = "only the platform writes it, below clusters/"
    elif fragment.group == "":
        remedy = f"a {fragment.kind} lives with the application, outside this repository"
    else:
        name = fragment.kind
        if fragment.group not in (GATEWAY_GROUP, TRAEFIK_GROUP):
            name = f"{fragment.group}/{name}"
        remedy = f"let the platform add {name} to spec.kinds of Team {team.name}"
    return Fault(
        "kind-not-open-to-team",
        fragment.at("kind"),
        f"team {team.name} may not write a {fragment.kind}",
        help=remedy,
    )


def _namespace_faults(fragment: Fragment, team: Team, namespace: str) -> Iterator[Fault]:
    if fragment.kind == "Delegation" and fragment.is_edgegen:
        return
    if namespace not in team.namespaces:
        yield Fault(
            "namespace-not-of-team",
            fragment.at("metadata", "namespace"),
            f'namespace "{namespace}" does not belong to team {team.name}',
            help=f"use one of its own: {', '.join(team.namespaces) or 'it has none'}",
        )


def _metadata_faults(fragment: Fragment, value: Mapping[str, Json], team: Team) -> Iterator[Fault]:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        return
    for key in metadata:
        if key not in _METADATA_KEYS:
            yield Fault(
                "reserved-metadata",
                fragment.at("metadata", key),
                f"team {team.name} may not set metadata.{key}",
                help="a team sets name, namespace, labels and annotations",
            )
    for field in ("labels", "annotations"):
        entries = metadata.get(field)
        for key in entries if isinstance(entries, dict) else ():
            if key.startswith("$"):
                # It would drop the platform's keys, or `edgegen.dev/emit` after it was checked.
                yield Fault(
                    "reserved-metadata",
                    fragment.at("metadata", field, key),
                    f"team {team.name} may not replace all {field}",
                    help="set a label or annotation to null to remove it",
                )
            elif _reserved(key) and key != EMIT:
                yield Fault(
                    "reserved-metadata",
                    fragment.at("metadata", field, key),
                    f'"{key}" steers the platform and is not for team {team.name}',
                    help="remove it",
                )


def _reserved(key: str) -> bool:
    prefix = key.partition("/")[0] if "/" in key else ""
    return prefix in _RESERVED_PREFIXES or prefix.endswith(_RESERVED_SUFFIX)


def _not_emitted(value: Mapping[str, Json]) -> bool:
    metadata = value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(EMIT) == "false"
