"""What a change does to the world: JSON for programs, text and Markdown for people.

Clusters with the same changes are told once, with their names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.compare.resources import Kind
from edgegen.diagnostics import printable
from edgegen.report.json import VERSION, json_text
from edgegen.report.markdown import code, escaped, fitted

if TYPE_CHECKING:
    from edgegen.app.diff import ClusterDiff, Diff
    from edgegen.compare.resources import FieldChange, ResourceChange
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_FEW_CLUSTERS = 5
_MOST_FIELDS = 12
_WIDEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters to which a change does the same."""

    names: tuple[str, ...]
    diff: ClusterDiff


def grouped(found: Sequence[ClusterDiff]) -> list[Group]:
    """Join clusters with equal changes, in the order of the first of each group."""
    groups: dict[str, tuple[list[str], ClusterDiff]] = {}
    for one in found:
        key = json.dumps(_cluster(one), sort_keys=True)
        groups.setdefault(key, ([], one))[0].append(one.name)
    return [Group(tuple(names), one) for names, one in groups.values()]


def render_diff_json(diff: Diff) -> str:
    """Return the JSON document; its contract is schemas/output/diff.json."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": "diff",
        "base": diff.base,
        "head": diff.head,
        "files": list(diff.files),
        "clusters": [
            {"names": list(group.names), **_cluster(group.diff)} for group in grouped(diff.clusters)
        ],
        "ask": [
            {"team": ask.team, "contacts": list(ask.contacts), "why": list(ask.why)}
            for ask in diff.ask
        ],
        "summary": {
            "changed_clusters": len(diff.clusters),
            "unchanged_clusters": diff.unchanged,
            "cautions": sum(len(one.cautions) + len(one.withdrawn) for one in diff.clusters),
        },
    }
    return json_text(document)


def _cluster(one: ClusterDiff) -> dict[str, Json]:
    """Return what changes in a cluster, without its name."""
    return {
        "new": one.is_new,
        "gone": one.is_gone,
        "resources": [_resource(change) for change in one.resources],
        "hostnames": [
            {
                "hostname": host.hostname,
                "gateway": host.gateway,
                "served": host.served,
                "route": host.route,
                "team": host.team,
                "location": _location(host.spot),
            }
            for host in one.hostnames
        ],
        "owners": [
            {
                "hostname": owner.hostname,
                "before": owner.before or None,
                "after": owner.after or None,
                "location": _location(owner.spot),
            }
            for owner in one.owners
        ],
        "pools": [
            {"pool": pool.name, "before": list(pool.before), "after": list(pool.after)}
            for pool in one.pools
        ],
        "vips": [
            {"owner": vip.owner, "before": list(vip.before), "after": list(vip.after)}
            for vip in one.vips
        ],
        "withdrawn": [
            {
                "address": lost.address,
                "pool": lost.pool,
                "owner": lost.owner,
                "location": _location(lost.spot),
            }
            for lost in one.withdrawn
        ],
        "cautions": [
            {
                "kind": caution.kind,
                "message": caution.message,
                "plan": list(caution.plan),
                "location": _location(caution.spot),
            }
            for caution in one.cautions
        ],
    }


def _resource(change: ResourceChange) -> Json:
    return {
        "resource": {
            "group": change.id.group,
            "kind": change.id.kind,
            "namespace": change.id.namespace,
            "name": change.id.name,
        },
        "change": change.kind.value,
        "team": change.team,
        "fields": [
            {"path": field.path, "before": field.before, "after": field.after}
            for field in change.fields
        ],
        "location": _location(change.spot),
    }


def _location(spot: Spot) -> Json:
    return {"path": spot.file, "document": spot.document}


Mark = Callable[[str], str]
"""Makes a value of the user's files safe for the format, and sets it apart."""


def render_diff_text(diff: Diff) -> str:
    """Return the change as people read it in a terminal."""
    lines = [_headline(diff)]
    for group in grouped(diff.clusters):
        lines += ["", _names(group)]
        for title, entries in _sections(group.diff, printable):
            lines.append(f"  {title}:")
            lines += [f"    {entry}" for entry in entries]
    if diff.ask:
        lines += ["", "ask:"]
        lines += [f"  {line}" for line in _asked(diff, printable)]
    return "\n".join(lines) + "\n"


def render_diff_markdown(diff: Diff) -> str:
    """Return the change as a comment for a merge request, under the largest size of one."""
    head = f"### edgegen: {escaped(_headline(diff))}\n"
    cautions = [line for one in diff.clusters for line in _cautions(one, escaped)]
    if cautions:
        head += "\n" + "\n".join(f"> ⚠️ {line}" for line in dict.fromkeys(cautions[:20])) + "\n"
    sections: list[tuple[str, list[str]]] = []
    for group in grouped(diff.clusters):
        lines = [
            line
            for title, entries in _sections(group.diff, code)
            for line in (f"- {title}", *(f"{_indent(entry)}- {entry.strip()}" for entry in entries))
        ]
        sections.append((escaped(_names(group)), lines))
    if diff.ask:
        sections.append(("who to ask", [f"- {line}" for line in _asked(diff, code)]))
    return fitted(head, sections)


