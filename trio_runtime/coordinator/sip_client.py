"""Requests outside of calls: OPTIONS, and whatever else is sent and answered once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from trio_runtime.base.errors import RequestTimedOutError
from trio_runtime.coordinator.answers import Answers, first_answer, no_answer

if TYPE_CHECKING:
    from sansio_sip.agent import RequestFailed, ResponseReceived, Sender
    from sansio_sip.outbound import Way
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import DialogManager
    from trio_runtime.session import SipResponse

__all__ = ["SipClient"]


class SipClient:
    """Sends requests and waits for their responses.

    Args:
        environment: Clock.
        dialogs: The signalling side.
        ways_to: Gives where a user is registered with us; empty for strangers.
    """

    def __init__(
        self, environment: Environment, dialogs: DialogManager, ways_to: Callable[[str], Sequence[Way]]
    ) -> None:
        self._dialogs = dialogs
        self._ways_to = ways_to
        self._answers = Answers(environment.clock.now)

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

        A user who is registered with us is asked at his phones. ``sender`` is who asks; the agent as it is
        configured when ``None``.

        Raises:
            InvalidUriError: The URI cannot be reached, or a header cannot be sent.
            NotRegisteredError: A user of our own domains has no phone now.
            RequestTimedOutError: There was no response for 64·T1.
            CertificateError: The peer is not who it should be.
            NetworkError: It could not be sent.
        """
        fields = tuple(headers)
        return await first_answer(
            self._ways_to(uri),
            lambda way: self.response_to(
                lambda sent: self._dialogs.request(
                    method, uri, fields, content_type, body, on_sent=sent, sender=sender, way=way
                )
            ),
        )

    async def response_to(self, send: Callable[[Callable[[int], None]], int]) -> SipResponse:
        """Send a request and return its final response.

        Args:
            send: Sends it and returns its number; what it is given gets that first.

        Raises: what `send` does, and besides what `request` says of responses that do not come.
        """
        return await self._answers.response_to(send)

    def response_received(self, event: ResponseReceived) -> None:
        """Take a response."""
        self._answers.received(event.request, event.response)

    def request_failed(self, event: RequestFailed) -> None:
        """Take the news that there will be no response."""
        timed_out = event.status_code == 408
        error = RequestTimedOutError(event.cause) if timed_out else no_answer(event.cause)
        self._answers.failed(event.request, error)
