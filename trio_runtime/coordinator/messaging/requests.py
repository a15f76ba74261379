"""The stream of requests that the application answers itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trio_runtime.base.types import SessionId
from trio_runtime.coordinator.messaging.incoming import IncomingRequest
from trio_runtime.events import EventStream
from trio_runtime.session import CallHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.agent import RequestHandedOver
    from trio_runtime.dialog import Requesting

__all__ = ["InboundRequests"]


class InboundRequests:
    """Hands requests to their one reader; without one each gets 480, and when too many wait 503.

    Args:
        requesting: The signalling side.
        max_waiting: How many may wait to be read.
    """

    def __init__(self, requesting: Requesting, max_waiting: int) -> None:
        self._requesting = requesting
        self._max_waiting = max_waiting
        self._stream: EventStream[IncomingRequest] | None = None
        self._takers: dict[str, Callable[[IncomingRequest], None]] = {}
        self.refused = 0

    def take(self, method: str, taker: Callable[[IncomingRequest], None]) -> None:
        """Let requests of a method go to a function in place of the stream."""
        self._takers[method] = taker

    @property
    def stream(self) -> EventStream[IncomingRequest]:
        """The stream, the same one until it is closed."""
        if self._stream is None:
            self._stream = EventStream(self._closed, None, self._max_waiting)
        return self._stream

    def _closed(self, _: EventStream[IncomingRequest]) -> None:
        self._stream = None

    def received(self, event: RequestHandedOver) -> None:
        """Take a request."""
        message, source = event.message, event.source
        request = IncomingRequest(
            partial(self._requesting.respond, event.request),
            method=message.method,
            uri=message.uri,
            headers=CallHeaders(message),
            content_type=message.content_type or "",
            body=message.body,
            source=None if source is None else (source.host, source.port),
            session_id=SessionId(event.session) if event.session else None,
            username=event.username,
        )
        taker = self._takers.get(message.method)
        if taker is not None:
            taker(request)
        elif self._stream is None:
            self._refuse(request, 480)
        elif self._stream.statistics().waiting >= self._max_waiting:
            self._refuse(request, 503)
        else:
            self._stream.offer(request)

    def accept(self, event: RequestHandedOver) -> None:
        """Answer a request with 200 that needs nobody."""
        self._requesting.respond(event.request, 200, "", (), "", b"")

    def _refuse(self, request: IncomingRequest, status_code: int) -> None:
        self.refused += 1
        request.respond(status_code)

    def close(self) -> None:
        """End the stream."""
        if self._stream is not None:
            self._stream.end()
