"""When a flow over UDP needs its next keep-alive, and whether it has failed (RFC 5626 §4.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..machine import Outbox, Transmit
from .stun import is_stun_answer, read_mapped_address, stun_request

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Endpoint

__all__ = ["KeepAliveAnswered", "KeepAliveEvent", "KeepAliveFailed", "StunKeepAlive"]

_FIRST_WAIT = 0.5  # RFC 8489 §6.2.1: doubled for each repeat
_TRIES = 7


@attrs.frozen
class KeepAliveAnswered:
    """The far end is there.

    Attributes:
        mapped: Our address and port as it sees them, ``None`` when it does not say.
    """

    mapped: tuple[str, int] | None


@attrs.frozen
class KeepAliveFailed:
    """The far end has answered none of the repeats: the flow has failed; it is asked again all the same."""

    destination: Endpoint


KeepAliveEvent = KeepAliveAnswered | KeepAliveFailed


class StunKeepAlive:
    """Keeps one flow over UDP: asks, repeats, rests, until it is closed.

    Args:
        destination: The far end.
        interval: Seconds between two requests.
        now: Current time in seconds; the first request is due at once.
        ids: Makes the transactions.

    Attributes:
        deadline: When `handle_timeout` has work, ``None`` once closed.
        closed: Whether it was closed.
    """

    # fmt: off
    __slots__ = ("_destination", "_ids", "_interval", "_now", "_out", "_transaction", "_tries", "closed",
                 "deadline")
    # fmt: on

    def __init__(self, destination: Endpoint, interval: float, *, now: float, ids: Ids) -> None:
        self._destination = destination
        self._interval = interval
        self._ids = ids
        self._now = now
        self._out: Outbox[KeepAliveEvent] = Outbox()
        self._transaction = b""
        self._tries = 0
        self.deadline: float | None = now
        self.closed = False

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self._out.next_transmit()

    def next_event(self) -> KeepAliveEvent | None:
        """Pop one event."""
        return self._out.next_event()

    def handle_timeout(self, now: float) -> None:
        """Ask, ask again, or give up, where it is time for it."""
        self._now = max(self._now, now)
        if self.deadline is None or self._now < self.deadline:
            return
        if self._tries == _TRIES:
            self._out.events.append(KeepAliveFailed(self._destination))
            self._rest()
            return
        if not self._tries:
            self._transaction = self._ids.octets(12)
        self.deadline = self._now + _FIRST_WAIT * 2**self._tries
        self._tries += 1
        self._out.transmits.append(Transmit(stun_request(self._transaction), self._destination))

    def receive_packet(self, data: bytes, now: float) -> None:
        """Take a datagram; all but the answer that is due means nothing."""
        self._now = max(self._now, now)
        if self._tries and is_stun_answer(data, self._transaction):
            self._out.events.append(KeepAliveAnswered(read_mapped_address(data)))
            self._rest()

    def close(self, now: float) -> None:
        """Ask no more; may be called again without effect."""
        self._now = max(self._now, now)
        self._tries = 0
        self.closed, self.deadline = True, None

    def _rest(self) -> None:
        self._tries = 0
        # Spread, so that all phones of a house do not ask together (RFC 5626 §4.4).
        self.deadline = self._now + self._ids.uniform(0.8 * self._interval, self._interval)
