"""Verbs for messages, and what the application answers or looks up itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..register import RegistrarVerbs
from .in_call_verbs import InCallVerbs
from .whole_request import check_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..outbound import Way
    from ..register import Binding, Registrar
    from ..subscribe import Publication
    from .sender import Sender

__all__ = ["ServiceVerbs"]


class ServiceVerbs(InCallVerbs, RegistrarVerbs):
    """The verbs of an `Agent` that serves others."""

    __slots__ = ()

    # Messages

    def send_message(
        self,
        uri: str,
        now: float,
        *,
        body: bytes,
        content_type: str = "text/plain",
        from_: str = "",
        to: str = "",
        headers: Iterable[tuple[str, str]] = (),
        sender: Sender | None = None,
        way: Way | None = None,
    ) -> int:
        """Send a pager-mode message; one that follows another to the same URI waits for its answer (CLI-4).

        Args:
            uri: Request-URI.
            now: Current time in seconds.
            body: The message.
            content_type: Its media type.
            from_: From value instead of the agent's own address.
            to: To value; the recipient when empty.
            headers: More header fields.
            sender: Who writes; by default the agent as it is configured.
            way: Where the user at ``uri`` is, as for `request`.

        Returns:
            The number of the message in `MessageDelivered`, `MessageFailed` and `MessageDropped`.

        Raises:
            LocalProtocolError: The agent is closing, the URI is none, the message is too long, too many
                wait, or a value cannot stand in a message.
        """
        voice = self._begin(uri, now, sender, () if way is None else (way,))
        if from_:
            check_address(from_)
        number = self._services.pager.send(
            uri,
            from_=from_ or voice.address,
            now=self._core.now,
            body=body,
            content_type=content_type,
            to=to,
            fields=(*voice.route_fields, *headers),
            credentials=None if sender is None else voice.credentials,
            way=way,
        )
        self._settle()
        return number

    # Requests of others

    def respond(
        self,
        request: int,
        status_code: int,
        now: float,
        *,
        reason: str = "",
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
    ) -> None:
        """Answer a `RequestHandedOver` with any status (MSG-11).

        Args:
            request: Its number.
            status_code: 100, or 200 to 699, which is the last answer.
            now: Current time in seconds.
            reason: Reason phrase; that of the status when empty.
            headers: Header fields besides those that a response repeats.
            content_type: Media type of the body.
            body: Body octets.

        Raises:
            LocalProtocolError: It has its final answer, be it ours after ``answer_patience``, the status is
                none that may be sent, or a value cannot stand in a message.
        """
        self._core.clock(now)
        self._services.handover.respond(
            request, status_code, reason=reason, fields=headers, content_type=content_type, body=body
        )
        self._settle()

    @property
    def _own_registrar(self) -> Registrar:
        registrar = self._services.registrar
        if registrar is None:
            raise LocalProtocolError("the agent has no registrar")
        return registrar

    def _advance(self, now: float) -> float:
        return self._core.clock(now)

    def lookup(self, uri: str) -> list[Binding]:
        """Return where a registered user is, the preferred contact first.

        Raises:
            LocalProtocolError: There is no registrar, or it is no address of record.
            StoreError: The store could not be read.
        """
        return self._own_registrar.lookup(uri, self._core.now)

    def publications(self, resource: str, package: str) -> tuple[Publication, ...]:
        """Return what is published for a resource, the latest PUBLISH last.

        Args:
            resource: What `resource_of` makes of its URI.
            package: Name of the event package.
        """
        published = self._services.publications
        return () if published is None else published.compositor.publications(resource, package)
