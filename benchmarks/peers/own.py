"""Our own media engine as a server under load."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager

from ..rtp_traffic import Leg
from .started import Started, talking_program

__all__ = ["Own", "legs_of"]

_MOST = 10_000
_MODES = (
    *("silent", "terminate", "echo", "conf10", "conf10-wide", "transcode", "srtp"),
    *("relay", "relay-srtp", "relay-immediate"),
)


def legs_of(mode: str, streams: int) -> list[Leg]:
    """Return the streams of a mode of ours; those that work in twos are an even number."""
    kinds = {
        "transcode": (Leg(), Leg(8)),
        "srtp": (Leg(secured=True),),
        "relay-srtp": (Leg(secured=True), Leg()),
        "relay": (Leg(), Leg()),
        "relay-immediate": (Leg(), Leg()),
    }.get(mode, (Leg(),))
    return list(kinds) * (streams // len(kinds))


class Own:
    """Runs `own_media` in a process of its own."""

    name = "ours"
    modes = dict.fromkeys(_MODES, _MOST)

    def missing(self) -> str | None:
        return None

    def legs(self, mode: str, streams: int) -> list[Leg]:
        return legs_of(mode, streams)

    def run(self, mode: str, streams: int, peer_port: int) -> AbstractContextManager[Started]:
        command = [sys.executable, "-m", "benchmarks.peers.own_media", mode, str(streams), str(peer_port)]
        return talking_program(command)
