"""Who has a say in a change: teams whose things it touches, and the owners of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.compare.requests import Move
from edgegen.fragments.layout import Layer, team_of
from edgegen.fragments.repository import read_fragments
from edgegen.model.path import value_at

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from edgegen.app.diff import ClusterDiff
    from edgegen.app.judge import Repository

_VERBS = {
    Move.STOPS: "are answered no more",
    Move.UNDECIDED: "are claimed by several routes",
    Move.MOVES: "get another answer",
    Move.STARTS: "are answered",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One team, or the owners of files, and why they are asked.

    `team` is empty for owners that CODEOWNERS names and no team does.
    """

    team: str
    contacts: tuple[str, ...]
    why: tuple[str, ...]


def owners_to_ask(
    repository: Repository,
    files: Sequence[str],
    clusters: Iterable[ClusterDiff],
    codeowners: str = "",
    prefix: str = "",
) -> tuple[Ask, ...]:
    """Return whom a change concerns: teams first, by name, then owners of files.

    Args:
        codeowners: text of the CODEOWNERS file.
        prefix: what stands before the files' paths there.
    """
    reasons: dict[str, dict[str, None]] = {}
    for team, reason in _reasons(files, clusters):
        reasons.setdefault(team, {})[reason] = None
    contacts = _contacts(repository)
    teams = [Ask(team, contacts.get(team, ()), tuple(why)) for team, why in sorted(reasons.items())]
    return (*teams, *_file_owners(codeowners, files, prefix))


def _reasons(files: Iterable[str], clusters: Iterable[ClusterDiff]) -> Iterator[tuple[str, str]]:
    for path in files:
        team = team_of(path)
        if team is not None:
            yield team, f"{path} is theirs"
    for one in clusters:
        for request in one.requests.changes:
            if request.request.dialled:
                continue  # an address moves: its example is as good as any other
            where = " ".join((request.hostname, *request.paths[:1]))
            for team in (*request.before.teams, *request.after.teams):
                yield team, f"requests for {where} {_VERBS[request.move]}"
        for owner in one.owners:
            for team in (owner.before, owner.after):
                if team:
                    yield team, f"{owner.hostname} changes its owner"
        for hostname in one.hostnames:
            if hostname.team:
                verb = "is served" if hostname.served else "is served no more"
                yield hostname.team, f"{hostname.hostname} {verb}"
        for resource in one.resources:
            if resource.team:
                yield resource.team, f"{resource.id} is {resource.kind.value}"


def _contacts(repository: Repository) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for fragment in read_fragments(repository.source, repository.tree.shared).of(Layer.TEAM_POLICY):
        name = value_at(fragment.value, ("metadata", "name"))
        contacts = value_at(fragment.value, ("spec", "contacts"))
        if fragment.kind == "Team" and isinstance(name, str) and isinstance(contacts, list):
            found[name] = tuple(text for text in contacts if isinstance(text, str))
    return found


def _file_owners(codeowners: str, files: Iterable[str], prefix: str) -> Iterator[Ask]:
    """Yield the owners of changed files: of the lines of CODEOWNERS the last that matches."""
    rules = list(_rules(codeowners))
    by_owners: dict[tuple[str, ...], list[str]] = {}
    for path in files:
        for pattern, owners in rules:
            if pattern.match_file(prefix + path):
                if owners:
                    by_owners.setdefault(owners, []).append(path)
                break
    for owners, paths in by_owners.items():
        yield Ask("", owners, tuple(f"CODEOWNERS: {path}" for path in paths))


def _rules(codeowners: str) -> Iterator[tuple[GitIgnoreSpec, tuple[str, ...]]]:
    """Yield the lines of a CODEOWNERS file, last first; headings of GitLab's sections are none."""
    from pathspec import GitIgnoreSpec

    for line in reversed(codeowners.splitlines()):
        words = line.partition("#")[0].split()
        if words and not words[0].startswith(("[", "^[")):
            yield GitIgnoreSpec.from_lines(words[:1]), tuple(words[1:])
