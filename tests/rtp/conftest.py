"""Two sessions on a virtual network, and a jitter buffer in virtual time."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from sansio_rtp import Address, RtpIds, RtpSession, RtpSessionConfig
from sansio_rtp.jitter import JitterBuffer, JitterConfig, JitterStatistics, Slot, SlotKind

ALICE: Address = ("192.0.2.1", 4000)
BOB: Address = ("192.0.2.2", 5000)
TICK = 0.02
Arrival = tuple[float, int, int]


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    def load(name: str) -> Any:
        return json.loads((Path(__file__).parents[1] / "data" / "rtp" / name).read_text())

    return load


@attrs.define
class Playback:
    """What a jitter buffer made of a list of arrivals."""

    slots: list[Slot]
    statistics: JitterStatistics

    @property
    def played(self) -> list[int]:
        return [int(slot.payload) for slot in self.slots if slot.kind is SlotKind.PACKET]

    def count(self, kind: SlotKind) -> int:
        return sum(slot.kind is kind for slot in self.slots)


@pytest.fixture
def play() -> Callable[..., Playback]:
    """Push (time, sequence, timestamp) as time goes, pop every 20 ms; payloads are sequence numbers."""

    def run(arrivals: Iterable[Arrival], seconds: float, config: JitterConfig | None = None) -> Playback:
        buffer = JitterBuffer(config or JitterConfig())
        waiting = sorted(arrivals, key=lambda arrival: arrival[0])
        slots: list[Slot] = []
        index = 0
        for tick in range(round(seconds / TICK)):
            now = tick * TICK
            while index < len(waiting) and waiting[index][0] <= now:
                at, sequence, timestamp = waiting[index]
                payload = str(sequence).encode()
                buffer.push(sequence & 0xFFFF, timestamp & 0xFFFFFFFF, payload, 0, 160, at)
                index += 1
            slots.append(buffer.pop(now))
        return Playback(slots, buffer.statistics())

    return run


@pytest.fixture
def stream() -> Callable[..., list[Arrival]]:
    """A stream of 20 ms packets whose sequence and timestamp both wrap early."""

    def make(
        count: int,
        delay: Callable[[int], float] = lambda _: 0.001,
        *,
        lost: Callable[[int], bool] = lambda _: False,
        period: float = TICK,
    ) -> list[Arrival]:
        return [
            (index * period + delay(index), 65_500 + index, 2**32 - 3000 + 160 * index)
            for index in range(count)
            if not lost(index)
        ]

    return make


@pytest.fixture
def make_ids() -> Callable[[int], RtpIds]:
    return lambda seed: RtpIds(random.Random(seed).randbytes)


@attrs.define
class Pair:
    """Alice and Bob with a wire of 1 ms between them; `filter` may drop or change what is on it."""

    alice: RtpSession
    bob: RtpSession
    now: float = 0.0
    tick_count: int = 0
    wire: list[tuple[Address, Address, bytes]] = attrs.Factory(list)
    heard_by_bob: list[np.ndarray[Any, np.dtype[np.int16]]] = attrs.Factory(list)
    events: list[tuple[str, object]] = attrs.Factory(list)
    drop: Callable[[int, bytes], bool] = lambda _number, _data: False

    def pump(self) -> None:
        for name, source, session, peer in (
            ("alice", ALICE, self.alice, self.bob),
            ("bob", BOB, self.bob, self.alice),
        ):
            while (transmit := session.next_transmit()) is not None:
                assert transmit.destination is not None
                number = len(self.wire)
                self.wire.append((source, transmit.destination, transmit.data))
                if not self.drop(number, transmit.data):
                    rtcp = transmit.flow.name == "RTCP"
                    receive = peer.receive_rtcp if rtcp else peer.receive_packet
                    receive(transmit.data, (source[0], source[1] + rtcp), self.now + 0.001)
            while (event := session.next_event()) is not None:
                self.events.append((name, event))

    def tick(self, frame: np.ndarray[Any, np.dtype[np.int16]] | None = None) -> None:
        self.now = self.tick_count * TICK
        for session in (self.alice, self.bob):
            deadline = session.deadline
            if deadline is not None and deadline <= self.now:
                session.handle_timeout(self.now)
            session.send_frame(np.zeros(160, np.int16) if frame is None else frame, self.now)
        self.pump()
        self.alice.playout(self.now)
        self.heard_by_bob.append(self.bob.playout(self.now))
        self.tick_count += 1

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.tick()

    def seen(self, kind: type) -> list[Any]:
        return [event for _, event in self.events if isinstance(event, kind)]


@pytest.fixture
def make_config() -> Callable[..., RtpSessionConfig]:
    def make(**changes: Any) -> RtpSessionConfig:
        base: dict[str, Any] = {
            "formats": {0: "PCMU", 8: "PCMA"},
            "send_payload_type": 0,
            "dtmf_send_payload_type": 101,
            "dtmf_receive_payload_type": 101,
            "remote": BOB,
            "epoch": 1_700_000_000.0,
        }
        return RtpSessionConfig(**(base | changes))

    return make


@pytest.fixture
def make_session(
    make_config: Callable[..., RtpSessionConfig], make_ids: Callable[[int], RtpIds]
) -> Callable[..., RtpSession]:
    def make(seed: int = 1, **changes: Any) -> RtpSession:
        return RtpSession(make_config(**changes), now=0.0, ids=make_ids(seed))

    return make


@pytest.fixture
def make_pair(make_session: Callable[..., RtpSession]) -> Callable[..., Pair]:
    def make(**changes: Any) -> Pair:
        return Pair(make_session(1, remote=BOB, **changes), make_session(2, remote=ALICE, **changes))

    return make
