"""What the page about the simulation shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from trio_runtime.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text()


def block(kind: str, name: str) -> str:
    """The fenced block behind an HTML comment such as `<!-- file: conftest.py -->`."""
    match = re.search(rf"<!-- {kind}: {re.escape(name)} -->\n```\w*\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None, f"the page has no {kind} {name}"
    return match[1]


def test_the_tests_of_the_page_pass_in_a_suite_of_their_own(pytester: pytest.Pytester) -> None:
    """TST-2, SIM-1."""
    for name in ("conftest.py", "test_calls.py"):
        (pytester.path / name).write_text(block("file", name))
    quick = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:rerunfailures", "-p", "no:xdist")
    pytester.runpytest_inprocess("--strict-markers", *quick).assert_outcomes(passed=2)


def test_the_command_of_the_page_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """SIM-1, SIM-2."""
    python, _, module, *arguments = shlex.split(block("command", "swarm"))
    assert (python, module) == ("python", "trio_runtime")
    assert main(arguments) == 0
    out = capsys.readouterr().out
    listed = re.findall(r"^\| (calls|set-up|changes|datagrams|time|digest) \|", PAGE, re.MULTILINE)
    assert listed == re.findall(r"^(calls|set-up|changes|datagrams|time|digest) ", out, re.MULTILINE)
