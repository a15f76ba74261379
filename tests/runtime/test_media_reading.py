"""Reading many sockets: own lateness is no jitter, and what is far too late costs next to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from trio_runtime.base import Address, Clock
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clock import held as held_module
from trio_runtime.media.clock import reading as reading_module
from trio_runtime.media.clock.reading import SocketReader
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.ports import MediaPorts

PEER = ("192.0.2.1", 4_000)
STEP = 0.005


class Socket:
    peer: Address | None = None


class Script:
    """Sockets with datagrams, each with its age when it is read; and a clock that goes on with each round."""

    def __init__(self, *rounds: list[tuple[Socket, bytes, float]]) -> None:
        self.rounds = list(rounds)
        self.time = 0.0
        self.round_s = 0.0

    def now(self) -> float:
        return self.time

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        return self.receive_late(rows)[0]

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        if not self.rounds:
            return [], []
        self.time += self.round_s
        arrivals: list[MediaArrival] = []
        datagrams = self.rounds.pop(0)
        for (socket, data, _), row in zip(datagrams, rows, strict=False):
            row[: len(data)] = data
            arrivals.append((cast("MediaSocket", socket), len(data), PEER))
        return arrivals, [age for *_, age in datagrams]


class Stream:
    """Writes down what it is given, and when that came."""

    row = None

    def __init__(self) -> None:
        self.rtp, self.rtcp = Socket(), Socket()
        self.ports = MediaPorts(4_000, cast("MediaSocket", self.rtp), cast("MediaSocket", self.rtcp))
        self.given: list[tuple[bytes, float]] = []

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        assert source == PEER
        if data == b"bad":
            raise RuntimeError("bad")
        self.given.append((data, now))


def reader(script: Script, *streams: Stream, failures: list[Exception] | None = None) -> SocketReader:
    made = SocketReader(
        cast("MediaIO", script),
        cast("Clock", script),
        MediaPlane(),
        STEP,
        lambda _, error: None if failures is None else failures.append(error),
    )
    for stream in streams:
        made.add(cast("ClockedStream", stream))
    return made


def test_what_is_read_in_time_came_now() -> None:
    """MED-1, MED-21."""
    stream = Stream()
    reader(Script([(stream.rtp, b"1", 0.0)], [(stream.rtp, b"2", 0.0)]), stream).receive(7.0)
    assert stream.given == [(b"1", 7.0), (b"2", 7.0)]


def test_what_is_read_late_came_when_it_would_have_been_read() -> None:
    """MED-21, MED-14: 32 ms late; datagrams came 8 ms before, 3, 12 and 29 ms after the missed moment."""
    stream = Stream()
    ages = (0.04, 0.029, 0.02, 0.003)
    script = Script(*([(stream.rtp, bytes([number]), age)] for number, age in enumerate(ages)))
    script.time = 1.032
    reading = reader(script, stream)
    reading.receive_late(1.0, 1.032)
    assert stream.given == [(b"\x00", 0.995)], "the others are for later steps"
    for step in range(1, 6):
        reading.receive_late(1.0 + step * STEP, 1.032)
    assert [data[0] for data, _ in stream.given] == [0, 1, 2]
    reading.receive(1.035)
    assert [data[0] for data, _ in stream.given] == [0, 1, 2, 3]
    assert [at for _, at in stream.given] == pytest.approx([0.995, 1.005, 1.015, 1.03])


def test_a_datagram_that_nobody_timed_came_now() -> None:
    """MED-21: where the system has no timestamps."""
    stream = Stream()
    script = Script([(stream.rtp, b"1", 0.0)])
    script.time = 1.032
    reading = reader(script, stream)
    reading.receive_late(1.0, 1.032)
    assert stream.given == []
    reading.receive(1.035)
    assert [data for data, _ in stream.given] == [b"1"]
    assert stream.given[0][1] == pytest.approx(1.035)


def test_after_a_long_delay_stale_datagrams_are_shed(monkeypatch: pytest.MonkeyPatch) -> None:
    """MED-1, ERR-1: what nobody would hear is hardly looked at, and room is made after each round."""
    stream = Stream()
    script = Script(*([(stream.rtp, bytes([number]), 0.4 - 0.02 * number)] for number in range(21)))
    monkeypatch.setattr(reading_module, "_STALE_GIVEN", 2)
    script.time = 1.4
    reading = reader(script, stream)
    rooms: list[int] = []
    reading.receive_missed(1.0, 1.4, lambda: rooms.append(len(stream.given)))
    assert [data[0] for data, _ in stream.given] == [0, 1, 15, 16, 17, 18, 19, 20]
    assert reading.shed == 13
    assert len(rooms) == 22


def test_reading_ends_though_datagrams_come_as_fast_as_they_are_read() -> None:
    """MED-1, ERR-1: the clock has other things to do."""
    stream = Stream()
    script = Script(*([(stream.rtp, b"x", 0.0)] for _ in range(60)))
    script.round_s = 0.004
    reading = reader(script, stream)
    reading.receive(0.0)
    first = len(stream.given)
    assert 1 < first < 10
    reading.receive_missed(script.time, script.time, lambda: None)
    assert first < len(stream.given) < 20


def test_what_comes_while_much_is_read_is_of_a_later_step() -> None:
    """MED-21, MED-14: reading takes 8 ms a round; each datagram came 1 ms before it was read."""
    stream = Stream()
    script = Script(*([(stream.rtp, bytes([number]), 0.001)] for number in range(4)))
    script.time, script.round_s = 2.0, 0.008
    reading = reader(script, stream)
    reading.receive_missed(1.8, 2.0, lambda: None)
    assert [at for _, at in stream.given] == pytest.approx([2.0])
    reading.receive(2.04)
    assert [at for _, at in stream.given] == pytest.approx([2.0, 2.01, 2.015, 2.04])


def test_a_stream_that_raises_holds_up_no_other() -> None:
    """ERR-1."""
    one, other = Stream(), Stream()
    failures: list[Exception] = []
    script = Script([(one.rtp, b"bad", 0.0), (other.rtcp, b"good", 0.0), (Socket(), b"nobody's", 0.0)])
    reader(script, one, other, failures=failures).receive(1.0)
    assert [str(error) for error in failures] == ["bad"]
    assert other.given == [(b"good", 1.0)]


def test_a_stream_that_has_gone_hears_nothing_more() -> None:
    """MED-1: not even what was held back for it."""
    stream = Stream()
    script = Script([(stream.rtp, b"1", 0.001)])
    script.time = 1.032
    reading = reader(script, stream)
    reading.receive_late(1.0, 1.032)
    reading.remove(cast("ClockedStream", stream))
    reading.receive(1.04)
    assert stream.given == []


def test_a_stream_that_asks_for_reading_while_it_is_given_disturbs_no_other() -> None:
    """ERR-1: as one whose media is agreed on anew because of what it has heard."""

    class Asking(Stream):
        def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
            super().receive(component, data, source, now)
            reading.receive_now(now)

    asking, other = Asking(), Stream()
    script = Script([(asking.rtp, b"1", 0.0), (other.rtp, b"2", 0.0)], [(other.rtp, b"3", 0.0)])
    reading = reader(script, asking, other)
    reading.receive(1.0)
    assert (asking.given, other.given) == ([(b"1", 1.0)], [(b"2", 1.0), (b"3", 1.0)])
    script.rounds.append([(other.rtp, b"4", 0.0)])
    script.time = 1.004
    reading.receive_now(1.004)
    assert other.given[-1] == (b"4", 1.004)


def test_what_is_held_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1, law 8: a flood in a delay costs bounded memory, and is counted."""
    monkeypatch.setattr(held_module, "MAX_HELD", 5)
    stream = Stream()
    script = Script(*([(stream.rtp, bytes([number]), 0.001)] for number in range(20)))
    script.time = 1.05
    reading = reader(script, stream)
    reading.receive_late(1.0, 1.05)
    assert (stream.given, reading.shed) == ([], 15)
    reading.receive(1.06)
    assert [data[0] for data, _ in stream.given] == [0, 1, 2, 3, 4]
