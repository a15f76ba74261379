"""Write `docs/conformance.md` from `docs/conformance.toml`: `python docs/generate_conformance.py`."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = Path(__file__).with_name("conformance.toml")
TARGET = Path(__file__).with_name("conformance.md")
STATUSES = ("claimed", "partial", "missing")

HEAD = """# Conformance

What is claimed of each RFC, section by section and in our own words, and the tests that prove it. Generated
from `conformance.toml`; a test fails when a row names a test that is not there, or claims without one.

A claim is about the machine of the role named, in `sansio_sip` or `sansio_rtp`, whether or not `trio_runtime`
already runs it.
"""


class Row(NamedTuple):
    """One requirement.

    Attributes:
        rfc: Number of the RFC.
        section: Its section, empty for all of it.
        role: Who has to do it, such as ``uac``, ``proxy`` or ``message``.
        requirement: What, in own words.
        status: One of `STATUSES`.
        note: What a partial or missing one lacks.
        tests: Test ids, ``path::name``.
    """

    rfc: int
    section: str
    role: str
    requirement: str
    status: str
    note: str = ""
    tests: tuple[str, ...] = ()


def load(text: str) -> list[Row]:
    """Return the rows of the file.

    Raises:
        TypeError: A row has other fields than those of `Row`.
    """
    rows: list[dict[str, Any]] = tomllib.loads(text).get("row", [])
    return [Row(**{**row, "tests": tuple(row.get("tests", ()))}) for row in rows]


def section_key(section: str) -> list[tuple[int, int, str]]:
    """Return what sections are sorted by: numbers by value, letters of appendices behind them."""
    parts = re.findall(r"\d+|[A-Za-z]+", section)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def count(rows: list[Row]) -> dict[str, int]:
    """Return how many rows have each status."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in STATUSES}


def name(row: Row) -> str:
    """Return RFC and section of a row."""
    return f"{row.rfc} §{row.section}" if row.section else str(row.rfc)


def summary(rows: list[Row]) -> list[str]:
    """Return the totals, and the places that are partial or missing."""
    lines = [f"conformance: {len(rows)} requirements of {len({row.rfc for row in rows})} RFCs"]
    for status, number in count(rows).items():
        places = ", ".join(name(row) for row in rows if row.status == status and status != "claimed")
        lines.append(f"  {number} {status}{': ' if places else ''}{places}")
    return lines


def cell(text: str) -> str:
    """Return text that can stand in a table."""
    return text.replace("|", "\\|")


def table(rows: list[Row]) -> list[str]:
    """Return the rows of one RFC as a table."""
    lines = ["| section | role | requirement | status | tests |", "|---|---|---|---|---|"]
    for row in rows:
        status = f"{row.status}: {row.note}" if row.note else row.status
        tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in row.tests)
        cells = (row.section, row.role, row.requirement, status, tests)
        lines.append(f"| {' | '.join(map(cell, cells))} |")
    return lines


def generate() -> str:
    """Return the page."""
    rows = load(SOURCE.read_text(encoding="utf-8"))
    numbers = sorted({row.rfc for row in rows})
    lines = [HEAD, "| RFC | claimed | partial | missing |", "|---|---|---|---|"]
    for rfc in numbers:
        found = count([row for row in rows if row.rfc == rfc])
        lines.append(f"| [{rfc}](#rfc-{rfc}) | {' | '.join(str(number) for number in found.values())} |")
    lines.append(f"| all | {' | '.join(str(number) for number in count(rows).values())} |")
    for rfc in numbers:
        lines += ["", f"## RFC {rfc}", "", *table([row for row in rows if row.rfc == rfc])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
    print("\n".join(summary(load(SOURCE.read_text(encoding="utf-8")))))
