"""SIP responses."""

from __future__ import annotations

from collections.abc import Iterable

from .base import Message
from .fields import Field

__all__ = ["Response"]


class Response(Message):
    """A response.

    Attributes:
        status_code: 100 to 699.
        reason: The reason phrase, possibly empty.
    """

    __slots__ = ("reason", "status_code")

    def __init__(
        self, status_code: int, reason: str, fields: Iterable[Field] | None = None, body: bytes = b""
    ) -> None:
        self.status_code = status_code
        self.reason = reason
        self.fields = [] if fields is None else list(fields)
        self.body = body
        self.source = None
        self._first = None

    def copy(self) -> Response:
        """Give an independent copy; fields may be changed in one without the other."""
        return Response(self.status_code, self.reason, self.fields, self.body)

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status_code} {self.reason}"

    def __repr__(self) -> str:
        return f"<Response {self.status_code} call-id={self.get('call-id')!r} cseq={self.get('cseq')!r}>"
