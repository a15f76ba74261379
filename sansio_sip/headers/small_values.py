"""Header values of few parts: a word with parameters, a Call-ID, products, a timestamp (RFC 3261 §25.1)."""

from __future__ import annotations

import re

import attrs

from ..message import MediaType, NameAddr, Params
from ..message.params import find_param, format_params
from ._reading import checked_token, fault, split_value

__all__ = [
    "Timestamp", "TokenValue", "parse_bracketed", "parse_call_id", "parse_mime_version", "parse_products",
    "quality_of",
]  # fmt: skip

_WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]++"
_CALL_ID = re.compile(rf"{_WORD}(?:@{_WORD})?+")
_TIMESTAMP = re.compile(
    r"([0-9]{1,20}(?:\.[0-9]{0,20})?)(?:[ \t]++([0-9]{0,20}(?:\.[0-9]{0,20})?))?", re.ASCII
)
_MIME_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)
_PRODUCT = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++(?:[ \t]*+/[ \t]*+[A-Za-z0-9\-.!%*_+`'~]++)?+|\(", re.ASCII)
_SPACE = re.compile(r"[ \t]++")
_PAREN = re.compile(r"\\.|[()]", re.DOTALL)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", re.ASCII)


@attrs.frozen
class TokenValue:
    """A word with parameters, such as an encoding, a language, a disposition or a package.

    Attributes:
        token: The word as written.
        params: Parameters in order.
    """

    token: str
    params: Params = ()

    @classmethod
    def parse(cls, text: str, header: str = "", rule: str = "RFC 3261 §25.1 token") -> TokenValue:
        """Read one element.

        Args:
            text: The raw element.
            header: Key of the header field, for the error.
            rule: RFC and section, for the error.

        Raises:
            ParseError: The word is no token, or a parameter cannot be read.
        """
        token, params = split_value(text, header)
        return cls(checked_token(token, header, rule), params)

    def param(self, name: str) -> str | None:
        """Return a parameter by its lower-case name: None when absent, empty for a flag."""
        return find_param(self.params, name)

    def __str__(self) -> str:
        return self.token + format_params(self.params)


def quality_of(value: TokenValue | MediaType) -> float:
    """Return the q of an Accept, Accept-Encoding or Accept-Language element; 1 when there is none (§20.1).

    Raises:
        ParseError: It is not a number from 0 to 1.
    """
    text = value.param("q")
    if text is None:
        return 1.0
    if _QUALITY.fullmatch(text) is None:
        raise fault(f"q {text[:20]!r}", "accept", "RFC 3261 §25.1 qvalue")
    return float(text)


@attrs.frozen
class Timestamp:
    """When a request was sent, and in a response how long it was held up (RFC 3261 §20.38).

    Attributes:
        time: Seconds as written by the client.
        delay: Seconds between request and response as written; empty for none.
    """

    time: str
    delay: str = ""

    @classmethod
    def parse(cls, text: str) -> Timestamp:
        """Read a value.

        Raises:
            ParseError: It is not one or two decimal numbers.
        """
        match = _TIMESTAMP.fullmatch(text)
        if match is None:
            raise fault(f"{text[:40]!r} is no timestamp", "timestamp", "RFC 3261 §25.1 Timestamp")
        return cls(match[1], match[2] or "")

    def __str__(self) -> str:
        return f"{self.time} {self.delay}" if self.delay else self.time


def parse_bracketed(text: str, header: str) -> NameAddr:
    """Read an element whose URI has to stand in angle brackets, as in Route, Path, Call-Info (§25.1).

    Raises:
        ParseError: It has none, or is damaged.
    """
    address = NameAddr.parse(text, header)
    if "<" not in text:
        raise fault("a URI without angle brackets", header, "RFC 3261 §25.1 name-addr")
    return address


def parse_call_id(text: str, header: str = "call-id") -> str:
    """Check a Call-ID (§20.8).

    Raises:
        ParseError: It is not one or two words with an @ between.
    """
    if _CALL_ID.fullmatch(text) is None:
        raise fault(f"{text[:40]!r} is no Call-ID", header, "RFC 3261 §25.1 callid")
    return text


def parse_mime_version(text: str) -> tuple[int, int]:
    """Read MIME-Version (§20.24).

    Raises:
        ParseError: It is not two numbers with a dot between.
    """
    match = _MIME_VERSION.fullmatch(text)
    if match is None:
        raise fault(f"{text[:40]!r} is no version", "mime-version", "RFC 3261 §25.1 MIME-Version")
    return int(match[1]), int(match[2])


def parse_products(text: str, header: str) -> tuple[str, ...]:
    """Read Server or User-Agent: products and comments, the latter with their parentheses (§20.35, §20.41).

    Raises:
        ParseError: Something is neither, or a comment has no end.
    """
    parts: list[str] = []
    position = 0
    while position < len(text):
        match = _PRODUCT.match(text, position)
        if match is None:
            raise fault("neither a product nor a comment", header, "RFC 3261 §25.1 server-val", position)
        end = match.end() if match[0] != "(" else _comment_end(text, position, header)
        parts.append(text[position:end])
        space = _SPACE.match(text, end)
        position = end if space is None else space.end()
    return tuple(parts)


def _comment_end(text: str, start: int, header: str) -> int:
    depth = 0
    for match in _PAREN.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth and match[0] == ")":
            return match.end()
    raise fault("a comment has no end", header, "RFC 3261 §25.1 comment", start)
