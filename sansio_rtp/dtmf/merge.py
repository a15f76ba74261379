"""One stream of digits out of several: telephone-events, tones in the audio, SIP INFO."""

from __future__ import annotations

from .digits import Digit

_SAME_PRESS_S = 0.5
"""The same digit by another way within this time is the same press, told twice."""


class DigitMerger:
    """A filter that lets each press through once, whichever ways it comes.

    Gateways send a telephone-event and leave the beginning of the tone in the audio; some phones send INFO as
    well. The same digit twice by the same way is two presses.

    Attributes:
        repeated: Digits that had come by another way already.
    """

    __slots__ = ("_last", "_time", "repeated")

    def __init__(self) -> None:
        """Create a filter that has seen no digit."""
        self._last: Digit | None = None
        self._time = float("-inf")
        self.repeated = 0

    def receive(self, digit: Digit, now: float) -> bool:
        """Take a digit that was released at `now`, in seconds; return False when it was told already."""
        last = self._last
        twice = (
            last is not None
            and last.digit == digit.digit
            and last.source is not digit.source
            and abs(now - self._time) <= _SAME_PRESS_S
        )
        if twice:
            self.repeated += 1
            return False
        self._last, self._time = digit, now
        return True
