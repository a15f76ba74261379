"""The rows of a conference mixer: who is in which room, how loud, and heard by whom."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from .hidden import HiddenPairs
from .speaker import SpeakerTracker

_MAX_GAIN = 16.0


class RoomRows:
    """Rows of streams, each a member of one room at most; `ConferenceMixer` is what mixes them."""

    __slots__ = (
        "_gain",
        "_heard",
        "_hidden",
        "_leaving",
        "_muted",
        "_order",
        "_places",
        "_room",
        "_speakers",
        "_starts",
        "_wanted",
    )

    def __init__(self, n_rows: int) -> None:
        """Begin without members; there is place for `n_rows` streams."""
        self._room: npt.NDArray[np.int64] = np.full(n_rows, -1, np.int64)
        self._gain: npt.NDArray[np.float32] = np.zeros(n_rows, np.float32)  # now, towards the wanted one
        self._wanted: npt.NDArray[np.float32] = np.ones(n_rows, np.float32)
        self._heard: npt.NDArray[np.float32] = np.zeros(n_rows, np.float32)  # gain of what the member hears
        self._muted: npt.NDArray[np.bool_] = np.zeros(n_rows, np.bool_)
        self._leaving: npt.NDArray[np.bool_] = np.zeros(n_rows, np.bool_)
        self._speakers = SpeakerTracker(n_rows)
        self._hidden = HiddenPairs()
        self._sort()

    def join(self, row: int, room: int, *, gain: float = 1.0, muted: bool = False) -> None:
        """Make the stream `row` a member of `room` (any number from 0 on); it fades in.

        Raises:
            LocalProtocolError: The row is a member already, or `room` or `gain` is out of range.
        """
        if self._room[row] >= 0 and not self._leaving[row]:
            raise LocalProtocolError(f"row {row} is in room {self._room[row]} already")
        if room < 0:
            raise LocalProtocolError(f"room is {room}, not from 0 on")
        _check_gain(gain)
        if self._room[row] != room:
            self._gain[row] = self._heard[row] = 0.0
        self._room[row], self._leaving[row] = room, False
        self._wanted[row], self._muted[row] = gain, muted
        self._sort()

    def leave(self, row: int) -> None:
        """Let the stream `row` fade out; after the next tick it is in no room.

        Raises:
            LocalProtocolError: The row is in no room.
        """
        self._check_member(row)
        self._leaving[row] = True

    def set_gain(self, row: int, gain: float) -> None:
        """Set how loud the others hear the member `row`: 1.0 as it is, 0 to 16.

        Raises:
            LocalProtocolError: The row is in no room, or `gain` is out of range.
        """
        self._check_member(row)
        _check_gain(gain)
        self._wanted[row] = gain

    def mute(self, row: int, muted: bool = True) -> None:
        """Let nobody hear the member `row`, or let them again.

        Raises:
            LocalProtocolError: The row is in no room.
        """
        self._check_member(row)
        self._muted[row] = muted

    def hide(self, speaker: int, listener: int, hidden: bool = True) -> None:
        """Let the member `listener` not hear the member `speaker`, or hear it again; ends when one leaves.

        Raises:
            LocalProtocolError: They are not two members of one room.
        """
        self._check_member(speaker)
        self._check_member(listener)
        if speaker == listener or self._room[speaker] != self._room[listener]:
            raise LocalProtocolError(f"rows {speaker} and {listener} are not two members of one room")
        silent = bool(self._gain[speaker] == 0.0 or self._heard[listener] == 0.0)
        self._hidden.change(listener, speaker, hidden=hidden, silent=silent)

    def grow(self, n_rows: int) -> None:
        """Make place for more streams; members stay what they are.

        Raises:
            LocalProtocolError: `n_rows` is less than there are.
        """
        more = n_rows - len(self._room)
        if more < 0:
            raise LocalProtocolError(f"n_rows is {n_rows}, less than the {len(self._room)} there are")
        self._room = np.concatenate((self._room, np.full(more, -1, np.int64)))
        self._gain = np.concatenate((self._gain, np.zeros(more, np.float32)))
        self._wanted = np.concatenate((self._wanted, np.ones(more, np.float32)))
        self._heard = np.concatenate((self._heard, np.zeros(more, np.float32)))
        self._muted = np.concatenate((self._muted, np.zeros(more, np.bool_)))
        self._leaving = np.concatenate((self._leaving, np.zeros(more, np.bool_)))
        self._speakers.grow(n_rows)

    @property
    def new_speakers(self) -> list[int]:
        """The rows that began to speak in the latest tick, one for each room where that changed."""
        return self._speakers.new

    def members(self, room: int) -> list[int]:
        """Return the rows in `room`, in order."""
        rows: list[int] = np.flatnonzero((self._room == room) & ~self._leaving).tolist()
        return rows

    def active_speaker(self, room: int) -> int | None:
        """Return the row that speaks in `room`, or the one that spoke last; None when nobody did yet."""
        return self._speakers.speaker(room)

    def _remove(self) -> None:
        self._room[self._leaving] = -1
        self._leaving[:] = False
        self._sort()

    def _sort(self) -> None:
        """Sort the members by room; `_places` tells for each which sum is that of its room."""
        members = np.flatnonzero(self._room >= 0)
        self._order: npt.NDArray[np.int64] = members[np.argsort(self._room[members], kind="stable")]
        rooms, starts, places = np.unique(self._room[self._order], return_index=True, return_inverse=True)
        self._starts: npt.NDArray[np.int64] = starts
        self._places: npt.NDArray[np.int64] = places
        self._hidden.forget(self._room)
        self._speakers.rearrange(rooms.tolist(), self._room)

    def _check_member(self, row: int) -> None:
        if self._room[row] < 0 or self._leaving[row]:
            raise LocalProtocolError(f"row {row} is in no room")


def _check_gain(gain: float) -> None:
    if not 0.0 <= gain <= _MAX_GAIN:
        raise LocalProtocolError(f"gain is {gain}, not in 0..{_MAX_GAIN:g}")
