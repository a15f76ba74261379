"""Fixtures for the whole suite."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# Without bytecode every process, of pytest-xdist and of the command line, compiles everything once more: the
# tests alone, with what pytest adds to their assertions, take 15 s. Many containers forbid to write it.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

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
_ROOT = _HERE.parent
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


def _runs_in_real_time(path: str) -> bool:
    return path.startswith(_IN_REAL_TIME)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests in real time first, as they wait most of their time, and again when they fail.

    They alone are tried again: a machine that stands still for a second, as shared ones do, makes a gap in
    what a foreign program hears, or lets a limit pass. A test in virtual time has one try.
    """
    items.sort(key=lambda item: not _runs_in_real_time(str(item.path)))
    for item in items:
        if _runs_in_real_time(str(item.path)):
            item.add_marker(pytest.mark.flaky(reruns=2))


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests in lots; those with audio in real time run one by one, whatever runs beside them.

    The cases of a test are one lot: one by one, counting what is left of 13,000 takes its time.
    """

    def _split_scope(self, nodeid: str) -> str:
        test = nodeid.partition("[")[0]
        file = test.partition("::")[0]
        if _runs_in_real_time(str(_ROOT / file)):
            return "signalling" if Path(file).name in _WITHOUT_AUDIO else "real time"
        # What reads all files reads them once.
        return "architecture" if file.startswith("tests/architecture/") else test


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """In the order of collection, or tests in real time would wait for all others."""
    config.option.loadscopereorder = False
    return TogetherScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let each process of pytest-xdist compile files of its own first: the others read what it wrote."""
    worker: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not worker or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    files = sorted(_HERE.rglob("test_*.py"))
    first = int(worker["workerid"].removeprefix("gw")) * len(files) // worker["workercount"]
    for path in files[first:] + files[:first]:
        # What cannot be imported is told when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.relative_to(_ROOT).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Spare the collector what lives until the end: thousands of tests, and all that they import."""
    gc.freeze()


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
