"""The media clock: one task that moves the audio of all calls every 20 ms."""

from __future__ import annotations

from typing import Final

import numpy.ma  # noqa: F401 - np.unique fetches it at its first call: in the clock, and maybe without a descriptor
import trio

from sansio_rtp.plane import MediaPlane
from trio_runtime.base.clock import Clock
from trio_runtime.base.ports import MediaIO
from trio_runtime.media.clock.batch import StreamBatch
from trio_runtime.media.clock.lateness import Lateness
from trio_runtime.media.clock.phases import PHASES, Phases
from trio_runtime.media.clock.reading import PUNCTUAL_S, SocketReader
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.relays.board import RelayBoard
from trio_runtime.media.rooms.desk import MixingDesk
from trio_runtime.media.types import EngineStatistics

__all__ = ["MAX_CATCH_UP_TICKS", "MediaEngine"]

TICK_S: Final = TICK_MS / 1000
MAX_CATCH_UP_TICKS: Final = 5
"""Ticks that are run in a row when the clock is late; what is missing beyond that is left out."""
_MAX_SKIPPED_TICKS: Final = 3_000  # a laptop that slept all night does not write all of it into recordings
_WATCH_TICKS: Final = 5  # how often it is looked whether a peer has gone silent


class MediaEngine:
    """Reads all media sockets and ticks all streams on a grid of absolute deadlines, which never drifts.

    Many streams are spread over four quarters of a tick, so that one wake-up stays short; a few share one.
    A packet counts as arrived in the quarter in which it came, whether the sockets were read in it or not.
    Without a stream it sleeps; the grid begins anew with the first one. Streams know nothing of each other,
    and the owner only knows `add` and `remove`: how the work of many is done together stays in here.

    Attributes:
        io: The sockets it reads.
        desk: The rooms that it mixes.
        relays: The streams whose packets pass to each other.
    """

    def __init__(self, clock: Clock, io: MediaIO, relay_io: MediaIO, *, relay_mode: str = "tick") -> None:
        """Prepare a clock that `run` sets going.

        Args:
            clock: The time.
            io: The sockets; streams open theirs there.
            relay_io: An empty set, for those of relayed streams.
            relay_mode: See `MediaConfig`.
        """
        self.io = io
        self._clock = clock
        self._phases = Phases()
        self._batch = StreamBatch(self._drop)
        self._reader = SocketReader(io, clock, self._batch.plane, TICK_S / PHASES, self._drop)
        self._wake = trio.Event()
        self.desk = MixingDesk(self._phases, lambda: self._wake.set())
        self.relays = RelayBoard(
            io,
            relay_io,
            clock,
            self._phases,
            self.desk,
            immediate=relay_mode == "immediate",
            on_return=lambda stream: self.moved(stream, None),
            on_failure=self._drop,
        )
        self._lateness = Lateness()
        self._ticks = self._skipped = self._failed = 0

    @property
    def plane(self) -> MediaPlane:
        """Where streams put their sessions."""
        return self._batch.plane

    def add(self, stream: ClockedStream) -> None:
        """Drive a stream from the next tick on."""
        self._phases.add(stream)
        self._reader.add(stream)
        self._wake.set()

    def read(self) -> None:
        """Take what has come up to now: it was sent under what holds until now."""
        self._reader.receive_now(self._clock.now())

    def moved(self, stream: ClockedStream, before: int | None) -> None:
        """Take note that a stream has another row in the plane, or none any more."""
        self._batch.moved(stream, before)
        if stream in self._phases:
            self._reader.moved(stream)
        self._phases.changed(stream)

    def agreed(self, stream: ClockedStream) -> None:
        """Take note that the media of a stream was agreed on anew, or is over."""
        self.relays.agreed(stream)

    def remove(self, stream: ClockedStream) -> None:
        """Let go of a stream; one that is not there is no error."""
        if stream in self._phases:
            self._phases.remove(stream)
            self.desk.remove(stream)
        self.relays.remove(stream)
        self._reader.remove(stream)

    def close(self) -> None:
        """Close every socket."""
        self.relays.close()
        self.io.close()

    async def run(self) -> None:
        """Keep time until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.relays.run)
            await self._keep_time()

    async def _keep_time(self) -> None:
        while True:
            self._wake = trio.Event()
            if not self._driven:
                await self._wake.wait()
            origin, step, rested = self._clock.now(), 0, False
            while self._driven:
                # Counted from the origin: adding up 5 ms would add up the rounding as well.
                step += 1
                if self._rests(step % PHASES):
                    rested = True
                    self._ticks += step % PHASES == 0
                    continue
                deadline = origin + step * TICK_S / PHASES
                await self._clock.sleep_until(deadline)
                step += self._run_step(step, deadline, rested)
                rested = False

    def _rests(self, turn: int) -> bool:
        """Tell whether nothing is to be done in a quarter of a tick: then it is not even woken up for."""
        moves = self._phases.phases[turn].streams or len(self.desk.mixes[turn])
        relays = len(self.relays) and (not turn or not self.relays.immediate)
        return self.io.timed and not moves and not relays

    @property
    def _driven(self) -> int:
        return len(self._phases) + len(self.relays) + self.desk.houses

    def statistics(self) -> EngineStatistics:
        """Return how well it keeps time."""
        return self._lateness.statistics(
            streams=len(self._phases) + len(self.relays),
            ticks=self._ticks,
            skipped=self._skipped,
            failed=self._failed,
            shed=self._reader.shed,
        )

    def _run_step(self, step: int, deadline: float, rested: bool) -> int:
        """Run a quarter of a tick, `rested` after one without work; return how many ticks were left out."""
        begun = self._clock.now()
        missed = int((begun - deadline) / TICK_S)
        if missed > MAX_CATCH_UP_TICKS:
            self._skip(missed, deadline, begun)
        else:
            missed = 0
            if begun - deadline < PUNCTUAL_S and not rested:
                self._reader.receive(begun)
            else:
                self._reader.receive_late(deadline, begun)
        self.relays.receive(begun, late=begun - deadline >= PUNCTUAL_S)
        turn = step % PHASES
        self._ticks += turn == 0  # the end of a tick: a stream is moved first 20 ms after it came
        phase, mix = self._phases.phases[turn], self.desk.mixes[turn]
        relayed = not turn and len(self.relays)
        quiet_s = None if step // PHASES % _WATCH_TICKS else _WATCH_TICKS * TICK_S
        if phase.streams or len(mix):  # who was the last in a phase fades out as well
            # Of the time that it was due: what plays when must not depend on how busy this machine is.
            self._batch.tick(phase, mix, begun if missed else deadline)
            self.desk.settle(turn)
            if quiet_s is not None:
                self._batch.watch(phase, begun - quiet_s, begun)
        if relayed:
            self.relays.tick(begun if missed else deadline, quiet_s)
        if relayed or phase.streams or len(mix):
            self._lateness.note(begun - deadline, self._clock.now() - begun)
        return missed * PHASES

    def _skip(self, missed: int, deadline: float, now: float) -> None:
        """Leave ticks out: what came in that time is thrown away as it is read, so that it costs little."""
        self._skipped += missed
        phases, ticks = self._phases.phases, min(missed, _MAX_SKIPPED_TICKS)
        self._reader.receive_missed(deadline, now, lambda: self._batch.make_room(phases, now))
        self.relays.skip(ticks, now)
        self._batch.leave_out(phases, ticks, now)

    def _drop(self, stream: ClockedStream, error: Exception) -> None:
        """Close a stream that raised, so that it holds nobody else up."""
        self._failed += 1
        self.remove(stream)
        stream.fail(error)
