"""Whatever else comes in on the sockets of a server is counted, and the call that runs does not notice."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.process import HOST
from tests.interop.serve import serving_here
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import open_client

pytestmark = pytest.mark.interop

MAX_DATAGRAM = 65_507  # the most that UDP over IPv4 carries
FOREIGN_PACKETS = 50

REQUEST = (
    "{method} sip:serve@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{name};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:stranger@127.0.0.1>;tag=1\r\n"
    "To: <sip:serve@127.0.0.1>\r\n"
    "Call-ID: {name}@127.0.0.1\r\n"
    "CSeq: 1 {method}\r\n"
    "{more}"
    "\r\n"
)
RESPONSE = (
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-nobody\r\n"
    "From: <sip:serve@127.0.0.1>;tag=1\r\n"
    "To: <sip:stranger@127.0.0.1>;tag=2\r\n"
    "Call-ID: nobody@127.0.0.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
)


class Stranger:
    """A bare UDP socket that sends octets to a server and reads what comes back."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.socket = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.target = target

    async def bind(self) -> int:
        await self.socket.bind((HOST, 0))
        return int(self.socket.getsockname()[1])

    async def send(self, data: bytes) -> None:
        assert await self.socket.sendto(data, self.target) == len(data)

    async def ask(self, data: bytes) -> str:
        """Send, and return the status line of the final response."""
        await self.send(data)
        with trio.fail_after(3):
            while True:
                answer = (await self.socket.recvfrom(65_535))[0].decode("latin-1")
                if not answer.startswith("SIP/2.0 1"):
                    return answer.partition("\r\n")[0]

    async def silence(self, data: bytes) -> bool:
        """Send, and return whether nothing comes back."""
        await self.send(data)
        with trio.move_on_after(0.3):
            await self.socket.recvfrom(65_535)
            return False
        return True

    def request(
        self, method: str, name: str, more: str = "Content-Length: 0\r\n", body: bytes = b""
    ) -> bytes:
        """Return a request of ours with these header lines and this body."""
        port = self.socket.getsockname()[1]
        return REQUEST.format(method=method, name=name, port=port, more=more).encode() + body


def rtp_packets(count: int) -> Iterator[bytes]:
    """Yield loud noise as valid RTP, in sequence: what would be heard if anybody listened."""
    noise = np.random.default_rng(1).integers(0, 256, (count, 160), np.uint8)
    for index in range(count):
        yield struct.pack("!BBHII", 0x80, 0, index, index * 160, 0xBAD) + noise[index].tobytes()


async def send_bad_messages(target: tuple[str, int]) -> None:
    """Send every kind of bad message and check what it is answered with."""
    stranger = Stranger(target)
    await stranger.bind()
    with stranger.socket:
        assert await stranger.silence(b"A" * MAX_DATAGRAM)
        padding = "X-Padding: "
        rest = MAX_DATAGRAM - len(stranger.request("OPTIONS", "large", padding + "\r\n"))
        large = stranger.request("OPTIONS", "large", f"{padding}{'A' * rest}\r\n")
        assert len(large) == MAX_DATAGRAM
        assert (await stranger.ask(large)).startswith(("SIP/2.0 400 ", "SIP/2.0 513 "))
        assert await stranger.silence(b"\0")  # some phones keep a NAT binding open with it
        assert await stranger.silence(stranger.request("OPTIONS", "n\0ul"))
        nul = stranger.request("OPTIONS", "nul", "Subject: a\0b\r\n")
        assert (await stranger.ask(nul)).startswith("SIP/2.0 400 ")
        assert await stranger.ask(stranger.request("FLY", "unknown")) == "SIP/2.0 501 Not Implemented"
        for number, length in enumerate(("9999", "abc", "-1")):
            bad = stranger.request("OPTIONS", f"length{number}", f"Content-Length: {length}\r\n", b"short")
            assert (await stranger.ask(bad)).startswith("SIP/2.0 400 "), length
        assert await stranger.silence(RESPONSE.encode())
        good = stranger.request("OPTIONS", "good")
        assert await stranger.ask(good) == "SIP/2.0 200 OK"


async def send_foreign_audio(port: int) -> None:
    """Send RTP that nobody asked for."""
    stranger = Stranger((HOST, port))
    await stranger.bind()
    with stranger.socket:
        for packet in rtp_packets(FOREIGN_PACKETS):
            await stranger.send(packet)
            await trio.sleep(0.005)
        await stranger.send(b"\0")
        await stranger.send(b"A" * MAX_DATAGRAM)


async def test_what_is_bad_is_counted_and_the_call_does_not_notice(tmp_path: Path) -> None:
    """MSG-9, SEC-1, MED-5: bad messages and a stranger's audio during a call whose tone stays clean."""
    async with (
        serving_here("--answer", "echo") as server,
        open_client("sip:alice@127.0.0.1", bind_host=HOST) as phone,
        phone.make_call(server.uri) as call,
    ):
        with trio.fail_after(10):
            await call.answered()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.play, write_tone(tmp_path / "tone.wav", 4))
            async with call.recording(tmp_path / "heard.wav", channels="received"):
                before = call.statistics()
                assert before is not None
                await trio.sleep(0.5)
                await send_bad_messages((HOST, server.port))
                await send_foreign_audio(server.media_ports[0])
                await send_foreign_audio(before.local_port)
                await trio.sleep(0.3)
            nursery.cancel_scope.cancel()
        assert call.is_active
        statistics = call.statistics()
        call.hang_up()
        (ended,) = await server.wait_for("ended")
        counted = await server.interrupted()
    assert ended["end"] == "RemoteBye"
    assert statistics is not None
    assert statistics.rtp is not None
    # The media sockets are connected to their peers by then: what strangers send does not get as far as us.
    assert (statistics.rtp.strangers, statistics.rtp.malformed, statistics.rtp.ignored) == (0, 0, 0)
    assert statistics.rtp.lost == 0
    agent: dict[str, Any] = counted["dialogs"]["agent"]
    assert (agent["calls_in"], agent["stray_responses"], agent["keep_alives"]) == (1, 1, 1)
    assert agent["malformed"] == len(server.lines("malformed")) == 7
    assert counted["media"]["failed"] == 0
    assert_tone(WavReader((tmp_path / "heard.wav").read_bytes()).read_all()[:, 0], at_least_s=2)
