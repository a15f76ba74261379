"""A request of somebody else that the application answers itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from trio_runtime.base.errors import CallStateError

if TYPE_CHECKING:
    from trio_runtime.base.types import Address, SessionId
    from trio_runtime.session import CallHeaders

__all__ = ["IncomingRequest", "Respond"]

Respond: TypeAlias = Callable[[int, str, Iterable[tuple[str, str]], str, bytes], None]


class IncomingRequest:
    """A request that waits for its answer; `RequestsConfig.methods` says which there are.

    Attributes:
        method: Its method.
        uri: Request-URI.
        headers: Its header fields.
        content_type: Media type of the body without parameters; empty when there is none.
        body: Body octets.
        source: Where it came from; None in a call.
        session_id: The call that it came in; None outside of calls.
        username: Whose password the sender knows; empty when nobody asked.
        answered: Whether it has its final answer from us.
    """

    def __init__(
        self,
        respond: Respond,
        *,
        method: str,
        uri: str,
        headers: CallHeaders,
        content_type: str,
        body: bytes,
        source: Address | None,
        session_id: SessionId | None,
        username: str,
    ) -> None:
        self._respond = respond
        self.method = method
        self.uri = uri
        self.headers = headers
        self.content_type = content_type
        self.body = body
        self.source = source
        self.session_id = session_id
        self.username = username
        self.answered = False

    def __repr__(self) -> str:
        return f"<IncomingRequest {self.method} {self.uri}>"

    def respond(
        self,
        status_code: int = 200,
        reason: str = "",
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
    ) -> None:
        """Answer it.

        Args:
            status_code: 100, or 200 to 699, which is the last answer.
            reason: Phrase; the registered one when empty.
            headers: More header fields.
            content_type: Media type of the body.
            body: Body octets.

        Raises:
            CallStateError: It has its answer, be it a 500 because it had to wait for too long, or a value
                cannot be sent.
        """
        if self.answered:
            raise CallStateError(f"the {self.method} has its answer already")
        self._respond(status_code, reason, headers, content_type, body)
        self.answered = status_code >= 200
