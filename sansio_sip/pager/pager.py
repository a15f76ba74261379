"""Pager-mode messages: one after the other to each address (RFC 3428)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..auth import ChallengeAnswerer
from ..dialog import build_standalone
from ..errors import LocalProtocolError, ParseError
from ..machine import Outbox
from ..message import build_response
from ..outbound import Way, put_way
from ..subscribe import UsageRequest
from .events import MessageDelivered, MessageDropped, MessageFailed, PagerEvent
from .letters import Letter, Letters, check_size, letter_owner
from .reception import MessageAnswer, answer_message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..auth import Credentials
    from ..ids import Ids
    from ..machine import Transmit
    from ..message import Request, Response
    from ..outbound import Outbound
    from ..subscribe import RequestFailure
    from ..transaction import TransactionKey
    from .config import PagerConfig

__all__ = ["Pager"]


class Pager:
    """Sends and takes pager-mode messages.

    It has no timers of its own: each MESSAGE has those of its transaction.

    Args:
        config: See `PagerConfig`.
        now: Current time in seconds.
        ids: Makes tags and Call-IDs.
        outbound: How requests get out.
        outbox: Where events go; the agent's, or a new one.
    """

    # fmt: off
    __slots__ = ("_closing", "_ids", "_letters", "_now", "_number", "_open", "challenges",
                 "config", "out", "outbound")
    # fmt: on

    def __init__(
        self,
        config: PagerConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        outbox: Outbox[PagerEvent] | None = None,
    ) -> None:
        self.config = config
        self.out: Outbox[PagerEvent] = Outbox() if outbox is None else outbox
        self.outbound = outbound
        self.challenges = ChallengeAnswerer(config.credentials, ids)
        self._closing = False
        self._ids = ids
        self._letters = Letters()
        self._now = now
        self._number = 0
        self._open = 0

    # The shape of a machine

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> PagerEvent | None:
        """Pop one event."""
        return self.out.next_event()

    @property
    def deadline(self) -> float | None:
        """None: the transactions have the timers."""
        return None

    def handle_timeout(self, now: float) -> None:
        """Take the time in; there is nothing to run."""
        self._now = max(now, self._now)

    def close(self, now: float) -> None:
        """Send nothing more; what waits is dropped, what is on its way is answered for."""
        self._now = max(now, self._now)
        self._closing = True
        for letter in self._letters.drop_waiting():
            self.out.events.append(MessageDropped(letter.number))

    @property
    def closed(self) -> bool:
        """Whether `close` was called and no MESSAGE is on its way."""
        return self._closing and not self._open

    def transaction_opened(self) -> None:
        """Count an own transaction."""
        self._open += 1

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""
        self._open -= 1

    # Sending

    def send(
        self, uri: str, *, from_: str, now: float, body: bytes, content_type: str = "text/plain",
        to: str = "", fields: Iterable[tuple[str, str]] = (),
        credentials: tuple[Credentials, ...] | None = None, way: Way | None = None,
    ) -> int:  # fmt: skip
        """Send a message, or let it wait for the answer to one before it to the same URI (§8).

        Args:
            uri: Request-URI.
            from_: From value without tag.
            now: Current time in seconds.
            body: The message.
            content_type: Its media type.
            to: To value; the recipient when empty.
            fields: More header fields.
            credentials: What challenges are answered with, in place of those of the pager.
            way: Where the recipient is; its queue is then that of this place.

        Returns:
            The number of the message in its events.

        Raises:
            LocalProtocolError: The pager is closed, too many wait, it is too long, or a value cannot be sent.
        """
        self._now = max(now, self._now)
        if self._closing:
            raise LocalProtocolError("the pager is closed")
        way = way or Way(uri=uri)
        if way.uri in self._letters and self._letters.waiting >= self.config.max_waiting:
            raise LocalProtocolError("too many messages wait")
        software = (("User-Agent", self.config.software),) if self.config.software else ()
        request = build_standalone(
            "MESSAGE", uri, from_, to or f"<{uri}>", self._ids, (*software, *fields), content_type, body
        )
        check_size(request, self.config.max_size)
        put_way(request, way)
        self._number += 1
        owner = letter_owner(self, credentials, self._ids)
        letter = Letter(self._number, UsageRequest(owner, self, request, flow=way.flow))
        if self._letters.add(letter):
            letter.request.send(self._now)
        return self._number

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take a 2xx."""
        self._now = max(now, self._now)
        done, following = self._letters.answered(request.request.uri)
        self.out.events.append(MessageDelivered(done.number, response.status_code == 202, response))
        self._send(following)

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of a MESSAGE."""
        self._now = max(now, self._now)
        done, following = self._letters.answered(request.request.uri)
        self.out.events.append(MessageFailed(done.number, failure, response))
        self._send(following)

    def _send(self, letter: Letter | None) -> None:
        if letter is not None:
            letter.request.send(self._now)

    # Receiving

    def receive_request(
        self, key: TransactionKey, request: Request, now: float, *, session: str = "", username: str = ""
    ) -> None:
        """Take a MESSAGE and answer it (§7).

        Args:
            key: Its transaction.
            request: The MESSAGE.
            now: Current time in seconds.
            session: Name of the call that it came in, for the event.
            username: Whose password the sender knows, for the event.
        """
        self._now = max(now, self._now)
        try:
            answer = answer_message(request, self.config)
        except ParseError as error:
            answer = MessageAnswer(error.status_hint)
        to_tag = "" if request.to_tag else self._ids.tag()
        response = build_response(request, answer.status_code, to_tag=to_tag, extra=answer.fields)
        self.outbound.layer.respond(key, response, self._now)
        if answer.event is not None:
            self.out.events.append(attrs.evolve(answer.event, session=session, username=username))
