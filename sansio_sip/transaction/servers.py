"""The server side of the transaction layer: requests that came to us."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..errors import LocalProtocolError
from .events import AckReceived, RequestReceived
from .keys import merge_key, reply_endpoint, server_key
from .server_invite import ServerInvite
from .server_non_invite import ServerNonInvite
from .stateless import answer_without_state
from .states import State
from .ways import Ways

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..machine import Endpoint
    from ..message import Request, Response
    from .events import TransactionKey
    from .server import ServerTransaction
    from .store import Store

__all__ = ["Doorkeeper", "Finisher", "ServerTransactions"]

Finisher: TypeAlias = "Callable[[Response, Request | None, Endpoint], None]"
"""Completes a response, given its request while that is known, and where it goes."""

Doorkeeper: TypeAlias = "Callable[[Request, Endpoint, float], bool]"
"""Lets a new request outside of dialogs in, given where it came from and the time, or has dealt with it."""


class ServerTransactions:
    """Server transactions by branch, sent-by and method.

    Args:
        store: What both sides share.

    Attributes:
        admit: Asked before a transaction is opened outside of dialogs, or ``None``.
        finish: Completes each response before it is written, or ``None``.
    """

    __slots__ = ("_by_key", "_merges", "_store", "_ways", "admit", "finish")

    def __init__(self, store: Store) -> None:
        self.admit: Doorkeeper | None = None
        self.finish: Finisher | None = None
        self._store = store
        self._by_key: dict[TransactionKey, ServerTransaction] = {}
        self._merges: dict[TransactionKey, TransactionKey] = {}
        self._ways: Ways[ServerTransaction] = Ways()  # of those that answer by a connection

    def __len__(self) -> int:
        return len(self._by_key)

    def receive(self, request: Request, source: Endpoint) -> None:
        """Take a request from the network: a new one, a repeat, or an ACK."""
        store = self._store
        key = server_key(request)
        transaction = self._by_key.get(key)
        if request.method == "ACK" and (transaction is None or transaction.state is State.ACCEPTED):
            store.out.events.append(AckReceived(request, source))
        elif transaction is not None:
            store.statistics.retransmissions_received += request.method != "ACK"
            transaction.receive_message(request, source, store.now)
            store.touch(transaction)
        elif len(self._by_key) >= store.config.max_transactions:
            store.statistics.refused += 1
            self._refuse(request, 503, source)
        elif request.to_tag:
            self._open(key, (), request, source)
        elif self.admit is not None and not self.admit(request, source, store.now):
            return
        elif not store.config.refuse_merged:
            self._open(key, (), request, source)
        else:
            self._open_unmerged(key, request, source)

    def _open_unmerged(self, key: TransactionKey, request: Request, source: Endpoint) -> None:
        """Open a transaction unless another copy of the request came another way (RFC 3261 §8.2.2.2)."""
        merge = merge_key(request)
        if self._merges.setdefault(merge, key) != key:
            self._store.statistics.merged += 1
            self._refuse(request, 482, source)
        else:
            self._open(key, merge, request, source)

    def _open(self, key: TransactionKey, merge: TransactionKey, request: Request, source: Endpoint) -> None:
        store = self._store
        kind = ServerInvite if request.method == "INVITE" else ServerNonInvite
        destination = reply_endpoint(request, source)
        transaction = kind(
            request, key, destination, now=store.now, timers=store.config.timers, outbox=store.out
        )
        transaction.merge_key = merge
        self._by_key[key] = transaction
        if destination.reliable:
            self._ways.add(transaction)
        store.statistics.server_created += 1
        store.touch(transaction)
        store.out.events.append(RequestReceived(key, request, source))

    def _refuse(self, request: Request, status_code: int, source: Endpoint) -> None:
        self._store.out.transmits.append(answer_without_state(request, status_code, source))

    def respond(self, key: TransactionKey, response: Response) -> None:
        """Send a response.

        Raises:
            LocalProtocolError: There is no such transaction, or it has its final response.
        """
        transaction = self._find(key)
        if self.finish is not None:
            self.finish(response, transaction.request, transaction.destination)
        transaction.respond(response, self._store.now)
        self._store.touch(transaction)

    def has(self, key: TransactionKey) -> bool:
        """Return whether there is a transaction."""
        return key in self._by_key

    def find_cancelled(self, cancel: Request) -> TransactionKey | None:
        """Return the INVITE that a CANCEL is for (RFC 3261 §9.2)."""
        key = server_key(cancel, "INVITE")
        return key if key in self._by_key else None

    def release(self, key: TransactionKey) -> None:
        """Drop an accepted INVITE whose call is over, when closing."""
        transaction = self._by_key.get(key)
        if self._store.closing and transaction is not None:
            transaction.close(self._store.now)

    def terminate(self, key: TransactionKey) -> None:
        """Destroy a transaction without an answer (RFC 4320 §4.2)."""
        transaction = self._by_key.get(key)
        if transaction is not None:
            transaction.close(self._store.now)

    def way_back(self, key: TransactionKey) -> Endpoint:
        """Return where the responses of a transaction go.

        Raises:
            LocalProtocolError: There is no such transaction.
        """
        return self._find(key).destination

    def _find(self, key: TransactionKey) -> ServerTransaction:
        transaction = self._by_key.get(key)
        if transaction is None:
            raise LocalProtocolError("there is no such server transaction any more")
        return transaction

    def answering(self, destination: Endpoint) -> list[ServerTransaction]:
        """Return the transactions whose responses go by a connection, which may be gone."""
        return self._ways.to(destination)

    def redirect(self, key: TransactionKey, destination: Endpoint) -> None:
        """Send what a transaction still says to another address; one that is gone says nothing."""
        transaction = self._by_key.get(key)
        if transaction is not None:
            if transaction.destination.reliable:
                self._ways.remove(transaction)
            transaction.destination = destination
            if destination.reliable:
                self._ways.add(transaction)

    def forget(self, key: TransactionKey) -> None:
        """Drop a terminated transaction."""
        transaction = self._by_key.pop(key, None)
        if transaction is None:
            return
        if transaction.merge_key:
            self._merges.pop(transaction.merge_key, None)
        if transaction.destination.reliable:
            self._ways.remove(transaction)

    def touch_all(self, needed: Collection[TransactionKey]) -> None:
        """Look at every transaction again, after closing has begun; accepted ones go unless needed."""
        for key, transaction in list(self._by_key.items()):
            if transaction.state is State.ACCEPTED and key not in needed:
                transaction.close(self._store.now)
            self._store.touch(transaction)
