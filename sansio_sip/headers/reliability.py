"""RSeq and RAck: numbers of reliable provisional responses (RFC 3262 §7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..message import MAX_CSEQ
from ..message.scalars import parse_number
from ._reading import fault, only_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["RAck", "rseq_of"]

_RACK = re.compile(r"([0-9]++)[ \t]++([0-9]++)[ \t]++([A-Za-z0-9\-.!%*_+`'~]++)")
_MAX_RSEQ = 2**32 - 1


def rseq_of(message: Message) -> int | None:
    """Return the number of a reliable provisional response, ``None`` when it is not reliable.

    Raises:
        ParseError: It is no number from 1 to 2**32-1, or stands twice.
    """
    text = only_value(message, "rseq", "RFC 3262 §7.1")
    if text is None:
        return None
    number = parse_number(text, "rseq", _MAX_RSEQ)
    if not number:
        raise fault("RSeq is 0", "rseq", "RFC 3262 §7.1", error_class="number-range")
    return number


class RAck(NamedTuple):
    """What a PRACK acknowledges.

    Attributes:
        response_number: RSeq of the response.
        cseq_number: CSeq number of the response.
        method: CSeq method of the response.
    """

    response_number: int
    cseq_number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> RAck:
        """Read a value.

        Raises:
            ParseError: It is not two numbers and a method, or a number is out of range.
        """
        match = _RACK.fullmatch(text)
        if match is None:
            raise fault("RAck is not two numbers and a method", "rack", "RFC 3262 §7.2")
        response, cseq, method = match.groups()
        return cls(parse_number(response, "rack", _MAX_RSEQ), parse_number(cseq, "rack", MAX_CSEQ), method)

    @classmethod
    def of(cls, message: Message) -> RAck | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        text = only_value(message, "rack", "RFC 3262 §7.2")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        return f"{self.response_number} {self.cseq_number} {self.method}"
