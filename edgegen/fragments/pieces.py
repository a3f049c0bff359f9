"""Fragments with their variables replaced, and resources merged from them.

Both are remembered by what went in: a fragment without variables is the same
in every cluster, and a resource of which all parts are the same is merged once
for the whole fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import SENSITIVE
from edgegen.fragments.finals import fields_of
from edgegen.fragments.layout import Layer
from edgegen.fragments.merge import Contribution, merge
from edgegen.fragments.merge import Fault as MergeFault
from edgegen.fragments.mergekeys import keys_for
from edgegen.fragments.tenancy import EMIT
from edgegen.fragments.variables import Environment, substitute
from edgegen.model.fault import Fault
from edgegen.model.ids import CLUSTER_SCOPED, ResourceId
from edgegen.model.path import value_at
from edgegen.model.resource import How, Origin, Resource
from edgegen.schema.fault import fault_at
from edgegen.schema.validate import MISSING_FIELD
from edgegen.schema.validate import faults as schema_faults
from edgegen.schema.words import closest, missing

if TYPE_CHECKING:
    from edgegen.fragments.repository import Fragment
    from edgegen.model.resource import Spot
    from edgegen.schema.validate import SchemaFault
    from edgegen.yamlio.document import Document, Json

_OWN = (Layer.CLUSTER, Layer.TEAM_CLUSTER)

_MERGE_RULES = {
    "conflict": "merge-conflict",
    "frozen": "frozen-field",
    "deleted-missing": "patch-of-nothing",
    "bad-directive": "bad-directive",
    "ambiguous-key": "ambiguous-list-key",
    "final-missing": "final-of-nothing",
}


@dataclass(slots=True, eq=False)  # one a document: a frozen one takes four times as long
class Piece:
    """A fragment with its variables replaced, and what is wrong with it by itself."""

    fragment: Fragment
    value: dict[str, Json]
    faults: tuple[Fault, ...]

    @property
    def own(self) -> bool:
        """Say whether it belongs to one cluster only."""
        return self.fragment.home.layer in _OWN


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource that a fragment deleted, and the documents about it, lowest layer first."""

    id: ResourceId
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged resource, None when it was deleted, and what merging found."""

    resource: Resource | None
    faults: tuple[Fault, ...]
    removed: Removed | None = None


class Identity(NamedTuple):
    """What is merged into one resource.

    `scope` is the team of a Delegation: it has no namespace, and two teams may
    use one name.
    """

    group: str
    kind: str
    namespace: str
    name: str
    scope: str = ""


Ranked = tuple[int, Piece]
"""Rank of a layer, and a piece of it."""


@dataclass(slots=True)
class Memo:
    """What was substituted and merged, by the fragments and values that went in."""

    pieces: dict[tuple[object, ...], Piece] = field(default_factory=dict)
    merged: dict[tuple[object, ...], Merged] = field(default_factory=dict)

    def piece(self, fragment: Fragment, environment: Environment) -> Piece:
        """Return a fragment's piece for these variables."""
        if not fragment.names:
            key: tuple[object, ...] = (fragment,)
        else:
            used = [environment.get(name) for name in sorted(fragment.names)]
            # 1 and True are equal keys and different values.
            key = (fragment, *((type(value), value) for value in used))
        piece = self.pieces.get(key)
        if piece is None:
            piece = self.pieces[key] = _piece(fragment, environment)
        return piece

    def merge(self, identity: Identity, ranked: Sequence[Ranked]) -> Merged:
        """Return what the pieces of one identity merge into."""
        if len(ranked) == 1:
            key: tuple[object, ...] = (identity, ranked[0][1])
        else:
            order = {rank: place for place, rank in enumerate(sorted({r for r, _ in ranked}))}
            key = (identity, *((order[rank], piece) for rank, piece in ranked))
        merged = self.merged.get(key)
        if merged is None:
            merged = self.merged[key] = _merged(identity, ranked)
        return merged


def _piece(fragment: Fragment, environment: Environment) -> Piece:
    value: Json = fragment.value
    faults: list[Fault] = []
    if fragment.names:
        value, unknown = substitute(value, environment)
        faults += [
            _unknown_variable(fragment, reference.name, reference.path, environment)
            for reference in unknown
        ]
    substituted = value if isinstance(value, dict) else {}
    if fragment.is_edgegen:
        faults += [
            fault_at(fault, fragment.at(*fault.path))
            for fault in schema_faults(fragment.kind, substituted, merged=False)
        ]
    return Piece(fragment, substituted, tuple(faults))


