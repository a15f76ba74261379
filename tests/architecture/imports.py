"""The import graph of the three packages, read from their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("sansio_sip", "sansio_rtp", "trio_runtime")


@cache
def library_files() -> dict[str, Path]:
    """Every library file by its dotted module name; a package is named without `__init__`."""
    files: dict[str, Path] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            files[".".join(parts)] = path
    return files


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(library_files()[module].read_text("utf-8"))


def is_package(module: str) -> bool:
    return library_files()[module].name == "__init__.py"


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".") if is_package(module) else module.split(".")[:-1]
    base = parts[: len(parts) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _statements(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Walk all statements, however deep. Expressions, of which there are most, hold no import."""
    for node in block:
        yield node
        for name in _BLOCKS:
            inner = getattr(node, name, None)
            if isinstance(inner, list):  # the body of a lambda and of a conditional is an expression
                yield from _statements(inner)


@cache
def raw_imports(module: str) -> tuple[tuple[str, str | None], ...]:
    """Everything the module imports, also for type checking only: (module, name or None)."""
    found: list[tuple[str, str | None]] = []
    for node in _statements(tree_of(module).body):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            found += [(source, alias.name) for alias in node.names]
    return tuple(found)


@cache
def _exports(module: str) -> dict[str, tuple[str, str]]:
    """What a package re-exports: where each name comes from, and what it is called there."""
    return {
        alias.asname or alias.name: (_absolute(module, node), alias.name)
        for node in reversed(tree_of(module).body)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@cache
def _defining_module(source: str, name: str | None) -> str:
    """Follow re-exports: the file in which an imported name is made."""
    seen: set[tuple[str, str | None]] = set()
    while name is not None and (source, name) not in seen:
        seen.add((source, name))
        if f"{source}.{name}" in library_files():
            return f"{source}.{name}"
        if source not in library_files() or not is_package(source):
            return source
        if name in _exports(source):
            source, name = _exports(source)[name]
    return source


@cache
def library_imports(module: str) -> frozenset[str]:
    """The library files that a module depends on, re-exports followed to the file that defines the name."""
    targets = {_defining_module(source, name) for source, name in raw_imports(module)}
    return frozenset(target for target in targets if target in library_files() and target != module)


def find_cycle(graph: dict[str, frozenset[str]]) -> list[str]:
    """Return the modules of one import cycle, or an empty list."""
    state: dict[str, int] = {}

    def visit(module: str, path: list[str]) -> list[str]:
        state[module] = 1
        for target in sorted(graph[module]):
            if state.get(target) == 1:
                return [*path[path.index(target) :], target]
            if target not in state and (cycle := visit(target, [*path, target])):
                return cycle
        state[module] = 2
        return []

    for module in sorted(graph):
        if module not in state and (cycle := visit(module, [module])):
            return cycle
    return []
