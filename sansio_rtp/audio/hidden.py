"""Who in a room does not hear whom: what is taken out of the mixes of single members."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class HiddenPairs:
    """Pairs of rows, of which the first does not hear the second.

    They are few, in any number of rooms, and taken away from all mixes in one operation. A pair comes and
    goes in a ramp over one frame.
    """

    __slots__ = ("_gain", "_listener", "_speaker", "_wanted")

    def __init__(self) -> None:
        """Begin with no pair: everybody hears everybody else."""
        self._listener: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._speaker: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._gain: npt.NDArray[np.float32] = np.zeros(0, np.float32)  # how much is taken away, now
        self._wanted: npt.NDArray[np.float32] = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self._listener)

    def change(self, listener: int, speaker: int, *, hidden: bool, silent: bool) -> None:
        """Hide the row `speaker` from the row `listener`, or let it be heard again.

        Args:
            listener: The row that hears.
            speaker: The row that is heard.
            hidden: Whether it shall not be.
            silent: Whether nothing of it is heard yet, so that there is nothing to fade.
        """
        (found,) = np.nonzero((self._listener == listener) & (self._speaker == speaker))
        if len(found):
            self._wanted[found] = hidden
        elif hidden:
            self._listener = np.append(self._listener, listener)
            self._speaker = np.append(self._speaker, speaker)
            self._gain = np.append(self._gain, np.float32(silent))
            self._wanted = np.append(self._wanted, np.float32(1.0))

    def forget(self, room_of_row: npt.NDArray[np.int64]) -> None:
        """Forget the pairs that are not in one room any more."""
        if len(self):
            room = room_of_row[self._listener]
            self._select((room >= 0) & (room == room_of_row[self._speaker]))

    def take_away(
        self,
        total: npt.NDArray[np.int32],
        own: npt.NDArray[np.int32],
        order: npt.NDArray[np.int64],
        ramp: npt.NDArray[np.float32],
    ) -> None:
        """Take out of the mixes what is hidden.

        Args:
            total: int32, shape (n_members, n_samples): what each member hears; changed in place.
            own: int32 of the same shape: what each member says.
            order: The row of each member.
            ramp: float32, shape (n_samples,): from 0 to 1 over the frame.
        """
        by_row = np.argsort(order)
        listeners, speakers = (
            by_row[np.searchsorted(order, rows, sorter=by_row)] for rows in (self._listener, self._speaker)
        )
        hidden = own[speakers]
        (moving,) = np.nonzero(self._gain != self._wanted)
        if len(moving):
            begin, end = self._gain[moving], self._wanted[moving]
            hidden[moving] = np.rint(hidden[moving] * (begin[:, None] + (end - begin)[:, None] * ramp))
        np.subtract.at(total, listeners, hidden)
        if len(moving):
            self._gain = self._wanted.copy()
            self._select(self._wanted > 0)

    def _select(self, kept: npt.NDArray[np.bool_]) -> None:
        if not kept.all():
            self._listener, self._speaker = self._listener[kept], self._speaker[kept]
            self._gain, self._wanted = self._gain[kept], self._wanted[kept]
