"""What both server transactions share: they take a request and send responses."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

from ..message import Message, Request, Response, build_response
from .base import Transaction, response_input
from .states import Input

if TYPE_CHECKING:
    from ..machine import Endpoint, Outbox
    from .events import TransactionEvent, TransactionKey
    from .timers import TimerConfig

__all__ = ["ServerTransaction"]


class ServerTransaction(Transaction):
    """A transaction of the side that answers (RFC 3261 §17.2).

    Args:
        request: The request that opened it; held until the final response.
        key: See `Transaction`.
        destination: Where responses go (RFC 3261 §18.2.2, RFC 3581 §4).
        now: See `Transaction`.
        timers: See `Transaction`.
        outbox: See `Transaction`.
    """

    __slots__ = ("merge_key", "request")

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
        self.request: Request | None = request
        self.merge_key: TransactionKey = ()
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Enter the first state, with its timers."""

    @property
    def last_response(self) -> bytes | None:
        """What is repeated when the request comes again."""
        return self._repeat

    @property
    def unconfirmed(self) -> bool:
        """Whether an ACK is still to come for a failure."""
        return (self.state, Input.ACK) in self.table.rows

    def receive_message(self, message: Message, source: Endpoint, now: float) -> None:
        """Take a repeated request, or the ACK, that matched this transaction."""
        self._clock(now)
        if isinstance(message, Request):
            self._fire(Input.ACK if message.method == "ACK" else Input.REQUEST, message)

    def respond(self, response: Response, now: float) -> None:
        """Send a response of the transaction user.

        Raises:
            LocalProtocolError: The state allows no such response, as after a final one.
        """
        self._clock(now)
        self._fire(response_input(response.status_code), response)
        if response.status_code >= 200:
            self.request = None  # for the 32 s to come only the response counts

    def _send_trying(self, _message: Message | None) -> None:
        request = cast("Request", self.request)  # the timer stops with the final response
        self._send(build_response(request, 100).to_bytes())

    def _respond(self, response: Response) -> None:
        self._send(response.to_bytes())
