"""A pytest plugin: the fixture ``sim``, and the ladder in the report of a failed test (OBS-1)."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from trio_runtime.testing.simulation import Simulation

__all__ = ["pytest_runtest_makereport", "sim"]


@pytest.fixture
def sim() -> Simulation:
    """Phones on a simulated network; take the fixture ``autojump_clock`` beside it."""
    return Simulation()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the ladder of a test's simulation to its report when it failed."""
    report = yield
    simulation = getattr(item, "funcargs", {}).get("sim")
    if report.failed and isinstance(simulation, Simulation):
        ladder = simulation.ladder()
        if ladder:
            report.sections.append(("SIP ladder", ladder))
    return report
