"""The client side of the transaction layer: requests that we sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..message import build_cancel
from .client_invite import ClientInvite
from .client_non_invite import ClientNonInvite
from .events import StrayResponse
from .keys import client_key, is_answer_to
from .ways import Ways

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request, Response
    from .client import ClientTransaction
    from .events import TransactionKey
    from .store import Store

__all__ = ["ClientTransactions"]


class ClientTransactions:
    """Client transactions by branch and method.

    Args:
        store: What both sides share.
    """

    __slots__ = ("_by_key", "_store", "_ways")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_key: dict[TransactionKey, ClientTransaction] = {}
        self._ways: Ways[ClientTransaction] = Ways()

    def __len__(self) -> int:
        return len(self._by_key)

    def request(self, request: Request, branch: str, destination: Endpoint) -> TransactionKey:
        """Send a request in a new transaction and return its key."""
        store = self._store
        key = (branch, request.method)
        kind = ClientInvite if request.method == "INVITE" else ClientNonInvite
        transaction = kind(
            request, key, destination, now=store.now, timers=store.config.timers, outbox=store.out
        )
        self._by_key[key] = transaction
        self._ways.add(transaction)
        store.statistics.client_created += 1
        store.touch(transaction)
        return key

    def cancel(self, key: TransactionKey) -> TransactionKey:
        """Send the CANCEL of an INVITE on the same path (RFC 3261 §9.1).

        Raises:
            LocalProtocolError: There is no such INVITE.
        """
        invite = self._by_key.get(key)
        if not isinstance(invite, ClientInvite):
            raise LocalProtocolError("there is no such INVITE client transaction any more")
        return self.request(build_cancel(invite.request), str(key[0]), invite.destination)

    def receive(self, response: Response, source: Endpoint) -> None:
        """Take a response from the network; one that fits nowhere is reported as stray."""
        store = self._store
        transaction = self._by_key.get(client_key(response))
        if transaction is None or not is_answer_to(response, transaction.request):
            store.statistics.stray_responses += 1
            store.out.events.append(StrayResponse(response, source))
            return
        transaction.receive_message(response, source, store.now)
        store.touch(transaction)

    def flow_failed(self, destination: Endpoint, cause: str) -> None:
        """Tell every transaction that sends to ``destination`` that it cannot be reached."""
        for transaction in self._ways.to(destination):
            transaction.flow_failed(cause, self._store.now)
            self._store.touch(transaction)

    def terminate(self, key: TransactionKey) -> None:
        """Destroy a transaction, as 64·T1 after a CANCEL without an answer (§9.1)."""
        transaction = self._by_key.get(key)
        if transaction is not None:
            transaction.close(self._store.now)

    def forget(self, key: TransactionKey) -> bool:
        """Drop a terminated transaction; False when the key is none of this side."""
        transaction = self._by_key.pop(key, None)
        if transaction is None:
            return False
        self._ways.remove(transaction)
        return True

    def touch_all(self) -> None:
        """Look at every transaction again, after closing has begun."""
        for transaction in list(self._by_key.values()):
            self._store.touch(transaction)
