"""Which sample rates rooms have."""

from __future__ import annotations

from typing import Final

from trio_runtime.base.errors import ConfigurationError

__all__ = ["ROOM_RATES", "room_rate"]

ROOM_RATES: Final = (8_000, 16_000, 48_000)
"""Samples a second, in Hz, that a room may have."""


def room_rate(wanted: int | None, audio_rate: int) -> int:
    """Return the rate of a room, in Hz: what is wanted, or with None one that loses nothing of the calls.

    Args:
        wanted: The rate that was asked for, in Hz.
        audio_rate: The rate of the audio of calls, in Hz.

    Raises:
        ConfigurationError: It is none of `ROOM_RATES`.
    """
    if wanted is None:
        return next((rate for rate in ROOM_RATES if rate >= audio_rate), ROOM_RATES[-1])
    if wanted not in ROOM_RATES:
        rates = ", ".join(map(str, ROOM_RATES))
        raise ConfigurationError(f"must be one of {rates} Hz, not {wanted!r}", field="rate")
    return wanted
