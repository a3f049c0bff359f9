"""ML023: an Edge whose address is left to chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.rules.base import Finding, resource_rule

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource


@resource_rule(
    code="ML023", name="vip-not-pinned", severity=Severity.INFO, since="0.1.0", kinds=("Edge",)
)
def vip_not_pinned(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """An Edge does not say which address it has.

    ## Why is this bad
    It takes whatever address of its pool is free. DNS records and firewall rules
    cannot be written beforehand, and a rebuilt cluster may get another address.

    ## How to fix
    Pin an address of the pool in `spec.vips`.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `AllocateFromPool`: the first
    free address.
    """
    if resource.id.group == EDGEGEN_GROUP and resource.spec.get("vips") in (None, []):
        yield Finding(
            at=resource.at("spec", "vips"),
            message=f"Edge {resource.name} takes whatever address is free",
            help="pin an address of its pool in vips",
        )
