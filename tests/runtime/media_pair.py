"""Two media managers on a simulated network, with audio agreed on between them."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import numpy as np
import trio

from sansio_rtp.audio import ToneMeasurement, find_tone, trim_silence
from sansio_sip.sdp import Direction, LocalMedia, NegotiatedMedia, apply_answer, make_answer, make_offer
from trio_runtime.base import MediaConfig
from trio_runtime.media import AudioFrame, MediaEvent, MediaManager, MediaStream
from trio_runtime.testing.wire import Wire

CALL = "call-1"


class Side:
    """One manager and what it told."""

    def __init__(self, wire: Wire, host: str, config: MediaConfig) -> None:
        self.events: list[tuple[str, MediaEvent]] = []
        self.hook: Callable[[str, MediaEvent], None] = lambda session, event: None
        self.host = host
        self.manager = MediaManager(
            wire.environment(host), config, advertised_host=host, on_event=self._on_event
        )

    def _on_event(self, session: str, event: MediaEvent) -> None:
        self.events.append((session, event))
        self.hook(session, event)

    def of_kind(self, kind: type[MediaEvent]) -> list[MediaEvent]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def stream(self, session: str = CALL) -> MediaStream:
        stream = self.manager.stream(session)
        assert stream is not None
        return stream


class Pair:
    """Two sides on a wire."""

    def __init__(self, wire: Wire, a: Side, b: Side) -> None:
        self.wire, self.a, self.b = wire, a, b

    def connect(
        self,
        session: str = CALL,
        *,
        direction: Direction = Direction.SENDRECV,
        change: Callable[[LocalMedia], LocalMedia] = lambda local: local,
    ) -> tuple[NegotiatedMedia, NegotiatedMedia]:
        """Open media on both sides, negotiate with `a`'s `direction`, apply."""
        offered = change(self.a.manager.open(session))
        offered = attrs.evolve(offered, direction=direction)
        answering = change(self.b.manager.open(session))
        offer = make_offer(offered, session_id=1, version=1)
        answer, for_b = make_answer(offer, answering, session_id=2, version=1)
        for_a = apply_answer(offer, answer, offered)
        self.a.manager.apply(session, for_a)
        self.b.manager.apply(session, for_b)
        return for_a, for_b

    def rtp_from(self, side: Side) -> list[tuple[float, int, int, int, bool, bytes]]:
        """All RTP packets of a side: time, sequence, timestamp, payload type, marker, payload."""
        packets = []
        for entry in self.wire.datagrams:
            if entry.sender[0] == side.host and not 64 <= entry.data[1] & 0x7F < 96:
                _, second, sequence, timestamp, _ = struct.unpack_from("!BBHII", entry.data)
                packets.append(
                    (entry.time, sequence, timestamp, second & 0x7F, second > 127, entry.data[12:])
                )
        return packets

    def rtcp_from(self, side: Side) -> list[tuple[tuple[str, int], tuple[str, int], bytes]]:
        """All RTCP datagrams of a side: from, to, octets."""
        return [
            (entry.sender, entry.receiver, entry.data)
            for entry in self.wire.datagrams
            if entry.sender[0] == side.host and 64 <= entry.data[1] & 0x7F < 96
        ]


@asynccontextmanager
async def media_pair(
    seed: int = 1,
    *,
    config: MediaConfig | None = None,
    latency: float | tuple[float, float] = 0.010,
    loss: float = 0.0,
    reorder: float = 0.0,
) -> AsyncIterator[Pair]:
    """Run two managers on a wire; at the end both are closed and the wire must be quiet."""
    wire = Wire(seed, latency=latency, loss=loss, reorder=reorder)
    config = config or MediaConfig()
    pair = Pair(wire, Side(wire, "10.0.0.1", config), Side(wire, "10.0.0.2", config))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(pair.a.manager.run)
        nursery.start_soon(pair.b.manager.run)
        yield pair
        pair.a.manager.close_all()
        pair.b.manager.close_all()
        assert wire.open_sockets == []
        nursery.cancel_scope.cancel()


class Listener:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.received: list[AudioFrame] = []
        self.sent: list[AudioFrame] = []
        self.closed = 0

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        self.received.append(received)
        self.sent.append(sent)

    def close(self) -> None:
        self.closed += 1

    def heard(self) -> AudioFrame:
        return np.concatenate(self.received) if self.received else np.zeros(0, np.int16)


def measure(ear: Listener) -> ToneMeasurement:
    """The tone in what a listener heard, without the silence and the block on each side of it."""
    return find_tone(trim_silence(ear.heard(), 8_000)[160:-160], 8_000)
