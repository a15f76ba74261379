"""The ways in which `serve` can take a call, as they are written on the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from enum import Enum
from pathlib import Path

import attrs

__all__ = ["Answer", "AnswerKind", "read_answer"]

_HIGHEST_TONE_HZ = 4_000  # half of the 8 kHz at which telephones talk


class AnswerKind(Enum):
    """What is done with a call."""

    ECHO = "echo"
    TONE = "tone"
    PLAY = "play"
    RECORD = "record"
    BUSY = "busy"
    RING = "ring"


_ARGUMENTS = {AnswerKind.TONE: "HZ", AnswerKind.PLAY: "FILE", AnswerKind.RECORD: "DIR"}
_FORMS = "echo, tone:HZ, play:FILE, record:DIR, busy or ring"


@attrs.frozen
class Answer:
    """What is done with each call.

    Attributes:
        kind: What.
        tone_hz: Frequency of the tone, 0 for another kind.
        path: File to play or folder to record into.
    """

    kind: AnswerKind
    tone_hz: float = 0.0
    path: Path = Path()

    @property
    def needs_audio(self) -> bool:
        """Whether it makes no sense without media."""
        return self.kind in _ARGUMENTS


def read_answer(text: str) -> Answer:
    """Read ``echo``, ``tone:HZ``, ``play:FILE``, ``record:DIR``, ``busy`` or ``ring``."""
    name, colon, argument = text.partition(":")
    try:
        kind = AnswerKind(name)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is none of {_FORMS}") from error
    needed = _ARGUMENTS.get(kind)
    if needed is None and colon:
        raise ArgumentTypeError(f"{name} takes no argument: {text!r}")
    if needed is not None and not argument:
        raise ArgumentTypeError(f"{name} needs an argument: {name}:{needed}")
    if kind is AnswerKind.TONE:
        return Answer(kind, tone_hz=_frequency(argument))
    return Answer(kind, path=Path(argument))


def _frequency(text: str) -> float:
    try:
        frequency = float(text)
    except ValueError:
        frequency = 0.0
    if not 0 < frequency < _HIGHEST_TONE_HZ:
        raise ArgumentTypeError(f"{text!r} is no frequency between 0 and {_HIGHEST_TONE_HZ} Hz")
    return frequency
