"""What becomes of each request that comes in (RFC 3261 §16.2, §16.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError, RemoteProtocolError
from ..message import build_response
from ..transaction import RequestReceived
from .admission import admit
from .context import ResponseContext
from .events import RequestRefused, RoutingNeeded
from .relay import relay
from .targets import Later, Reply

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import TransactionKey
    from .shared import Shared

__all__ = ["Reception"]


class Reception:
    """Gives each request a response context, or answers it, or sends it on without one.

    Args:
        shared: What the parts of the proxy share.

    Attributes:
        by_key: Response contexts by their server transactions, as long as these last.
        by_number: All response contexts by the numbers that events have.
    """

    __slots__ = ("_numbers", "_shared", "by_key", "by_number")

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._numbers = 0
        self.by_key: dict[TransactionKey, ResponseContext] = {}
        self.by_number: dict[int, ResponseContext] = {}

    def receive(self, key: TransactionKey, request: Request, source: Endpoint) -> None:
        """Take a request that opened a server transaction; it is answered now or by its context."""
        try:
            reply = None
            if request.method == "CANCEL":
                self._cancel(key, request, source)
            else:
                reply = self._accept(key, request, source)
        except ProtocolError as error:
            reply = Reply(error.status_hint if isinstance(error, RemoteProtocolError) else 500)
        except Exception:
            # The router or the authorizer broke: its user hears of it, and the request has an answer.
            self._refuse(key, request, source, Reply(500))
            raise
        if reply is not None:
            self._refuse(key, request, source, reply)

    def receive_ack(self, request: Request, source: Endpoint) -> None:
        """Forward the ACK of a 2xx; one that cannot be forwarded is dropped (RFC 3261 §16.7 item 5)."""
        self._relay(request, source)

    def server_gone(self, key: TransactionKey) -> None:
        """Take the end of a server transaction; its key may be used again, its branches still end."""
        context = self.by_key.pop(key, None)
        if context is not None:
            context.server_gone()

    def _accept(self, key: TransactionKey, request: Request, source: Endpoint) -> Reply | None:
        shared = self._shared
        admitted = shared.refusal_of(request) or admit(request, source, shared)
        if isinstance(admitted, Reply):
            return admitted
        if admitted.registers and shared.registrations is not None:
            received = RequestReceived(key, admitted.request, source)
            shared.registrations.receive(received, shared.now, shared.admission)
            return None
        self._numbers += 1
        context = ResponseContext(
            self._numbers,
            key,
            request,
            admitted=admitted,
            source=source,
            shared=shared,
            forget=self.by_number.pop,
        )
        self.by_key[key] = self.by_number[context.number] = context
        shared.counters.requests += 1
        shared.begun(context.number, request, source)
        if isinstance(admitted.routing, Later):
            shared.out.events.append(RoutingNeeded(context.number, admitted.request, source))
        else:
            context.route(admitted.routing)
        return None

    def _cancel(self, key: TransactionKey, request: Request, source: Endpoint) -> None:
        """Answer a CANCEL and cancel its branches; one for nothing goes on without state (§16.10)."""
        shared = self._shared
        layer = shared.outbound.layer
        invite = layer.find_cancelled(request)
        if invite is None:
            layer.terminate(key, shared.now)
            self._relay(request, source)
            return
        context = self.by_key.get(invite)
        tag = context.local_tag if context is not None else shared.ids.tag()
        layer.respond(key, build_response(request, 200, to_tag=tag), shared.now)
        if context is not None:
            context.cancel()

    def _relay(self, request: Request, source: Endpoint) -> None:
        try:
            dropped = relay(request, source, self._shared) is not None
        except ProtocolError:
            dropped = True
        self._shared.counters.dropped += dropped

    def _refuse(self, key: TransactionKey, request: Request, source: Endpoint, reply: Reply) -> None:
        shared = self._shared
        response = build_response(
            request, reply.status_code, reply.reason, to_tag=shared.ids.tag(), extra=reply.headers
        )
        shared.outbound.layer.respond(key, response, shared.now)
        shared.counters.refused += 1
        shared.refused(reply.status_code, source)
        if reply.status_code != 407 or request.get("proxy-authorization") is not None:
            # Else it is but the first half of a request, of which there is nothing to tell.
            shared.out.events.append(RequestRefused(request.method, request.uri, source, reply.status_code))
