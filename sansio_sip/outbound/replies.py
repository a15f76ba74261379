"""Another way for responses whose connection is gone (RFC 3261 §18.2.2, RFC 3263 §5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ProtocolError
from ..machine import Endpoint, Transmit
from ..message import Response, parse_message
from ..resolve import Blacklist, is_numeric, is_secure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ..message import Via
    from ..resolve import Target
    from ..transaction import TransactionKey, TransactionLayer
    from .lookups import Lookups
    from .statistics import OutboundStatistics

__all__ = ["Replies"]

# A browser listens nowhere (RFC 7118 §5), and over UDP the client repeats its request, while an ICMP error
# is easily forged: only these are connected to.
_CONNECTED_TO = frozenset({"TCP", "TLS"})
# Longer than a client waits for any answer, so that no response goes round for ever.
_UNREACHABLE_FOR = 300.0
_MAX_UNREACHABLE = 10_000


class _Reply(NamedTuple):
    """A response, or the transaction whose response is still to come."""

    key: TransactionKey
    via: Via
    data: bytes


class Replies:
    """Sends responses to where their topmost Via says, when their connection is gone.

    First to the address that the request came from, at the port of sent-by; when that fails, to sent-by
    itself: by number, or by name through the DNS. An address that could not be reached is not tried again
    for some time, so nothing has to be remembered of each response.

    Args:
        layer: Holds the server transactions.
        lookups: Finds the address of a sent-by that is a name.
        transports: Those that exist.
        statistics: Where is counted.
    """

    __slots__ = ("_layer", "_lookups", "_statistics", "_transports", "_unreachable")

    def __init__(
        self,
        layer: TransactionLayer,
        lookups: Lookups,
        transports: Collection[str],
        statistics: OutboundStatistics,
    ) -> None:
        self._layer = layer
        self._lookups = lookups
        self._statistics = statistics
        self._transports = _CONNECTED_TO.intersection(transports)
        self._unreachable = Blacklist(_MAX_UNREACHABLE)

    def flow_failed(self, destination: Endpoint, unsent: Iterable[bytes], now: float) -> None:
        """Find another way for what was to go to a connection that is gone.

        Args:
            destination: The far end of the connection.
            unsent: What could not be sent; what is no response is left alone.
            now: Current time in seconds.
        """
        if destination.transport not in self._transports:
            return
        replies = list(self._waiting(destination))
        owed = {reply.data for reply in replies}  # the runtime may give back the same octets
        replies += [reply for reply in _read(unsent) if reply.data not in owed]
        if replies:
            self._unreachable.add(destination, now + _UNREACHABLE_FOR)
        for reply in replies:
            self._send_on(reply, now)

    def _waiting(self, destination: Endpoint) -> Iterator[_Reply]:
        """Yield the transactions on a connection that still have something to say.

        A failure of an INVITE is said again when no ACK has come for it: over a stream no timer repeats it.
        All else is either repeated by its call, or was said.
        """
        for transaction in self._layer.answering(destination):
            request, data = transaction.request, transaction.last_response
            if request is not None:
                yield _Reply(transaction.key, request.via, b"")
            elif data is not None and transaction.unconfirmed:
                yield from _read([data], transaction.key)

    def _send_on(self, reply: _Reply, now: float) -> None:
        via = reply.via
        for endpoint in _by_number(via):
            if not self._unreachable.holds(endpoint, now):
                self._redirect(reply, endpoint)
                return
        if is_numeric(via.host):
            self._give_up(reply)
            return
        port = "" if via.port is None else f":{via.port}"
        uri = f"sip:{via.host}{port};transport={via.transport.lower()}"
        self._lookups.start(uri, partial(self._found, reply), now)

    def _found(self, reply: _Reply, targets: tuple[Target, ...], _cause: str, now: float) -> None:
        for target in targets:
            if not self._unreachable.holds(target.endpoint, now):
                self._redirect(reply, target.destination)
                return
        self._give_up(reply)

    def _give_up(self, reply: _Reply) -> None:
        if reply.data:
            self._statistics.replies_lost += 1

    def _redirect(self, reply: _Reply, endpoint: Endpoint) -> None:
        self._layer.redirect(reply.key, endpoint)
        if reply.data:
            self._statistics.replies_redirected += 1
            self._layer.out.transmits.append(Transmit(reply.data, endpoint))


def _by_number(via: Via) -> Iterator[Endpoint]:
    """Yield what needs no DNS: the address that the request came from, and sent-by."""
    port, server_name = via.sent_by[1], via.host if is_secure(via.transport) else ""
    if via.received:
        yield Endpoint(via.transport, via.received, port, None, server_name)
    if is_numeric(via.host):
        yield Endpoint(via.transport, via.host, port, None, server_name)


def _read(packets: Iterable[bytes], key: TransactionKey | None = None) -> Iterator[_Reply]:
    """Yield the responses among packets."""
    for data in packets:
        try:
            message = parse_message(data)
            if isinstance(message, Response):
                own = (message.via.branch, *message.via.sent_by, message.cseq.method)
                yield _Reply(own if key is None else key, message.via, data)
        except ProtocolError:
            continue  # no message of ours
