"""All rooms that are moved in one quarter of a tick, by their sample rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.rooms.mixing import RateMix
from trio_runtime.media.rooms.seats import Group, Seat

__all__ = ["PhaseMix"]


class PhaseMix:
    """A mix for each rate that a room here has; see `RateMix` for its methods."""

    def __init__(self) -> None:
        """Begin without a room."""
        self._mixes: dict[int, RateMix] = {}

    def __len__(self) -> int:
        return sum(map(len, self._mixes.values()))

    def seat(self, seat: Seat) -> None:
        """Take a seat from the next tick on; it fades in."""
        rate = seat.group.rate
        if rate not in self._mixes:
            self._mixes[rate] = RateMix(rate)
        self._mixes[rate].seat(seat)

    def leave(self, seat: Seat) -> None:
        """Let a seat fade out with the next tick."""
        self._mixes[seat.group.rate].leave(seat)

    def end(self, seat: Seat) -> None:
        """Take note that the stream of a seat is over."""
        self._mixes[seat.group.rate].end()

    def adjust(self, seat: Seat) -> None:
        """Take the gain and the muting of a seat, in a ramp over the next tick."""
        self._mixes[seat.group.rate].adjust(seat)

    def speaker(self, group: Group) -> Seat | None:
        """Return who speaks in a group, or spoke last."""
        mix = self._mixes.get(group.rate)
        return None if mix is None else mix.speaker(group.number)

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
        mixes = [mix for mix in self._mixes.values() if len(mix)]
        if not mixes:
            return None
        told = np.zeros_like(heard)
        for mix in mixes:
            mix.mix(streams, heard, told, now, on_failure)
        return told

    def new_speakers(self) -> list[Seat]:
        """Return who began to speak in the latest tick, one for each room where that changed."""
        return [seat for mix in self._mixes.values() for seat in mix.new_speakers()]

    def settle(self) -> list[Seat]:
        """Let go of the seats that have faded out, and return them."""
        return [seat for mix in self._mixes.values() for seat in mix.settle()]
