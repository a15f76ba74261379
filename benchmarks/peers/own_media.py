"""A media engine alone, without signalling: opens streams, says their ports, moves them until its input ends.

Usage: own_media.py MODE STREAMS PEER_PORT; the modes are `silent` (nothing said, nothing heard), `terminate`
(each stream plays and is recorded), `echo`, `conf10` (rooms of ten, each hears the nine others), `relay` (pairs
whose packets pass to each other) and `relay-immediate` (the same as they come, not with the media clock).
"""

from __future__ import annotations

import gc
import json
import sys

import numpy as np
import trio

from sansio_sip.sdp import Direction, NegotiatedMedia, apply_answer, make_answer, make_offer
from trio_runtime.api.environment import kernel_environment
from trio_runtime.base import MediaConfig
from trio_runtime.media import AudioFrame, MediaManager, MediaStream

RATE = 8_000


class Voice:
    """A source that plays a second of sound over and over."""

    live = False

    def __init__(self) -> None:
        self._samples = (np.sin(np.arange(RATE) / 8) * 8_000).astype(np.int16)
        self._at = 0

    def read(self, n_samples: int) -> AudioFrame:
        at, self._at = self._at, (self._at + n_samples) % RATE
        return self._samples[at : at + n_samples]

    def close(self) -> None:
        return


class Tape:
    """A sink that keeps what the last second was."""

    def __init__(self) -> None:
        self._both = np.zeros((50, 2, 160), np.int16)
        self._at = 0

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        self._both[self._at, 0] = received
        self._both[self._at, 1] = sent
        self._at = (self._at + 1) % 50

    def close(self) -> None:
        return


class Echo:
    """A sink whose audio sounds back a frame later."""

    live = True

    def __init__(self) -> None:
        self._frame = np.zeros(160, np.int16)

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        self._frame = received.copy()

    def read(self, n_samples: int) -> AudioFrame:
        return self._frame

    def close(self) -> None:
        return


def equip(stream: MediaStream, mode: str) -> None:
    if mode == "terminate":
        stream.add_source(Voice())
        stream.add_sink(Tape())
    elif mode == "echo":
        echo = Echo()
        stream.add_source(echo)
        stream.add_sink(echo)


def seat(manager: MediaManager, names: list[str], mode: str) -> None:
    """Put the streams into rooms or relays, in the modes that have any."""
    if mode.startswith("conf"):
        size = int(mode.removeprefix("conf"))
        for start in range(0, len(names), size):
            room = manager.open_room()
            for name in names[start : start + size]:
                room.join(name)
    if mode.startswith("relay"):
        for start in range(0, len(names), 2):
            manager.relay(names[start], names[start + 1])


def agreement(manager: MediaManager, name: str, peer_port: int) -> NegotiatedMedia:
    local = manager.open(name)
    peer = type(local)("127.0.0.1", peer_port, local.formats, 20, Direction.SENDRECV, True)
    offer = make_offer(local, session_id=1, version=1)
    answer, _ = make_answer(offer, peer, session_id=2, version=1)
    return apply_answer(offer, answer, local)


async def main(mode: str, streams: int, peer_port: int) -> None:
    environment = kernel_environment()
    config = MediaConfig(
        ports=(20_000, 60_000),
        codecs=("PCMU",),
        relay_mode="immediate" if mode == "relay-immediate" else "tick",
    )
    manager = MediaManager(environment, config, advertised_host="127.0.0.1", on_event=lambda *_: None)
    names = [f"stream {number}" for number in range(streams)]
    ports = []
    async with trio.open_nursery() as nursery:
        for name in names:
            media = agreement(manager, name, peer_port)
            stream = manager.stream(name)
            assert stream is not None
            manager.apply(name, media)
            equip(stream, mode)
            ports.append(stream.ports.port)
        seat(manager, names, mode)
        nursery.start_soon(manager.run)
        gc.collect()
        gc.freeze()
        print(json.dumps(ports), flush=True)
        await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        engine, lost, received = manager.engine_statistics(), 0, 0
        for name in names:
            statistics = manager.statistics(name)
            if statistics is not None and statistics.rtp is not None:
                lost += statistics.rtp.lost + statistics.rtp.late
                received += statistics.rtp.packets_received
        assert engine is not None
        print(
            json.dumps(
                {
                    "received": received,
                    "lost": lost,
                    "late_p50_ms": engine.lateness_p50_ms,
                    "late_p99_ms": engine.lateness_p99_ms,
                    "busy_max_ms": engine.busy_max_ms,
                }
            ),
            flush=True,
        )
        manager.close_all()
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
