"""The keys that the peer pressed, as a stream."""

from __future__ import annotations

from collections import deque

import attrs
import trio

__all__ = ["Digit", "DigitStream"]


@attrs.frozen
class Digit:
    """One key press.

    Attributes:
        digit: One of ``0-9 * # A-D``.
        duration_ms: How long it was held, in milliseconds; 0 where the source does not say.
        source: ``rfc4733`` or ``info``.
    """

    digit: str
    duration_ms: float
    source: str

    def __str__(self) -> str:
        return self.digit


class DigitStream:
    """Iterates over the digits of a call, and ends with it.

    A reader that comes late still gets what was pressed before; of more than ``max_digits`` the
    oldest are dropped and counted.
    """

    def __init__(self, max_digits: int = 256) -> None:
        self._digits: deque[Digit] = deque()
        self._max_digits = max_digits
        self._readers = trio.lowlevel.ParkingLot()
        self._ended = False
        self.dropped = 0

    def offer(self, digit: Digit) -> None:
        """Add a digit."""
        if len(self._digits) >= self._max_digits:
            self._digits.popleft()
            self.dropped += 1
        self._digits.append(digit)
        self._readers.unpark()

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
