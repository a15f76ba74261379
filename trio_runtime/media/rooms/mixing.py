"""The mix of all rooms of one sample rate in one quarter of a tick: one operation for all of them."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sansio_rtp.audio import ConferenceMixer
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import BATCH_RATE, TICK_MS
from trio_runtime.media.rooms.conversion import Conversion
from trio_runtime.media.rooms.places import Places
from trio_runtime.media.rooms.seats import Seat

__all__ = ["RateMix"]

_FEWEST = 16


class RateMix:
    """Seats as rows of one mixer, whatever room they are in.

    A seat that leaves is heard once more, fading out. Where its stream has ended there is nothing more to
    hear: then it is its last frame backwards that fades, which begins where that one ended.
    """

    def __init__(self, rate: int) -> None:
        """Begin without a seat; the mixer comes with the first one and grows."""
        self._frame_samples = rate * TICK_MS // 1000
        self._conversion = Conversion(rate)
        self._mixer: ConferenceMixer | None = None
        self._said: npt.NDArray[np.int16] = np.zeros((0, self._frame_samples), np.int16)
        self._free: list[int] = []
        self._seats: dict[int, Seat] = {}
        self._leaving: list[Seat] = []
        self._faded: list[Seat] = []
        self._places: Places | None = None

    def __len__(self) -> int:
        return len(self._seats)

    def seat(self, seat: Seat) -> None:
        """Take a seat from the next tick on; it fades in."""
        mixer = self._room_for_one()
        slot = seat.slot = heapq.heappop(self._free)
        self._said[slot] = 0
        self._conversion.seat(slot, seat.stream.rate, len(self._said))
        self._seats[slot] = seat
        mixer.join(slot, seat.group.number, gain=seat.gain, muted=seat.muted)
        self._hide(mixer, seat)
        self._places = None

    def leave(self, seat: Seat) -> None:
        """Let a seat fade out with the next tick."""
        if self._mixer is not None and seat.slot is not None:
            self._mixer.leave(seat.slot)
            self._leaving.append(seat)

    def end(self) -> None:
        """Take note that the stream of a seat is over."""
        self._places = None

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
        told: npt.NDArray[np.int16],
        now: float,
        on_failure: Callable[[ClockedStream, Exception], None],
    ) -> None:
        """Mix a tick of all rooms, and give the streams that are not in the plane their part.

        Args:
            streams: The streams that are in the plane.
            heard: int16, shape (n_streams, 160): what was heard from them.
            told: int16 of the same shape: gets what their rooms say to them.
            now: Absolute seconds.
            on_failure: Told of a stream that raised.
        """
        mixer = self._mixer
        if mixer is None or not self._seats:
            return
        if self._places is None or self._places.streams is not streams:
            self._places = Places(streams, self._seats)
        places, said, conversion = self._places, self._said, self._conversion
        if len(places.slots):
            said[places.slots] = conversion.to_room(places.slots, heard[places.rows], BATCH_RATE)
        for rate, seats in places.others.items():
            self._listen(seats, rate, now, on_failure)
        mixed = mixer.mix(said)
        if len(places.slots):
            told[places.rows] = self._for_streams(places.slots, mixed, BATCH_RATE)
        for rate, seats in places.others.items():
            self._tell([seat for seat in seats if not seat.ended], rate, mixed)
        self._faded += self._leaving
        self._leaving.clear()

    def new_speakers(self) -> list[Seat]:
        """Return who began to speak in the latest tick, one for each room where that changed."""
        slots = [] if self._mixer is None or not self._seats else self._mixer.new_speakers
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
                self._places = None
        return faded

    def _listen(
        self, seats: list[Seat], rate: int, now: float, on_failure: Callable[[ClockedStream, Exception], None]
    ) -> None:
        """Take what seats of one rate that are not in the plane say, and bring it to the rate of the room."""
        frames = np.zeros((len(seats), rate * TICK_MS // 1000), np.int16)
        slots = np.array([seat.slot for seat in seats], np.intp)
        for place, seat in enumerate(seats):
            if seat.ended:
                continue
            try:
                frame = seat.stream.listen(now)
            except Exception as error:
                if isinstance(seat.stream, ClockedStream):
                    on_failure(seat.stream, error)  # which ends the seat
            else:
                frames[place] = 0 if frame is None else frame
        ended = np.array([seat.ended for seat in seats])
        live, over = slots[~ended], slots[ended]
        self._said[live] = self._conversion.to_room(live, frames[~ended], rate)
        self._said[over] = self._said[over, ::-1]

    def _tell(self, seats: list[Seat], rate: int, mixed: npt.NDArray[np.int16]) -> None:
        slots = np.array([seat.slot for seat in seats], np.intp)
        for seat, frame in zip(seats, self._for_streams(slots, mixed, rate), strict=True):
            seat.stream.hear(frame)

    def _for_streams(
        self, slots: npt.NDArray[np.intp], mixed: npt.NDArray[np.int16], rate: int
    ) -> npt.NDArray[np.int16]:
        frames = self._conversion.to_streams(slots, mixed[slots], rate)
        if self._leaving:
            leaving = {seat.slot for seat in self._leaving if seat.slot is not None}
            self._conversion.fade_out(leaving, slots, frames, rate)
        return frames

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
            self._mixer = ConferenceMixer(capacity, self._frame_samples)
        else:
            self._mixer.grow(capacity)
        said = np.zeros((capacity, self._frame_samples), np.int16)
        said[:before] = self._said
        self._said = said
        self._free = list(range(before, capacity))
        return self._mixer
