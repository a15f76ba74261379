"""Requests that the application answers itself, and what becomes of those that it forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import LocalProtocolError
from ..message import build_response
from .events import RequestHandedOver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import RequestReceived, TransactionKey
    from .core import Core

__all__ = ["Handover"]


class _Waiting(NamedTuple):
    """A request without a final answer; they stand in the order in which they are due."""

    key: TransactionKey
    request: Request
    due: float
    to_tag: str


class Handover:
    """Holds each request until the application, or time, has answered it.

    Args:
        core: What the parts of the agent share.
    """

    __slots__ = ("_closing", "_core", "_count", "_waiting")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._closing = False
        self._count = 0
        self._waiting: dict[int, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def receive(self, event: RequestReceived, username: str) -> None:
        """Take a request outside of any dialog."""
        self._offer(event.key, event.request, event.source, "", username)

    def receive_in_call(self, session: str, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request inside a call."""
        self._offer(key, request, None, session, "")

    def _offer(
        self, key: TransactionKey, request: Request, source: Endpoint | None, session: str, username: str
    ) -> None:
        core = self._core
        if self._closing or len(self._waiting) >= core.config.max_handed_over:
            core.counters.not_handed_over += 1
            self._busy(key, request)
            return
        self._count += 1
        core.counters.handed_over += 1
        to_tag = "" if request.to_tag else core.ids.tag()
        self._waiting[self._count] = _Waiting(key, request, core.now + core.config.answer_patience, to_tag)
        core.out.events.append(RequestHandedOver(self._count, request, source, session, username))

    def _busy(self, key: TransactionKey, request: Request) -> None:
        core = self._core
        core.respond(key, request, 503, (("Retry-After", str(core.config.retry_after)),))

    def respond(
        self,
        number: int,
        status_code: int,
        *,
        reason: str = "",
        fields: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
    ) -> None:
        """Answer a request; a final answer is the last one.

        Raises:
            LocalProtocolError: It has its final answer, the status is none that may be sent, or a value
                cannot stand in a message.
        """
        waiting = self._waiting.get(number)
        if waiting is None:
            raise LocalProtocolError(f"request {number} waits for no answer any more")
        if status_code != 100 and not 200 <= status_code <= 699:
            # RFC 4320 §4.1: the only provisional response to such a request is 100.
            raise LocalProtocolError(f"{status_code} is no status that can be sent here")
        if body and not content_type:
            raise LocalProtocolError("a body needs a content_type (RFC 3261 §20.15)")
        final = status_code >= 200
        response = build_response(
            waiting.request,
            status_code,
            reason or None,
            to_tag=waiting.to_tag if final else "",
            extra=fields,
            content_type=content_type or None,
            body=body,
        )
        if final:
            del self._waiting[number]
        self._core.layer.respond(waiting.key, response, self._core.now)

    # The shape of a machine

    @property
    def deadline(self) -> float | None:
        """When the oldest request is answered without the application."""
        return next(iter(self._waiting.values())).due if self._waiting else None

    def handle_timeout(self, now: float) -> None:
        """Answer 500 for an application that was silent for too long; it would look like a lost packet."""
        while (deadline := self.deadline) is not None and deadline <= now:
            waiting = self._waiting.pop(next(iter(self._waiting)))
            self._core.counters.unanswered += 1
            self._core.respond(waiting.key, waiting.request, 500, to_tag=waiting.to_tag)

    def close(self) -> None:
        """Answer 503 to all that wait, and to what still comes in calls."""
        self._closing = True
        for waiting in self._waiting.values():
            self._busy(waiting.key, waiting.request)
        self._waiting.clear()
