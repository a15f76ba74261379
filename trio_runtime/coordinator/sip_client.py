"""Requests outside of calls: OPTIONS, and whatever else is sent and answered once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.connection_errors import FailureCause
from trio_runtime.base.errors import NetworkError, RequestTimedOutError
from trio_runtime.session import CallHeaders, SipResponse

if TYPE_CHECKING:
    from sansio_sip.agent import RequestFailed, ResponseReceived, Sender
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import DialogManager

__all__ = ["SipClient"]


@attrs.define
class _Waiting:
    done: trio.Event
    started: float
    outcome: SipResponse | Exception | None = None


class SipClient:
    """Sends requests and waits for their responses.

    Args:
        environment: Clock.
        dialogs: The signalling side.
    """

    def __init__(self, environment: Environment, dialogs: DialogManager) -> None:
        self._clock = environment.clock
        self._dialogs = dialogs
        self._waiting: dict[int, _Waiting] = {}

    async def request(
        self,
        method: str,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
        sender: Sender | None = None,
    ) -> SipResponse:
        """Send a request and return its final response, whatever its status.

        ``sender`` is who asks; the agent as it is configured when ``None``.

        Raises:
            InvalidUriError: The URI cannot be reached, or a header cannot be sent.
            RequestTimedOutError: There was no response for 64·T1.
            CertificateError: The peer is not who it should be.
            NetworkError: It could not be sent.
        """
        return await self.response_to(
            lambda sent: self._dialogs.request(
                method, uri, headers, content_type, body, on_sent=sent, sender=sender
            )
        )

    async def response_to(self, send: Callable[[Callable[[int], None]], int]) -> SipResponse:
        """Send a request and return its final response.

        Args:
            send: Sends it and returns its number; what it is given gets that first.

        Raises: what `send` does, and besides what `request` says of responses that do not come.
        """
        waiting = _Waiting(trio.Event(), self._clock.now())
        number = send(lambda sent: self._wait(sent, waiting))
        try:
            await waiting.done.wait()
        finally:
            del self._waiting[number]
        if isinstance(waiting.outcome, SipResponse):
            return waiting.outcome
        raise waiting.outcome or RequestTimedOutError("no response")

    def _wait(self, number: int, waiting: _Waiting) -> None:
        self._waiting[number] = waiting

    def response_received(self, event: ResponseReceived) -> None:
        """Take a response."""
        waiting = self._waiting.get(event.request)
        if waiting is not None:
            response = event.response
            waiting.outcome = SipResponse(
                response.status_code,
                response.reason,
                CallHeaders(response),
                response.body,
                self._clock.now() - waiting.started,
            )
            waiting.done.set()

    def request_failed(self, event: RequestFailed) -> None:
        """Take the news that there will be no response."""
        waiting = self._waiting.get(event.request)
        if waiting is not None:
            if event.status_code == 408:
                waiting.outcome = RequestTimedOutError(event.cause)
            elif isinstance(event.cause, FailureCause):
                waiting.outcome = event.cause.error
            else:
                waiting.outcome = NetworkError(f"the peer cannot be reached: {event.cause}")
            waiting.done.set()
