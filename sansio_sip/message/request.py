"""SIP requests."""

from __future__ import annotations

from collections.abc import Iterable

from .base import Message
from .fields import Field
from .uri import AnyUri, parse_uri

__all__ = ["Request"]


class Request(Message):
    """A request.

    Attributes:
        method: The method, case-sensitive; unknown methods are kept as they are.
        uri: The Request-URI as raw text.
    """

    __slots__ = ("method", "uri")

    def __init__(
        self, method: str, uri: str, fields: Iterable[Field] | None = None, body: bytes = b""
    ) -> None:
        self.method = method
        self.uri = uri
        self.fields = [] if fields is None else list(fields)
        self.body = body
        self._first = None

    @property
    def request_uri(self) -> AnyUri:
        """The typed Request-URI."""
        return parse_uri(self.uri)

    def copy(self) -> Request:
        """Give an independent copy; fields may be changed in one without the other."""
        return Request(self.method, self.uri, self.fields, self.body)

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri} call-id={self.get('call-id')!r} cseq={self.get('cseq')!r}>"
