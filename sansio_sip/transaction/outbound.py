"""How requests of one agent get out: next hop, Via, transaction, and who hears the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import attrs

from ..errors import LocalProtocolError, ProtocolError
from ..machine import Endpoint, Transmit
from .events import TransactionEvent, TransactionKey, TransactionTerminated, TransportFailed
from .target import TargetNeeded, first_hop_uri, next_hop

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping

    from ..ids import Ids
    from ..message import Request
    from .layer import TransactionLayer

__all__ = ["Finisher", "Outbound", "TransactionUser"]


class TransactionUser(Protocol):
    """Who sent a request and hears what became of it (the TU of RFC 3261 §5)."""

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take one event of an own client transaction."""


Finisher = Callable[["Request", Endpoint], str]
"""Completes a request when its next hop is known; gives the branch of the Via to put on top."""


@attrs.define
class _Pending:
    request: Request
    user: TransactionUser | None
    finish: Finisher | None


class Outbound:
    """Sends requests for all usages of an agent.

    Args:
        layer: The transaction layer.
        ids: Makes the branches.
        sent_by: For each transport that exists the host and port to put into Via.
        questions: Where `TargetNeeded` events go.
        max_pending: How many requests may wait for the DNS at once.
    """

    def __init__(
        self,
        layer: TransactionLayer,
        *,
        ids: Ids,
        sent_by: Mapping[str, tuple[str, int]],
        questions: deque[TargetNeeded],
        max_pending: int = 10_000,
    ) -> None:
        self.layer = layer
        self._ids = ids
        self._via_start = {
            transport: f"SIP/2.0/{transport} {f'[{host}]' if ':' in host else host}:{port};rport;branch="
            for transport, (host, port) in sent_by.items()
        }
        self._users: dict[TransactionKey, TransactionUser] = {}
        self._questions = questions
        self._pending: dict[int, _Pending] = {}
        self._queries = 0
        self._max_pending = max_pending

    @property
    def closed(self) -> bool:
        """Whether no request waits for an answer or for the DNS."""
        return not self._users and not self._pending

    def send(
        self,
        request: Request,
        user: TransactionUser | None,
        now: float,
        next_hop_uri: str = "",
        *,
        finish: Finisher | None = None,
        flow: Endpoint | None = None,
    ) -> None:
        """Send a request, or ask for its target first.

        Args:
            request: Complete but for the Via, which is added here.
            user: Who hears the answer; ``None`` for an ACK, which has none.
            now: Current time in seconds.
            next_hop_uri: Where it goes if not to its first Route or its Request-URI; a dialog
                knows it (RFC 3261 §12.2.1.1).
            finish: Completes it when the next hop is known, as a proxy does (§16.6).
            flow: Where it goes whatever its URIs say, as to a registered flow (RFC 5626 §5.3).
        """
        if flow is not None and flow.transport in self._via_start:
            self._send_to(flow, request, user, now, finish)
            return
        try:
            hop = next_hop(next_hop_uri or first_hop_uri(request))
        except ProtocolError as error:
            self._fail(user, request.method, str(error), now)
            return
        endpoint = hop.endpoint
        if hop.transport not in self._via_start:
            self._fail(user, request.method, f"there is no {hop.transport} transport", now)
        elif endpoint is not None:
            self._send_to(endpoint, request, user, now, finish)
        elif len(self._pending) >= self._max_pending:
            self._fail(user, request.method, "too many requests wait for the DNS", now)
        else:
            self._queries += 1
            self._pending[self._queries] = _Pending(request, user, finish)
            self._questions.append(TargetNeeded(self._queries, hop.host, hop.port, hop.transport))

    def _send_to(
        self,
        endpoint: Endpoint,
        request: Request,
        user: TransactionUser | None,
        now: float,
        finish: Finisher | None,
    ) -> None:
        if finish is not None:
            branch = finish(request, endpoint)
            request.insert_first("Via", self._via_start[endpoint.transport] + branch)
        elif request.get("via") is None:  # a repeated ACK has its Via already
            request.insert_first("Via", self._via_start[endpoint.transport] + self._ids.branch())
        if user is None:
            self.layer.out.transmits.append(Transmit(request.to_bytes(), endpoint))
            return
        key = self.layer.request(request, request.via.branch or "", endpoint, now)
        self._users[key] = user

    def cancel(self, invite: Request, user: TransactionUser, now: float) -> None:
        """Send the CANCEL of an INVITE that has been sent."""
        key = self.layer.cancel(self.key(invite), now)
        self._users[key] = user

    @staticmethod
    def key(request: Request) -> TransactionKey:
        """Return the transaction of a request; one that is not sent yet has no branch."""
        return ("" if request.get("via") is None else request.via.branch, request.method)

    def withdraw(self, request: Request) -> bool:
        """Take back a request that still waits for the DNS; return whether it did."""
        for query, pending in self._pending.items():
            if pending.request is request:
                del self._pending[query]
                return True
        return False

    def target_found(self, query: int, endpoint: Endpoint, now: float) -> None:
        """Answer a `TargetNeeded`; a question that nobody waits for any more is ignored.

        Raises:
            LocalProtocolError: There is no such transport.
        """
        if endpoint.transport not in self._via_start:
            raise LocalProtocolError(f"there is no {endpoint.transport} transport")
        pending = self._pending.pop(query, None)
        if pending is not None:
            self._send_to(endpoint, pending.request, pending.user, now, pending.finish)

    def target_failed(self, query: int, cause: str, now: float) -> TransactionUser | None:
        """Answer a `TargetNeeded` for which there is no address; return the user that was told."""
        pending = self._pending.pop(query, None)
        if pending is None:
            return None
        self._fail(pending.user, pending.request.method, cause, now)
        return pending.user

    def dispatch(self, event: TransactionEvent, key: TransactionKey, now: float) -> TransactionUser | None:
        """Hand an event of a client transaction to its user and return the user."""
        ended = type(event) is TransactionTerminated
        user = self._users.pop(key, None) if ended else self._users.get(key)
        if user is not None:
            user.transaction_event(event, now)
        return user

    def _fail(self, user: TransactionUser | None, method: str, cause: str, now: float) -> None:
        if user is not None:
            user.transaction_event(TransportFailed(("", method), cause), now)
            user.transaction_event(TransactionTerminated(("", method)), now)