def _indent(entry: str) -> str:
    return "    " if entry.startswith(" ") else "  "


def _headline(diff: Diff) -> str:
    head = diff.head if diff.head == "worktree" else diff.head[:12]
    changed = len(diff.clusters)
    if not changed:
        return f"{diff.base[:12]}..{head}: nothing changes for any cluster"
    words = "cluster changes" if changed == 1 else "clusters change"
    return f"{diff.base[:12]}..{head}: {changed} {words}, {diff.unchanged} stay as they are"


def _names(group: Group) -> str:
    state = " (new)" if group.diff.is_new else " (removed)" if group.diff.is_gone else ""
    shown = ", ".join(group.names[:_FEW_CLUSTERS])
    more = len(group.names) - _FEW_CLUSTERS
    if more > 0:
        shown += f" and {more:,} more"
    return f"cluster{'s' if len(group.names) > 1 else ''} {printable(shown)}{state}"


def _sections(one: ClusterDiff, mark: Mark) -> Iterator[tuple[str, list[str]]]:
    """Yield title and lines of what changes; what people look for first comes first."""
    if one.cautions or one.withdrawn:
        yield "beware", list(_cautions(one, mark, plans=True))
    if one.owners:
        yield (
            "hostnames that change their owner",
            [
                f"{mark(owner.hostname)}: {mark(owner.before or 'nobody')} ->"
                f" {mark(owner.after or 'nobody')}"
                for owner in one.owners
            ],
        )
    if one.hostnames:
        yield (
            "hostnames",
            [
                f"{'+' if host.served else '-'} {mark(host.hostname)} on {mark(host.gateway)}"
                f" by {mark(host.route)}"
                for host in one.hostnames
            ],
        )
    if one.vips:
        yield "VIPs", [_move(vip.owner, vip.before, vip.after, mark) for vip in one.vips]
    if one.pools:
        yield "pools", [_move(pool.name, pool.before, pool.after, mark) for pool in one.pools]
    if one.resources:
        yield _counted(one.resources), [line for r in one.resources for line in _lines(r, mark)]


def _counted(changes: Sequence[ResourceChange]) -> str:
    counts = [(kind, sum(change.kind is kind for change in changes)) for kind in Kind]
    told = ", ".join(f"{number} {kind.value}" for kind, number in counts if number)
    return f"resources, {told}"


def _lines(change: ResourceChange, mark: Mark) -> Iterator[str]:
    yield f"{_SIGNS[change.kind]} {mark(str(change.id))} ({mark(change.spot.file)})"
    for field in change.fields[:_MOST_FIELDS]:
        yield f"    {_field(field, mark)}"
    if len(change.fields) > _MOST_FIELDS:
        yield f"    … and {len(change.fields) - _MOST_FIELDS} more fields"


def _field(field: FieldChange, mark: Mark) -> str:
    if field.before is None:
        return f"{mark(field.path)}: + {mark(_value(field.after))}"
    if field.after is None:
        return f"{mark(field.path)}: - {mark(_value(field.before))}"
    return f"{mark(field.path)}: {mark(_value(field.before))} -> {mark(_value(field.after))}"


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST_VALUE else text[: _WIDEST_VALUE - 1] + "…"


def _move(name: str, before: Sequence[str], after: Sequence[str], mark: Mark) -> str:
    gone = [text for text in before if text not in after]
    came = [text for text in after if text not in before]
    parts = [*(f"- {mark(text)}" for text in gone), *(f"+ {mark(text)}" for text in came)]
    return f"{mark(name)}: {', '.join(parts) or 'another order'}"


def _cautions(one: ClusterDiff, mark: Mark, *, plans: bool = False) -> Iterator[str]:
    for lost in one.withdrawn:
        yield (
            f"{mark(lost.address)} of {mark(lost.owner)} leaves pool {mark(lost.pool)}:"
            " MetalLB hands out another address at once"
        )
    for caution in one.cautions:
        yield escaped(caution.message) if mark is code else mark(caution.message)
        for number, step in enumerate(caution.plan if plans else (), 1):
            yield f"  {number}. {escaped(step) if mark is code else mark(step)}"


def _asked(diff: Diff, mark: Mark) -> Iterator[str]:
    for ask in diff.ask:
        who = f"team {mark(ask.team)}" if ask.team else "owners of files"
        contacts = f" ({', '.join(map(mark, ask.contacts))})" if ask.contacts else ""
        reasons = "; ".join(mark(why) for why in ask.why[:3])
        more = f" and {len(ask.why) - 3} more" if len(ask.why) > 3 else ""
        yield f"{who}{contacts}: {reasons}{more}"
