"""What `Outbound` holds, what comes in from the DNS, and the last step of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..machine import Transmit
from ..message import Via
from ..resolve import ResolverConfig
from ..transaction import TransactionTerminated, TransportFailed
from .delivery import Deliveries
from .live_flows import LiveFlows
from .lookups import Lookups
from .own_address import OwnAddresses
from .replies import Replies
from .statistics import OutboundStatistics

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable, Mapping

    from ..ids import Ids
    from ..machine import Endpoint
    from ..message import Request
    from ..resolve import DnsQuestion, Record
    from ..transaction import TransactionKey, TransactionLayer
    from .user import Finisher, TransactionUser

__all__ = ["OutboundBase"]


class OutboundBase:
    """Lookups and users of requests, and the Via of each; see `Outbound`.

    Args:
        layer: The transaction layer.
        ids: Makes the branches.
        sent_by: For each transport that exists the host and port to put into Via.
        questions: Where `DnsQuestion` events go.
        resolver: Limits and order of lookups; of its transports those that exist are used.
        own: Chooses Via and Contact; by default one address for each transport, and the Contact as it is.

    Attributes:
        layer: The transaction layer.
        own: See above.
        flows: The connections that are there.
        statistics: Counters since the start.
    """

    def __init__(
        self,
        layer: TransactionLayer,
        *,
        ids: Ids,
        sent_by: Mapping[str, tuple[str, int]],
        questions: deque[DnsQuestion],
        resolver: ResolverConfig | None = None,
        own: OwnAddresses | None = None,
    ) -> None:
        config = ResolverConfig() if resolver is None else resolver
        self.own = OwnAddresses(sent_by) if own is None else own
        if self.own.replaces_contact:
            layer.set_finisher(self.own.finish_response)
        usable = [name for name in config.transports if name in sent_by] or list(sent_by)
        self.layer = layer
        self.statistics = OutboundStatistics()
        self._ids = ids
        self._transports = frozenset(sent_by)
        self.flows = LiveFlows()
        self._users: dict[TransactionKey, TransactionUser] = {}
        self._lookups = Lookups(attrs.evolve(config, transports=tuple(usable)), ids=ids, questions=questions)
        self._deliveries = Deliveries(self._lookups.resolver)
        self._queries: dict[int, int] = {}  # lookups by the identity of the request that waits
        self._told: list[TransactionUser] = []
        self._replies = Replies(layer, self._lookups, sent_by, self.statistics)
        self._has_choice = "TCP" in sent_by and "UDP" in sent_by

    # The shape of a machine

    @property
    def lookups(self) -> int:
        """How many requests and responses wait for the DNS."""
        return len(self._lookups)

    @property
    def closed(self) -> bool:
        """Whether no request waits for an answer or for the DNS."""
        return not self._users and not self._lookups

    @property
    def deadline(self) -> float | None:
        """When the oldest lookup runs out of time."""
        return self._lookups.deadline

    def handle_timeout(self, now: float) -> list[TransactionUser]:
        """End the lookups whose time is over; return the users that were told."""
        self._lookups.handle_timeout(now)
        return self._users_told()

    def receive_dns_answer(
        self, question: int, records: Iterable[Record], ttl: float, now: float
    ) -> list[TransactionUser]:
        """Answer a `DnsQuestion`; one that nobody waits for any more is ignored.

        Args:
            question: Its number.
            records: The records; none when the name has none.
            ttl: Seconds that they hold.
            now: Current time in seconds.

        Returns:
            The users that were told that there is no target.
        """
        self._lookups.receive_answer(question, records, ttl, now)
        return self._users_told()

    def dns_failed(self, question: int, now: float) -> list[TransactionUser]:
        """Tell that the DNS gave no answer to a question; return the users that were told."""
        self._lookups.question_failed(question, now)
        return self._users_told()

    def _users_told(self) -> list[TransactionUser]:
        told, self._told = self._told, []
        return told

    # Sending

    @staticmethod
    def key(request: Request) -> TransactionKey:
        """Return the transaction of a request; one that is not sent yet has no branch."""
        return ("" if request.get("via") is None else request.via.branch, request.method)

    def _send_to(
        self,
        endpoint: Endpoint,
        request: Request,
        user: TransactionUser | None,
        now: float,
        finish: Finisher | None,
        *,
        kept: bool = False,
    ) -> TransactionKey:
        start = self.own.via(endpoint)
        if finish is not None:
            branch = finish(request, endpoint)
            request.insert_first("Via", start + branch)
        elif request.get("via") is None:
            request.insert_first("Via", start + self._ids.branch())
        elif request.via.transport != endpoint.transport:  # a repeated ACK has its Via already
            request.replace_via(Via.parse(start + request.via.branch))
        if self.own.replaces_contact:
            self.own.finish_request(request, endpoint)
        if user is None:
            self.layer.out.transmits.append(Transmit(request.to_bytes(), endpoint))
            return ()
        # The next try changes the request, while the transaction of this one may still have to
        # recognise and acknowledge copies of its answer.
        sent = request.copy() if kept else request
        key = self.layer.request(sent, request.via.branch or "", endpoint, now)
        self._users[key] = user
        return key

    def _refuse(self, request: Request, user: TransactionUser | None, cause: str, now: float) -> None:
        """Tell the user of a request that it was not sent."""
        if user is not None:
            key = self.key(request)
            user.transaction_event(TransportFailed(key, cause), now)
            user.transaction_event(TransactionTerminated(key), now)
            self._told.append(user)
