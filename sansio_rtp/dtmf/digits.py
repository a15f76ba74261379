"""The sixteen DTMF digits and their event codes (RFC 4733 §3.2, table 3)."""

from __future__ import annotations

from ..errors import LocalProtocolError

DTMF_DIGITS = "0123456789*#ABCD"
"""Every digit, at the position that is its event code."""

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
