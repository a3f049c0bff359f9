"""The one door to RE2, the engine of Go and so of Traefik.

RE2 knows no look-around and no back-references, and its time is linear in the
text: no expression of a hostile manifest can make it explode. Traefik searches,
it anchors nothing (pkg/muxer/http/matcher.go, 3.7).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

_MOST_MEMORY = 8 << 20
_LONGEST = 10_000  # characters; a longer expression is refused, not compiled
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


class _Found(Protocol):
    def group(self, group: int | str = 0) -> str | None: ...
    def start(self) -> int: ...
    def end(self) -> int: ...


class _Pattern(Protocol):
    groups: int
    groupindex: dict[str, int]

    def search(self, text: str, pos: int = 0) -> _Found | None: ...


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> _Pattern | str:
    """Return the compiled expression, or why it does not compile."""
    import re2  # 15 ms of start-up that only expressions pay

    if len(pattern) > _LONGEST:
        return f"has more than {_LONGEST} characters"
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        made: _Pattern = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        words = error.args[0] if error.args else "is not UTF-8"
        return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return made


def fault(pattern: str) -> str | None:
    """Say why RE2 refuses an expression, or return None where it takes it."""
    made = _compiled(pattern)
    return made if isinstance(made, str) else None


def searches(pattern: str, text: str) -> bool:
    """Say whether an expression is found anywhere in a text; a refused one never is."""
    made = _compiled(pattern)
    if isinstance(made, str):
        return False
    try:
        return made.search(text) is not None
    except UnicodeError:
        return False


def length_at_start(pattern: str, text: str) -> int:
    """Return the length of the first occurrence where it stands at the start, else 0."""
    made = _compiled(pattern)
    found = None if isinstance(made, str) else made.search(text)
    return found.end() if found is not None and found.start() == 0 else 0


def replace_all(pattern: str, template: str, text: str) -> str:
    """Replace every occurrence as Go's `Regexp.ReplaceAllString` does.

    `$1` and `${name}` of the template are groups; `$1x` is the group `1x`, which
    is empty; `$$` is a dollar. A refused expression replaces nothing.
    """
    made = _compiled(pattern)
    if isinstance(made, str):
        return text
    parts: list[str] = []
    position = last = 0
    while position <= len(text):
        found = made.search(text, position)
        if found is None:
            break
        empty = found.end() == found.start()
        # As in Go: an empty occurrence right after another one does not count.
        if not (empty and parts and found.start() == last):
            parts += (text[last : found.start()], _expanded(made, found, template))
            last = found.end()
        position = found.end() + empty
    return "".join(parts) + text[last:]


def _expanded(pattern: _Pattern, found: _Found, template: str) -> str:
    def value(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdigit():
            return (found.group(int(name)) or "") if int(name) <= pattern.groups else ""
        return (found.group(name) or "") if name in pattern.groupindex else ""

    return _REFERENCE.sub(value, template)
