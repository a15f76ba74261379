"""SIP requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .base import Message
from .fields import Field
from .uri import AnyUri, parse_uri

if TYPE_CHECKING:
    from ..machine import Endpoint

__all__ = ["Request"]


class Request(Message):
    """A request.

    Attributes:
        method: The method, case-sensitive; unknown methods are kept as they are.
        uri: The Request-URI as raw text.
        flow: The connection or socket that it should go by while that is there, or ``None``.
    """

    __slots__ = ("flow", "method", "uri")

    flow: Endpoint | None

    def __init__(
        self, method: str, uri: str, fields: Iterable[Field] | None = None, body: bytes = b""
    ) -> None:
        self.method = method
        self.uri = uri
        self.fields = [] if fields is None else list(fields)
        self.body = body
        self.source = None
        self.flow = None
        self._first = None

    @property
    def request_uri(self) -> AnyUri:
        """The typed Request-URI."""
        return parse_uri(self.uri)

    def copy(self) -> Request:
        """Give an independent copy; fields may be changed in one without the other."""
        copy = Request(self.method, self.uri, self.fields, self.body)
        copy.flow = self.flow
        return copy

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri} call-id={self.get('call-id')!r} cseq={self.get('cseq')!r}>"
