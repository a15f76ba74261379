"""All REFERs of one call, in both directions: which message belongs to which (RFC 3515 §2.4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError, RemoteProtocolError
from ..headers import EventType, ReferTo, SubscriptionState
from ..message import SIPFRAG_TYPE, Uri
from .refer_body import report_of, token_of
from .refer_client import ReferClient
from .refer_events import ReferReceived
from .refer_server import ReferServer
from .refer_server_actions import REFER_PACKAGE
from .refer_states import ReferClientState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..message import Request
    from ..transaction import TransactionKey
    from .call_base import CallBase

__all__ = ["Transfers"]

_Fields = tuple[tuple[str, str], ...]
_OVERLOADED: _Fields = (("Retry-After", "5"),)


class Transfers:
    """The REFERs of one call: a `Concern` of it.

    Args:
        call: The call.

    Attributes:
        started: How many REFERs there were in all.
        received: How many of them were the peer's.
    """

    __slots__ = ("_call", "_clients", "_servers", "received", "started")

    def __init__(self, call: CallBase) -> None:
        self._call = call
        self._clients: dict[int, ReferClient] = {}
        self._servers: dict[int, ReferServer] = {}
        self.started = 0
        self.received = 0

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    # Ours

    def refer(self, dialog: Dialog, refer_to: ReferTo, fields: Iterable[tuple[str, str]], now: float) -> int:
        """Send a REFER and return its number in events (§2.4.1).

        Args:
            dialog: The dialog to send it in.
            refer_to: Whom the peer shall contact, and how.
            fields: More header fields, such as Referred-By or Refer-Sub.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: Too many are open, or a value cannot stand in a message.
        """
        self._sweep()
        if len(self) >= self._call.config.refer.max_open:
            raise LocalProtocolError(f"{len(self)} REFERs are open in this call already")
        said = (("Refer-To", str(refer_to)), *fields)
        client = ReferClient(self._call, dialog, self.started + 1, said, now)
        client.send(now)
        self.started = client.number
        self._clients[client.number] = client
        return client.number

    def receive_notify(self, dialog: Dialog, key: TransactionKey, request: Request, now: float) -> None:
        """Answer a NOTIFY and hand it to the REFER that it is about (§2.4.4)."""
        try:
            client = self._notified(request)
            if client is None:
                self._call.respond(key, request, 481)
                return
            state, fragment = SubscriptionState.of(request), report_of(request)
            dialog.refresh_target(request)
        except RemoteProtocolError as error:
            accept: _Fields = (("Accept", SIPFRAG_TYPE),) if error.status_hint == 415 else ()
            events: _Fields = (("Allow-Events", REFER_PACKAGE),) if error.status_hint == 489 else ()
            self._call.respond(key, request, error.status_hint, accept or events)
            return
        self._call.respond(key, request, 200)
        client.notified(state, fragment, now)

    def _notified(self, request: Request) -> ReferClient | None:
        event = EventType.of(request)
        if event is None or event.package != REFER_PACKAGE:
            raise RemoteProtocolError("not an event of a call", status_hint=489)
        live = [client for client in self._clients.values() if client.state is not ReferClientState.OVER]
        if event.id:
            return next((client for client in live if client.cseq == event.id), None)
        return live[0] if live else None

    # The peer's

    def receive_refer(self, dialog: Dialog, key: TransactionKey, request: Request, now: float) -> None:
        """Take a REFER: refuse what is damaged, and let the user decide about the rest (§2.4.2)."""
        self._sweep()
        try:
            refer_to, parts = ReferTo.of(request), token_of(request)
            if not isinstance(refer_to.uri, Uri) and refer_to.uri.scheme.lower() != "tel":
                raise RemoteProtocolError("nothing but SIP can be referred to", status_hint=416)
            if not self._call.config.refer.accept:
                raise RemoteProtocolError("nobody is asked about transfers", status_hint=603)
            if len(self) >= self._call.config.refer.max_open:
                raise RemoteProtocolError("too many REFERs are open", status_hint=503)
            first, number = not self.received, self.started + 1
            server = ReferServer(self._call, dialog, number, key, request, first=first, now=now)
            server.receive(now)
        except RemoteProtocolError as error:
            self._call.respond(
                key, request, error.status_hint, _OVERLOADED if error.status_hint == 503 else ()
            )
            return
        self.started = number
        self.received += 1
        self._servers[server.number] = server
        by = request.get("referred-by") or ""
        headers = (*refer_to.headers, *((("Referred-By", by),) if by else ()))
        self._call.out.events.append(
            ReferReceived(self._call.session, server.number, refer_to, by, headers, parts)
        )

    def receive_subscribe(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a SUBSCRIBE that refreshes the subscription of a REFER; no other may make one (§2.4.4)."""
        try:
            event = EventType.of(request)
            if event is None or event.package != REFER_PACKAGE:
                self._call.respond(key, request, 489, (("Allow-Events", REFER_PACKAGE),))
            elif not any(
                server.event.id == event.id and server.receive_subscribe(key, request, now)
                for server in self._servers.values()
            ):
                self._call.respond(key, request, 403)
        except ParseError as error:
            self._call.respond(key, request, error.status_hint)

    def find(self, number: int) -> ReferServer | None:
        """Return a REFER of the peer, ``None`` when it is over already.

        Raises:
            LocalProtocolError: There never was one with this number.
        """
        if not 0 < number <= self.started or number in self._clients:
            raise LocalProtocolError(f"the peer sent no REFER {number}")
        return self._servers.get(number)

    # As a concern of the call

    def _machines(self) -> list[ReferClient | ReferServer]:
        return [*self._clients.values(), *self._servers.values()]

    def _sweep(self) -> None:
        """Forget what is over."""
        self._clients = {n: c for n, c in self._clients.items() if c.state is not ReferClientState.OVER}
        self._servers = {n: s for n, s in self._servers.items() if not s.over}

    @property
    def deadline(self) -> float | None:
        """Time of the next timer of all of them."""
        times = [due for machine in self._machines() if (due := machine.deadline) is not None]
        return min(times) if times else None

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        for machine in self._machines():
            machine.handle_timeout(now)
        self._sweep()

    def call_over(self, now: float) -> None:
        """Refuse what waits for the user; reports go on without the call (RFC 5057 §4)."""
        for server in self._servers.values():
            server.call_over(now)

    def close(self, now: float) -> None:
        """Wait for no report any more, and make no more than one last."""
        for machine in self._machines():
            machine.close(now)

    def settled(self, now: float) -> None:
        """Take note that something changed; nothing of a REFER waits for anything else."""
