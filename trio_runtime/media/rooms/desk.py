"""Which streams sit in which room, and in which quarter of a tick a room is mixed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from trio_runtime.base.errors import LimitExceededError, MediaError
from trio_runtime.media.clock.phases import Phases
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.rooms.house import House
from trio_runtime.media.rooms.phase_mix import PhaseMix
from trio_runtime.media.rooms.seats import Group, Seat

__all__ = ["MAX_ROOMS", "MAX_SEATS", "MixingDesk"]

MAX_ROOMS: Final = 10_000
"""Rooms that may be open."""
MAX_SEATS: Final = 2_000
"""Streams in one room: as many as can be at full scale and full gain without the sum running over."""


class MixingDesk:
    """The rooms of a media clock.

    All streams of a room are moved together. So the first one to come gives the room its phase, the others
    are moved there, and each phase gets as many rooms as the next one.

    Attributes:
        mixes: What is mixed in each phase.
        houses: How many seats are no stream's.
    """

    def __init__(self, phases: Phases, on_house: Callable[[], None]) -> None:
        """Begin without a room; `on_house` is told when a house sits down, which is to be moved as well."""
        self._phases = phases
        self._on_house = on_house
        self.houses = 0
        self.mixes = tuple(PhaseMix() for _ in phases.phases)
        self._seats: dict[ClockedStream | House, Seat] = {}
        self._open: set[Group] = set()
        self._opened = 0

    def open(self, rate: int, on_speaker: Callable[[Seat], None]) -> Group:
        """Return a new room of `rate` samples a second, which tells who begins to speak.

        Raises:
            LimitExceededError: There are too many.
        """
        if len(self._open) >= MAX_ROOMS:
            raise LimitExceededError(f"{MAX_ROOMS} rooms may be open at most")
        group = Group(self._opened, rate, on_speaker)
        self._opened += 1
        self._open.add(group)
        return group

    def close(self, group: Group) -> None:
        """Forget a room, whose seats leave."""
        self._open.discard(group)

    def sit(self, seat: Seat) -> None:
        """Let a stream into a room; one that still fades out elsewhere comes after that.

        Raises:
            MediaError: The stream is in a room, or is over.
            LimitExceededError: The room is full.
        """
        if isinstance(seat.stream, ClockedStream) and seat.stream not in self._phases:
            raise MediaError("the media of the call is over, or relayed")
        before = self._seats.get(seat.stream)
        if before is not None and (not before.leaving or before.following is not None):
            raise MediaError("the call is in a room already")
        if seat.group.seats >= MAX_SEATS:
            raise LimitExceededError(f"a room has {MAX_SEATS} members at most")
        if before is None:
            self._place(seat)
        else:
            before.following = seat

    def seats(self, stream: ClockedStream) -> bool:
        """Tell whether a stream is in a room, or fades out of one."""
        return stream in self._seats

    def leave(self, seat: Seat) -> None:
        """Let a stream fade out of its room."""
        now_in = self._seats.get(seat.stream)
        if now_in is None:
            return
        if now_in is seat:
            seat.leaving = True
            self._mix(seat).leave(seat)
        elif now_in.following is seat:
            now_in.following = None

    def adjust(self, seat: Seat) -> None:
        """Take another gain or muting of a seat."""
        if self._seats.get(seat.stream) is seat and not seat.leaving:
            self._mix(seat).adjust(seat)

    def speaker(self, group: Group) -> Seat | None:
        """Return who speaks in a room, or spoke last."""
        return None if group.phase is None else self.mixes[group.phase].speaker(group)

    def remove(self, stream: ClockedStream) -> None:
        """Take note that a stream is over: it leaves its room."""
        seat = self._seats.pop(stream, None)
        if seat is None:
            return
        seat.ended = True
        mix, following, seat.following = self._mix(seat), seat.following, None
        mix.end(seat)
        if not seat.leaving:
            seat.leaving = True
            mix.leave(seat)
            seat.on_end()
        if following is not None:
            following.on_end()

    def settle(self, phase: int) -> None:
        """After a tick: let those go who have faded out, and tell who begins to speak."""
        mix = self.mixes[phase]
        if not len(mix):
            return
        for seat in mix.new_speakers():
            seat.group.on_speaker(seat)
        for seat in mix.settle():
            self._let_go(seat.group)
            if self._seats.get(seat.stream) is seat:
                del self._seats[seat.stream]
            self.houses -= isinstance(seat.stream, House)
            if seat.following is not None:
                self._place(seat.following)

    def _place(self, seat: Seat) -> None:
        group = seat.group
        if group.phase is None:
            group.phase = self._phases.for_room()
            self._phases.phases[group.phase].rooms += 1
        group.seats += 1
        self._seats[seat.stream] = seat
        if isinstance(seat.stream, House):
            self.houses += 1
            self._on_house()
        else:
            self._phases.move(seat.stream, group.phase)
        self.mixes[group.phase].seat(seat)

    def _let_go(self, group: Group) -> None:
        group.seats -= 1
        if not group.seats and group.phase is not None:
            self._phases.phases[group.phase].rooms -= 1
            group.phase = None

    def _mix(self, seat: Seat) -> PhaseMix:
        assert seat.group.phase is not None, "a room with a seat has a phase"
        return self.mixes[seat.group.phase]
