"""Keys that come as INFO (``application/dtmf-relay`` and ``application/dtmf``)."""

from __future__ import annotations

from trio_runtime.base.errors import MediaError
from trio_runtime.session import Digit

__all__ = ["digit_of_info", "infos_of_digits"]

_KEYS = frozenset("0123456789*#ABCD")
_LONGEST_MS = 10_000


def digit_of_info(content_type: str, body: bytes) -> Digit | None:
    """Return the key that an INFO relays, ``None`` when it relays none.

    Args:
        content_type: Value of Content-Type.
        body: Body octets.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text = body.decode("ascii", "replace")
    if kind == "application/dtmf-relay":
        return _relayed(text)
    if kind == "application/dtmf" and text.strip().upper() in _KEYS:
        return Digit(text.strip().upper(), 0.0, "info")
    return None


def infos_of_digits(digits: str, duration_ms: int) -> list[tuple[str, bytes]]:
    """Return Content-Type and body of an INFO for each key.

    Args:
        digits: Any of ``0-9 * # A-D``.
        duration_ms: How long each was held, in milliseconds.

    Raises:
        MediaError: A character is no key, or the time is out of range.
    """
    if wrong := "".join(sorted(set(digits.upper()) - _KEYS)):
        raise MediaError(f"{wrong!r} in {digits!r} is not a DTMF digit (0-9 * # A-D)")
    if not 1 <= duration_ms <= _LONGEST_MS:
        raise MediaError(f"duration_ms is {duration_ms}, not in 1..{_LONGEST_MS}")
    return [
        ("application/dtmf-relay", f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode())
        for digit in digits.upper()
    ]


def _relayed(text: str) -> Digit | None:
    """Read ``Signal=5`` and ``Duration=160``, each on its line."""
    values = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        values[name.strip().lower()] = value.strip().upper()
    digit = values.get("signal", "")
    digit = {"10": "*", "11": "#"}.get(digit, digit)
    if digit not in _KEYS:
        return None
    duration = values.get("duration", "")
    return Digit(digit, float(duration) if duration.isdecimal() and len(duration) < 7 else 0.0, "info")
