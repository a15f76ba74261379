"""The base of requests and responses: typed headers, made when asked and remembered."""

from __future__ import annotations

from ..errors import ParseError
from .cseq import CSeq, parse_cseq
from .fields import FieldList, checked_text
from .name_addr import NameAddr, read_tag
from .params import split_list
from .scalars import parse_number
from .via import Via

__all__ = ["Message"]


class Message(FieldList):
    """A SIP message: raw header fields and a body.

    A typed property reads its header on first use, remembers the result, and raises `ParseError`
    when the header is missing though mandatory, or damaged.

    Attributes:
        body: The body's octets.
    """

    __slots__ = ("body",)

    body: bytes

    def _require(self, key: str) -> str:
        value = self.get(key)
        if not value:
            raise ParseError(
                f"no {key} header", error_class="missing-header", rule="RFC 3261 §8.1.1", header=key
            )
        return value

    @property
    def via(self) -> Via:
        """The topmost Via value."""
        typed: Via | None = self._typed.get("via")
        if typed is None:
            value = self._require("via")
            if "," in value:
                value = (split_list(value, "via") or [""])[0]
            typed = self._typed["via"] = Via.parse(value)
        return typed

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
                self._typed["via"] = via
                return

    @property
    def from_(self) -> NameAddr:
        """The From header."""
        return self._name_addr("from")

    @property
    def to(self) -> NameAddr:
        """The To header."""
        return self._name_addr("to")

    def _name_addr(self, key: str) -> NameAddr:
        typed: NameAddr | None = self._typed.get(key)
        if typed is None:
            typed = self._typed[key] = NameAddr.parse(self._require(key), key)
        return typed

    @property
    def from_tag(self) -> str:
        """The From tag; empty when there is none."""
        return self._tag("from", "from-tag")

    @property
    def to_tag(self) -> str:
        """The To tag; empty when there is none."""
        return self._tag("to", "to-tag")

    def _tag(self, key: str, memo: str) -> str:
        tag: str | None = self._typed.get(memo)
        if tag is None:
            tag = self._typed[memo] = read_tag(self._require(key), key)
        return tag

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self._require("call-id")

    @property
    def cseq(self) -> CSeq:
        """The CSeq header."""
        typed: CSeq | None = self._typed.get("cseq")
        if typed is None:
            typed = self._typed["cseq"] = parse_cseq(self._require("cseq"))
        return typed

    @property
    def contacts(self) -> list[NameAddr]:
        """The Contact values; empty when there is none or the value is ``*``."""
        typed: list[NameAddr] | None = self._typed.get("contact")
        if typed is None:
            values = self.values("contact")
            typed = [] if values == ["*"] else [NameAddr.parse(value, "contact") for value in values]
            self._typed["contact"] = typed
        return typed

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
        return self._number("max-forwards", 255)

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
        typed: tuple[str, ...] | None = self._typed.get(key)
        if typed is None:
            values = self.values(key)
            typed = self._typed[key] = tuple([v.lower() for v in values] if lower else values)
        return typed

    def _start_line(self) -> str:
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """Write the message; Content-Length is computed and stands last."""
        lines = [self._start_line()]
        lines += [f"{name}: {value}" for key, name, value in self.fields if key != "content-length"]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body
