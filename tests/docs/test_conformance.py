"""The conformance table claims nothing that no test proves (OBS-3)."""

from __future__ import annotations

import ast
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MODULE: dict[str, Any] = runpy.run_path(str(DOCS / "generate_conformance.py"))
ROWS: list[Any] = MODULE["load"]((DOCS / "conformance.toml").read_text(encoding="utf-8"))

ROLES = {
    "client", "media", "message", "notifier", "proxy", "publisher", "registrar", "server", "subscriber",
    "transport", "ua", "uac", "uas",
}  # fmt: skip

# The RFCs that the table has to speak of, be it to say that nothing is there.
RFCS = {
    2198, 2617, 2782, 3261, 3262, 3263, 3264, 3265, 3311, 3323, 3325, 3326, 3327, 3389, 3428, 3515,
    3550, 3551, 3581, 3608, 3611, 3665, 3680, 3711, 3840, 3841, 3842, 3856, 3891, 3892, 3903, 3911,
    4028, 4235, 4244, 4320, 4412, 4475, 4566, 4568, 4575, 4579, 4585, 4733, 4961, 5118, 5124, 5393,
    5506, 5626, 5627, 5761, 5763, 5764, 5769, 5922, 5923, 5954, 6026, 6086, 6141, 6157,
    6337, 6665, 7044, 7118, 7616, 7714, 7983, 8224, 8445, 8489, 8760, 8838, 8866,
}  # fmt: skip


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests that a file defines, found without importing it; those of a class as ``Class::test``."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {
            prefix + item.name
            for item in inner
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("test_")
        }
    return frozenset(found)


def test_every_test_that_a_row_names_is_there() -> None:
    """OBS-3: a test that was renamed or removed takes its claim along."""
    named = {test for row in ROWS for test in row.tests}
    gone = {test for test in named if test.partition("::")[2] not in defined_in(test.partition("::")[0])}
    assert not gone


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_row_says_what_it_has_to(number: int) -> None:
    """OBS-3: nothing is claimed without a test, and what is not whole says what it lacks."""
    row = ROWS[number]
    assert row.status in MODULE["STATUSES"]
    assert row.role in ROLES
    assert row.requirement
    assert bool(row.tests) == (row.status != "missing") or row.status == "partial"
    assert bool(row.note) == (row.status != "claimed")
    assert len(set(row.tests)) == len(row.tests)


def test_rows_are_in_order_and_none_stands_twice() -> None:
    """OBS-3: by RFC, then by section, so that a new one has one place."""
    keys = [(row.rfc, MODULE["section_key"](row.section)) for row in ROWS]
    assert keys == sorted(keys)
    whole = [(row.rfc, row.section, row.role, row.requirement) for row in ROWS]
    assert len(set(whole)) == len(whole)


def test_table_speaks_of_every_rfc() -> None:
    """OBS-3: silence is no answer."""
    assert {row.rfc for row in ROWS} >= RFCS


def test_page_is_generated_from_the_table_and_the_balance_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """OBS-3: run `python docs/generate_conformance.py` after changing a row."""
    with capsys.disabled():
        print("", *MODULE["summary"](ROWS), sep="\n")
    assert (DOCS / "conformance.md").read_text(encoding="utf-8") == MODULE["generate"]()


def test_a_row_with_a_wrong_field_is_refused() -> None:
    """OBS-3: a misspelt field is no silent loss."""
    with pytest.raises(TypeError):
        MODULE["load"]('[[row]]\nrfc = 1\nsektion = "1"\n')


def test_a_test_that_does_not_exist_is_noticed() -> None:
    """OBS-3: the check itself works."""
    own = "tests/docs/test_conformance.py"
    assert "test_a_test_that_does_not_exist_is_noticed" in defined_in(own)
    assert "test_of_tomorrow" not in defined_in(own)
    assert defined_in("tests/docs/test_nothing.py") == frozenset()
