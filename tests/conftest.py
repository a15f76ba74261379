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
_HEARD_BY_PEERS = frozenset(
    (
        "test_asyncio_phone.py",
        "test_baresip.py",
        "test_baresip_codecs.py",
        "test_baresip_srtp.py",
        "test_baresip_verbs.py",
        "test_call_centre.py",
        "test_kamailio.py",
        "test_linphone.py",
        "test_own_servers_baresip.py",
        "test_registrar_phones.py",
        "test_sipp_media.py",
    )
)
_WITHOUT_AUDIO = frozenset(
    (
        "test_examples_sipp.py",
        "test_jssip.py",
        "test_own_servers.py",
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
    """Let tests with audio in real time run one after the other, whatever pytest-xdist runs beside them."""
    for item in items:
        if str(item.path).startswith(_IN_REAL_TIME):
            group = "signalling" if item.path.name in _WITHOUT_AUDIO else "real time"
            item.add_marker(pytest.mark.xdist_group(group))
        if item.path.name in _HEARD_BY_PEERS:
            # What a foreign program hears is measured; that the machine stood still for a moment is no fault.
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
