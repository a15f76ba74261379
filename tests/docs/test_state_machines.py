"""The diagrams in `docs/` are those of the tables."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_diagrams_are_generated_from_the_tables() -> None:
    """TXN-1, SES-4: run `python docs/generate_state_machines.py` after changing a table."""
    page = runpy.run_path(str(DOCS / "generate_state_machines.py"))["generate"]()
    assert (DOCS / "state-machines.md").read_text() == page
