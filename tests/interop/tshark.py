"""Capturing on the loopback interface with tshark, and asking it what it makes of the capture."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import attrs
import pytest
import trio

from tests.interop.process import running, stop, until

_RTP_ROW = re.compile(
    r"\s*[\d.]+\s+[\d.]+\s+(?P<source>\S+)\s+(?P<source_port>\d+)\s+(?P<destination>\S+)\s+(?P<destination_port>\d+)"
    r"\s+0x\w+\s.*?\s(?P<packets>\d+)\s+(?P<lost>-?\d+)\s+\("
)
_SETTLE_S = 1.0  # from "it captures" to "it misses nothing", as found by experience


@attrs.frozen(kw_only=True)
class RtpStream:
    """One row of tshark's table of RTP streams.

    Attributes:
        source: ``host:port`` of the sender.
        destination: ``host:port`` of the receiver.
        packets: Packets that were there.
        lost: Packets that were not.
    """

    source: str
    destination: str
    packets: int
    lost: int


@attrs.frozen
class Capture:
    """A capture file.

    Attributes:
        program: Path of tshark.
        path: The file.
        sip_ports: Ports whose packets are SIP whatever they look like.
    """

    program: str
    path: Path
    sip_ports: tuple[int, ...] = ()

    def with_sip(self, *ports: int) -> Capture:
        """Return the same capture, where these ports are known to be SIP: that is how its RTP is found."""
        return Capture(self.program, self.path, ports)

    def _run(self, *arguments: str) -> str:
        decode = [text for port in self.sip_ports for text in ("-d", f"udp.port=={port},sip")]
        command = [self.program, "-r", str(self.path), *decode, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def fields(self, display_filter: str, *names: str) -> list[list[str]]:
        """Return the named fields of each packet that the filter lets through."""
        columns = [text for name in names for text in ("-e", name)]
        out = self._run("-Y", display_filter, "-T", "fields", *columns)
        return [line.split("\t") for line in out.splitlines()]

    def expert(self, *severities: str) -> list[str]:
        """Return what tshark's experts complain about, with these severities (``Error``, ``Warning``)."""
        wanted = " || ".join(f"_ws.expert.severity == {severity}" for severity in severities)
        return ["\t".join(row) for row in self.fields(wanted, "frame.number", "_ws.expert.message")]

    def rtp_streams(self) -> list[RtpStream]:
        """Return the RTP streams that tshark found."""
        lines = self._run("-q", "-z", "rtp,streams").splitlines()
        rows = [row for row in map(_RTP_ROW.match, lines) if row is not None]
        return [
            RtpStream(
                source=f"{row['source']}:{row['source_port']}",
                destination=f"{row['destination']}:{row['destination_port']}",
                packets=int(row["packets"]),
                lost=int(row["lost"]),
            )
            for row in rows
        ]


@asynccontextmanager
async def capturing(program: str, folder: Path, packet_filter: str) -> AsyncIterator[Capture]:
    """Capture on loopback while the block lasts; the file is whole after it.

    Args:
        program: Path of tshark.
        folder: Where the file goes.
        packet_filter: A capture filter, such as ``udp portrange 20000-20009``.
    """
    path, log = folder / "capture.pcapng", folder / "tshark.log"
    command = [program, "-i", "lo", "-f", packet_filter, "-w", str(path)]
    async with running(command, out=log) as process:
        await until(
            lambda: process.poll() is not None or _has_begun(log, path),
            timeout=20,
            what=lambda: f"tshark does not capture: {_read(log)}",
        )
        if process.poll() is not None:
            _refuse(_read(log))
        await trio.sleep(_SETTLE_S)
        yield Capture(program, path)
        await trio.sleep(_SETTLE_S / 2)
        await stop(process, signal.SIGINT)


def _has_begun(log: Path, path: Path) -> bool:
    return "Capturing on" in _read(log) and path.exists() and path.stat().st_size > 0


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _refuse(reason: str) -> NoReturn:
    """Skip the test where nobody may capture; in CI that is a failure."""
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(reason)
    pytest.skip(f"tshark may not capture (run as root, or: dpkg-reconfigure wireshark-common): {reason}")
