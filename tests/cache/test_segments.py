"""What is kept is found again, by name and key, however often segments were joined."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from edgegen.cache.codec import Codec
from edgegen.cache.folder import Folder, prefix_of
from edgegen.cache.segments import _MOST, _TIMES_LARGER, Entry, Segments

CODEC = Codec(())
NAMES = [f"n{number}" for number in range(40)]


def turn(folder: Folder, world: dict[str, str], prefix: str = "p-") -> set[str]:
    """Find what fits the world, keep the rest; return the names that were not found."""
    segments = Segments(folder, prefix, CODEC)

    def key_of(name: str, parts: Sequence[str]) -> str:
        assert list(parts) == [name[:2]]
        return world[name]

    found = segments.fitting(list(world), key_of)
    assert {name: entry.value for name, entry in found.items()} == {
        name: (name, world[name]) for name in found
    }
    missing = world.keys() - found.keys()
    segments.keep(found, {n: Entry((n[:2],), world[n], (n, world[n])) for n in missing})
    return set(missing)


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.glob("*.cache"))


def test_only_what_differs_is_missing(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    world = dict.fromkeys(NAMES, "1")
    assert turn(folder, world) == set(NAMES)
    assert turn(folder, world) == set()
    for number in range(60):
        name = NAMES[number % 7]
        world[name] = f"{number + 2}"
        assert turn(folder, world) == {name}
        assert turn(folder, world) == set()
        assert len(names(tmp_path / "c")) <= _MOST + 1


def test_states_that_come_back_are_found(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    one, two = dict.fromkeys(NAMES, "1"), dict.fromkeys(NAMES, "2")
    assert turn(folder, one) == set(NAMES)
    assert turn(folder, two) == set(NAMES)
    assert turn(folder, one) == set()
    assert turn(folder, two) == set()


def test_what_is_out_of_date_is_dropped(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    for number in range(3 * _TIMES_LARGER):
        assert turn(folder, dict.fromkeys(NAMES, str(number))) == set(NAMES)
        assert len(names(tmp_path / "c")) <= _TIMES_LARGER


def test_repositories_do_not_meet(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    world = dict.fromkeys(NAMES, "1")
    assert prefix_of("/a") != prefix_of("/b")
    assert turn(folder, world, prefix_of("/a")) == set(NAMES)
    assert turn(folder, world, prefix_of("/b")) == set(NAMES)
    assert turn(folder, world, prefix_of("/a")) == set()


def test_a_file_under_another_name_is_not_there(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    turn(folder, dict.fromkeys(NAMES, "1"))
    (name,) = names(tmp_path / "c")
    (tmp_path / "c" / name).rename(tmp_path / "c" / f"q{name[1:]}")
    assert folder.read("q") == []


def test_the_oldest_give_way(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    written = [folder.write("p-", bytes(1000)) for _ in range(4)]
    for age, name in enumerate(written):
        os.utime(tmp_path / "c" / str(name), (age, age))
    (tmp_path / "c" / "left.new").write_bytes(b"of a killed run")
    os.utime(tmp_path / "c" / "left.new", (0, 0))
    folder.prune(2500)
    assert {file.name for file in (tmp_path / "c").iterdir()} == {"secret", *map(str, written[2:])}


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "c"))
    folder.write("p-", b"x")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "c").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o700


def test_a_folder_behind_a_link_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    folder = Folder(str(tmp_path / "link"))
    assert folder.write("p-", b"x") is None
    assert list((tmp_path / "real").iterdir()) == []
