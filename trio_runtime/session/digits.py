"""The keys that the peer pressed, as a stream."""

from __future__ import annotations

from collections import deque
from typing import Literal

import attrs
import trio

from sansio_rtp.dtmf import Digit as PressedDigit
from sansio_rtp.dtmf import DigitMerger, DigitSource

__all__ = ["Digit", "DigitStream", "DigitWay"]

DigitWay = Literal["rfc4733", "inband", "info"]
"""How keys are sent: as telephone-events, as tones in the audio, or each in an INFO."""


@attrs.frozen
class Digit:
    """One key press.

    Attributes:
        digit: One of ``0-9 * # A-D``.
        duration_ms: How long it was held, in milliseconds; 0 where the source does not say.
        source: ``rfc4733``, ``inband`` for tones in the audio, or ``info``: the way by which it came first.
    """

    digit: str
    duration_ms: float
    source: str

    def __str__(self) -> str:
        return self.digit


class DigitStream:
    """Iterates over the digits of a call, and ends with it.

    A reader that comes late still gets what was pressed before; of more than ``max_digits`` the
    oldest are dropped and counted. A press that comes by several ways, which a gateway may do, is one.

    Attributes:
        dropped: Digits dropped because nobody read them.
    """

    def __init__(self, max_digits: int = 256) -> None:
        self._digits: deque[Digit] = deque()
        self._max_digits = max_digits
        self._readers = trio.lowlevel.ParkingLot()
        self._ended = False
        self._merger = DigitMerger()
        self.dropped = 0

    @property
    def repeated(self) -> int:
        """Digits left out because they had come by another way already."""
        return self._merger.repeated

    def offer(self, digit: Digit, now: float) -> bool:
        """Add a digit that was told at ``now``; return False for one that had come by another way."""
        way = DigitSource(digit.source)
        if not self._merger.receive(PressedDigit(digit.digit, round(digit.duration_ms), 0, True, way), now):
            return False
        if len(self._digits) >= self._max_digits:
            self._digits.popleft()
            self.dropped += 1
        self._digits.append(digit)
        self._readers.unpark()
        return True

    def end(self) -> None:
        """Stop the iteration after what is left."""
        self._ended = True
        self._readers.unpark_all()

    def clear(self) -> None:
        """Forget what was pressed so far."""
        self._digits.clear()

    def receive_nowait(self) -> Digit:
        """Return the oldest digit.

        Raises:
            trio.WouldBlock: None was pressed.
            trio.EndOfChannel: None was pressed and the call is over.
        """
        if self._digits:
            return self._digits.popleft()
        raise trio.EndOfChannel if self._ended else trio.WouldBlock

    def __aiter__(self) -> DigitStream:
        return self

    async def __anext__(self) -> Digit:
        await trio.lowlevel.checkpoint()
        while not self._digits:
            if self._ended:
                raise StopAsyncIteration
            await self._readers.park()
        return self._digits.popleft()
