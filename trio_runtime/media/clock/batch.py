"""All streams of a media clock at once: what is alike in one operation, the rest one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from sansio_rtp.plane import MediaPlane
from trio_runtime.media.clock.phases import Batch, Phase
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import BATCH_SAMPLES
from trio_runtime.media.rooms.phase_mix import PhaseMix

__all__ = ["StreamBatch"]


class StreamBatch:
    """Moves the audio of streams, and lets their sessions say what they have to.

    Attributes:
        plane: Where the RTP sessions of the streams are.
    """

    def __init__(self, on_failure: Callable[[ClockedStream, Exception], None]) -> None:
        """Begin without a stream; `on_failure` is told of one that raised."""
        self.plane = MediaPlane(frame_samples=BATCH_SAMPLES)
        self._on_failure = on_failure
        self._rows: dict[int, ClockedStream] = {}

    def moved(self, stream: ClockedStream, before: int | None) -> None:
        """Take note that a stream has another row in the plane."""
        if before is not None:
            self._rows.pop(before, None)
        if stream.row is not None:
            self._rows[stream.row] = stream

    def tick(self, phase: Phase, rooms: PhaseMix, now: float) -> None:
        """Move 20 ms of audio of each stream both ways, send it and tell what has happened."""
        batch = phase.batch
        heard = self.plane.tick(batch.rows, now)
        told = rooms.mix(batch.streams, heard, now, self._on_failure)
        if batch.streams:
            self._send(batch, heard, told, now)
        for stream in batch.alone:
            self._guarded(stream, stream.tick, now)

    def make_room(self, phases: Iterable[Phase], now: float) -> None:
        """Throw away what waits to be heard, where more would not fit."""
        for phase in phases:
            self.plane.skip(phase.batch.rows, now, all_rows=False)

    def leave_out(self, phases: Iterable[Phase], ticks: int, now: float) -> None:
        """Let time pass in which nothing is heard or sent, because the clock has missed it."""
        for phase in phases:
            batch = phase.batch
            self.plane.skip(batch.rows, now)
            self.plane.skip_frames(batch.rows, ticks, now)
            self.plane.lend(batch.rows)  # or what comes next would be moved one by one
            for stream in batch.streams:
                self._guarded(stream, stream.miss, ticks)
            for stream in batch.alone:
                self._guarded(stream, stream.skip, ticks, now)

    def watch(self, phase: Phase, heard_since: float, now: float) -> None:
        """Take note of the peers that have gone silent, of all streams but those heard since a moment."""
        batch = phase.batch
        for place in self.plane.quiet(batch.rows, heard_since).tolist():
            self._guarded(batch.streams[place], batch.streams[place].watch, now)
        for stream in batch.alone:
            self._guarded(stream, stream.watch, now)

    def _send(
        self, batch: Batch, heard: npt.NDArray[np.int16], told: npt.NDArray[np.int16] | None, now: float
    ) -> None:
        """Send what sounds into each stream: `told` is what the rooms say to them, None without rooms."""
        plane, streams = self.plane, batch.streams
        spoken = self._mix(streams, heard, told)
        built = plane.send(batch.rows, spoken, now)
        packets, links, places = plane.views, batch.links, batch.places
        for index in np.flatnonzero(built).tolist():
            links[index].transmit(packets[places[index]])
        for index in [index for index, stream in enumerate(streams) if stream.sinks.listeners]:
            try:
                streams[index].sinks.take(heard[index], spoken[index])
            except Exception as error:
                self._on_failure(streams[index], error)
        plane.handle_timeout(batch.rows, now)
        self._flush(now)

    def _mix(
        self,
        streams: list[ClockedStream],
        heard: npt.NDArray[np.int16],
        told: npt.NDArray[np.int16] | None,
    ) -> npt.NDArray[np.int16]:
        """Return what is said to each stream, int16, shape (n_streams, n_samples)."""
        spoken = np.zeros_like(heard) if told is None else told
        chosen = [index for index, stream in enumerate(streams) if stream.outgoing.sources]
        if told is not None:
            chosen = [*{*chosen, *(index for index, stream in enumerate(streams) if stream.withheld)}]
        for index in chosen:
            try:
                frame = streams[index].next_frame(None if told is None else told[index])
            except Exception as error:
                self._on_failure(streams[index], error)
            else:
                spoken[index] = frame
        return spoken

    def _flush(self, now: float) -> None:
        """Let every session that was asked for say what it has to."""
        touched = self.plane.touched
        while touched:
            row = next(iter(touched))
            del touched[row]
            stream = self._rows.get(row)
            if stream is not None:
                self._guarded(stream, stream.flush, now)

    def _guarded(self, stream: ClockedStream, action: Callable[..., None], *arguments: float) -> None:
        try:
            action(*arguments)
        except Exception as error:
            self._on_failure(stream, error)
