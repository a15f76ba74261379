"""Running baresip: its configuration, its control port, its recordings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import trio

from sansio_rtp.audio import WavReader
from tests.interop.process import HOST, POLL_S, free_ports, running

Event = dict[str, Any]

# Without "net_interface" baresip puts the host's own address, never the loopback one, into its descriptions.
_CONFIG = """\
poll_method epoll
sip_listen {host}:{port}
call_max_calls 8
call_local_timeout 120
audio_path /usr/share/baresip
audio_source {source}
audio_player {player}
audio_alert aubridge,alert
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
{rates}audio_buffer 20-160
rtp_ports {rtp_first}-{rtp_last}
rtcp_mux no
jitter_buffer_delay 1-5
rtp_stats yes
module_path {modules}
module g711.so
module g722.so
module opus.so
module aufile.so
module aubridge.so
module sndfile.so
module uuid.so
{more_modules}module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
{apps}ctrl_tcp_listen {host}:{control}
snd_path {recordings}
"""
_MODULE_FOLDERS = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")


@attrs.define
class Baresip:
    """A running baresip with a control connection.

    Attributes:
        port: Its SIP port.
        folder: Its configuration and recordings.
        events: What it told so far.
    """

    port: int
    folder: Path
    events: list[Event]
    _stream: trio.SocketStream
    _buffer: bytes = b""

    @property
    def uri(self) -> str:
        """The URI to call it at."""
        return f"sip:baresip@{HOST}:{self.port}"

    async def command(self, name: str, parameters: str = "") -> None:
        """Give a command of its menu, such as ``dial``."""
        body = json.dumps({"command": name, "params": parameters, "token": "test"}).encode()
        await self._stream.send_all(b"%d:%s," % (len(body), body))

    async def wait_for(self, kind: str, *, timeout: float = 10.0) -> Event:
        """Wait for an event of a type, such as ``CALL_ESTABLISHED``; one that is there already counts."""
        events = await self.wait_until(lambda events: any(e.get("type") == kind for e in events), timeout)
        return next(event for event in events if event.get("type") == kind)

    async def wait_until(self, enough: Callable[[list[Event]], bool], timeout: float) -> list[Event]:
        """Wait until the events so far are enough, and return them."""
        with trio.move_on_after(timeout):
            while not enough(self.events):
                await self._receive()
            return self.events
        raise AssertionError(f"baresip told only {self.events}\n{self.log}")

    async def _receive(self) -> None:
        data = await self._stream.receive_some()
        assert data, f"baresip went away: {self.log}"
        self._buffer += data
        while b":" in self._buffer:
            size, rest = self._buffer.split(b":", 1)
            if len(rest) <= int(size):
                break
            self.events.append(json.loads(rest[: int(size)]))
            self._buffer = rest[int(size) + 1 :]

    @property
    def log(self) -> str:
        """What it printed."""
        return _read(self.folder / "baresip.log")

    @property
    def digits(self) -> str:
        """The digits that it heard."""
        return "".join(str(e.get("param", "")) for e in self.events if e.get("type") == "CALL_DTMF_START")

    def heard(self, rate: int = 8_000) -> npt.NDArray[np.int16]:
        """Return what it heard in its one call: the recording of its decoder, at the rate of its codec."""
        (path,) = (self.folder / "recordings").glob("*dec.wav")
        reader = WavReader(path.read_bytes())
        assert reader.sample_rate == rate
        return reader.read_all()[:, 0]


@asynccontextmanager
async def baresip(
    path: str,
    folder: Path,
    *,
    codec: str,
    source: str,
    player: str = "aubridge,nowhere",
    account: str = "",
    rates: str = "",
    modules: tuple[str, ...] = (),
    transport: str = "udp",
    certificate: str = "",
    authorities: str = "",
    aor: str = "",
    register_s: int = 0,
    contacts: str = "",
) -> AsyncIterator[Baresip]:
    """Run baresip while the block lasts; it answers every call.

    Args:
        path: The program.
        folder: An existing empty folder.
        codec: The one codec that it may use.
        source: Its audio source, such as ``aufile,/path.wav`` or ``aubridge,x``.
        player: Its audio player; the same bridge as the source makes an echo.
        account: More parameters of its account.
        rates: Lines of its configuration about sample rates.
        modules: More of its modules, such as ``srtp.so``.
        transport: What its own calls go over.
        certificate: PEM file of its certificate and key.
        authorities: PEM file of whom it trusts.
        aor: Its address of record where it registers somewhere.
        register_s: Seconds to register for; 0 does not.
        contacts: Lines of its list of contacts, whom it watches where they say ``;presence=p2p``.
    """
    # The port above the SIP port is its TLS port, used or not.
    port, control = free_ports(10), free_ports()
    more = "".join(f"module {name}\n" for name in modules)
    more += f"sip_certificate {certificate}\n" if certificate else ""
    more += f"sip_cafile {authorities}\n" if authorities else ""
    _configure(folder, port, control, source, player, rates, more, contacts)
    address = f"<{aor or f'sip:baresip@{HOST}:{port};transport={transport}'}>"
    accounts = f"{address};regint={register_s};answermode=auto;audio_codecs={codec}{account}\n"
    (folder / "accounts").write_text(accounts, encoding="utf-8")
    log = folder / "baresip.log"
    async with running([path, "-f", str(folder), "-s"], out=log), await _connect(control, log) as stream:
        yield Baresip(port, folder, [], stream)


def _configure(
    folder: Path,
    port: int,
    control: int,
    source: str,
    player: str,
    rates: str,
    more_modules: str,
    contacts: str,
) -> None:
    rtp, recordings = free_ports(10), folder / "recordings"
    recordings.mkdir()
    modules = next((each for each in _MODULE_FOLDERS if Path(each).is_dir()), _MODULE_FOLDERS[0])
    values = {"host": HOST, "port": port, "control": control, "rtp_first": rtp, "rtp_last": rtp + 9}
    values |= {
        "source": source,
        "player": player,
        "modules": modules,
        "recordings": recordings,
        "rates": rates,
        "more_modules": more_modules,
        "apps": "module_app contact.so\nmodule_app presence.so\n" if contacts else "",
    }
    (folder / "config").write_text(_CONFIG.format(**values), encoding="utf-8")
    (folder / "contacts").write_text(contacts, encoding="utf-8")


async def _connect(port: int, log: Path) -> trio.SocketStream:
    with trio.move_on_after(10):
        while True:
            try:
                return await trio.open_tcp_stream(HOST, port)
            except OSError:
                await trio.sleep(POLL_S)
    raise AssertionError(f"baresip does not listen: {_read(log)}")


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
