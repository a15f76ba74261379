"""What becomes of a request from the network (RFC 3261 §8.2, §9.2, §12.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError, RemoteProtocolError
from ..invite import InviteServer, InviteSession
from .inspection import Inspection
from .methods import KNOWN_METHODS

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..subscribe import DialogUsage
    from ..transaction import AckReceived, RequestReceived, TransactionKey
    from .calls import Calls
    from .core import Core
    from .services import Services, Taker
    from .usages import Usages

__all__ = ["Reception", "stamp_via"]


def stamp_via(request: Request, source: Endpoint) -> None:
    """Write down in the topmost Via where a request came from (RFC 3261 §18.2.1, RFC 3581 §4)."""
    via = request.via
    stamped = via.stamped(source.host, source.port)
    if stamped is via:
        return
    request.replace_via(stamped)


def _names_a_call(request: Request) -> bool:
    """Return whether a request wants what only INVITE may: another's place (RFC 3891 §3, RFC 3911 §4)."""
    if request.method == "INVITE":
        return False
    return request.get("replaces") is not None or request.get("join") is not None


class Reception:
    """Gives each request to the call that it belongs to, or answers it.

    Args:
        core: What the parts of the agent share.
        calls: The calls.
        usages: What there is besides calls.
        services: What the agent serves besides calls.

    Attributes:
        closing: Whether nothing new is taken any more.
        draining: Whether no new call is.
    """

    # fmt: off
    __slots__ = ("_calls", "_core", "_inspection", "_services", "_takers", "_usages", "closing", "draining")
    # fmt: on

    def __init__(self, core: Core, calls: Calls, usages: Usages, services: Services) -> None:
        self._core = core
        self._calls = calls
        self._usages = usages
        self._services = services
        self._inspection = Inspection(core)
        self._takers: dict[str, Taker] = {
            "INVITE": self._invite,
            "OPTIONS": self._options,
            **services.takers,
        }
        self.closing = False
        self.draining = False

    def receive(self, event: RequestReceived) -> None:
        """Take a request that opened a transaction; every one is answered, now or by its call."""
        key, request = event.key, event.request
        try:
            if request.method == "CANCEL":
                self._cancel(key, request)
            elif self._core.config.accept_replaces and _names_a_call(request):
                self._core.respond(key, request, 400)
            elif request.to_tag:
                self._in_dialog(key, request)
            else:
                self._out_of_dialog(event)
        except ProtocolError as error:
            status = error.status_hint if isinstance(error, RemoteProtocolError) else 500
            self._core.respond(key, request, status)

    def receive_ack(self, event: AckReceived) -> None:
        """Take an ACK for a 2xx; one that belongs to no call is dropped."""
        request = event.request
        session = self._calls.registry.get((request.call_id, request.to_tag, request.from_tag))
        if isinstance(session, InviteSession):
            session.receive_ack(request, self._core.now)
            self._calls.settle(session)

    def _cancel(self, key: TransactionKey, request: Request) -> None:
        invite = self._core.layer.find_cancelled(request)
        if invite is None:
            self._core.respond(key, request, 481)
            return
        session = self._calls.cancelled(invite) or self._calls.registry.get(
            (request.call_id, request.to_tag, request.from_tag)
        )
        # The tag of the 200 is that of the INVITE's own answers (§9.2).
        self._core.respond(
            key, request, 200, to_tag=session.local_tag if isinstance(session, InviteServer) else ""
        )
        if isinstance(session, InviteSession):
            session.receive_cancel(invite, self._core.now)
            self._calls.settle(session)

    def _in_dialog(self, key: TransactionKey, request: Request) -> None:
        usage = self._find(request)
        if usage is None:
            self._core.respond(key, request, 481)
        elif request.method not in KNOWN_METHODS and self._services.in_call(request.method) is None:
            self._core.respond(key, request, 501)
        elif unsupported := self._inspection.unsupported(request):
            self._core.respond(key, request, 420, unsupported)
        else:
            usage.receive_request(key, request, self._core.now)
            if isinstance(usage, InviteSession):
                self._calls.settle(usage)
            else:
                self._usages.settle(usage)

    def _find(self, request: Request) -> InviteSession | DialogUsage | None:
        """Return the usage of a dialog; a first NOTIFY may come before we know its tag (RFC 6665 §4.4.1)."""
        registry = self._calls.registry
        found = registry.get((request.call_id, request.to_tag, request.from_tag))
        if found is None and request.method == "NOTIFY":
            return registry.get((request.call_id, request.to_tag, ""))
        return found

    def _out_of_dialog(self, event: RequestReceived) -> None:
        gate, request = self._services.gate, event.request
        username = "" if gate is None else gate.admit(event)
        if username is None:
            return  # challenged, which comes before everything else (§8.2)
        taker = self._takers.get(request.method) or self._services.taker(request.method)
        if taker is None:
            status, extra = self._inspection.refusal_of_method(request.method)
        else:
            status, extra = self._inspection.refusal_of(request, full=self._is_full(request.method))
        if taker is None or status:
            self._core.respond(event.key, request, status, extra)
        else:
            taker(event, username)

    def _is_full(self, method: str) -> bool:
        if method != "INVITE":
            return self.closing
        return self.closing or self.draining or len(self._calls) >= self._core.config.max_calls

    def _invite(self, event: RequestReceived, username: str) -> None:
        self._calls.receive_invite(event, username)

    def _options(self, event: RequestReceived, _username: str) -> None:
        fields = self._inspection.capabilities(event.request.uri, self._usages.notifiers_fields)
        self._core.respond(event.key, event.request, 200, fields)
