"""A token bucket: a rate that is kept on the whole, with room for a burst."""

from __future__ import annotations

import attrs

__all__ = ["TokenBucket"]


@attrs.define
class TokenBucket:
    """Holds tokens that come back with time.

    Attributes:
        rate: Tokens a second.
        size: Tokens that it holds at most, and has at first.
        tokens: Tokens now, as of ``at``.
        at: Time in seconds for which that holds.
    """

    rate: float
    size: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, size: float, now: float) -> TokenBucket:
        """Return a full bucket; one that holds less than a token would never let anything through."""
        size = max(1.0, size)
        return cls(rate, size, size, now)

    def has(self, now: float) -> bool:
        """Return whether there is a token; takes none."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        # A token that is there but for the rounding of the sum counts.
        return self.tokens >= 0.999_999

    def take(self) -> None:
        """Take a token that `has` has seen."""
        self.tokens -= 1.0
