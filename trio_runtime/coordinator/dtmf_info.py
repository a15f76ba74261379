"""Keys that come as INFO (``application/dtmf-relay`` and ``application/dtmf``)."""

from __future__ import annotations

from trio_runtime.session import Digit

__all__ = ["digit_of_info"]

_KEYS = frozenset("0123456789*#ABCD")


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