def _merged(identity: Identity, ranked: Sequence[Ranked]) -> Merged:
    pieces = [piece for _, piece in ranked]
    # Keys of parentRefs hang on the namespace, so every part has it before merging.
    result = merge(
        [Contribution(_placed(piece.value, identity), rank) for rank, piece in ranked],
        keys_for(identity.group, identity.kind),
        fields_of(identity.group, identity.kind),
    )
    faults = [_of_merge(fault, pieces) for fault in result.faults]
    documents = tuple(piece.fragment.document for piece in pieces)
    if result.value is None:
        return Merged(None, tuple(faults), Removed(ResourceId(*identity[:4]), documents))
    # A deletion is where a field that is missing in the result was left out.
    origins = {**result.gone, **result.seams}
    seams = {path: Origin(documents[index], there) for path, (index, there) in origins.items()}
    team = next((p.fragment.home.owner for p in pieces if p.fragment.home.owner), None)
    if not any(_writes_namespace(piece) for piece in pieces):
        note = "the team's first namespace" if team else "the namespace of its controller"
        namespace = ("metadata", "namespace")
        seams[namespace] = Origin(documents[0], ("metadata",), How.DEFAULT, note)
    resource = Resource(result.value, seams.pop(()), seams, team, documents)
    if len(pieces) > 1:
        faults += _withdrawn(resource, pieces)
    if pieces[0].fragment.is_edgegen:
        faults += [
            Fault(fault.rule, _at_fault(resource, fault), fault.message, fault.help)
            for fault in schema_faults(identity.kind, result.value, merged=True)
        ]
    return Merged(resource, tuple(_without_repeats(faults, pieces)))


def _at_fault(resource: Resource, fault: SchemaFault) -> Spot:
    """Return the place of a fault; of a missing field that somebody deleted, the deletion."""
    if fault.rule == MISSING_FIELD:
        for path in resource.seams:
            if (
                path[:-1] == fault.path
                and missing(path[:-1], str(path[-1])).message == fault.message
            ):
                return resource.at(*path)
    return resource.at(*fault.path)


def _writes_namespace(piece: Piece) -> bool:
    metadata = piece.value.get("metadata")
    return isinstance(metadata, dict) and "namespace" in metadata


def _withdrawn(resource: Resource, pieces: Sequence[Piece]) -> Iterator[Fault]:
    """Yield a fault when a team keeps an object of the platform out of the output."""
    by_team = {piece.fragment.document for piece in pieces if piece.fragment.home.owner}
    emit = resource.origin(("metadata", "annotations", EMIT)).holder
    if EMIT in resource.annotations and emit in by_team and len(by_team) < len(pieces):
        yield Fault(
            "reserved-metadata",
            resource.at("metadata", "annotations", EMIT),
            f"a team's fragment keeps {resource.id} of the platform out of the output",
            help="remove the annotation; only the platform withdraws what it writes",
        )


def _placed(value: dict[str, Json], identity: Identity) -> dict[str, Json]:
    """Return a manifest with the namespace that its identity has."""
    metadata = value.get("metadata")
    namespace = identity.namespace
    scoped = (identity.group, identity.kind) not in CLUSTER_SCOPED
    if not namespace or not scoped or not isinstance(metadata, dict):
        return value
    if metadata.get("namespace") == namespace:
        return value
    return {**value, "metadata": {**metadata, "namespace": namespace}}


def _without_repeats(faults: Iterable[Fault], pieces: Sequence[Piece]) -> Iterator[Fault]:
    """Drop what was already said of a single fragment.

    Whatever is wrong with a value of which a variable is unknown follows from that.
    """
    known = [fault for piece in pieces for fault in piece.faults]
    said = {(fault.rule, _place(fault)) for fault in known}
    unresolved = {_place(fault) for fault in known if fault.rule == "unknown-variable"}
    merging = set(_MERGE_RULES.values())
    faults = list(faults)
    unmerged = {_place(fault) for fault in faults if fault.rule in merging}
    for fault in faults:
        if fault.rule not in merging and _place(fault) in unmerged:
            continue  # what could not be merged cannot be valid either
        if (fault.rule, _place(fault)) not in said and _place(fault) not in unresolved:
            yield fault


def _place(fault: Fault) -> tuple[object, ...]:
    return fault.at.file, fault.at.document, fault.at.path


def _of_merge(fault: MergeFault, pieces: Sequence[Piece]) -> Fault:
    index, path = fault.at
    return Fault(
        _MERGE_RULES[fault.kind],
        pieces[index].fragment.at(*path),
        fault.message,
        help=fault.help,
        related=tuple((pieces[i].fragment.at(*p), words) for i, p, words in fault.related),
    )


def _unknown_variable(
    fragment: Fragment, name: str, path: tuple[str | int, ...], environment: Environment
) -> Fault:
    near = closest(name, sorted(environment))
    remedy = f'did you mean "${{{near}}}"? ' if near else "define it in spec.vars of the Cluster; "
    keys = (step for step in path if isinstance(step, str))
    text = value_at(fragment.value, path)
    secret = fragment.kind == "Secret" or any(map(SENSITIVE.search, keys))
    secret = secret or (isinstance(text, str) and SENSITIVE.search(text) is not None)
    return Fault(
        "unknown-variable",
        fragment.at(*path),
        "no variable has the name that stands here" if secret else f'no variable is named "{name}"',
        help=f"{remedy}`$${{` writes a literal ${{",
        discriminator=name,
    )
