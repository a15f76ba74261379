"""The page about recording shows what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sansio_sip.agent.recorded_values import _READERS
from sansio_sip.agent.recording import VERSION

PAGE = (Path(__file__).parents[2] / "docs" / "recording.md").read_text()


def test_example_records_and_replays(capsys: pytest.CaptureFixture[str]) -> None:
    """SIM-4, PRJ-1: the program of the page runs as it stands."""
    match = re.search(r"<!-- example: recording -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    exec(compile(match[1], "docs/recording.md", "exec"), {})
    assert capsys.readouterr().out == "request OPTIONS 1 0.5\n"


def test_page_describes_this_version_and_every_kind_of_value() -> None:
    """SIM-4: the format is documented."""
    assert f"version {VERSION}" in PAGE
    assert set(re.findall(r"`(\$\w+)`", PAGE)) == {*_READERS, "$secret"}
