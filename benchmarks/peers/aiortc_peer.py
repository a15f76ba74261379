"""aiortc as a server under load: each stream hears itself."""

from __future__ import annotations

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from ..rtp_traffic import Leg
from .started import Started, talking_program

__all__ = ["Aiortc"]

_MOST = 50  # each has a thread
_MODES = {"echo": _MOST}


class Aiortc:
    """Runs `aiortc_echo.py` with the Python that has aiortc."""

    name = "aiortc"
    modes = _MODES

    def __init__(self, python: str) -> None:
        self._python = python

    def missing(self) -> str | None:
        found = subprocess.run([self._python, "-c", "import aiortc"], capture_output=True, check=False)
        return None if found.returncode == 0 else f"not installed for {self._python}; see --aiortc-python"

    def legs(self, mode: str, streams: int) -> list[Leg]:
        return [Leg()] * streams

    def run(self, mode: str, streams: int, peer_port: int) -> AbstractContextManager[Started]:
        script = Path(__file__).with_name("aiortc_echo.py")
        return talking_program([self._python, str(script), str(streams), str(peer_port)])
