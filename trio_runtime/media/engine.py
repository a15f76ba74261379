"""The media clock: one task that moves the audio of all calls every 20 ms."""

from __future__ import annotations

import logging
from typing import Final

import trio

from sansio_rtp.machine import Component
from trio_runtime.base.clock import Clock
from trio_runtime.base.ports import MediaIO, MediaSocket
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.lateness import Lateness
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import EngineStatistics

__all__ = ["MAX_CATCH_UP_TICKS", "MediaEngine"]

TICK_S: Final = TICK_MS / 1000
MAX_CATCH_UP_TICKS: Final = 5
"""Ticks that are run in a row when the clock is late; what is missing beyond that is left out."""
_MAX_SKIPPED_TICKS: Final = 3_000  # a laptop that slept all night does not write all of it into recordings
_MAX_ROUNDS: Final = 64  # datagrams of one socket at one time: a flood must not hold the clock
_BUFFER_SIZE: Final = 4_096  # more than 20 ms of any codec; what is longer is cut and fails its checks

logger = logging.getLogger("trio_runtime")


class MediaEngine:
    """Reads all media sockets and ticks all streams on a grid of absolute deadlines, which never drifts.

    Without a stream it sleeps; the grid begins anew with the first one. Streams know nothing of each other,
    and the owner only knows `add` and `remove`: how the work of many is done together stays in here.

    Attributes:
        io: The sockets it reads.
    """

    def __init__(self, clock: Clock, io: MediaIO, *, polls_per_tick: int = 4) -> None:
        """Prepare a clock that `run` sets going.

        Args:
            clock: The time.
            io: The sockets; streams open theirs there.
            polls_per_tick: How often sockets are read in 20 ms. A packet counts as arrived when it is read:
                this is how exactly jitter can be measured.
        """
        self.io = io
        self._clock = clock
        self._polls_per_tick = polls_per_tick
        self._streams: dict[MediaStream, None] = {}
        self._owners: dict[MediaSocket, tuple[MediaStream, Component]] = {}
        self._buffer = bytearray(_BUFFER_SIZE)
        self._view = memoryview(self._buffer)
        self._wake = trio.Event()
        self._lateness = Lateness()
        self._ticks = self._skipped = self._failed = 0

    def add(self, stream: MediaStream) -> None:
        """Drive a stream from the next tick on."""
        self._streams[stream] = None
        self._owners[stream.ports.rtp] = (stream, Component.RTP)
        self._owners[stream.ports.rtcp] = (stream, Component.RTCP)
        self._wake.set()

    def remove(self, stream: MediaStream) -> None:
        """Let go of a stream; one that is not there is no error."""
        if stream in self._streams:
            del self._streams[stream]
            del self._owners[stream.ports.rtp]
            del self._owners[stream.ports.rtcp]

    async def run(self) -> None:
        """Keep time until cancelled."""
        while True:
            self._wake = trio.Event()
            if not self._streams:
                await self._wake.wait()
            origin, tick = self._clock.now(), 0
            while self._streams:
                # Counted from the origin: adding up 20 ms would add up the rounding as well.
                tick += 1
                await self._wait_until(origin + tick * TICK_S)
                tick += self._run_tick(origin + tick * TICK_S)

    def statistics(self) -> EngineStatistics:
        """Return how well it keeps time."""
        late = self._lateness
        return EngineStatistics(
            streams=len(self._streams),
            ticks=self._ticks,
            skipped=self._skipped,
            failed=self._failed,
            lateness_p50_ms=late.quantile_ms(0.50),
            lateness_p99_ms=late.quantile_ms(0.99),
            lateness_max_ms=late.quantile_ms(1.0),
            busy_max_ms=late.busy_max_ms,
            window=late.window,
        )

    async def _wait_until(self, deadline: float) -> None:
        """Sleep until the tick, and read the sockets a few times on the way."""
        polls = self._polls_per_tick
        for early in range(polls - 1, 0, -1):
            moment = deadline - early * TICK_S / polls
            if moment > self._clock.now():
                await self._clock.sleep_until(moment)
                self._receive(self._clock.now())
        await self._clock.sleep_until(deadline)

    def _run_tick(self, deadline: float) -> int:
        """Run one tick and return how many were left out before it."""
        begun = self._clock.now()
        missed = int((begun - deadline) / TICK_S)
        self._receive(begun)
        if missed > MAX_CATCH_UP_TICKS:
            self._skipped += missed
            self._skip(min(missed, _MAX_SKIPPED_TICKS), begun)
        else:
            missed = 0
        self._ticks += 1
        for stream in tuple(self._streams):
            try:
                stream.tick(begun)
            except Exception as error:
                self._drop(stream, error)
        self._lateness.note(begun - deadline, self._clock.now() - begun)
        return missed

    def _skip(self, ticks: int, now: float) -> None:
        for stream in tuple(self._streams):
            try:
                stream.skip(ticks, now)
            except Exception as error:
                self._drop(stream, error)

    def _receive(self, now: float) -> None:
        """Give the datagrams that have come to their streams.

        One datagram a socket, then the next question: most have just one, and a socket that is asked in vain
        costs as much as one that gives something.
        """
        for _ in range(_MAX_ROUNDS):
            readable = self.io.poll()
            if not readable:
                return
            for socket in readable:
                owner = self._owners.get(socket)
                if owner is not None:
                    self._receive_one(socket, *owner, now)

    def _receive_one(
        self, socket: MediaSocket, stream: MediaStream, component: Component, now: float
    ) -> None:
        try:
            arrived = socket.receive_into(self._buffer)
            if arrived is not None:
                length, source = arrived
                stream.receive(component, bytes(self._view[:length]), source, now)
        except Exception as error:
            self._drop(stream, error)

    def _drop(self, stream: MediaStream, error: Exception) -> None:
        """Close a stream that raised, so that it holds nobody else up."""
        self._failed += 1
        self.remove(stream)
        logger.error("the media on port %d failed and is closed", stream.ports.port, exc_info=error)
        try:
            stream.fail(error)
        except Exception:
            logger.exception("closing the media on port %d failed as well", stream.ports.port)
