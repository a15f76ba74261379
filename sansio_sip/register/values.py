"""Small values of registrations: seconds and preferences as peers write them."""

from __future__ import annotations

import re

__all__ = ["MAX_SECONDS", "read_q", "read_retry_after", "read_seconds"]

MAX_SECONDS = 2**32 - 1
"""Longer times count as this one (RFC 3261 §10.2)."""

_RETRY_AFTER = re.compile(r"[ \t]*+([0-9]++)")
_Q = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", re.ASCII)


def read_seconds(text: str | None, default: int) -> int:
    """Read a number of seconds.

    Args:
        text: The digits, or None.
        default: What no text or a damaged one counts as.
    """
    if text is None or not (text.isascii() and text.isdecimal()):
        return default
    digits = text.lstrip("0") or "0"
    return MAX_SECONDS if len(digits) > 10 else min(int(digits), MAX_SECONDS)


def read_retry_after(text: str | None) -> int | None:
    """Read Retry-After, whose comment and parameters do not matter here (RFC 3261 §20.33)."""
    match = None if text is None else _RETRY_AFTER.match(text)
    return None if match is None else read_seconds(match[1], 0)


def read_q(text: str | None) -> float:
    """Read a preference from 0 to 1; 1 when there is none or it is damaged (RFC 3261 §20.10)."""
    return float(text) if text and _Q.fullmatch(text) else 1.0
