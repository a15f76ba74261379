"""A request on its way to one target after another (RFC 3263 §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..headers import RetryAfter
from ..resolve import TargetList, fails_over
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from ..resolve import Resolver, Target
    from ..transaction import TransactionEvent, TransactionKey
    from .user import Finisher, TransactionUser

__all__ = ["Deliveries", "Delivery"]


class Delivery:
    """One request, its targets, and what has been heard of it so far.

    Args:
        request: As its user gave it; each try writes its own Via into it.
        user: Who hears what became of it, of the last try only; ``None`` for an ACK.
        finish: Completes it for each target, or ``None``.

    Attributes:
        heard: Whether the present target has said anything.
    """

    __slots__ = ("_before", "_targets", "finish", "heard", "request", "user")

    _targets: TargetList

    def __init__(self, request: Request, user: TransactionUser | None, finish: Finisher | None) -> None:
        self.request = request
        self.user = user
        self.finish = finish
        self._before = list(request.fields)
        self.heard = False

    @property
    def endpoint(self) -> Endpoint:
        """Where it goes, or went last."""
        return self._targets.current.destination

    @property
    def has_more(self) -> bool:
        """Whether there are further targets."""
        return len(self._targets) > 0

    def begin(self, targets: Iterable[Target]) -> None:
        """Take the targets in order."""
        self._targets = TargetList(targets)

    def stop(self) -> None:
        """Go nowhere else: what becomes of the present try is the end of it."""
        self._targets.stop()

    def failed(self, event: TransactionEvent) -> bool:
        """Take an event of the present try; return whether it says that its target failed."""
        match event:
            case TransactionTimedOut() | TransportFailed():
                # Whoever has answered has the request, and may be at work on it: a second server would do
                # it twice. So a timeout counts only "without ever having received any response" (§4.3), and
                # a connection that breaks later likewise.
                return not self.heard
            case FailureResponse(_, response):
                self.heard = True
                return fails_over(response.status_code)
            case ProvisionalResponse(_, response):
                self.heard = True
                if response.status_code > 100:
                    # There is an early dialog now, which the user knows and may have sent PRACK or UPDATE in,
                    # and a phone may ring: a 503 that comes after that is its end (RFC 3261 §8.1.3.1). A 100
                    # is of the next hop only, and a proxy says it before it finds out that it is overloaded.
                    self.stop()
            case _:
                self.heard = True
        return False

    def advance(self, event: TransactionEvent) -> bool:
        """Go on to the next target after a failure; False when that was the last."""
        if isinstance(event, FailureResponse):
            # Overload is the server's, whatever transport tells of it.
            self._targets.skip(self.endpoint)
        if self._targets.advance() is None:
            return False
        self.request.restore(self._before)
        self.heard = False
        return True


class Deliveries:
    """Requests whose targets came from a lookup, by the transaction of the present try.

    Args:
        resolver: Hears which targets failed and which answered.
    """

    __slots__ = ("_by_key", "_resolver")

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._by_key: dict[TransactionKey, Delivery] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, key: TransactionKey, delivery: Delivery) -> None:
        """Watch a try."""
        self._by_key[key] = delivery

    def stop(self, key: TransactionKey) -> None:
        """Let a request go nowhere else: its user has withdrawn or cancelled it."""
        delivery = self._by_key.get(key)
        if delivery is not None:
            delivery.stop()

    def next_try(self, event: TransactionEvent, key: TransactionKey, now: float) -> Delivery | None:
        """Take an event; return the delivery when its request has to go to the next target instead."""
        delivery = self._by_key.get(key)
        if delivery is None:
            return None
        heard = delivery.heard
        if isinstance(event, TransactionTerminated):
            del self._by_key[key]
        elif delivery.failed(event):
            self._resolver.target_failed(delivery.endpoint, now, retry_after=_retry_after(event))
            if delivery.advance(event):
                del self._by_key[key]
                return delivery
        elif delivery.heard and not heard:
            self._resolver.target_answered(delivery.endpoint)
        return None


def _retry_after(event: TransactionEvent) -> float | None:
    """Return how long a 503 asks to be left alone (RFC 3261 §21.5.4)."""
    if not isinstance(event, FailureResponse):
        return None
    try:
        value = RetryAfter.of(event.response)
    except ParseError:
        return None
    return None if value is None else float(value.seconds)
