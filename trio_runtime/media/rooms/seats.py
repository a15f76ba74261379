"""The place of a stream in a room, as the media clock sees it."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.audio import ResamplerBank
from sansio_rtp.errors import LocalProtocolError
from trio_runtime.base.errors import UnsupportedError
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import BATCH_RATE, BATCH_SAMPLES, TICK_MS
from trio_runtime.media.types import AudioFrame

__all__ = ["Group", "Seat"]


class Group:
    """Streams that hear each other.

    Attributes:
        number: Its name in the mixers.
        phase: The quarter of a tick in which all of it is moved; None while it has no seats.
        seats: How many it has, with those that fade out.
        on_speaker: Told of the seat that speaks now.
    """

    __slots__ = ("number", "on_speaker", "phase", "seats")

    def __init__(self, number: int, on_speaker: Callable[[Seat], None]) -> None:
        """Begin without a seat."""
        self.number = number
        self.on_speaker = on_speaker
        self.phase: int | None = None
        self.seats = 0


class Seat:
    """A stream in a group, from its fade-in to its fade-out.

    Attributes:
        stream: The stream.
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
        "_down",
        "_up",
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
        stream: ClockedStream,
        group: Group,
        *,
        name: str,
        gain: float,
        muted: bool,
        on_end: Callable[[], None],
    ) -> None:
        """Prepare a seat; `MixingDesk.sit` takes it.

        Raises:
            UnsupportedError: The audio of the stream cannot be brought to the rate of rooms.
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
        self._down = self._up = None
        if stream.rate != BATCH_RATE:
            try:
                self._down = ResamplerBank(1, stream.rate, BATCH_RATE, stream.rate * TICK_MS // 1000)
                self._up = ResamplerBank(1, BATCH_RATE, stream.rate, BATCH_SAMPLES)
            except LocalProtocolError as error:
                raise UnsupportedError(
                    f"a room has {BATCH_RATE} Hz and cannot take a call of {stream.rate} Hz: {error}"
                ) from error

    def to_room(self, frame: AudioFrame) -> AudioFrame:
        """Bring what the stream heard to the rate of the room."""
        return frame if self._down is None else self._down.process(frame[None])[0]

    def to_stream(self, frame: AudioFrame) -> AudioFrame:
        """Bring what the room says to the rate of the stream."""
        return frame if self._up is None else self._up.process(frame[None])[0]

    def hide_from(self, listener: Seat, hidden: bool = True) -> None:
        """Let another seat of the room not hear this one, or hear it again; `MixingDesk.adjust` does it."""
        self.hidden[self, listener] = listener.hidden[self, listener] = hidden

    def forget_hidden(self) -> None:
        """Forget from whom it was hidden, and who from it."""
        for pair in self.hidden:
            other = pair[0] if pair[1] is self else pair[1]
            other.hidden.pop(pair, None)
        self.hidden.clear()
