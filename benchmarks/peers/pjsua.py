"""pjsua (PJSIP's command-line phone) as a server under load."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..processes import free_port, running
from ..rtp_traffic import Leg
from .sip_calls import SipCalls
from .started import Started

__all__ = ["Pjsua"]

_MOST = 90  # it is built for at most so many calls, less than its bridge has ports
_MODES = {"echo": _MOST, "conference": _MOST}
_OTHER_CODECS = ("pcma", "gsm", "speex", "ilbc", "g722", "opus")


class Pjsua:
    """Calls that hear themselves (``echo``), or all in one conference (``conference``)."""

    name = "pjsua"
    modes = _MODES

    def missing(self) -> str | None:
        return (
            None
            if shutil.which("pjsua")
            else "not installed (in no Debian package; it comes with PJSIP's sources)"
        )

    def legs(self, mode: str, streams: int) -> list[Leg]:
        return [Leg()] * streams

    @contextmanager
    def run(self, mode: str, streams: int, peer_port: int) -> Iterator[Started]:
        """Run it and call it as often as there are streams."""
        port = free_port()
        command = [
            *("pjsua", "--config-file=/dev/null", "--null-audio", "--no-tcp", "--ip-addr=127.0.0.1"),
            *(f"--local-port={port}", "--bound-addr=127.0.0.1", "--rtp-port=30000", "--auto-answer=200"),
            *(f"--max-calls={streams}", "--clock-rate=8000", "--no-vad", "--ec-tail=0", "--log-level=0"),
            *("--app-log-level=0", "--auto-loop" if mode == "echo" else "--auto-conf", "--no-cli-console"),
            *("--use-cli", *(f"--dis-codec={name}" for name in _OTHER_CODECS)),
        ]
        with tempfile.TemporaryDirectory() as folder:
            with running(command, port, Path(folder) / "log") as pid:
                with contextlib.closing(SipCalls(port)) as calls:
                    yield Started(pid, [calls.call(f"p{number}", peer_port) for number in range(streams)])
