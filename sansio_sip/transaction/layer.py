"""The transaction layer: matching, creation and timers of all transactions (RFC 3261 §17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..machine import Outbox, Transmit
from ..message import Request, Response, build_cancel, build_response
from .client_invite import ClientInvite
from .client_non_invite import ClientNonInvite
from .config import LayerConfig, LayerStatistics
from .events import AckReceived, RequestReceived, StrayResponse, TransactionTerminated
from .keys import client_key, merge_key, reply_endpoint, server_key
from .schedule import Schedule
from .server import ServerTransaction
from .server_invite import ServerInvite
from .server_non_invite import ServerNonInvite
from .table import State

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Message
    from .client import ClientTransaction
    from .events import TransactionEvent, TransactionKey

__all__ = ["TransactionLayer"]


class TransactionLayer:
    """Holds every transaction of one agent; its events carry keys, never objects.

    Args:
        config: Timers and limits.
        now: Current time in seconds.
        outbox: Where packets and events go.
    """

    def __init__(
        self, config: LayerConfig, *, now: float, outbox: Outbox[TransactionEvent] | None = None
    ) -> None:
        self.config = config
        self.out: Outbox[TransactionEvent] = Outbox() if outbox is None else outbox
        self.statistics = LayerStatistics()
        self._now = now
        self._clients: dict[TransactionKey, ClientTransaction] = {}
        self._servers: dict[TransactionKey, ServerTransaction] = {}
        self._merges: dict[TransactionKey, TransactionKey] = {}
        self._schedule = Schedule()

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all transactions."""
        return self._schedule.deadline

    @property
    def closed(self) -> bool:
        """Whether no transaction is left."""
        return not self._clients and not self._servers

    def request(self, request: Request, branch: str, destination: Endpoint, now: float) -> TransactionKey:
        """Send a request in a new client transaction and return its key."""
        key = (branch, request.method)
        kind = ClientInvite if request.method == "INVITE" else ClientNonInvite
        transaction = kind(
            request, key, destination, now=self._clock(now), timers=self.config.timers, outbox=self.out
        )
        self._clients[key] = transaction
        self.statistics.client_created += 1
        self._schedule.update(transaction)
        return key

    def respond(self, key: TransactionKey, response: Response, now: float) -> None:
        """Send a response in a server transaction.

        Raises:
            LocalProtocolError: There is no such transaction, or it has its final response.
        """
        transaction = self._servers.get(key)
        if transaction is None:
            raise LocalProtocolError("there is no such server transaction any more")
        transaction.respond(response, self._clock(now))
        self._schedule.update(transaction)

    def server_request(self, key: TransactionKey) -> Request | None:
        """Return the request that opened a server transaction."""
        transaction = self._servers.get(key)
        return None if transaction is None else transaction.request

    def find_cancelled(self, cancel: Request) -> TransactionKey | None:
        """Return the INVITE server transaction that a CANCEL is for (RFC 3261 §9.2)."""
        key = server_key(cancel, "INVITE")
        return key if key in self._servers else None

    def receive_message(self, message: Message, source: Endpoint, now: float) -> None:
        """Take one checked message from the network."""
        self._clock(now)
        if isinstance(message, Request):
            self._receive_request(message, source)
        elif isinstance(message, Response):
            self._receive_response(message, source)

    def _receive_response(self, response: Response, source: Endpoint) -> None:
        transaction = self._clients.get(client_key(response))
        if transaction is None:
            self.statistics.stray_responses += 1
            self.out.events.append(StrayResponse(response, source))
            return
        transaction.receive_message(response, source, self._now)
        self._schedule.update(transaction)

    def _receive_request(self, request: Request, source: Endpoint) -> None:
        key = server_key(request)
        transaction = self._servers.get(key)
        if request.method == "ACK" and (transaction is None or transaction.state is State.ACCEPTED):
            self.out.events.append(AckReceived(request, source))
        elif transaction is not None:
            self.statistics.retransmissions_received += 1
            transaction.receive_message(request, source, self._now)
            self._schedule.update(transaction)
        else:
            self._open_server(key, request, source)

    def _open_server(self, key: TransactionKey, request: Request, source: Endpoint) -> None:
        if len(self._servers) >= self.config.max_transactions:
            self.statistics.refused += 1
            self.reply_statelessly(request, 503, source)
            return
        if not request.to_tag:
            other = self._merges.setdefault(merge_key(request), key)
            if other != key:
                self.statistics.merged += 1
                self.reply_statelessly(request, 482, source)
                return
        kind = ServerInvite if request.method == "INVITE" else ServerNonInvite
        transaction = kind(
            request,
            key,
            reply_endpoint(request, source),
            now=self._now,
            timers=self.config.timers,
            outbox=self.out,
        )
        self._servers[key] = transaction
        self.statistics.server_created += 1
        self._schedule.update(transaction)
        self.out.events.append(RequestReceived(key, request, source))

    def reply_statelessly(self, request: Request, status_code: int, source: Endpoint, to_tag: str = "") -> None:
        """Answer without a transaction, so that a flood costs no memory (RFC 3261 §8.2.7)."""
        if request.method == "ACK":
            return
        response = build_response(request, status_code, to_tag=to_tag or "stateless")
        self.out.transmits.append(Transmit(response.to_bytes(), reply_endpoint(request, source)))

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self.out.next_transmit()

    def next_event(self) -> TransactionEvent | None:
        """Pop one event; a transaction is forgotten when its last one leaves."""
        event = self.out.next_event()
        if isinstance(event, TransactionTerminated):
            self._forget(event.key)
        return event

    def _forget(self, key: TransactionKey) -> None:
        if self._clients.pop(key, None) is None:
            server = self._servers.pop(key, None)
            if server is not None and not server.request.to_tag:
                self._merges.pop(merge_key(server.request), None)

    def handle_timeout(self, now: float) -> None:
        """Fire every timer that is due."""
        self._clock(now)
        while (item := self._schedule.pop_due(self._now)) is not None:
            item.handle_timeout(self._now)
            self._schedule.update(item)

    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None:
        """Tell every transaction that sends to ``destination`` that it cannot be reached."""
        self._clock(now)
        for transaction in list(self._clients.values()):
            if transaction.destination[:3] == destination[:3]:
                transaction.flow_failed(cause, self._now)
                self._schedule.update(transaction)

    def cancel(self, key: TransactionKey, now: float) -> TransactionKey:
        """Send a CANCEL for an INVITE after the same path, in its own transaction (RFC 3261 §9.1).

        Raises:
            LocalProtocolError: There is no such INVITE client transaction.
        """
        invite = self._clients.get(key)
        if not isinstance(invite, ClientInvite):
            raise LocalProtocolError("there is no such INVITE client transaction any more")
        return self.request(build_cancel(invite.request), str(key[0]), invite.destination, now)

    def terminate(self, key: TransactionKey, now: float) -> None:
        """Destroy a client transaction, as 64·T1 after a CANCEL without an answer (§9.1)."""
        transaction = self._clients.get(key)
        if transaction is not None:
            transaction.close(self._clock(now))

    def close(self, now: float) -> None:
        """End every transaction at once: the last resort, after the users' graceful end."""
        self._clock(now)
        for transaction in [*self._clients.values(), *self._servers.values()]:
            transaction.close(self._now)

    def _clock(self, now: float) -> float:
        if now > self._now:
            self._now = now
        return self._now
