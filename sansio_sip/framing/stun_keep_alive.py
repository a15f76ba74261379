"""When a flow over UDP needs its next keep-alive, and whether it has failed (RFC 5626 §4.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stun import is_stun_answer, read_mapped_address, stun_request

if TYPE_CHECKING:
    from ..ids import Ids

__all__ = ["StunKeepAlive"]

_FIRST_WAIT = 0.5  # RFC 8489 §6.2.1: doubled for each repeat
_TRIES = 7


class StunKeepAlive:
    """Keeps one flow over UDP: asks, repeats, and gives up when nobody answers.

    Args:
        interval: Seconds between two requests.
        now: Current time in seconds; the first request is due at once.
        ids: Makes the transactions.

    Attributes:
        deadline: When `handle_timeout` has work.
        failed: Whether the last request got no answer; the next one may.
        mapped: Our address as the far end sees it, once it has told.
        answered: Answers so far.
    """

    __slots__ = ("_ids", "_interval", "_transaction", "_tries", "answered", "deadline", "failed", "mapped")

    def __init__(self, interval: float, *, now: float, ids: Ids) -> None:
        self._interval = interval
        self._ids = ids
        self._transaction = b""
        self._tries = 0
        self.deadline = now
        self.failed = False
        self.mapped: tuple[str, int] | None = None
        self.answered = 0

    def handle_timeout(self, now: float) -> bytes | None:
        """Return the request that is due, or ``None``: nothing is, or the flow has just failed."""
        if now < self.deadline:
            return None
        if self._tries == _TRIES:
            self._rest(now)
            self.failed = True
            return None
        if not self._tries:
            self._transaction = self._ids.octets(12)
        self.deadline = now + _FIRST_WAIT * 2**self._tries
        self._tries += 1
        return stun_request(self._transaction)

    def receive(self, data: bytes, now: float) -> bool:
        """Take a datagram; return whether it is the answer that is due."""
        if not self._tries or not is_stun_answer(data, self._transaction):
            return False
        self.mapped = read_mapped_address(data)
        self.answered += 1
        self.failed = False
        self._rest(now)
        return True

    def _rest(self, now: float) -> None:
        self._tries = 0
        # Spread, so that all phones of a house do not ask together (RFC 5626 §4.4).
        self.deadline = now + self._ids.uniform(0.8 * self._interval, self._interval)
