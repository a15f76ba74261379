"""Fixtures for the whole suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

pytest_plugins = ["trio_runtime.testing.plugin"]

# The same examples in every run: a failure that comes and goes is worth nothing.
settings.register_profile("deterministic", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("deterministic")

PEER_PACKAGES = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "tshark": "tshark",
    "kamailio": "kamailio",
    "sox": "sox",
    "linphonec": "linphone-cli",
}


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
