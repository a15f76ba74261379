"""Running linphonec: its configuration, what is typed into it, what it recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt
import trio

from sansio_rtp.audio import WavReader
from tests.interop.process import HOST, free_ports, is_listening, running, until

# Codecs that it would offer by itself, and those of the tests.
_CODECS = (
    ("opus", 48_000),
    ("speex", 16_000),
    ("speex", 8_000),
    ("PCMU", 8_000),
    ("PCMA", 8_000),
    ("G729", 8_000),
)
_CONFIG = """\
[sip]
sip_port={port}
sip_tcp_port=-1
sip_tls_port=-1
default_proxy=-1
contact="Linphone" <sip:linphone@{host}>
[rtp]
audio_rtp_port={rtp}
[sound]
echocancellation=0
[net]
mtu=1300
"""
_CODEC = "[audio_codec_{number}]\nmime={name}\nrate={rate}\nchannels=1\nenabled={enabled}\n"


@attrs.define
class Linphone:
    """A running linphonec.

    Attributes:
        port: Its SIP port.
        folder: Its home, its log and its recording.
    """

    port: int
    folder: Path
    _keyboard: trio.abc.SendStream

    @property
    def uri(self) -> str:
        """The URI to call it at."""
        return f"sip:linphone@{HOST}:{self.port}"

    async def type(self, line: str) -> None:
        """Type a line: one of its commands, or a key of the telephone."""
        await self._keyboard.send_all(line.encode() + b"\n")

    async def says(self, text: str, *, timeout: float = 10.0) -> None:
        """Wait until it has printed this text."""
        await until(
            lambda: text in self.log,
            timeout=timeout,
            what=lambda: f"linphonec never said {text!r}:\n{self.log}",
        )

    async def leaves(self) -> None:
        """Tell it to end, which is when its recording becomes a valid file."""
        await self.type("quit")
        await self.says("Terminating...")

    @property
    def log(self) -> str:
        """What it printed."""
        return (self.folder / "linphonec.log").read_text(encoding="utf-8", errors="replace")

    def heard(self, rate: int = 8_000) -> npt.NDArray[np.int16]:
        """Return what it heard, at the rate of its codec."""
        reader = WavReader((self.folder / "heard.wav").read_bytes())
        assert reader.sample_rate == rate
        return reader.read_all()[:, 0]


@asynccontextmanager
async def linphone(path: str, folder: Path, *, codec: str, source: Path) -> AsyncIterator[Linphone]:
    """Run linphonec while the block lasts; it answers every call, plays a file and records what it hears.

    Args:
        path: The program.
        folder: An existing empty folder.
        codec: The one codec that it may use.
        source: The WAV file that it plays, at the rate of the codec.
    """
    port, rtp = free_ports(), free_ports()
    # It takes no call unless the folder of its data is there.
    (folder / ".local/share/linphone").mkdir(parents=True)
    codecs = (
        _CODEC.format(number=number, name=name, rate=rate, enabled=int(name == codec))
        for number, (name, rate) in enumerate(_CODECS)
    )
    config = folder / "linphonerc"
    config.write_text(_CONFIG.format(host=HOST, port=port, rtp=rtp) + "".join(codecs), encoding="utf-8")
    command = [path, "-c", str(config), "-a", "-d", "0"]
    async with running(command, out=folder / "linphonec.log", home=folder, typed=True) as process:
        assert process.stdin is not None
        far = Linphone(port, folder, process.stdin)
        await until(
            lambda: is_listening(port), timeout=10, what=lambda: f"linphonec does not listen:\n{far.log}"
        )
        await far.type("soundcard use files")
        await far.type(f"play {source}")
        await far.type(f"record {folder / 'heard.wav'}")
        await far.says("record ")
        yield far
