"""A media engine alone, without signalling: opens streams, says their ports, moves them until its input ends.

Usage: own_media.py MODE STREAMS PEER_PORT; the modes are

- `silent`: nothing said, nothing heard;
- `terminate`: each stream plays and is recorded; `srtp` the same with SRTP both ways;
- `echo`: each stream hears itself;
- `conf10`: rooms of ten, each hears the nine others; `conf10-wide` the same in rooms of 16 kHz;
- `transcode`: streams two by two, one in PCMU and one in PCMA, each hears the other;
- `relay`: streams two by two, whose packets pass to each other; `relay-srtp` the same with SRTP on one of the
  two; `relay-immediate` as they come, not with the media clock.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path

import attrs
import numpy as np
import trio

from benchmarks.peers.own import legs_of
from benchmarks.rtp_traffic import MASTER_KEY, SUITE, Leg
from sansio_sip.sdp import (
    Direction,
    LocalMedia,
    NegotiatedMedia,
    SrtpPolicy,
    apply_answer,
    make_answer,
    make_crypto,
    make_offer,
)
from trio_runtime.api.environment import kernel_environment
from trio_runtime.base import MediaConfig
from trio_runtime.media import AudioFrame, MediaManager, MediaStream

RATE = 8_000
ROOMS = {"conf10": 10, "conf10-wide": 10, "transcode": 2}


SOUND = (np.sin(np.arange(RATE) / 8) * 8_000).astype(np.int16)


class Voice:
    """A source that plays a second of sound over and over."""

    live = False

    def __init__(self) -> None:
        self._at = 0

    def read(self, n_samples: int) -> AudioFrame:
        at, self._at = self._at, (self._at + n_samples) % RATE
        return SOUND[at : at + n_samples]

    def close(self) -> None:
        return


class Tape:
    """A sink that keeps what the last fifth of a second was."""

    def __init__(self) -> None:
        self._both = np.zeros((10, 2, 160), np.int16)
        self._at = 0

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        self._both[self._at, 0] = received
        self._both[self._at, 1] = sent
        self._at = (self._at + 1) % 10

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
    if mode in ("terminate", "srtp"):
        stream.add_source(Voice())
        stream.add_sink(Tape())
    elif mode == "echo":
        echo = Echo()
        stream.add_source(echo)
        stream.add_sink(echo)


def seat(manager: MediaManager, names: list[str], mode: str) -> None:
    """Put the streams into rooms or relays, in the modes that have any."""
    size = ROOMS.get(mode, 0)
    for start in range(0, len(names) if size else 0, size or 1):
        room = manager.open_room(rate=16_000 if mode == "conf10-wide" else None)
        for name in names[start : start + size]:
            room.join(name)
    if mode.startswith("relay"):
        for start in range(0, len(names), 2):
            manager.relay(names[start], names[start + 1])


def agreement(manager: MediaManager, name: str, peer_port: int, leg: Leg) -> NegotiatedMedia:
    """Return what a peer would answer that has one codec, and the keys of the benchmark or none."""
    local = manager.open(name)
    formats = tuple(item for item in local.formats if item.payload_type == leg.payload_type)
    peer = LocalMedia("127.0.0.1", peer_port, formats, 20, Direction.SENDRECV, True)
    if leg.secured:
        crypto = make_crypto(lambda octets: MASTER_KEY[:octets], (SUITE,))
        peer = attrs.evolve(peer, srtp=SrtpPolicy.REQUIRED, crypto=crypto)
    offer = make_offer(local, session_id=1, version=1)
    answer, _ = make_answer(offer, peer, session_id=2, version=1)
    return apply_answer(offer, answer, local)


def resident_octets() -> int:
    """Return how much memory the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def main(mode: str, streams: int, peer_port: int) -> None:
    environment = kernel_environment()
    legs = legs_of(mode, streams)
    config = MediaConfig(
        ports=(20_000, 60_000),
        codecs=("PCMU", "PCMA") if mode == "transcode" else ("PCMU",),
        relay_mode="immediate" if mode == "relay-immediate" else "tick",
        srtp="optional" if any(leg.secured for leg in legs) else "off",
        srtp_suites=(SUITE,),
    )
    manager = MediaManager(environment, config, advertised_host="127.0.0.1", on_event=lambda *_: None)
    names = [f"stream {number}" for number in range(len(legs))]
    ports = []
    before = resident_octets()
    async with trio.open_nursery() as nursery:
        for name, leg in zip(names, legs, strict=True):
            media = agreement(manager, name, peer_port, leg)
            stream = manager.stream(name)
            assert stream is not None
            manager.apply(name, media)
            equip(stream, mode)
            ports.append(stream.ports.port)
        seat(manager, names, mode)
        nursery.start_soon(manager.run)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)  # as the command line's `serve` has it
        print(json.dumps(ports), flush=True)
        await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        octets = resident_octets() - before
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
                    "octets": octets,
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
