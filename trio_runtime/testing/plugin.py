"""A pytest plugin: phones on a simulated network as fixtures, and proof after each test that nothing is left.

Put ``pytest_plugins = ["trio_runtime.testing.plugin"]`` into the ``conftest.py`` at the root of your tests;
it needs pytest-trio, which the extra ``testing`` brings. It is not loaded by itself, so that who only uses
the library has no fixtures of foreign names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

import pytest
import trio
from trio.testing import MockClock

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.testing.simulation import Simulation
from trio_runtime.testing.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from trio_runtime.coordinator import SessionCoordinator

__all__ = [
    "phone_pair",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "run_in_virtual_time",
    "sim",
    "wire",
]

_MARKER = (
    "simulation(seed=0, quiet=True, phones={}, **conditions): the network and the phones of the fixtures "
    "wire and phone_pair (see Wire); quiet=False leaves out the check that nothing is left after the test"
)
_FIXTURES = frozenset({"sim", "wire", "phone_pair"})
_CLOCKS = frozenset({"autojump_clock", "mock_clock"})


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that replays, or tries, another seed."""
    parser.addoption(
        "--simulation-seed",
        type=int,
        default=None,
        metavar="N",
        help="seed of the fixtures wire and phone_pair, in place of that of each test",
    )


def run_in_virtual_time(
    main: Callable[[], Awaitable[Any]],
    *,
    clock: trio.abc.Clock | None = None,
    instruments: Sequence[trio.abc.Instrument] = (),
) -> Any:
    """Do as `trio.run`, with a clock that jumps to the next moment at which something happens."""
    return trio.run(main, clock=clock or MockClock(autojump_threshold=0), instruments=instruments)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let async tests that use the fixtures, and no clock of their own, run in virtual time."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        is_async = iscoroutinefunction(getattr(item, "obj", None))
        if is_async and names & _FIXTURES and not names & _CLOCKS:
            item.add_marker(pytest.mark.trio(run=run_in_virtual_time), append=False)


@pytest.fixture
def sim() -> Simulation:
    """Makes wires and phones, and checks after the test that nothing of them is left."""
    return Simulation()


@pytest.fixture
async def wire(sim: Simulation, request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    """A network that carries while the test lasts, as the marker ``simulation`` says."""
    network, _ = _settings(request)
    async with sim.wire(**network) as running:
        yield running


@pytest.fixture
async def phone_pair(
    sim: Simulation, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    """Alice on 10.0.0.1 and bob on 10.0.0.2, open while the test lasts, as the marker ``simulation`` says."""
    network, phones = _settings(request)
    async with sim.pair(phones=phones, **network) as pair:
        yield pair


def _settings(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Any]:
    """Return what the marker says of the network, and of the phones."""
    network: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("simulation"))):
        if marker.args:
            raise ConfigurationError("takes named values only", field="simulation")
        network.update(marker.kwargs)
    network.pop("quiet", None)
    phones = network.pop("phones", None)
    seed = request.config.getoption("--simulation-seed")
    if seed is not None:
        network["seed"] = seed
    return network, phones


def _simulation_of(item: pytest.Item) -> Simulation | None:
    simulation = cast("dict[str, object]", getattr(item, "funcargs", {})).get("sim")
    return simulation if isinstance(simulation, Simulation) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Check after a test that passed that nothing is left of its phones (SIM-2)."""
    result = yield
    simulation = _simulation_of(item)
    marker = item.get_closest_marker("simulation")
    if simulation is not None and (marker is None or marker.kwargs.get("quiet", True)):
        simulation.assert_quiet()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add seeds, ladder, and what is left to the report of a test that failed."""
    report = yield
    simulation = _simulation_of(item)
    if report.failed and simulation is not None and simulation.wires:
        report.sections.append(("simulation", simulation.summary()))
        report.sections.append(("SIP ladder", simulation.ladder()))
    return report
