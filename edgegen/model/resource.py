"""Resources, and for each of their values the fragment that wrote it.

Origins stand at seams: a resource holds the origin of its root, and a further
one only where another fragment won. 100,000 routes are 7.5 million values;
one origin object for each would cost half a gigabyte.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from edgegen.diagnostics import ResourceRef
from edgegen.model.ids import ResourceId, group_of
from edgegen.model.path import Path, stable_path, value_at
from edgegen.yamlio.document import Document

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json


T = TypeVar("T")


class How(enum.Enum):
    """How a value came to stand in a resource."""

    WRITTEN = "written"
    DERIVED = "derived"
    DEFAULT = "default"


class Origin(NamedTuple):
    """Where a value comes from: a path in a document, or in another resource.

    `note` says in a few words how a derived value follows from there.
    """

    holder: Document | Resource
    path: Path = ()
    how: How = How.WRITTEN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value that a finding points at, as plain data.

    `file`, `document` and `path` name the text that wrote it; `resource` and
    `field` the value in the resource that was judged. `stable` is the field
    with item names instead of indices, for fingerprints.
    """

    file: str
    document: int
    path: Path
    resource: ResourceRef | None = None
    field: Path = ()
    stable: str = ""


class Resource:
    """One native or edgegen resource of one cluster; immutable by contract.

    Attributes:
        value: the whole manifest, as the API server would read it.
        spec: its `spec`, or an empty mapping where there is none or no mapping.
        base: origin of the root.
        seams: path in `value` -> origin, where it is not the parent's.
        team: the team whose folder wrote it, or None for the platform's.
        contributions: the documents that were merged, lowest layer first.
    """

    __slots__ = (
        "_views",
        "api_version",
        "base",
        "contributions",
        "id",
        "seams",
        "spec",
        "team",
        "value",
    )

    def __init__(
        self,
        value: dict[str, Json],
        base: Origin,
        seams: Mapping[Path, Origin] | None = None,
        team: str | None = None,
        contributions: tuple[Document, ...] = (),
    ) -> None:
        self.value = value
        self.base = base
        self.seams = seams or {}
        self.team = team
        self.contributions = contributions
        self._views: dict[object, object] = {}
        spec = value.get("spec")
        self.spec: dict[str, Json] = spec if isinstance(spec, dict) else {}
        self.api_version = str(value.get("apiVersion") or "")
        metadata = value.get("metadata")
        if not isinstance(metadata, dict):
            metadata = {}
        namespace = metadata.get("namespace")
        name = metadata.get("name")
        self.id = ResourceId(
            group_of(self.api_version),
            str(value.get("kind") or ""),
            namespace if isinstance(namespace, str) else "",
            name if isinstance(name, str) else "",
        )

    def __repr__(self) -> str:
        return f"Resource({self.id})"

    @property
    def kind(self) -> str:
        """The kind, without its group."""
        return self.id.kind

    @property
    def namespace(self) -> str:
        """The namespace; empty for cluster-scoped kinds."""
        return self.id.namespace

    @property
    def name(self) -> str:
        """The name."""
        return self.id.name

    @property
    def ref(self) -> ResourceRef:
        """The name as reports print it."""
        return ResourceRef(self.api_version, self.id.kind, self.id.namespace, self.id.name)

    @property
    def labels(self) -> dict[str, str]:
        """The labels whose values are strings."""
        return _strings(value_at(self.value, ("metadata", "labels")))

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations whose values are strings."""
        return _strings(value_at(self.value, ("metadata", "annotations")))

    def view(self, compute: Callable[[Resource], T]) -> T:
        """Return `compute(self)`, computed once: a typed view that several rules share.

        Resources that clusters share are looked into once for all of them.
        """
        found = self._views.get(compute)
        if found is None:
            found = self._views[compute] = compute(self)
        return found  # type: ignore[return-value]  # stored by the same key

    def origin(self, path: Path = ()) -> Origin:
        """Return the direct origin of a value: that of the nearest seam above it."""
        if self.seams:
            for cut in range(len(path), -1, -1):
                seam = self.seams.get(path[:cut])
                if seam is not None:
                    return _below(seam, path[cut:])
        return _below(self.base, path)

    def chain(self, path: Path = ()) -> tuple[Origin, ...]:
        """Return the origins of a value, nearest first, down to the document."""
        origins: list[Origin] = []
        holder: Document | Resource = self
        while isinstance(holder, Resource):
            origin = holder.origin(path)
            origins.append(origin)
            holder, path = origin.holder, origin.path
        return tuple(origins)

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value; for a missing one that of its nearest parent."""
        last = self.chain(path)[-1]
        document = last.holder
        if not isinstance(document, Document):  # chain() ends in a document
            raise TypeError(self.id)
        return Spot(
            document.path,
            document.index,
            last.path,
            self.ref,
            path,
            stable_path(self.value, path),
        )


def _below(origin: Origin, rest: Path) -> Origin:
    if not rest or origin.how is not How.WRITTEN:
        # A derived value's parts come from the one place that it was derived from.
        return origin
    return Origin(origin.holder, origin.path + rest, origin.how, origin.note)


def _strings(value: Json) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: item for key, item in value.items() if isinstance(item, str)}
