"""Sending digits and waiting until the last one is out."""

from __future__ import annotations

from collections.abc import Callable

import trio

from sansio_rtp.audio import dtmf_digits
from sansio_rtp.errors import LocalProtocolError
from trio_runtime.base.errors import MediaError
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import AudioFrame

__all__ = ["send_digits", "tones_of"]


class _DigitWatch:
    """A sink that hears nothing but looks, each tick, whether digits are still being sent."""

    def __init__(self, stream: MediaStream) -> None:
        self._stream = stream
        self.done = trio.Event()

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        if not self._stream.sending_digits:
            self.done.set()

    def close(self) -> None:
        self.done.set()


def tones_of(digits: str, sample_rate: int, duration_ms: int, gap_ms: int) -> AudioFrame:
    """Return digits as tones, int16, shape (n_samples,).

    Raises:
        MediaError: A character is no digit, or a time is out of range.
    """
    try:
        return dtmf_digits(digits.upper(), sample_rate, tone_ms=duration_ms, pause_ms=gap_ms)
    except LocalProtocolError as error:
        raise MediaError(f"digits {digits!r} cannot be sent: {error}") from error


async def send_digits(
    stream: MediaStream,
    digits: str,
    *,
    duration_ms: int,
    gap_ms: int,
    ended: Callable[[], Exception],
) -> None:
    """Send digits as telephone-events and return when the last packet of the last one is out.

    Args:
        stream: The call's media.
        digits: Any of `0-9 * # A-D`.
        duration_ms: Length of each digit, in milliseconds.
        gap_ms: Least pause behind each, in milliseconds.
        ended: Makes the exception for a call that ends before that.

    Raises:
        UnsupportedError: There is no media that may be sent.
        MediaError: A digit or a time is not allowed, too many wait, or the peer takes no telephone-events.
    """
    stream.send_digits(digits, duration_ms=duration_ms, gap_ms=gap_ms)
    watch = _DigitWatch(stream)
    stream.add_sink(watch)
    try:
        await watch.done.wait()
    finally:
        stream.remove_sink(watch)
    if stream.closed:
        raise ended()
