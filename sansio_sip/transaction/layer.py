"""The transaction layer: matching, creation and timers of all transactions (RFC 3261 §17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import Request
from .clients import ClientTransactions
from .config import LayerConfig, LayerStatistics
from .events import TransactionTerminated
from .servers import ServerTransactions
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..machine import Endpoint, Outbox, Transmit
    from ..message import Response
    from .events import TransactionEvent, TransactionKey
    from .server import ServerTransaction
    from .servers import Doorkeeper, Finisher

__all__ = ["TransactionLayer"]


class TransactionLayer:
    """Holds every transaction of one agent; its events carry keys, never objects.

    Args:
        config: Timers and limits.
        now: Current time in seconds.
        outbox: Where packets and events go.
    """

    __slots__ = ("_clients", "_servers", "_store", "out")

    def __init__(
        self, config: LayerConfig, *, now: float, outbox: Outbox[TransactionEvent] | None = None
    ) -> None:
        self._store = Store(config, now, outbox)
        self._clients = ClientTransactions(self._store)
        self._servers = ServerTransactions(self._store)
        self.out = self._store.out

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def set_finisher(self, finish: Finisher) -> None:
        """Let each response be completed before it is written, as with the Contact of its transport."""
        self._servers.finish = finish

    def set_doorkeeper(self, admit: Doorkeeper) -> None:
        """Let each new request outside of dialogs be judged before anything is kept of it."""
        self._servers.admit = admit

    @property
    def statistics(self) -> LayerStatistics:
        """Counters since the start."""
        return self._store.statistics

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all transactions."""
        return self._store.schedule.deadline

    @property
    def closed(self) -> bool:
        """Whether no transaction is left."""
        return not len(self)

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self.out.next_transmit()

    def next_event(self) -> TransactionEvent | None:
        """Pop one event; a transaction is forgotten when its last one leaves."""
        event = self.out.events.popleft() if self.out.events else None
        if type(event) is TransactionTerminated and not self._clients.forget(event.key):
            self._servers.forget(event.key)
        return event

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take one checked message from the network."""
        self._store.clock(now)
        if isinstance(message, Request):
            self._servers.receive(message, source)
        else:
            self._clients.receive(message, source)

    def handle_timeout(self, now: float) -> None:
        """Fire every timer that is due."""
        store = self._store
        store.clock(now)
        while (transaction := store.schedule.pop_due(store.now)) is not None:
            transaction.handle_timeout(store.now)
            store.schedule.update(transaction)

    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None:
        """Tell every transaction that sends to ``destination`` that it cannot be reached."""
        self._store.clock(now)
        self._clients.flow_failed(destination, cause)

    def request(self, request: Request, branch: str, destination: Endpoint, now: float) -> TransactionKey:
        """Send a request in a new client transaction and return its key."""
        self._store.clock(now)
        return self._clients.request(request, branch, destination)

    def cancel(self, key: TransactionKey, now: float) -> TransactionKey:
        """Send the CANCEL of an INVITE in a transaction of its own; see `ClientTransactions`."""
        self._store.clock(now)
        return self._clients.cancel(key)

    def terminate(self, key: TransactionKey, now: float) -> None:
        """Destroy a transaction of either side without another message."""
        self._store.clock(now)
        self._clients.terminate(key)
        self._servers.terminate(key)

    def respond(self, key: TransactionKey, response: Response, now: float) -> None:
        """Send a response in a server transaction; see `ServerTransactions`."""
        self._store.clock(now)
        self._servers.respond(key, response)

    def way_back(self, key: TransactionKey) -> Endpoint:
        """Return where the responses of a server transaction go; see `ServerTransactions`."""
        return self._servers.way_back(key)

    def answers(self, key: TransactionKey) -> bool:
        """Return whether there is a server transaction of that name."""
        return self._servers.has(key)

    def answering(self, destination: Endpoint) -> list[ServerTransaction]:
        """Return the server transactions that answer to an address; see `ServerTransactions`."""
        return self._servers.answering(destination)

    def redirect(self, key: TransactionKey, destination: Endpoint) -> None:
        """Let a server transaction answer to another address from now on (RFC 3263 §5)."""
        self._servers.redirect(key, destination)

    def find_cancelled(self, cancel: Request) -> TransactionKey | None:
        """Return the INVITE that a CANCEL is for; see `ServerTransactions`."""
        return self._servers.find_cancelled(cancel)

    def release(self, key: TransactionKey, now: float) -> None:
        """Drop an accepted INVITE whose call is over; see `ServerTransactions`."""
        self._store.clock(now)
        self._servers.release(key)

    def close(self, now: float, needed: Collection[TransactionKey] = ()) -> None:
        """Stop keeping transactions that only absorb late repeats; those that owe something stay.

        Args:
            now: Current time in seconds.
            needed: Accepted INVITEs whose calls may still have to repeat their 2xx.
        """
        self._store.clock(now)
        self._store.closing = True
        self._clients.touch_all()
        self._servers.touch_all(needed)
