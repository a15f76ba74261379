"""The page about observing shows what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trio_runtime import observe

PAGE = (Path(__file__).parents[2] / "docs" / "observing.md").read_text()


def test_example_prints_the_timeline_and_the_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    """OBS-1, PRJ-1: the program of the page runs as it stands and prints what the page says."""
    program = re.search(r"<!-- example: timeline -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    output = re.search(r"<!-- output: timeline -->\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert program is not None
    assert output is not None
    exec(compile(program[1], "docs/observing.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith(output[1])
    assert re.search(r"\| \* \w+: active", printed)


def test_every_name_on_the_page_exists() -> None:
    """OBS-1."""
    names = set(re.findall(r"`(?:async for event in )?([A-Z]\w+)[`(]", PAGE))
    known = {"RecordingAgent", "CoordinatorConfig", "CaptureConfig", "MediaChanged", "Authorization"}
    assert names - known <= set(observe.__all__)
