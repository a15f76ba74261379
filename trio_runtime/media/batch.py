"""All streams of a media clock at once: what is alike in one operation, the rest one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import BATCH_SAMPLES
from trio_runtime.media.mixing import PhaseMix
from trio_runtime.media.phases import Phase

__all__ = ["StreamBatch"]

_ROW_OCTETS: Final = 4_096  # more than 20 ms of any codec; what is longer is cut and fails its checks
_ROUND: Final = 512  # datagrams that are taken in one round
_MAX_ROUNDS: Final = 64  # a flood must not hold the clock
_PACKET_OCTETS: Final = 12 + BATCH_SAMPLES
_NOTHING: Final[npt.NDArray[np.int16]] = np.zeros((0, BATCH_SAMPLES), np.int16)


class StreamBatch:
    """Reads the sockets and moves the audio of streams.

    Attributes:
        plane: Where the RTP sessions of the streams are.
    """

    def __init__(self, io: MediaIO, on_failure: Callable[[ClockedStream, Exception], None]) -> None:
        """Read the sockets of `io`; `on_failure` is told of a stream that raised."""
        self.plane = MediaPlane(frame_samples=BATCH_SAMPLES)
        self._io = io
        self._on_failure = on_failure
        self._owners: dict[MediaSocket, tuple[ClockedStream, Component]] = {}
        self._rows: dict[int, ClockedStream] = {}
        self._buffer = np.zeros((_ROUND, _ROW_OCTETS), np.uint8)
        self._views = [row.data for row in self._buffer]

    def add(self, stream: ClockedStream) -> None:
        """Read the sockets of a stream from now on."""
        self._owners[stream.ports.rtp] = (stream, Component.RTP)
        self._owners[stream.ports.rtcp] = (stream, Component.RTCP)

    def remove(self, stream: ClockedStream) -> None:
        """Let go of a stream."""
        self._owners.pop(stream.ports.rtp, None)
        self._owners.pop(stream.ports.rtcp, None)

    def moved(self, stream: ClockedStream, before: int | None) -> None:
        """Take note that a stream has another row in the plane."""
        if before is not None:
            self._rows.pop(before, None)
        if stream.row is not None:
            self._rows[stream.row] = stream

    # Reading

    def receive(self, now: float) -> None:
        """Give the datagrams that have come to their streams."""
        for _ in range(_MAX_ROUNDS):
            arrivals = self._io.receive(self._views)
            if not arrivals:
                return
            for index in self._receive_batch(arrivals, now):
                self._receive_one(arrivals[index], self._views[index], now)

    def _receive_batch(self, arrivals: list[MediaArrival], now: float) -> list[int]:
        """Take what needs no thought, and return the places of the others."""
        owners = self._owners
        rest: list[int] = []
        places: list[int] = []
        rows: list[int] = []
        lengths: list[int] = []
        for place, (socket, length, source) in enumerate(arrivals):
            owner = owners.get(socket)
            row = None if owner is None or source is not None else owner[0].row
            if row is None or owner is None or owner[1] is not Component.RTP:
                rest.append(place)
            else:
                places.append(place)
                rows.append(row)
                lengths.append(length)
        if places:
            buffer = self._buffer[: len(places)] if not rest else self._buffer[places]
            taken = self.plane.receive_batch(np.array(rows), buffer, np.array(lengths), now)
            if not taken.all():
                rest += [places[index] for index in np.flatnonzero(~taken).tolist()]
                rest.sort()
        return rest

    def _receive_one(self, arrival: MediaArrival, view: memoryview, now: float) -> None:
        socket, length, source = arrival
        owner = self._owners.get(socket)
        source = source or socket.peer
        if owner is None or source is None:
            return
        stream, component = owner
        try:
            stream.receive(component, bytes(view[:length]), source, now)
        except Exception as error:
            self._on_failure(stream, error)

    # Moving

    def tick(self, phase: Phase, rooms: PhaseMix, now: float) -> None:
        """Move 20 ms of audio of each stream both ways, send it and tell what has happened."""
        streams, rows = phase.batch
        heard = self.plane.tick(rows, now) if streams else _NOTHING
        told = rooms.mix(streams, heard, now, self._on_failure)
        if streams:
            self._tick_batch(streams, rows, heard, told, now)
        for stream in tuple(phase.streams):
            if stream.row is None:
                self._guarded(stream, stream.tick, now)

    def _tick_batch(
        self,
        streams: list[ClockedStream],
        rows: npt.NDArray[np.intp],
        heard: npt.NDArray[np.int16],
        told: npt.NDArray[np.int16] | None,
        now: float,
    ) -> None:
        """Send what sounds into each stream: `told` is what the rooms say to them, None without rooms."""
        plane = self.plane
        spoken = np.zeros_like(heard) if told is None else told
        for index, stream in enumerate(streams):
            if stream.speaks or (told is not None and stream.withheld):
                try:
                    frame = stream.next_frame(None if told is None else told[index])
                except Exception as error:
                    self._on_failure(stream, error)
                else:
                    spoken[index] = frame
        built = plane.send(rows, spoken, now)
        packets = plane.packets
        for index in np.flatnonzero(built).tolist():
            streams[index].transmit(packets[rows[index], :_PACKET_OCTETS].data)
        for index, stream in enumerate(streams):
            if stream.listened:
                try:
                    stream.hear(heard[index], spoken[index])
                except Exception as error:
                    self._on_failure(stream, error)
        plane.handle_timeout(rows, now)
        self._flush(now)

    def _flush(self, now: float) -> None:
        """Let every session that was asked for say what it has to."""
        touched = self.plane.touched
        while touched:
            row = next(iter(touched))
            del touched[row]
            stream = self._rows.get(row)
            if stream is not None:
                self._guarded(stream, stream.flush, now)

    def _guarded(self, stream: ClockedStream, action: Callable[[float], None], now: float) -> None:
        try:
            action(now)
        except Exception as error:
            self._on_failure(stream, error)
