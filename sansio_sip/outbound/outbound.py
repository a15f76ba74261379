"""How requests of one agent get out: next hop, Via, transaction, and who hears the answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..errors import ProtocolError
from ..resolve import needs_stream
from ..transaction import TransactionTerminated
from .delivery import Delivery
from .hop import first_hop_uri, next_hop, octets_of
from .outbound_base import OutboundBase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from ..resolve import Target
    from ..transaction import TransactionEvent, TransactionKey
    from .user import Finisher, TransactionUser

__all__ = ["Outbound"]

_ADDED = 120  # octets of the Via and the Content-Length that every request still gets


class Outbound(OutboundBase):
    """Sends requests for all usages of an agent (RFC 3261 §8.1.2, §18.1.1, RFC 3263).

    A numeric next hop costs nothing. A name is looked up, and its targets are tried in order; the user
    hears of the last one only. A request too large for UDP goes over TCP where there is one, and over UDP
    after all when no connection can be had.

    Args:
        layer: The transaction layer.
        ids: Makes the branches.
        sent_by: For each transport that exists the host and port to put into Via.
        questions: Where `DnsQuestion` events go.
        resolver: Limits and order of lookups; of its transports those that exist are used.
        own: Chooses Via and Contact.

    Attributes:
        layer: The transaction layer.
        statistics: Counters since the start.
    """

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
        """Send a request, or ask for its targets first.

        Args:
            request: Complete but for the Via, which is added here.
            user: Who hears the answer; ``None`` for an ACK, which has none.
            now: Current time in seconds.
            next_hop_uri: Where it goes if not to its first Route or its Request-URI; a dialog
                knows it (RFC 3261 §12.2.1.1).
            finish: Completes it when the next hop is known, as a proxy does (§16.6).
            flow: Where it goes whatever its URIs say, as to a registered flow (RFC 5626 §5.3).
        """
        if flow is not None and flow.transport in self._transports:
            self._send_to(flow, request, user, now, finish)
            return
        try:
            uri = next_hop_uri or first_hop_uri(request)
            hop = next_hop(uri)
        except ProtocolError as error:
            self._refuse(request, user, str(error), now)
            return
        endpoint = hop.endpoint
        if request.flow is not None and (way := self.flows.way(request.flow, hop)) is not None:
            if way.reliable:
                self._send_to(way, request, user, now, finish)
                return
            endpoint = way
        # The way to a number is settled, but for what is too large for UDP where there is a stream too.
        size = octets_of(request) + _ADDED if self._has_choice else 0
        if endpoint is None or (hop.transport == "UDP" and needs_stream(size)):
            self._look_up(uri, request, user, now, finish, size)
        elif hop.transport not in self._transports:
            self._refuse(request, user, f"there is no {hop.transport} transport", now)
        else:
            self._send_to(endpoint, request, user, now, finish)

    def _look_up(
        self,
        uri: str,
        request: Request,
        user: TransactionUser | None,
        now: float,
        finish: Finisher | None,
        size: int,
    ) -> None:
        delivery = Delivery(request, user, finish)
        query = self._lookups.start(uri, partial(self._found, delivery), now, size=size)
        if self._lookups.is_open(query) and user is not None:
            self._queries[id(request)] = query
        if not self._lookups.busy:
            self._told.clear()  # who sends hears of it at once, and looks after itself

    def _found(self, delivery: Delivery, targets: tuple[Target, ...], cause: str, now: float) -> None:
        self._queries.pop(id(delivery.request), None)
        if targets:
            delivery.begin(targets)
            self._try(delivery, now)
        else:
            self._refuse(delivery.request, delivery.user, cause, now)

    def _try(self, delivery: Delivery, now: float) -> None:
        """Send a request to the present one of its targets, in a transaction of its own."""
        key = self._send_to(
            delivery.endpoint, delivery.request, delivery.user, now, delivery.finish, kept=delivery.has_more
        )
        if key:
            self._deliveries.add(key, delivery)

    # Taking back

    def cancel(self, invite: Request, user: TransactionUser, now: float) -> None:
        """Send the CANCEL of an INVITE that has been sent, to where it went; it goes nowhere else."""
        invite_key = self.key(invite)
        key = self.layer.cancel(invite_key, now)
        self._users[key] = user
        self._deliveries.stop(invite_key)

    def withdraw(self, request: Request) -> bool:
        """Take back a request that still waits for the DNS; return whether it did.

        One that has been sent goes to no other target any more.
        """
        query = self._queries.pop(id(request), None)
        if query is None:
            self._deliveries.stop(self.key(request))
            return False
        self._lookups.cancel(query)
        return True

    def awaits(self, request: Request) -> bool:
        """Return whether a request, as it came in, is one that we have sent and that waits for its answer."""
        return self.key(request) in self._users

    # What the transactions say

    def flow_failed(
        self, destination: Endpoint, cause: str, now: float, unsent: Iterable[bytes] = ()
    ) -> None:
        """Tell that ``destination`` cannot be reached, or its connection is gone (RFC 3261 §18.4).

        Requests that went there fail, or go on to their next target; responses that were to go there are
        sent by their Via instead (RFC 3263 §5).

        Args:
            destination: Where nothing can be sent.
            cause: What happened.
            now: Current time in seconds.
            unsent: Packets that did not get out.
        """
        self.flows.forget(destination)
        self.layer.flow_failed(destination, cause, now)
        self._replies.flow_failed(destination, unsent, now)

    def dispatch(self, event: TransactionEvent, key: TransactionKey, now: float) -> TransactionUser | None:
        """Hand an event of a client transaction to its user and return the user."""
        if self._deliveries and (delivery := self._deliveries.next_try(event, key, now)) is not None:
            self.statistics.failovers += 1
            del self._users[key]
            self._try(delivery, now)
            return delivery.user
        ended = type(event) is TransactionTerminated
        user = self._users.pop(key, None) if ended else self._users.get(key)
        if user is not None:
            user.transaction_event(event, now)
        return user
