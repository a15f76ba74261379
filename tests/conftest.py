"""Fixtures for the whole suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["trio_runtime.testing.plugin", "pytester"]

# The same examples in every run: a failure that comes and goes is worth nothing.
settings.register_profile("deterministic", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("deterministic")

PEER_PACKAGES = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "tshark": "tshark",
    "kamailio": "kamailio",
    "redis-server": "redis-server",
    "sox": "sox",
    "linphonec": "linphone-cli",
    "kamailio-websocket-modules": "kamailio-websocket-modules",
}


_HERE = Path(__file__).parent
_WITHOUT_AUDIO = frozenset(
    (
        "test_cli_processes.py",
        "test_examples_sipp.py",
        "test_jssip.py",
        "test_own_servers.py",
        "test_readme.py",
        "test_regression_events.py",
        "test_regression_set.py",
        "test_robustness_connections.py",
        "test_robustness_deaths.py",
        "test_sipp_messages.py",
        "test_sipp_signalling.py",
    )
)
_IN_REAL_TIME = tuple(
    str(_HERE / place) for place in ("interop", "runtime/test_cli_processes.py", "docs/test_readme.py")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests with audio in real time run one after the other, whatever pytest-xdist runs beside them.

    They alone are tried again when they fail: a machine that stands still for a second, as shared ones do,
    makes a gap in what a foreign program hears, or lets a limit pass. A test in virtual time has one try.
    """
    for item in items:
        if str(item.path).startswith(_IN_REAL_TIME):
            group = "signalling" if item.path.name in _WITHOUT_AUDIO else "real time"
            item.add_marker(pytest.mark.xdist_group(group))
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture
def peer() -> Callable[[str], str]:
    """A function that gives the path of a foreign program; without it the test is skipped, in CI it fails."""

    def find(name: str) -> str:
        search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
        if path := shutil.which(name, path=search):
            return path
        missing = f"{name} is not installed: apt-get install --no-install-recommends {PEER_PACKAGES[name]}"
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(missing)
        pytest.skip(missing)

    return find
