"""What becomes of a request from the network (RFC 3261 §8.2, §9.2, §12.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError, RemoteProtocolError
from ..invite import InviteServer, InviteSession
from .bodies import ACCEPT_FIELDS, refusal_of_body
from .core import ALLOWED_METHODS

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..subscribe import DialogUsage
    from ..transaction import AckReceived, RequestReceived, TransactionKey
    from .calls import Calls
    from .core import Core
    from .usages import Usages

__all__ = ["Reception", "stamp_via"]

_KNOWN_METHODS = frozenset(
    {*ALLOWED_METHODS, "REGISTER", "REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH"}
)
_IN_DIALOG = frozenset({"BYE", "INFO", "PRACK", "UPDATE", "NOTIFY", "REFER"})
_Fields = tuple[tuple[str, str], ...]


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
    """

    __slots__ = ("_calls", "_core", "_usages", "closing")

    def __init__(self, core: Core, calls: Calls, usages: Usages) -> None:
        self._core = core
        self._calls = calls
        self._usages = usages
        self.closing = False

    def receive(self, event: RequestReceived) -> None:
        """Take a request that opened a transaction; every one is answered, now or by its call."""
        key, request, _ = event
        try:
            if request.method == "CANCEL":
                self._cancel(key, request)
            elif self._core.config.accept_replaces and _names_a_call(request):
                self._core.respond(key, request, 400)
            elif request.to_tag:
                self._in_dialog(key, request)
            else:
                self._out_of_dialog(key, request)
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
        elif request.method not in _KNOWN_METHODS:
            self._core.respond(key, request, 501)
        elif unsupported := self._unsupported(request):
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

    def _out_of_dialog(self, key: TransactionKey, request: Request) -> None:
        status, extra = self._inspect(request)
        if status:
            self._core.respond(key, request, status, extra)
        elif request.method == "INVITE":
            self._calls.receive_invite(key, request)
        elif request.method == "SUBSCRIBE":
            self._usages.notifiers.receive_request(key, request, self._core.now)
        else:
            self._core.respond(key, request, 200, self._capabilities())

    def _unsupported(self, request: Request) -> _Fields:
        """Return the field that names what a request demands and we do not know (§8.2.2.3)."""
        supported = self._core.invite_config.supported
        required = request.require
        if not required:
            return ()
        unknown = [tag for tag in required if tag not in supported]
        return (("Unsupported", ", ".join(unknown)),) if unknown else ()

    def _inspect(self, request: Request) -> tuple[int, _Fields]:
        """Return what refuses a request, in the order of RFC 3261 §8.2, or status 0."""
        method = request.method
        if method not in _KNOWN_METHODS:
            return 501, ()
        if method in _IN_DIALOG:
            return 481, ()
        if method not in self._core.methods:
            return 405, (("Allow", ", ".join(self._core.methods)),)
        if request.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
            return 416, ()
        if unsupported := self._unsupported(request):
            return 420, unsupported
        if method == "INVITE" and (refusal := self._core.config.session_timer.refusal_of(request)):
            return 422, refusal
        if self.closing or (method == "INVITE" and len(self._calls) >= self._core.config.max_calls):
            self._core.counters.calls_refused += method == "INVITE"
            return 503, (("Retry-After", str(self._core.config.retry_after)),)
        return refusal_of_body(request)

    def _capabilities(self) -> _Fields:
        fields: list[tuple[str, str]] = [
            ("Allow", ", ".join(self._core.methods)),
            *self._usages.notifiers_fields,
            *ACCEPT_FIELDS,
            ("Supported", ", ".join(self._core.invite_config.supported)),
            ("Contact", self._core.config.contact),
        ]
        if self._core.config.software:
            fields.append(("Server", self._core.config.software))
        return tuple(fields)
