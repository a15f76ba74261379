"""The place of a stream in a room, as the media clock sees it."""

from __future__ import annotations

from collections.abc import Callable

from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.rooms.conversion import check_convertible
from trio_runtime.media.rooms.house import House

__all__ = ["Group", "Seat"]


class Group:
    """Streams that hear each other.

    Attributes:
        number: Its name in the mixers.
        rate: Samples a second in it, in Hz.
        phase: The quarter of a tick in which all of it is moved; None while it has no seats.
        seats: How many it has, with those that fade out.
        on_speaker: Told of the seat that speaks now.
    """

    __slots__ = ("number", "on_speaker", "phase", "rate", "seats")

    def __init__(self, number: int, rate: int, on_speaker: Callable[[Seat], None]) -> None:
        """Begin without a seat."""
        self.number = number
        self.rate = rate
        self.on_speaker = on_speaker
        self.phase: int | None = None
        self.seats = 0


class Seat:
    """A stream in a group, from its fade-in to its fade-out.

    Attributes:
        stream: The stream, or the house of the room.
        group: Whom it hears.
        name: What the owner calls it.
        gain: How loud the others hear it.
        muted: Whether nobody hears it.
        on_end: Called when the stream ended.
        slot: Its row in the mixer of its phase; None before it has one.
        leaving: Whether it fades out.
        ended: Whether its stream is over.
        following: Where the stream goes when it has faded out here.
        hidden: Pairs of seats of which this is one: who is not heard, by whom, and whether that still holds.
    """

    __slots__ = (
        "ended",
        "following",
        "gain",
        "group",
        "hidden",
        "leaving",
        "muted",
        "name",
        "on_end",
        "slot",
        "stream",
    )

    def __init__(
        self,
        stream: ClockedStream | House,
        group: Group,
        *,
        name: str,
        gain: float,
        muted: bool,
        on_end: Callable[[], None],
    ) -> None:
        """Prepare a seat; `MixingDesk.sit` takes it.

        Raises:
            UnsupportedError: The audio of the stream cannot be brought to the rate of the room.
        """
        self.stream = stream
        self.group = group
        self.name = name
        self.gain = gain
        self.muted = muted
        self.on_end = on_end
        self.slot: int | None = None
        self.leaving = self.ended = False
        self.following: Seat | None = None
        self.hidden: dict[tuple[Seat, Seat], bool] = {}
        check_convertible(stream.rate, group.rate)

    def hide_from(self, listener: Seat, hidden: bool = True) -> None:
        """Let another seat of the room not hear this one, or hear it again; `MixingDesk.adjust` does it."""
        self.hidden[self, listener] = listener.hidden[self, listener] = hidden

    def forget_hidden(self) -> None:
        """Forget from whom it was hidden, and who from it."""
        for pair in self.hidden:
            other = pair[0] if pair[1] is self else pair[1]
            other.hidden.pop(pair, None)
        self.hidden.clear()
