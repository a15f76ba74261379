"""What both client transactions share: they send a request and read responses."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ..message import Message, Request, Response
from .base import Transaction, response_input
from .events import FailureResponse, ProvisionalResponse, SuccessResponse

if TYPE_CHECKING:
    from ..machine import Endpoint, Outbox
    from .events import TransactionEvent, TransactionKey
    from .timers import TimerConfig

__all__ = ["ClientTransaction"]


class ClientTransaction(Transaction):
    """A transaction of the side that sends the request (RFC 3261 §17.1).

    The request goes out on construction.

    Args:
        request: The complete request, with this transaction's branch in its topmost Via.
        key: See `Transaction`.
        destination: See `Transaction`.
        now: See `Transaction`.
        timers: See `Transaction`.
        outbox: See `Transaction`.
    """

    __slots__ = ("request",)

    def __init__(
        self,
        request: Request,
        key: TransactionKey,
        destination: Endpoint,
        *,
        now: float,
        timers: TimerConfig,
        outbox: Outbox[TransactionEvent] | None = None,
    ) -> None:
        super().__init__(key, destination, now=now, timers=timers, outbox=outbox)
        self.request = request
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Enter the first state, with its timers."""

    def receive_message(self, message: Message, source: Endpoint, now: float) -> None:
        """Take a response that matched this transaction."""
        self._clock(now)
        if isinstance(message, Response):
            self._fire(response_input(message.status_code), message)

    def _deliver(self, response: Response) -> None:
        status = response.status_code
        kind = ProvisionalResponse if status < 200 else SuccessResponse if status < 300 else FailureResponse
        self.out.events.append(kind(self.key, response))
