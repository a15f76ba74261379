"""Where the seats of a mixer get audio from: rows of the plane, or streams that are asked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from trio_runtime.media.clocked import ClockedStream
    from trio_runtime.media.rooms.house import House
    from trio_runtime.media.rooms.seats import Seat

__all__ = ["Places"]


class Places:
    """Valid for one list of streams in the plane and one set of seats.

    Attributes:
        streams: The list.
        rows: Positions in it of the streams that sit here, shape (n_seats,).
        slots: Their slots, in the same order.
        others: All other seats, those of ended streams with them, by the rate of their streams.
    """

    __slots__ = ("others", "rows", "slots", "streams")

    def __init__(self, streams: list[ClockedStream], seats: Mapping[int, Seat]) -> None:
        """Find out who is where."""
        position: dict[ClockedStream | House, int] = {stream: row for row, stream in enumerate(streams)}
        pairs: list[tuple[int, int]] = []
        self.streams = streams
        self.others: dict[int, list[Seat]] = {}
        for slot, seat in seats.items():
            row = None if seat.ended else position.get(seat.stream)
            if row is None:
                self.others.setdefault(seat.stream.rate, []).append(seat)
            else:
                pairs.append((row, slot))
        table = np.array(pairs, np.intp).reshape(-1, 2)
        self.rows: npt.NDArray[np.intp] = table[:, 0].copy()
        self.slots: npt.NDArray[np.intp] = table[:, 1].copy()
