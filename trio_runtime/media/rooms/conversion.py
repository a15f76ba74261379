"""Streams of other sample rates in a room: brought to its rate and back, all of one rate together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sansio_rtp.audio import ResamplerBank
from sansio_rtp.errors import LocalProtocolError
from trio_runtime.base.errors import UnsupportedError
from trio_runtime.media.config import TICK_MS

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Conversion", "check_convertible"]


def check_convertible(stream_rate: int, room_rate: int) -> None:
    """Check that audio of a stream can be brought to the rate of a room and back.

    Raises:
        UnsupportedError: It cannot.
    """
    try:
        _banks(0, stream_rate, room_rate)
    except LocalProtocolError as error:
        raise UnsupportedError(
            f"a room has {room_rate} Hz and cannot take a call of {stream_rate} Hz: {error}"
        ) from error


class Conversion:
    """Converts between a room's rate and those of its streams; row i of each bank is the seat in slot i."""

    def __init__(self, rate: int) -> None:
        """Convert to and from `rate`, in Hz."""
        self._rate = rate
        self._fresh: set[int] = set()
        self._banks: dict[int, tuple[ResamplerBank, ResamplerBank]] = {}

    def seat(self, slot: int, stream_rate: int, capacity: int) -> None:
        """Let a stream begin in a slot, of which there are `capacity`."""
        self._fresh.discard(slot)
        if stream_rate == self._rate:
            return
        banks = self._banks.get(stream_rate)
        if banks is None:
            banks = self._banks[stream_rate] = _banks(capacity, stream_rate, self._rate)
        for bank in banks:
            bank.grow(capacity)
            bank.reset(np.array([slot], np.int64))
        self._fresh.add(slot)

    def to_room(
        self, slots: npt.NDArray[np.intp], frames: npt.NDArray[np.int16], stream_rate: int
    ) -> npt.NDArray[np.int16]:
        """Bring what streams said to the rate of the room.

        Args:
            slots: Their slots, shape (n_streams,).
            frames: int16, shape (n_streams, stream_rate / 50).
            stream_rate: Their rate, in Hz.
        """
        if stream_rate == self._rate:
            return frames
        bank = self._banks[stream_rate][0]
        if self._fresh:
            begin = np.array([place for place, slot in enumerate(slots.tolist()) if slot in self._fresh], int)
            bank.prime(frames[begin], slots[begin])
            self._fresh.difference_update(slots.tolist())
        return bank.process(frames, rows=slots)

    def to_streams(
        self, slots: npt.NDArray[np.intp], frames: npt.NDArray[np.int16], stream_rate: int
    ) -> npt.NDArray[np.int16]:
        """Bring what the room says, int16, shape (n_streams, rate / 50), to the rate of streams."""
        if stream_rate == self._rate:
            return frames
        return self._banks[stream_rate][1].process(frames, rows=slots)

    def fade_out(
        self, slots: set[int], of: npt.NDArray[np.intp], frames: npt.NDArray[np.int16], stream_rate: int
    ) -> None:
        """Let what `to_streams` has given end in silence for those who leave.

        Their room has faded out, but what they hear of it comes later, and they do not wait for the rest.

        Args:
            slots: Who leaves.
            of: Whose the frames are.
            frames: int16, shape (n_streams, stream_rate / 50), changed in place.
            stream_rate: Their rate, in Hz.
        """
        if stream_rate == self._rate:
            return
        places = [place for place, slot in enumerate(of.tolist()) if slot in slots]
        if places:
            ramp = np.linspace(1.0, 0.0, frames.shape[1], dtype=np.float32)
            frames[places] = np.rint(frames[places] * ramp)


def _banks(n_rows: int, stream_rate: int, room_rate: int) -> tuple[ResamplerBank, ResamplerBank]:
    """Return what brings streams to the rate of a room, and what brings them back."""
    return (
        ResamplerBank(n_rows, stream_rate, room_rate, stream_rate * TICK_MS // 1000),
        ResamplerBank(n_rows, room_rate, stream_rate, room_rate * TICK_MS // 1000),
    )
