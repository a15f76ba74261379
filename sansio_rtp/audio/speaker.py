"""Who speaks in each room of a conference, with hysteresis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_DECAY = 0.9
"""What a level keeps from tick to tick: syllables end, a speaker does not."""
_SPEECH_RMS = 100.0
"""About -50 dBov: below this nobody speaks."""
_LOUDER = 2.0
"""A rival must be 6 dB louder than the speaker ..."""
_HOLD_TICKS = 10
"""... for so many ticks in a row."""


class SpeakerTracker:
    """Follows the loudest member of each room.

    Attributes:
        new: Rows that began to speak in the latest tick.
    """

    __slots__ = ("_level", "_rival", "_rooms", "_speaker", "_ticks", "new")

    def __init__(self, n_rows: int) -> None:
        """Begin without rooms; members are rows below `n_rows`."""
        self._level: npt.NDArray[np.float32] = np.zeros(n_rows, np.float32)
        self.new: list[int] = []
        self._rooms: list[int] = []
        self._speaker: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._rival: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._ticks: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def grow(self, n_rows: int) -> None:
        """Make place for rows below `n_rows`, not fewer than before."""
        more = np.zeros(n_rows - len(self._level), np.float32)
        self._level = np.concatenate((self._level, more))

    def speaker(self, room: int) -> int | None:
        """Return the row that speaks in `room`, or None."""
        if room not in self._rooms:
            return None
        row = int(self._speaker[self._rooms.index(room)])
        return row if row >= 0 else None

    def rearrange(self, rooms: list[int], room_of_row: npt.NDArray[np.int64]) -> None:
        """Take another set of rooms, in ascending order; who speaks is kept where the row is still there."""
        before = dict(zip(self._rooms, self._speaker.tolist(), strict=True))
        kept = [(room, before.get(room, -1)) for room in rooms]
        stay = [row if row >= 0 and room_of_row[row] == room else -1 for room, row in kept]
        self._speaker = np.array(stay, np.int64)
        self._level[room_of_row < 0] = 0.0
        self._rooms = rooms
        self._rival = np.full(len(rooms), -1, np.int64)
        self._ticks = np.zeros(len(rooms), np.int64)

    def update(
        self,
        own: npt.NDArray[np.int32],
        order: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        places: npt.NDArray[np.int64],
    ) -> None:
        """Take what the members say in this tick.

        Args:
            own: int32, shape (n_members, n_samples), sorted by room.
            order: The row of each member.
            starts: First member of each room.
            places: Room of each member.
        """
        wide = own.astype(np.float32)
        rms = np.sqrt(np.einsum("ij,ij->i", wide, wide) / np.float32(own.shape[1]))
        level = np.maximum(rms, self._level[order] * np.float32(_DECAY))
        self._level[order] = level
        top = np.maximum.reduceat(level, starts)
        (loudest,) = np.nonzero(level == top[places])
        first = np.searchsorted(places[loudest], np.arange(len(starts)))
        rival = order[loudest[first]]
        speaker = self._speaker
        nobody = speaker < 0
        beaten = top > np.where(nobody, 0.0, self._level[speaker] * _LOUDER)
        claims = (top > _SPEECH_RMS) & (rival != speaker) & (nobody | beaten)
        self._ticks = np.where(claims & (rival == self._rival), self._ticks + 1, claims.astype(np.int64))
        self._rival = np.where(claims, rival, -1)
        change = claims & (nobody | (self._ticks >= _HOLD_TICKS))
        self._speaker = np.where(change, rival, speaker)
        self.new = rival[change].tolist()
