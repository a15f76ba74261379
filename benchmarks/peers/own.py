"""Our own media engine as a server under load."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager

from ..rtp_traffic import Leg
from .started import Started, talking_program

__all__ = ["Own"]

_MOST = 10_000


class Own:
    """Runs `own_media` in a process of its own."""

    name = "ours"
    modes = dict.fromkeys(("silent", "terminate", "echo", "conf10", "transcode", "srtp"), _MOST)

    def missing(self) -> str | None:
        return None

    def legs(self, mode: str, streams: int) -> list[Leg]:
        if mode == "transcode":
            return [Leg(8 * (number % 2)) for number in range(streams)]
        return [Leg(secured=mode == "srtp")] * streams

    def run(self, mode: str, streams: int, peer_port: int) -> AbstractContextManager[Started]:
        command = [sys.executable, "-m", "benchmarks.peers.own_media", mode, str(streams), str(peer_port)]
        return talking_program(command)
