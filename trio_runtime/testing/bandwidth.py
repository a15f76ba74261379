"""A line that carries so many bits a second, and the queue in front of it."""

from __future__ import annotations

import attrs

from trio_runtime.base.validation import between

__all__ = ["Bandwidth", "Bottleneck"]

_OVERHEAD = 28
"""Octets of the headers of IPv4 and UDP, which travel as well."""


@attrs.frozen(kw_only=True)
class Bandwidth:
    """What a line can carry.

    Attributes:
        bits_per_second: Rate of the line; each datagram counts with its IP and UDP headers.
        max_queued: Octets that wait for the line at most; a datagram for which there is no room is dropped.
    """

    bits_per_second: float = attrs.field(validator=between(1))
    max_queued: int = attrs.field(default=65_536, validator=between(0))


class Bottleneck:
    """The line and its queue at work.

    Attributes:
        dropped: Datagrams for which there was no room.
    """

    __slots__ = ("_free_at", "_limits", "_octets_per_second", "dropped")

    def __init__(self, limits: Bandwidth) -> None:
        """Begin with an empty queue."""
        self._limits = limits
        self._octets_per_second = limits.bits_per_second / 8
        self._free_at = 0.0
        self.dropped = 0

    def queued(self, now: float) -> float:
        """Return the octets that wait or are being sent."""
        return max(0.0, self._free_at - now) * self._octets_per_second

    def departure(self, now: float, size: int) -> float | None:
        """Return when the last bit of a datagram has left, None when the queue has no room for it.

        Args:
            now: Time in seconds.
            size: Its payload in octets.
        """
        whole = size + _OVERHEAD
        waiting = self.queued(now)
        if waiting and waiting + whole > self._limits.max_queued:
            self.dropped += 1
            return None
        self._free_at = max(now, self._free_at) + whole / self._octets_per_second
        return self._free_at
