"""Imports point downward, come without cycles, and leave heavy modules to those who need them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "edgegen"

ORDER = (
    {"__init__"},
    {"diagnostics", "errors", "processes", "timings"},
    {"sources", "revisions", "yamlio"},
    {"model"},
    {"exemptions"},
    {"stack"},
    {"fragments", "expand", "schema", "routing"},
    {"summary"},
    {"rules", "policies"},
    {"locate"},
    {"echoes", "suppressions"},
    {"engine"},
    {"render", "compare"},
    {"cache", "output"},
    {"app"},
    {"report"},
    {"cli"},
    {"__main__"},
)
"""The parts of the package, low to high. What stands together may import each other."""

LEVEL = {part: level for level, parts in enumerate(ORDER) for part in parts}

HEAVY = {"git", "jsonschema", "jsonschema_rs", "kubernetes_validate", "rich", "importlib.metadata"}
"""Modules that cost more than a command may wait for: imported by the function that needs them."""


@dataclass(frozen=True)
class Import:
    """One imported module: by which file and line, and when it happens.

    `level` counts the dots of a relative import. `lazy` holds inside functions
    and under `TYPE_CHECKING`; `typing_only` under the latter alone.
    """

    importer: str
    imported: str
    line: int
    level: int = 0
    lazy: bool = False
    typing_only: bool = False

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(root: Path = PACKAGE) -> dict[str, ast.Module]:
    return {
        module_name(path, root): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(root.rglob("*.py"))
    }


def imports(name: str, tree: ast.Module, known: set[str]) -> Iterator[Import]:
    """Yield every import of a module; `from package import module` names the module."""
    todo: list[tuple[ast.AST, bool, bool]] = [(tree, False, False)]
    while todo:
        node, lazy, typing_only = todo.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno, 0, lazy, typing_only)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                target = inner if inner in known else str(node.module)
                yield Import(name, target, node.lineno, node.level, lazy, typing_only)
        elif isinstance(node, ast.If) and is_type_checking(node.test):
            todo += [(child, True, True) for child in node.body]
            todo += [(child, lazy, typing_only) for child in node.orelse]
        else:
            inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            todo += [(child, inside, typing_only) for child in ast.iter_child_nodes(node)]


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def part(module: str) -> str:
    """The part of the package that a module belongs to: `edgegen.cli.build` is of `cli`."""
    return [*module.split("."), "__init__"][1]


def upward(found: list[Import]) -> list[str]:
    return [
        str(one)
        for one in found
        if one.imported.split(".")[0] == "edgegen"
        and LEVEL[part(one.imported)] > LEVEL[part(one.importer)]
    ]


def cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected parts of more than one module, and self-imports."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(edges.get(node, ())):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = []
            while not component or component[-1] != node:
                component.append(stack.pop())
            if len(component) > 1 or node in edges.get(node, ()):
                found.append(sorted(component))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return modules()


@pytest.fixture(scope="module")
def found(trees: dict[str, ast.Module]) -> list[Import]:
    known = set(trees)
    return [one for name, tree in trees.items() for one in imports(name, tree, known)]


def test_every_part_has_a_place_in_the_order(trees: dict[str, ast.Module]) -> None:
    assert {part(name) for name in trees} - LEVEL.keys() == set()


def test_no_import_points_upward(found: list[Import]) -> None:
    assert upward(found) == []


def test_imports_are_absolute(found: list[Import]) -> None:
    assert [str(one) for one in found if one.level] == []


def test_modules_do_not_import_in_circles(
    trees: dict[str, ast.Module], found: list[Import]
) -> None:
    """What is needed for types alone runs never, so it may look back."""
    edges = {name: set[str]() for name in trees}
    for one in found:
        if one.imported in trees and not one.typing_only:
            edges[one.importer].add(one.imported)
    assert cycles(edges) == []


def test_parts_do_not_import_in_circles(found: list[Import]) -> None:
    edges: dict[str, set[str]] = {}
    for one in found:
        if one.imported.split(".")[0] == "edgegen" and part(one.imported) != part(one.importer):
            edges.setdefault(part(one.importer), set()).add(part(one.imported))
    assert cycles(edges) == []


def test_heavy_modules_are_imported_where_they_are_needed(found: list[Import]) -> None:
    heavy = [
        str(one)
        for one in found
        if not one.lazy
        and any(one.imported == name or one.imported.startswith(name + ".") for name in HEAVY)
    ]
    assert heavy == []


SOURCE = """
from __future__ import annotations
from typing import TYPE_CHECKING
import edgegen.cli.build
from edgegen import output, __version__
from . import near
if TYPE_CHECKING:
    import jsonschema
else:
    import git
def later() -> None:
    from edgegen.report.json import render_json
"""


def test_the_reader_of_imports_sees_each_form() -> None:
    known = {"edgegen", "edgegen.output", "edgegen.cli.build", "edgegen.report.json"}
    read = imports("edgegen.engine", ast.parse(SOURCE), known)
    assert {(one.imported, one.level, one.lazy, one.typing_only) for one in read} == {
        ("__future__", 0, False, False),
        ("typing", 0, False, False),
        ("edgegen.cli.build", 0, False, False),
        ("edgegen.output", 0, False, False),
        ("edgegen", 0, False, False),
        ("None", 1, False, False),
        ("jsonschema", 0, True, True),
        ("git", 0, False, False),
        ("edgegen.report.json", 0, True, False),
    }


def test_an_upward_import_is_seen() -> None:
    known = {"edgegen", "edgegen.output", "edgegen.cli.build", "edgegen.report.json"}
    read = list(imports("edgegen.engine", ast.parse(SOURCE), known))
    assert sorted(upward(read)) == [
        "edgegen.engine:12 imports edgegen.report.json",
        "edgegen.engine:4 imports edgegen.cli.build",
        "edgegen.engine:5 imports edgegen.output",
    ]


def test_a_circle_is_seen() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set[str](), "e": {"e"}}
    assert cycles(edges) == [["a", "b", "c"], ["e"]]
