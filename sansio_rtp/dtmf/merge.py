"""One stream of digits out of several: telephone-events, tones in the audio, SIP INFO."""

from __future__ import annotations

from collections import deque

import attrs

from .digits import Digit, DigitSource

_SAME_PRESS_S = 0.5
"""The same digit by another way within this time, and that of the press, is the same press, told twice."""
_MAX_PRESSES = 16
"""Presses remembered: more than anyone makes in that time."""


@attrs.define
class _Press:
    digit: str
    at: float
    duration_s: float
    ways: set[DigitSource]


class DigitMerger:
    """A filter that lets each press through once, whichever ways it comes.

    Gateways send a telephone-event and leave the beginning of the tone in the audio; some phones send INFO as
    well. The same digit twice by the same way is two presses. Ways have different delays: what the audio
    holds is heard only when the jitter buffer plays it, perhaps after the event of the next press, and some
    are told when a key goes down, others when it comes up.

    Attributes:
        repeated: Digits that had come by another way already.
    """

    __slots__ = ("_presses", "repeated")

    def __init__(self) -> None:
        """Create a filter that has seen no digit."""
        self._presses: deque[_Press] = deque(maxlen=_MAX_PRESSES)
        self.repeated = 0

    def receive(self, digit: Digit, now: float) -> bool:
        """Take a digit that was told at `now`, in seconds; return False when it was told already."""
        duration_s = digit.duration_ms / 1000
        for press in self._presses:
            apart = abs(now - press.at) - max(duration_s, press.duration_s)
            if press.digit == digit.digit and digit.source not in press.ways and apart <= _SAME_PRESS_S:
                press.ways.add(digit.source)
                self.repeated += 1
                return False
        self._presses.append(_Press(digit.digit, now, duration_s, {digit.source}))
        return True
