"""Messages of ours and their answers, and those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import ParseError
from sansio_sip.message import parse_uri
from sansio_sip.subscribe import RequestUnreachable
from trio_runtime.base.errors import InvalidUriError, RequestTimedOutError, VoipError
from trio_runtime.base.types import SessionId
from trio_runtime.coordinator.answers import Answers, first_answer, no_answer
from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sansio_sip import pager
    from sansio_sip.agent import Sender
    from sansio_sip.outbound import Way
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import Requesting
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.session import SipResponse

__all__ = ["Messages"]


class Messages:
    """Sends messages one after the other to each address, and publishes those that come.

    Args:
        environment: Clock.
        requesting: The signalling side.
        bus: Where events are published.
        ways_to: Gives where a user is registered with us; empty for strangers.
    """

    def __init__(
        self,
        environment: Environment,
        requesting: Requesting,
        bus: EventBus[SessionEvent],
        ways_to: Callable[[str], Sequence[Way]],
    ) -> None:
        self._requesting = requesting
        self._bus = bus
        self._ways_to = ways_to
        self._answers = Answers(environment.clock.now)

    def __len__(self) -> int:
        """Return how many wait for their answer."""
        return len(self._answers)

    async def send(
        self,
        uri: str,
        body: bytes,
        content_type: str,
        headers: Iterable[tuple[str, str]],
        sender: Sender | None,
    ) -> SipResponse:
        """Send a message and return the answer; see `SessionCoordinator.send_message`."""
        try:
            parse_uri(uri)
        except ParseError as error:
            raise InvalidUriError(f"{uri!r} cannot be written to: {error}") from error
        fields = tuple(headers)
        return await first_answer(
            self._ways_to(uri),
            lambda way: self._answers.response_to(
                lambda sent: self._requesting.send_message(uri, body, content_type, fields, sender, sent, way)
            ),
        )

    # Events of the signalling side

    def delivered(self, event: pager.MessageDelivered) -> None:
        """Take the news that a message was taken."""
        self._answers.received(event.message, event.response)

    def failed(self, event: pager.MessageFailed) -> None:
        """Take the news that a message was refused, or got no answer."""
        if event.response is not None:
            self._answers.received(event.message, event.response)
        elif isinstance(event.failure, RequestUnreachable):
            self._answers.failed(event.message, no_answer(event.failure.cause))
        else:
            self._answers.failed(event.message, RequestTimedOutError("no response in time"))

    def dropped(self, event: pager.MessageDropped) -> None:
        """Take the news that a message was never sent."""
        self._answers.failed(event.message, VoipError("the coordinator was closed before the message went"))

    def received(self, event: pager.MessageReceived) -> None:
        """Publish a message of somebody else."""
        request = event.request
        self._bus.announce(
            facts.MessageReceived,
            SessionId(event.session) if event.session else None,
            str(request.from_.uri),
            request.uri,
            event.content_type,
            event.body,
            event.username,
        )
