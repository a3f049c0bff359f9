"""From events to values, as go-yaml v2 decodes them: the way for any document.

Nothing is kept but values. `Built.odd` says that the document holds something which
deserves a second, slower look; `edgegen.yamlio.faults` takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from edgegen.yamlio.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    events,
    span_of,
)
from edgegen.yamlio.memos import KEYS, MERGE_KEY, PLAIN, QUOTED
from edgegen.yamlio.scalars import (
    MAP,
    MERGE,
    NON_SPECIFIC,
    SCALAR_TAGS,
    SEQ,
    Native,
    ScalarError,
    json_value,
    key_text,
    native,
    tagged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgegen.yamlio.document import Json
    from edgegen.yamlio.limits import Limits

_MOST_TAG_DIRECTIVES = 100  # libyaml compares each with all before it
_MAPPING_TAGS = frozenset((None, MAP, NON_SPECIFIC))
_SEQUENCE_TAGS = frozenset((None, SEQ, NON_SPECIFIC))


class RefusedError(Exception):
    """The API server, or a limit of ours, refuses the document at a span of its text."""

    def __init__(self, rule: str, message: str, remedy: str, event: Event | None) -> None:
        super().__init__(message)
        self.rule = rule
        self.remedy = remedy
        self.start, self.end = span_of(event) if event else (0, 0)


class Built(NamedTuple):
    """The value of a document, None for an empty one, and whether it wants a second look."""

    value: Json
    odd: bool


class _Anchor:
    """What an alias stands for: a scalar or a collection, and its expanded size."""

    __slots__ = ("collection", "height", "nodes", "open", "scalar")

    def __init__(self, scalar: ScalarEvent | None = None) -> None:
        self.scalar = scalar
        self.collection: Json = None
        self.open = scalar is None
        self.nodes = 1
        self.height = 0


def build(text: str, limits: Limits) -> Built:
    """Return the value of a document.

    Duplicate keys: the last wins. `<<` overrides what stands before it. Tags that go-yaml
    does not know are dropped. All three make the document odd.

    Args:
        text: the source of one document, without control characters.
        limits: bounds of depth, nodes and scalars.

    Raises:
        YAMLError: the text is no YAML.
        RefusedError: the API server would refuse the document, or it exceeds a limit.
    """
    if text.count("\n%TAG") > _MOST_TAG_DIRECTIVES:
        message = f"more than {_MOST_TAG_DIRECTIVES} %TAG directives"
        raise RefusedError("yaml-too-large", message, "remove them", None)
    return _Builder(text, limits).document()


class _Builder:
    __slots__ = ("anchors", "deepest", "get", "limits", "nodes", "odd")

    def __init__(self, text: str, limits: Limits) -> None:
        self.get = events(text)
        if len(text) * (1 if text.isascii() else 4) > limits.scalar_bytes:
            self.get = _bounded(self.get, limits.scalar_bytes)
        self.limits = limits
        self.odd = False
        self.nodes = 0
        self.deepest = 0
        self.anchors: dict[str | None, _Anchor] = {}

    def document(self) -> Built:
        get = self.get
        get()  # the start of the stream
        start = get()
        if not isinstance(start, DocumentStartEvent):
            return Built(None, odd=False)
        if start.version not in (None, (1, 1)):
            raise RefusedError(
                "yaml-syntax",
                "the cluster's reader takes no YAML version but 1.1",
                "remove the %YAML line",
                start,
            )
        value = self.node(get(), 1)
        get()  # the end of the document
        after = get()
        if type(after) is not StreamEndEvent:
            raise RefusedError(
                "yaml-syntax",
                "a second document starts after a line separator U+2028 or U+2029",
                "start it on a line of its own",
                after,
            )
        return Built(value, self.odd)

    def node(self, event: Event, depth: int) -> Json:
        """Return the value that starts with an event; the slow way, for any node."""
        if isinstance(event, ScalarEvent):
            return self.scalar(event)
        if isinstance(event, AliasEvent):
            anchor = self.alias(event, depth)
            return anchor.collection if anchor.scalar is None else self.scalar(anchor.scalar)
        return self.collection(cast("CollectionStartEvent", event), depth)

    def mapping(self, start: Event, depth: int) -> dict[str, Json]:
        if depth > self.deepest:
            self.deepen(start, depth)
        get = self.get
        result: dict[str, Json] = {}
        count = 0
        event = get()
        try:
            while type(event) is not MappingEndEvent:
                if type(event) is not ScalarEvent or event.anchor or event.tag:
                    key = self.key(event, depth)
                elif event.style:
                    key = QUOTED[event.value]
                else:
                    key = KEYS[event.value]
                    if key != event.value:
                        self.odd = True
                key_event = event
                event = get()
                if key is MERGE_KEY:
                    self.merge(key_event, event, result, depth)
                elif type(event) is ScalarEvent:
                    if event.anchor or event.tag:
                        result[key] = self.scalar(event)
                    else:
                        result[key] = (QUOTED if event.style else PLAIN)[event.value]
                elif type(event) is MappingStartEvent and not event.anchor and not event.tag:
                    result[key] = self.mapping(event, depth + 1)
                elif type(event) is SequenceStartEvent and not event.anchor and not event.tag:
                    result[key] = self.sequence(event, depth + 1)
                else:
                    result[key] = self.node(event, depth + 1)
                count += 1
                event = get()
        except ScalarError as error:
            raise RefusedError(error.rule, str(error), error.remedy, event) from None
        if count != len(result):
            self.odd = True
        self.count(2 * count, start)
        return result

    def sequence(self, start: Event, depth: int) -> list[Json]:
        if depth > self.deepest:
            self.deepen(start, depth)
        get = self.get
        result: list[Json] = []
        event = get()
        try:
            while type(event) is not SequenceEndEvent:
                if type(event) is ScalarEvent:
                    if event.anchor or event.tag:
                        result.append(self.scalar(event))
                    else:
                        result.append((QUOTED if event.style else PLAIN)[event.value])
                elif type(event) is MappingStartEvent and not event.anchor and not event.tag:
                    result.append(self.mapping(event, depth + 1))
                else:
                    result.append(self.node(event, depth + 1))
                event = get()
        except ScalarError as error:
            raise RefusedError(error.rule, str(error), error.remedy, event) from None
        self.count(len(result), start)
        return result

    def scalar(self, event: ScalarEvent) -> Json:
        """Return the value of a scalar that may have a tag or an anchor."""
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(event)
        try:
            return json_value(self.native(event), event.value)
        except ScalarError as error:
            raise RefusedError(error.rule, str(error), error.remedy, event) from None

    def native(self, event: ScalarEvent) -> Native:
        if event.tag is None:
            return event.value if event.style else native(event.value)
        if event.tag not in SCALAR_TAGS:
            self.odd = True
        return tagged(event.tag, event.value)

    def collection(self, start: CollectionStartEvent, depth: int) -> Json:
        """Return a collection that may have a tag, which changes nothing, or an anchor."""
        is_mapping = isinstance(start, MappingStartEvent)
        if start.tag not in (_MAPPING_TAGS if is_mapping else _SEQUENCE_TAGS):
            self.odd = True
        read: Callable[[Event, int], Json] = self.mapping if is_mapping else self.sequence
        if not start.anchor:
            return read(start, depth)
        # go-yaml registers an anchor before it reads the node: an alias inside means itself.
        anchor = self.anchors[start.anchor] = _Anchor()
        nodes, deepest = self.nodes, self.deepest
        self.deepest = depth
        anchor.collection = read(start, depth)
        anchor.nodes = self.nodes - nodes + 1
        anchor.height = self.deepest - depth
        anchor.open = False
        self.deepest = max(deepest, self.deepest)
        return anchor.collection

    def alias(self, event: AliasEvent, depth: int) -> _Anchor:
        """Return what an alias stands for, after counting it as if it were written out."""
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            message = "this alias names no anchor that stands before it"
            raise RefusedError("yaml-syntax", message, "quote it, or correct the name", event)
        if anchor.open:
            message = f'"*{event.anchor}" stands inside its own anchor'
            raise RefusedError("yaml-syntax", message, "remove the alias", event)
        if anchor.scalar is None and depth + anchor.height > self.deepest:
            self.deepen(event, depth + anchor.height)
        self.count(anchor.nodes, event)
        return anchor

    def key(self, event: Event, depth: int) -> str:
        """Return a key that is an alias or has a tag or an anchor."""
        scalar = event
        if isinstance(event, AliasEvent):
            scalar = self.alias(event, depth).scalar or event
        if not isinstance(scalar, ScalarEvent):
            message = "a key is a mapping, a list or an alias of one"
            raise RefusedError("yaml-bad-key", message, "write a plain name as the key", event)
        if scalar.anchor:
            self.anchors[scalar.anchor] = _Anchor(scalar)
        if scalar is event and is_merge(scalar):
            return MERGE_KEY
        return QUOTED[key_text(self.native(scalar), scalar.value)]

    def merge(self, key: Event, event: Event, into: dict[str, Json], depth: int) -> None:
        """Merge what stands behind `<<` into a mapping, over the keys that are there already."""
        self.odd = True
        value = self.node(event, depth + 1)
        sources = value if type(event) is SequenceStartEvent else [value]
        for source in reversed(sources if isinstance(sources, list) else [sources]):
            if not isinstance(source, dict):
                start, end = span_of(event)
                at = event if end > start else key
                message = '"<<" merges a mapping or a list of mappings, nothing else'
                raise RefusedError("yaml-syntax", message, 'name a mapping, or quote "<<"', at)
            into.update(source)  # counted already, as written or as an alias

    def count(self, nodes: int, event: Event) -> None:
        self.nodes += nodes
        if self.nodes > self.limits.nodes:
            message = f"the document holds more than {self.limits.nodes} values"
            raise RefusedError("yaml-too-large", message, "split it, or write fewer aliases", event)

    def deepen(self, event: Event, depth: int) -> None:
        self.deepest = depth
        if depth > self.limits.depth:
            message = f"more than {self.limits.depth} levels of nesting"
            raise RefusedError("yaml-too-large", message, "nest less deeply", event)


def is_merge(event: ScalarEvent) -> bool:
    """Whether a key is the merge key (go-yaml v2, decode.go, `isMerge`)."""
    return event.value == MERGE_KEY and (event.implicit[0] or event.tag == MERGE)


def _bounded(get: Callable[[], Event], limit: int) -> Callable[[], Event]:
    """Return an event source that refuses scalars of more than `limit` bytes."""

    def bounded() -> Event:
        event = get()
        if isinstance(event, ScalarEvent) and len(event.value) > limit // 4:
            size = len(event.value.encode())
            if size > limit:
                message = f"a value of {size} bytes is longer than {limit}"
                raise RefusedError("yaml-too-large", message, "keep it outside the manifest", event)
        return event

    return bounded
