"""Warning: what went wrong, in words (RFC 3261 §20.43)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ..message import quote_string, unquote_string
from ._reading import fault

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["WARNING_TEXTS", "SipWarning", "warnings_of"]

_WARNING = re.compile(r'([0-9]{3})[ \t]++([^\s",]++)[ \t]++("[^"\\]*+(?:\\.[^"\\]*+)*+")', re.DOTALL)

WARNING_TEXTS: dict[int, str] = {
    300: "Incompatible network protocol",
    301: "Incompatible network address formats",
    302: "Incompatible transport protocol",
    303: "Incompatible bandwidth units",
    304: "Media type not available",
    305: "Incompatible media format",
    306: "Attribute not understood",
    307: "Session description parameter not understood",
    330: "Multicast not available",
    331: "Unicast not available",
    370: "Insufficient bandwidth",
    399: "Miscellaneous warning",
}
"""Recommended text of each registered code."""


@attrs.frozen
class SipWarning:
    """One warning.

    Attributes:
        code: Three digits; 3xx are SIP's.
        agent: Host or name of who warns.
        text: Words for a human.
    """

    code: int
    agent: str
    text: str

    @classmethod
    def parse(cls, text: str) -> SipWarning:
        """Read one element.

        Raises:
            ParseError: It is not code, agent and quoted text.
        """
        match = _WARNING.fullmatch(text)
        if match is None:
            raise fault("not code, agent and text", "warning", "RFC 3261 §25.1 warning-value")
        return cls(int(match[1]), match[2], unquote_string(match[3]))

    def __str__(self) -> str:
        return f"{self.code} {self.agent} {quote_string(self.text)}"


def warnings_of(message: Message) -> tuple[SipWarning, ...]:
    """Return the warnings in a message.

    Raises:
        ParseError: One cannot be read.
    """
    return tuple(SipWarning.parse(value) for value in message.values("warning"))
