"""The sixteen DTMF digits and their event codes (RFC 4733 §3.2, table 3)."""

from __future__ import annotations

from enum import Enum

import attrs

from ..errors import LocalProtocolError

DTMF_DIGITS = "0123456789*#ABCD"
"""Every digit, at the position that is its event code."""

DTMF_KEYPAD = ("123A", "456B", "789C", "*0#D")
"""The digits as they stand on a telephone, by row."""
DTMF_ROWS_HZ = (697, 770, 852, 941)
"""The tone of each row (ITU-T Q.23)."""
DTMF_COLUMNS_HZ = (1209, 1336, 1477, 1633)
"""The tone of each column (ITU-T Q.23)."""

_CODES = {digit: code for code, digit in enumerate(DTMF_DIGITS)}


def event_code(digit: str) -> int:
    """Return the event code of a DTMF digit, 0 to 15; small letters count as capitals.

    Raises:
        LocalProtocolError: `digit` is not one of `0-9 * # A-D`.
    """
    code = _CODES.get(digit.upper())
    if code is None:
        raise LocalProtocolError(f"{digit!r} is not a DTMF digit (0-9 * # A-D)")
    return code


def event_digit(code: int) -> str | None:
    """Return the DTMF digit of an event code, or None for an event that is not DTMF."""
    return DTMF_DIGITS[code] if 0 <= code < len(DTMF_DIGITS) else None


class DigitSource(Enum):
    """The way by which a digit came."""

    RTP = "rfc4733"
    """Telephone-events (RFC 4733)."""
    INBAND = "inband"
    """Tones in the audio."""
    INFO = "info"
    """A SIP INFO request."""


@attrs.frozen
class Digit:
    """A digit was pressed and released.

    Attributes:
        digit: One of `0-9 * # A-D`.
        duration_ms: Length of the press as far as it is known, in milliseconds.
        volume: Level of the tone in -dBm0; 0 is also said by senders that do not know it.
        complete: True when the end was received; False when the packets just ceased.
        source: The way by which it came.
    """

    digit: str
    duration_ms: int
    volume: int
    complete: bool
    source: DigitSource = DigitSource.RTP
