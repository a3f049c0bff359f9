"""ML028: a label selector that MetalLB refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import Path, value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.list_item_twice import SELECTORS
from edgegen.schema.words import closest
from edgegen.stack.metallb import metallb_resources
from edgegen.stack.selectors import OPERATORS, selector_faults

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.yamlio.document import Json


@cluster_rule(code="ML028", name="invalid-metallb-selector", severity=Severity.ERROR, since="0.1.0")
def invalid_metallb_selector(cluster: Cluster) -> Iterator[Finding]:
    """A label selector of a MetalLB object is invalid.

    ## Why is this bad
    The CRD restricts neither operators nor labels. MetalLB's webhook refuses the object, or
    MetalLB discards its whole new configuration. Operators are case-sensitive; `In` and
    `NotIn` need values, `Exists` and `DoesNotExist` take none.

    ## How to fix
    Correct the operator, the values or the label.

    ## Source
    apimachinery, pkg/apis/meta/v1/helpers.go, `LabelSelectorAsSelector`, which MetalLB calls
    in internal/config/config.go.
    """
    for kind, paths in SELECTORS.items():
        for resource in metallb_resources(cluster, kind):
            for path in paths:
                items = value_at(resource.value, ("spec", *path))
                for index, selector in enumerate(items if isinstance(items, list) else ()):
                    for below, fault in selector_faults(selector):
                        if not _is_typed(selector, below):
                            continue
                        yield Finding(
                            at=resource.at("spec", *path, index, *below),
                            message=fault,
                            help=_remedy(selector, below),
                        )


def _is_typed(selector: Json, below: Path) -> bool:
    """Whether the value at fault has the type that the CRD's schema asks for.

    Wrong types, and expressions without key or operator, the schema reports.
    """
    if not below:  # the selector itself is of another type
        return False
    value = value_at(selector, below)
    if below[-1] == "operator":
        return isinstance(value, str)
    if isinstance(below[-1], int) and len(below) == 2:
        whole = isinstance(value, dict) and isinstance(value.get("key"), str)
        return whole and isinstance(value, dict) and isinstance(value.get("operator"), str)
    if below[-1] == "values":
        return isinstance(value, list)
    return isinstance(value, str)


def _remedy(selector: Json, below: Path) -> str:
    value = value_at(selector, below)
    if below[-1] == "operator" and isinstance(value, str):
        near = closest(value, OPERATORS)
        return f'did you mean "{near}"?' if near else f"write one of {', '.join(OPERATORS)}"
    return "correct the selector"
