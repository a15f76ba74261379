"""What sounds to a whole room, and what listens to all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trio_runtime.base.errors import MediaError
from trio_runtime.media.rooms.house import House
from trio_runtime.media.rooms.seats import Seat

if TYPE_CHECKING:
    from trio_runtime.media.rooms.desk import MixingDesk
    from trio_runtime.media.rooms.seats import Group
    from trio_runtime.media.types import AudioSink, AudioSource

__all__ = ["RoomAudio"]


class RoomAudio:
    """A room as a whole: it has a seat of its own, the house, while something sounds there or listens."""

    def __init__(self, desk: MixingDesk, group: Group) -> None:
        """Begin in silence."""
        self._desk = desk
        self._group = group
        self._house = House(group.rate)
        self._house_seat: Seat | None = None
        self._closed = False

    @property
    def rate(self) -> int:
        """Samples a second, in Hz."""
        return self._group.rate

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed

    def add_source(self, source: AudioSource) -> None:
        """Let something sound to all members, at the rate of the room, mixed with whatever sounds already.

        Raises:
            MediaError: The room is closed.
            LimitExceededError: Too much sounds already, or the room is full.
        """
        with self._seated_house() as house:
            house.outgoing.add(source)

    def remove_source(self, source: AudioSource) -> None:
        """Silence a source; one that is not there is no error."""
        self._house.outgoing.remove(source)
        self._settle_house()

    def add_sink(self, sink: AudioSink) -> None:
        """Let something listen: it hears all members as received, what sounds to all of them as sent.

        Raises:
            MediaError: The room is closed.
            LimitExceededError: Too many listen already, or the room is full.
        """
        with self._seated_house() as house:
            house.sinks.add(sink)

    def remove_sink(self, sink: AudioSink) -> None:
        """Take a sink away; one that is not there is no error."""
        self._house.sinks.remove(sink)
        self._settle_house()

    @contextmanager
    def _seated_house(self) -> Iterator[House]:
        """Give the house a seat, which it keeps while it has something to say or to hear."""
        self._check_open()
        if self._house_seat is None:
            seat = Seat(self._house, self._group, name="", gain=1.0, muted=False, on_end=_nothing)
            self._desk.sit(seat)
            self._house_seat = seat
        try:
            yield self._house
        finally:
            self._settle_house()

    def _settle_house(self) -> None:
        seat = self._house_seat
        if self._house.idle and seat is not None:
            self._house_seat = None
            self._desk.leave(seat)

    def _close_house(self) -> None:
        self._house.close()
        self._settle_house()

    def _check_open(self) -> None:
        if self._closed:
            raise MediaError("the room is closed")


def _nothing() -> None:
    return
