"""The mix of all rooms that are moved in one quarter of a tick: one operation for all of them."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sansio_rtp.audio import ConferenceMixer
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import BATCH_SAMPLES
from trio_runtime.media.rooms.seats import Seat

__all__ = ["PhaseMix"]

_FEWEST = 16


class PhaseMix:
    """Seats as rows of one mixer, whatever room they are in.

    A seat that leaves is heard once more, fading out. Where its stream has ended there is nothing more to
    hear: then it is its last frame backwards that fades, which begins where that one ended.
    """

    def __init__(self) -> None:
        """Begin without a seat; the mixer comes with the first one and grows."""
        self._mixer: ConferenceMixer | None = None
        self._said: npt.NDArray[np.int16] = np.zeros((0, BATCH_SAMPLES), np.int16)
        self._free: list[int] = []
        self._seats: dict[int, Seat] = {}
        self._leaving: list[Seat] = []
        self._faded: list[Seat] = []
        # Valid for one list of streams in the plane: which of them sit here and where; and who is not in it.
        self._index: tuple[list[ClockedStream], npt.NDArray[np.intp], npt.NDArray[np.intp], list[Seat]] | None
        self._index = None

    def __len__(self) -> int:
        return len(self._seats)

    def seat(self, seat: Seat) -> None:
        """Take a seat from the next tick on; it fades in."""
        mixer = self._room_for_one()
        slot = seat.slot = heapq.heappop(self._free)
        self._said[slot] = 0
        self._seats[slot] = seat
        mixer.join(slot, seat.group.number, gain=seat.gain, muted=seat.muted)
        self._hide(mixer, seat)
        self._index = None

    def leave(self, seat: Seat) -> None:
        """Let a seat fade out with the next tick."""
        if self._mixer is not None and seat.slot is not None:
            self._mixer.leave(seat.slot)
            self._leaving.append(seat)

    def end(self) -> None:
        """Take note that the stream of a seat is over."""
        self._index = None

    def adjust(self, seat: Seat) -> None:
        """Take the gain and the muting of a seat, and who hears it, in a ramp over the next tick."""
        if self._mixer is not None and seat.slot is not None:
            self._mixer.set_gain(seat.slot, seat.gain)
            self._mixer.mute(seat.slot, seat.muted)
            self._hide(self._mixer, seat)

    def speaker(self, group: int) -> Seat | None:
        """Return who speaks in a group, or spoke last."""
        slot = None if self._mixer is None else self._mixer.active_speaker(group)
        return None if slot is None else self._seats.get(slot)

    def mix(
        self,
        streams: list[ClockedStream],
        heard: npt.NDArray[np.int16],
        now: float,
        on_failure: Callable[[ClockedStream, Exception], None],
    ) -> npt.NDArray[np.int16] | None:
        """Mix a tick of all rooms, and give the streams that are not in the plane their part.

        Args:
            streams: The streams that are in the plane.
            heard: int16, shape (n_streams, 160): what was heard from them.
            now: Absolute seconds.
            on_failure: Told of a stream that raised.

        Returns:
            int16 of the same shape: what their rooms say to them; None when nobody sits here.
        """
        mixer = self._mixer
        if mixer is None or not self._seats:
            return None
        places, slots, others = self._places(streams)
        said = self._said
        said[slots] = heard[places]
        for seat in others:
            self._listen(seat, now, on_failure)
        mixed = mixer.mix(said)
        for seat in others:
            if seat.slot is not None and not seat.ended:
                seat.stream.room_frame = seat.to_stream(mixed[seat.slot])
        self._faded += self._leaving
        self._leaving.clear()
        told = np.zeros_like(heard)
        told[places] = mixed[slots]
        return told

    def new_speakers(self) -> list[Seat]:
        """Return who began to speak in the latest tick, one for each room where that changed."""
        slots = [] if self._mixer is None else self._mixer.new_speakers
        return [self._seats[slot] for slot in slots if slot in self._seats]

    def settle(self) -> list[Seat]:
        """Let go of the seats that have faded out, and return them."""
        faded, self._faded = self._faded, []
        for seat in faded:
            if seat.slot is not None:
                del self._seats[seat.slot]
                heapq.heappush(self._free, seat.slot)
                seat.slot = None
                seat.forget_hidden()
                self._index = None
        return faded

    def _listen(self, seat: Seat, now: float, on_failure: Callable[[ClockedStream, Exception], None]) -> None:
        slot = seat.slot
        if slot is None:
            return
        if not seat.ended:
            try:
                frame = seat.stream.listen(now)
            except Exception as error:
                on_failure(seat.stream, error)  # which ends the seat
            else:
                self._said[slot] = 0 if frame is None else seat.to_room(frame)
                return
        self._said[slot] = self._said[slot, ::-1].copy()

    def _places(
        self, streams: list[ClockedStream]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], list[Seat]]:
        """Return the positions in `streams` of those that sit here, their slots, and the seats of others."""
        if self._index is None or self._index[0] is not streams:
            position = {stream: place for place, stream in enumerate(streams)}
            pairs: list[tuple[int, int]] = []
            others: list[Seat] = []
            for slot, seat in self._seats.items():
                place = None if seat.ended else position.get(seat.stream)
                if place is None:
                    others.append(seat)
                else:
                    pairs.append((place, slot))
            table = np.array(pairs, np.intp).reshape(-1, 2)
            self._index = streams, table[:, 0].copy(), table[:, 1].copy(), others
        return self._index[1:]

    @staticmethod
    def _hide(mixer: ConferenceMixer, seat: Seat) -> None:
        """Let who shall not hear whom not do so, as far as both have a row."""
        for (speaker, listener), hidden in seat.hidden.items():
            if speaker.slot is None or listener.slot is None or speaker.leaving or listener.leaving:
                continue
            mixer.hide(speaker.slot, listener.slot, hidden)

    def _room_for_one(self) -> ConferenceMixer:
        before = len(self._said)
        if self._mixer is not None and self._free:
            return self._mixer
        capacity = max(_FEWEST, 2 * before)
        if self._mixer is None:
            self._mixer = ConferenceMixer(capacity, BATCH_SAMPLES)
        else:
            self._mixer.grow(capacity)
        said = np.zeros((capacity, BATCH_SAMPLES), np.int16)
        said[:before] = self._said
        self._said = said
        self._free = list(range(before, capacity))
        return self._mixer
