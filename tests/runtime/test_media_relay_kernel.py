"""Relays on the sockets of the kernel: with the media clock, and as packets come."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import trio

from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_sip.sdp import Direction, apply_answer, make_answer, make_offer
from trio_runtime.api.environment import kernel_environment
from trio_runtime.base import MediaConfig
from trio_runtime.media import MediaManager

HOST = "127.0.0.1"


class Phone:
    """A bare socket that one leg talks to."""

    def __init__(self, stack: ExitStack) -> None:
        self.socket = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        self.leg: tuple[str, int] = (HOST, 0)
        self.sent = 0

    def say(self, count: int = 1) -> None:
        for _ in range(count):
            packet = RtpPacket(
                0, self.sent, 160 * self.sent, id(self) & 0xFFFFFFFF, self.sent.to_bytes(4, "big") * 40
            )
            self.socket.sendto(packet.to_bytes(), self.leg)
            self.sent += 1

    def heard(self) -> list[RtpPacket]:
        packets: list[RtpPacket] = []
        while True:
            try:
                data = self.socket.recv(2_048)
            except BlockingIOError:
                return packets
            if not 192 <= data[1] <= 223:
                packets.append(parse_rtp(data))

    async def hear(self, count: int) -> list[RtpPacket]:
        """Wait for some packets."""
        packets: list[RtpPacket] = []
        while len(packets) < count:
            await trio.lowlevel.wait_readable(self.socket)
            packets += self.heard()
        return packets


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connect(manager: MediaManager, name: str, phone: Phone) -> None:
    local = manager.open(name)
    port = phone.socket.getsockname()[1]
    peer = type(local)(HOST, port, local.formats, 20, Direction.SENDRECV, True)
    offer = make_offer(local, session_id=1, version=1)
    answer, _ = make_answer(offer, peer, session_id=2, version=1)
    manager.apply(name, apply_answer(offer, answer, local))
    stream = manager.stream(name)
    assert stream is not None
    phone.leg = (HOST, stream.ports.port)


@pytest.mark.parametrize("mode", ["tick", "immediate"])
async def test_packets_cross_the_kernel(stack: ExitStack, mode: str) -> None:
    """BRG-8: in order, both ways, through an end and a new beginning of the relay; nothing is lost."""
    config = MediaConfig(ports=(34_000, 39_000), codecs=("PCMU",), relay_mode=mode)
    manager = MediaManager(kernel_environment(), config, advertised_host=HOST, on_event=lambda *_: None)
    phones = [Phone(stack) for _ in range(2)]
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            for name, phone in zip("ab", phones, strict=True):
                connect(manager, name, phone)
            relay = manager.relay("a", "b")
            nursery.start_soon(manager.run)
            for number in range(30):
                for phone, other in (phones, phones[::-1]):
                    phone.say()
                    (packet,) = await other.hear(1)
                    assert packet.payload == number.to_bytes(4, "big") * 40
            phones[0].say(5)
            packets = await phones[1].hear(5)
            assert {(b.sequence - a.sequence) & 0xFFFF for a, b in itertools.pairwise(packets)} == {1}
            single = manager._engine.relays.plane.counters.single
            assert single > 40, "most of them needed no session"
            relay.close()
            manager.relay("b", "a")
            phones[0].say()
            while (await phones[1].hear(1))[0].payload != (35).to_bytes(4, "big") * 40:
                continue  # silence of the time in between
            statistics = manager.statistics("a")
            assert statistics is not None
            assert statistics.rtp is not None
            assert (statistics.rtp.lost, statistics.rtp.packets_received) == (0, 36)
            manager.close_all()
            nursery.cancel_scope.cancel()
