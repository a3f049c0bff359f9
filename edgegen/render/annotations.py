"""Annotations that a resource needs for the tool that will sync it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.model.resource import Origin, Resource

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

ARGOCD_OPTIONS = "argocd.argoproj.io/sync-options"
FLUX_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
FLUX_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
DISABLED = "disabled"

_BUILD_PREFIX = "internal.config.kubernetes.io/"
_BUILD_KEYS = frozenset(
    f"config.kubernetes.io/{name}" for name in ("id", "index", "local-config", "path")
)
_KEPT = ("Prune=false", "Delete=false")
# With one of these everything that it holds would go, workloads of others included.
_NEVER_PRUNED = frozenset({("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition")})


def annotated(resource: Resource, target: str, wiring: Origin) -> Resource:
    """Return the resource as it is written for a target (`argocd`, `flux` or `none`).

    Namespaces and CRDs are kept from being pruned. For Flux a literal `${` is
    protected from `postBuild.substitute`. Annotations that kustomize keeps its
    own notes in are left out, since `kustomize build` (5.8.1) drops them, or
    with `config.kubernetes.io/local-config` the whole resource; an empty
    `metadata.annotations` it drops too. The rest of the value is shared.
    """
    metadata = resource.value.get("metadata")
    if not isinstance(metadata, dict):
        return resource
    written = metadata.get("annotations")
    before = _without_notes(written) if isinstance(written, dict) else {}
    added = _additions(resource, before, target)
    if not added and (before == written if before else "annotations" not in metadata):
        return resource
    rest = {key: item for key, item in metadata.items() if key != "annotations"}
    if before or added:
        rest["annotations"] = {**before, **added}
    seams: dict[Path, Origin] = {("metadata", "annotations", key): wiring for key in added}
    value = {**resource.value, "metadata": rest}
    return Resource(value, Origin(resource), seams, resource.team, resource.contributions)


def _without_notes(annotations: dict[str, Json]) -> dict[str, Json]:
    return {
        key: item
        for key, item in annotations.items()
        if key not in _BUILD_KEYS and not key.startswith(_BUILD_PREFIX)
    }


def _additions(resource: Resource, before: dict[str, Json], target: str) -> dict[str, Json]:
    kept = resource.id[:2] in _NEVER_PRUNED
    if target == "argocd" and kept:
        return {ARGOCD_OPTIONS: _options(before.get(ARGOCD_OPTIONS))}
    if target != "flux":
        return {}
    added: dict[str, Json] = {FLUX_PRUNE: DISABLED} if kept else {}
    if has_variable(resource.value):
        added[FLUX_SUBSTITUTE] = DISABLED
    return added


def _options(before: Json) -> str:
    given = [option.strip() for option in before.split(",")] if isinstance(before, str) else []
    settled = {"Prune", "Delete"}
    others = [option for option in given if option and option.partition("=")[0] not in settled]
    return ",".join([*others, *_KEPT])


def has_variable(value: Json) -> bool:
    """Say whether `${` occurs in any string or key of a value."""
    pending: list[Json] = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, str):
            if "${" in here:
                return True
        elif isinstance(here, dict):
            pending.extend(here)
            pending.extend(here.values())
        elif isinstance(here, list):
            pending.extend(here)
    return False
