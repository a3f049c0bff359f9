"""What a change does to the world: JSON for programs, text and Markdown for people.

Clusters with the same changes are told once, with their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.compare.resources import Kind
from edgegen.diagnostics import printable
from edgegen.report.json import VERSION, json_text
from edgegen.report.markdown import code, escaped, fitted
from edgegen.report.moves import Mark, alike, request_lines, requests_json

if TYPE_CHECKING:
    from edgegen.app.diff import ClusterDiff, Diff
    from edgegen.compare.resources import FieldChange, ResourceChange
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
MOVING = "requests that move"
_MOST_UNFOLDED = 5
_FEW_CLUSTERS = 5
_MOST_FIELDS = 12
_WIDEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters to which a change does the same; hostnames of requests may be their own."""

    members: tuple[ClusterDiff, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self.members)

    @property
    def diff(self) -> ClusterDiff:
        """What is told of all of them: that of the first."""
        return self.members[0]


def grouped(found: Sequence[ClusterDiff]) -> list[Group]:
    """Join clusters with equal changes, in the order of the first of each group."""
    groups: dict[tuple[object, ...], list[ClusterDiff]] = {}
    for one in found:
        key = json.dumps(_cluster(one), sort_keys=True), alike(one.requests)
        groups.setdefault(key, []).append(one)
    return [Group(tuple(members)) for members in groups.values()]


def render_diff_json(diff: Diff) -> str:
    """Return the JSON document; its contract is schemas/output/diff.json."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": "diff",
        "base": diff.base,
        "head": diff.head,
        "files": list(diff.files),
        "remarks": list(diff.remarks),
        "clusters": [
            {
                "names": list(group.names),
                "requests": requests_json((one.name, one.requests) for one in group.members),
                **_cluster(group.diff),
            }
            for group in grouped(diff.clusters)
        ],
        "ask": [
            {"team": ask.team, "contacts": list(ask.contacts), "why": list(ask.why)}
            for ask in diff.ask
        ],
        "summary": {
            "changed_clusters": len(diff.clusters),
            "unchanged_clusters": diff.unchanged,
            "requests": sum(len(one.requests.changes) for one in diff.clusters),
            "cautions": sum(len(one.cautions) + len(one.withdrawn) for one in diff.clusters),
        },
    }
    return json_text(document)


def _cluster(one: ClusterDiff) -> dict[str, Json]:
    """Return what changes in a cluster, without its name and its requests."""
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


def render_diff_text(diff: Diff) -> str:
    """Return the change as people read it in a terminal."""
    lines = [_headline(diff), *map(printable, diff.remarks)]
    for group in grouped(diff.clusters):
        lines += ["", _names(group)]
        if moving := _moving(group, printable):
            lines += [f"  {MOVING}:", *(f"    {entry}" for entry in moving)]
        for title, entries in _sections(group, printable):
            lines.append(f"  {title}:")
            lines += [f"    {entry}" for entry in entries]
    if diff.ask:
        lines += ["", "ask:"]
        lines += [f"  {line}" for line in _asked(diff, printable)]
    return "\n".join(lines) + "\n"


def render_diff_markdown(diff: Diff) -> str:
    """Return the change as a comment for a merge request, under the largest size of one."""
    head = f"### edgegen: {escaped(_headline(diff))}\n"
    head += "".join(f"\n{escaped(remark)}\n" for remark in diff.remarks)
    cautions = [line for one in diff.clusters for line in _cautions(one, escaped)]
    if cautions:
        head += "\n" + "\n".join(f"> ⚠️ {line}" for line in dict.fromkeys(cautions[:20])) + "\n"
    groups = grouped(diff.clusters)
    moving = [
        (f"{MOVING}: {escaped(_names(group))}", [_item(line) for line in lines])
        for group in groups
        if (lines := _moving(group, code))
    ]
    asked = [("who to ask", [f"- {line}" for line in _asked(diff, code)])] if diff.ask else []
    told = [
        (
            escaped(_names(group)),
            [
                line
                for title, entries in _sections(group, code)
                for line in (f"- {title}", *(f"  {_item(entry)}" for entry in entries))
            ],
        )
        for group in groups
    ]
    unfolded = min(len(moving), _MOST_UNFOLDED)
    sections = [*moving[:_MOST_UNFOLDED], *asked, *moving[_MOST_UNFOLDED:], *told]
    return fitted(head, sections, unfolded)


def _item(entry: str) -> str:
    """Return an entry as an item of a list, indented as it was; a sign is no list of its own."""
    text = entry.strip()
    text = f"\\{text}" if text.startswith(("+ ", "- ")) else text
    return f"  - {text}" if entry.startswith(" ") else f"- {text}"


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


def _moving(group: Group, mark: Mark) -> list[str]:
    """Return the requests that get another answer; the first cluster stands for all."""
    one = group.diff
    lines = list(request_lines(one.requests, mark))
    if lines and len(group.members) > 1:
        lines.append(f"these of {mark(one.name)}, and their like of the others")
    return lines


def _sections(group: Group, mark: Mark) -> Iterator[tuple[str, list[str]]]:
    """Yield title and lines of what changes; what people look for first comes first."""
    one = group.diff
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
