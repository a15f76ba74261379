"""The base of requests and responses: header values of the less frequent kinds, and writing."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from .fields import checked_text
from .params import split_list
from .scalars import parse_number
from .typed import TypedHeaders
from .via import Via

if TYPE_CHECKING:
    from ..machine import Endpoint

__all__ = ["MAX_FORWARDS", "Message"]

MAX_FORWARDS = 255
"""Most hops that a request can still make (RFC 3261 §20.22)."""


class Message(TypedHeaders):
    """A SIP message: raw header fields and a body.

    A property raises `ParseError` when its header is damaged.

    Attributes:
        body: The body's octets.
        source: Where it came from, when it came by a connection or socket that has a name.
    """

    __slots__ = ("body", "source")

    body: bytes
    source: Endpoint | None

    @property
    def vias(self) -> list[Via]:
        """All Via values, topmost first."""
        return [Via.parse(value) for value in self.values("via")]

    def replace_via(self, via: Via) -> None:
        """Put a value in place of the topmost Via, such as the one stamped with the source."""
        for index, (key, name, value) in enumerate(self.fields):
            if key == "via":
                rest = split_list(value, "via")[1:] if "," in value else []
                text = checked_text(str(via), "via")
                self.fields[index] = (key, name, ", ".join([text, *rest]) if rest else text)
                self._first = None
                self._via = via
                return

    @property
    def contact_is_star(self) -> bool:
        """Whether Contact is ``*``, which removes all bindings (RFC 3261 §10.2.2)."""
        return self.get_all("contact") == ["*"]

    @property
    def routes(self) -> list[str]:
        """The Route values as raw ``name-addr`` text, topmost first."""
        return self.values("route")

    @property
    def record_routes(self) -> list[str]:
        """The Record-Route values as raw ``name-addr`` text, topmost first."""
        return self.values("record-route")

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards (0-255), or None (RFC 3261 §20.22)."""
        return self._number("max-forwards", MAX_FORWARDS)

    @property
    def expires(self) -> int | None:
        """Expires in seconds, or None (RFC 3261 §20.19)."""
        return self._number("expires", 2**32 - 1)

    @property
    def content_length(self) -> int | None:
        """Content-Length as received, or None; what is sent is always computed from the body."""
        return self._number("content-length", 2**31 - 1)

    def _number(self, key: str, maximum: int) -> int | None:
        value = self.get(key)
        return None if value is None else parse_number(value, key, maximum)

    @property
    def content_type(self) -> str | None:
        """The media type in lower case without parameters, or None."""
        value = self.get("content-type")
        return None if value is None else value.partition(";")[0].replace(" ", "").strip("\t").lower()

    @property
    def supported(self) -> tuple[str, ...]:
        """Option tags of Supported, in lower case."""
        return self._tokens("supported", lower=True)

    @property
    def require(self) -> tuple[str, ...]:
        """Option tags of Require, in lower case."""
        return self._tokens("require", lower=True)

    @property
    def allow(self) -> tuple[str, ...]:
        """Methods of Allow, as written: methods are case-sensitive."""
        return self._tokens("allow", lower=False)

    def _tokens(self, key: str, *, lower: bool) -> tuple[str, ...]:
        if key not in self.first_values():
            return ()
        values = self.values(key)
        return tuple([value.lower() for value in values] if lower else values)

    @abstractmethod
    def _start_line(self) -> str:
        """The first line, which requests and responses have of their own."""

    def to_bytes(self) -> bytes:
        """Write the message; Content-Length is computed and stands last."""
        lines = [self._start_line()]
        lines += [f"{name}: {value}" for key, name, value in self.fields if key != "content-length"]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body
