"""Noticing that a peer has gone silent: no packet for a configured time."""

from __future__ import annotations

from trio_runtime.media.types import RtpTimedOut

__all__ = ["SilenceWatch"]


class SilenceWatch:
    """Tells each silence once; it begins anew with the next packet."""

    __slots__ = ("_heard_at", "_limit_s", "_told")

    def __init__(self, limit_s: float | None) -> None:
        """Call more than `limit_s` seconds a silence; None never does."""
        self._limit_s = limit_s
        self._heard_at = 0.0
        self._told = True

    def hear(self, now: float) -> None:
        """Take note of when a packet came last, or of the moment from which one may be expected."""
        if now > self._heard_at:
            self._heard_at = now
            self._told = False

    def report(self, now: float) -> RtpTimedOut | None:
        """Return the silence when it has become too long and was not told yet."""
        if self._told or self._limit_s is None or now - self._heard_at < self._limit_s:
            return None
        self._told = True
        return RtpTimedOut(now - self._heard_at)
