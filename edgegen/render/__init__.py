"""From a cluster's resources to the files that Argo CD, Flux or a person applies."""

from __future__ import annotations

from edgegen.render.text import MARKER
from edgegen.render.tree import manifests, render

__all__ = ["MARKER", "manifests", "render"]
