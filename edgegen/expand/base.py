"""MetalLB's namespace: its speakers need the privileged Pod Security level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgegen.expand.native import labels_of
from edgegen.expand.origins import Trail
from edgegen.model.path import value_at

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

POD_SECURITY: Final = ("audit", "enforce", "warn")
"""Modes of Pod Security admission; the speaker uses the host's network in each."""


def metallb_namespace(facts: Facts) -> Resource | None:
    """Return MetalLB's Namespace, or None where somebody else installs MetalLB."""
    if facts.resource is None or not facts.install_metallb:
        return None
    labels: dict[str, Json] = labels_of(None)
    labels |= {f"pod-security.kubernetes.io/{mode}": "privileged" for mode in POD_SECURITY}
    trail = Trail(facts.resource)
    source = ("spec", "metallb", "namespace")
    given = value_at(facts.resource.value, source) is not None
    trail.field(("metadata", "name"), source, given=given)
    return trail.resource(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"labels": labels, "name": facts.metallb_namespace},
        }
    )
