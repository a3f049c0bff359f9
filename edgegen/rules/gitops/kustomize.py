"""IN072: references that Kustomize leaves behind; found while manifests are read."""

from __future__ import annotations

from edgegen.diagnostics import Severity
from edgegen.rules.base import input_rule

kustomize_reference_not_renamed = input_rule(
    "IN072",
    "kustomize-reference-not-renamed",
    Severity.ERROR,
    "0.1.0",
    """Kustomize renames an object, and not the reference of a Gateway API resource to it.

    ## Why is this bad
    Kustomize does not know parentRefs, backendRefs, certificateRefs and targetRefs. With
    `namePrefix`, `nameSuffix` or the hash of a generated Secret they name an object that the
    output does not have: routes answer 500, listeners have no certificate.

    ## How to fix
    List the fields under `nameReference` in a file of `configurations`, use `replacements`, or
    keep the name with `disableNameSuffixHash`. Judge the output too: `kustomize build . |
    edgegen lint -`.

    ## Source
    Kustomize 5.8, observed; kustomize pull request 5208, which was not merged.
    """,
)
