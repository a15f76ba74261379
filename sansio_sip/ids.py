"""The port through which all randomness enters the SIP core."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BRANCH_COOKIE", "Ids"]

BRANCH_COOKIE = "z9hG4bK"
"""Every RFC 3261 branch starts with it (RFC 3261 §8.1.1.7)."""


class Ids:
    """Makes every branch, tag, Call-ID and nonce from one source of random octets.

    In production the source is the operating system's generator, in a simulation a seeded one:
    with the same octets a machine produces the same bytes.

    Args:
        random_bytes: Returns as many random octets as it is asked for.
    """

    __slots__ = ("_random_bytes",)

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes

    def octets(self, count: int) -> bytes:
        """Return random octets as the source gives them."""
        return self._random_bytes(count)

    def branch(self) -> str:
        """Return a new Via branch: the magic cookie and 96 random bits (RFC 3261 §8.1.1.7)."""
        return BRANCH_COOKIE + self._random_bytes(12).hex()

    def tag(self) -> str:
        """Return a new From or To tag of 64 random bits; 32 are the least (RFC 3261 §19.3)."""
        return self._random_bytes(8).hex()

    def call_id(self) -> str:
        """Return a new Call-ID of 128 random bits, without a host (RFC 3261 §8.1.1.4)."""
        return self._random_bytes(16).hex()

    def cnonce(self) -> str:
        """Return a client nonce of 64 random bits (RFC 7616 §3.4)."""
        return self._random_bytes(8).hex()

    def session_id(self) -> int:
        """Return a number for the ``o=`` line; it fits 63 bits for peers that store an int64."""
        return int.from_bytes(self._random_bytes(6), "big")

    def uniform(self, low: float, high: float) -> float:
        """Return a number of seconds between ``low`` and ``high``, for randomised timers."""
        return low + (high - low) * int.from_bytes(self._random_bytes(4), "big") / 0xFFFF_FFFF
