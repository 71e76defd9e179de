"""The structure of the program: no import cycles, one meaning a name, and a sandbox and a web app without vendors."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import grimp

import importer
import schemas

ROOTS = [Path(next(iter(package.__path__))) for package in (importer, schemas)]
MOST_ROOT_MODULES = 10
MOST_VAGUE_DOCSTRINGS = 0.05
VAGUE_MODULES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
VAGUE_START = re.compile(r"(?:What|Whether|Which|How|Where)\b")
VENDORS = re.compile(r"clear_?talk|(?<![a-z])i_?closed|clemta|go_?mobile", re.IGNORECASE)
SAME_CLASS_NAMES: dict[str, str] = {}
"""Class names that may have two meanings, and the reason for each."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def public_definitions(
    node: ast.AST,
) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, ast.Module):
        yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child)


def cycles(graph: grimp.ImportGraph) -> list[set[str]]:
    """Return the strongly connected components of more than one module (Tarjan)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for imported in graph.find_modules_directly_imported_by(module):
            if imported not in order:
                visit(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in stack:
                lowest[module] = min(lowest[module], order[imported])
        if lowest[module] == order[module]:
            at = stack.index(module)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for module in sorted(graph.modules):
        if module not in order:
            visit(module)
    return found


def test_no_modules_import_each_other() -> None:
    graph = grimp.build_graph("importer", "schemas", exclude_type_checking_imports=True, cache_dir=None)

    assert [sorted(circle) for circle in cycles(graph)] == []


def test_the_check_for_cycles_finds_them() -> None:
    graph = grimp.ImportGraph()
    for name in "abcd":
        graph.add_module(name)
    for importing, imported in ("ab", "bc", "ca", "cd"):
        graph.add_import(importer=importing, imported=imported)

    assert cycles(graph) == [{"a", "b", "c"}]


def test_the_root_has_few_modules() -> None:
    modules_at_root = sorted(path.stem for path in ROOTS[0].glob("*.py"))

    assert len(modules_at_root) <= MOST_ROOT_MODULES, modules_at_root


def test_a_class_name_has_one_meaning() -> None:
    places = defaultdict(list)
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(name)

    assert {name: at for name, at in places.items() if len(at) > 1 and name not in SAME_CLASS_NAMES} == {}
    assert not {name for name in SAME_CLASS_NAMES if len(places[name]) < 2}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name for name, _ in modules() if VAGUE_MODULES & set(name.split("."))] == []


def test_docstrings_say_what_a_thing_does() -> None:
    docstrings = {
        f"{name}:{getattr(node, 'name', '')}": docstring
        for name, tree in modules()
        for node in public_definitions(tree)
        if (docstring := ast.get_docstring(node))
    }
    vague = sorted(place for place, docstring in docstrings.items() if VAGUE_START.match(docstring))
    by_package = Counter(".".join(place.split(":")[0].split(".")[:2]) for place in vague)

    assert len(vague) / len(docstrings) < MOST_VAGUE_DOCSTRINGS, by_package


def test_the_sandbox_and_the_web_app_know_no_vendor_by_name() -> None:
    named = [
        f"{path.relative_to(ROOTS[0])}:{number}"
        for package in ("sandbox", "web")
        for path in sorted((ROOTS[0] / package).rglob("*"))
        if path.suffix in (".py", ".html", ".js", ".css")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if VENDORS.search(line)
    ]

    assert named == []
