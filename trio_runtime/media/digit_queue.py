"""Digits that a user wants sent, as telephone-events of a session."""

from __future__ import annotations

from sansio_rtp.dtmf import DTMF_DIGITS
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.session import RtpSession
from trio_runtime.base.errors import MediaError

__all__ = ["queue_digits"]


def queue_digits(session: RtpSession, digits: str, now: float, *, duration_ms: int, gap_ms: int) -> None:
    """Queue digits; what stands before one that cannot be sent is queued.

    Raises:
        MediaError: A character is no digit, a time is out of range, too many wait, the peer takes none.
    """
    if wrong := "".join(sorted(set(digits.upper()) - set(DTMF_DIGITS))):
        raise MediaError(f"{wrong!r} in {digits!r} is not a DTMF digit (0-9 * # A-D)")
    try:
        for digit in digits:
            session.send_digit(digit, now, duration_ms=duration_ms, gap_ms=gap_ms)
    except LocalProtocolError as error:
        raise MediaError(f"digits {digits!r} cannot be sent: {error}") from error
