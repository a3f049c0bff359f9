"""Makes a disagreement small: drops what it does not need, as long as it stays."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import yaml
from comparing import Disagreement, compare
from real_traefik import Bench
from world import Manifest, Wish, World

ROUNDS = 60
TOGETHER = 12  # variants that one Traefik serves

_NAMES = re.compile(r"'[^']*'|[\w.-]*[/:][^\s,]*|\br\d+\b|w\d\d")
_KEPT = frozenset({"Gateway", "Service", "Namespace"})
_LISTS = ("rules", "matches", "filters", "headers", "queryParams", "hostnames", "backendRefs")
_FIELDS = ("method", "filters", "matches", "path", "weight", "set", "add", "remove", "hostnames")


def shrink(bench: Bench, found: Disagreement) -> Disagreement:
    """Return a disagreement of the same request, or of a status, on as little as possible."""
    wishes = (found.wish,) if found.wish else ()
    smallest = replace(found, world=replace(found.world, wishes=wishes))
    for _ in range(ROUNDS):
        smaller = _first_smaller(bench, smallest)
        if smaller is None:
            break
        smallest = smaller
    return smallest


def _first_smaller(bench: Bench, found: Disagreement) -> Disagreement | None:
    variants = list(_variants(found.world))
    for start in range(0, len(variants), TOGETHER):
        some = variants[start : start + TOGETHER]
        named = [replace(variant, name=str(index)) for index, variant in enumerate(some)]
        tally = compare(bench, named)
        same = [d for d in tally.disagreements if _sort(d) == _sort(found)]
        if same:
            best = min(same, key=lambda one: int(one.world.name))
            return replace(best, world=replace(best.world, name=found.world.name))
    return None


def _sort(found: Disagreement) -> tuple[bool, frozenset[str]]:
    """Return what stays of a disagreement without names: another one is no smaller form of it."""
    facts = (_NAMES.sub("", fact) for fact in found.facts)
    return found.wish is None, frozenset(facts)


def _variants(world: World) -> Iterator[World]:
    """Yield worlds with less in them, those that lose most first."""
    routes = [i for i, m in enumerate(world.manifests) if m["kind"] not in _KEPT]
    size = len(routes) // 2
    while size >= 1:
        for start in range(0, len(routes), size):
            gone = set(routes[start : start + size])
            kept = tuple(m for i, m in enumerate(world.manifests) if i not in gone)
            yield replace(world, manifests=kept)
        size //= 2
    for index, manifest in enumerate(world.manifests):
        for smaller in _without_one(manifest):
            manifests = (*world.manifests[:index], smaller, *world.manifests[index + 1 :])
            yield replace(world, manifests=manifests)
    for wish in world.wishes:
        for number in range(len(wish.headers)):
            headers = wish.headers[:number] + wish.headers[number + 1 :]
            yield replace(world, wishes=(replace(wish, headers=headers),))
        if "?" in wish.path:
            yield replace(world, wishes=(replace(wish, path=wish.path.partition("?")[0]),))


def _without_one(manifest: Manifest) -> Iterator[Manifest]:
    for path in _removable(manifest.get("spec", {}), ("spec",)):
        smaller = copy.deepcopy(manifest)
        holder: Any = smaller
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        yield smaller


def _removable(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _FIELDS:
                yield (*path, key)
            if key in _LISTS and isinstance(item, list) and len(item) > 1:
                half = len(item) // 2
                if half > 1:
                    yield from ((*path, key, slice(half)), (*path, key, slice(half, None)))
                yield from ((*path, key, index) for index in range(len(item)))
            yield from _removable(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _removable(item, (*path, index))


def described(found: Disagreement) -> str:
    """Return a disagreement as Markdown: facts, request, manifests."""
    shown = [_shown(found.wish)] if found.wish else ["status"]
    facts = [f"- {fact}" for fact in found.facts]
    told = "the tool sees Traefik's workload" if found.world.told else "the tool sees no Traefik"
    text = yaml.dump_all(
        filter(_named_in(found.world), found.world.manifests), Dumper=_Plain, sort_keys=False
    )
    return "\n".join([f"# {found.world.name}: {told}", *shown, *facts, "```yaml", text + "```", ""])


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # yaml's signature
        return True


def _named_in(world: World) -> Callable[[Manifest], bool]:
    """Return what leaves out Services that no route names."""
    names = {
        ref["name"]
        for manifest in world.manifests
        for rule in manifest.get("spec", {}).get("rules", ())
        for ref in rule.get("backendRefs", ())
    }
    return lambda m: m["kind"] != "Service" or m["metadata"]["name"] in names


def _shown(wish: Wish) -> str:
    headers = "".join(f" -H '{name}: {value}'" for name, value in wish.headers)
    return f"{wish.method} {wish.scheme}://{wish.host}:{wish.entry}{wish.path}{headers}"


def shrunk(bench: Bench, found: Sequence[Disagreement], most: int) -> Iterator[Disagreement]:
    """Yield the first few sorts of disagreements, shrunk."""
    sorts: dict[object, Disagreement] = {}
    for disagreement in found:
        sorts.setdefault(_sort(disagreement), disagreement)
    for disagreement in list(sorts.values())[:most]:
        yield shrink(bench, disagreement)
