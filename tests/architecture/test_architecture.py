"""The laws of the house that a syntax tree can show."""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable, Iterator, Sequence
from functools import wraps

import pytest

from tests.architecture.floors import (
    BELOW_THE_MANAGERS,
    FLOORS,
    FORBIDDEN_CALLS,
    MAX_LINES,
    ORCHESTRATION,
    PURE_LIBRARIES,
    PURE_STDLIB,
)
from tests.architecture.imports import (
    find_cycle,
    is_package,
    library_files,
    library_imports,
    raw_imports,
    tree_of,
)

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
MODULES = sorted(library_files())
ORCHESTRATING_MODULES = [
    m for m in MODULES if m.startswith(tuple(f"trio_runtime.{name}" for name in ORCHESTRATION))
]
PURE_MODULES = [module for module in MODULES if module.split(".")[0] in PURE_LIBRARIES]


@pytest.fixture(scope="module", autouse=True)
def trees() -> Iterator[None]:
    """Syntax trees are a million objects: nobody looks for garbage among them, and no later test has them."""
    gc.disable()
    yield
    tree_of.cache_clear()
    gc.enable()


def for_each(modules: Sequence[str]) -> Callable[[Callable[[str], None]], Callable[[], None]]:
    """Check all modules in one test, which names those that fail: thousands of tests take their time."""

    def decorate(check: Callable[[str], None]) -> Callable[[], None]:
        @wraps(check)
        def test() -> None:
            failures: list[str] = []
            for module in modules:
                try:
                    check(module)
                except AssertionError as error:
                    failures.append(f"{module}: {error}")
            assert failures == []

        del test.__wrapped__
        return test

    assert modules
    return decorate


def place(module: str) -> tuple[int, str] | None:
    """The floor of a module and its folder; None for the package's own `__init__`."""
    package, _, inner = module.partition(".")
    if not inner:
        return None
    names = inner.split(".")
    for candidate in (".".join(names[:2]), names[0]):
        for number, floor in enumerate(FLOORS[package]):
            if candidate in floor:
                # Files that lie loose in the package share one folder, as far as they share a floor.
                return number, "" if f"{package}.{names[0]}" == module and not is_package(module) else names[
                    0
                ]
    pytest.fail(f"{module} stands on no floor: add it to floors.py")


@for_each(MODULES)
def test_file_has_one_responsibility_and_at_most_200_lines(module: str) -> None:
    """PRJ-1."""
    lines = library_files()[module].read_text("utf-8").count("\n")
    assert lines <= MAX_LINES


@for_each(MODULES)
def test_imports_run_down_a_floor_or_stay_in_the_folder(module: str) -> None:
    """PRJ-1."""
    here = place(module)
    if here is None:
        return
    siblings = [target for target in library_imports(module) if target.split(".")[0] == module.split(".")[0]]
    for target in siblings:
        there = place(target)
        assert there is not None, f"{module} imports the package's face instead of a module"
        allowed = there[0] < here[0] or there == here or there[1] == here[1] != ""
        assert allowed, f"{module} imports {target}"


def test_no_two_files_import_each_other() -> None:
    """PRJ-1."""
    assert find_cycle({module: library_imports(module) for module in MODULES}) == []


@for_each(PURE_MODULES)
def test_pure_package_imports_nothing_that_does_io(module: str) -> None:
    """PRJ-1."""
    package = module.split(".")[0]
    for source, name in raw_imports(module):
        top = source.split(".")[0]
        allowed = top == package or top in PURE_LIBRARIES[package] or source in PURE_STDLIB
        assert allowed, f"{module} imports {source} ({name})"


@for_each(PURE_MODULES)
def test_pure_package_calls_no_builtin_that_does_io(module: str) -> None:
    """PRJ-1."""
    calls = {
        node.func.id
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & FORBIDDEN_CALLS


@for_each(ORCHESTRATING_MODULES)
def test_orchestration_reaches_no_further_than_the_managers(module: str) -> None:
    """PRJ-1, COO-1."""
    for target in library_imports(module):
        assert not target.startswith(BELOW_THE_MANAGERS), f"{module} imports {target}"


@for_each([m for m in MODULES if is_package(m)])
def test_init_only_reexports(module: str) -> None:
    """PRJ-1."""
    exported: list[str] = []
    imported: list[str] = []
    for node in tree_of(module).body:
        if isinstance(node, ast.ImportFrom):
            imported += [alias.asname or alias.name for alias in node.names if node.module != "__future__"]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            exported = ast.literal_eval(node.value)
        else:
            assert isinstance(node, ast.Expr), f"{module} line {node.lineno} does more than re-export"
            assert isinstance(node.value, ast.Constant)
    assert sorted(exported) == sorted(imported)


def _public_definitions(
    body: list[ast.stmt],
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        overload = any(
            ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list
        )
        if node.name.startswith("_") or overload:
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public_definitions(node.body)


@for_each(MODULES)
def test_public_names_have_docstrings(module: str) -> None:
    """PRJ-1."""
    tree = tree_of(module)
    assert ast.get_docstring(tree), f"{module} has no docstring"
    bare = [f"{module}.{node.name}" for node in _public_definitions(tree.body) if not ast.get_docstring(node)]
    assert bare == []


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_package_ships_its_types(package: str) -> None:
    """PRJ-1."""
    assert is_package(package)
    assert (library_files()[package].parent / "py.typed").is_file()


def test_cycle_is_found_where_there_is_one() -> None:
    """PRJ-1: the check itself works."""
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"})}
    assert find_cycle(graph) == ["b", "c", "b"]
