"""CSeq values (RFC 3261 §20.16)."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from ..errors import ParseError

__all__ = ["MAX_CSEQ", "CSeq", "parse_cseq"]

MAX_CSEQ = 2**31 - 1
"""RFC 3261 §8.1.1.5: the sequence number is below 2**31."""

_CSEQ = re.compile(r"([0-9]++)[ \t]++([A-Za-z0-9\-.!%*_+`'~]++)")


class CSeq(NamedTuple):
    """A sequence number and the method it counts."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


# "1 INVITE" is in most calls there are, so results are remembered; a stranger can only make us remember
# 1,024 of them.
@functools.lru_cache(maxsize=1_024)
def parse_cseq(text: str) -> CSeq:
    """Read a CSeq value.

    Raises:
        ParseError: It is not a number and a method, or the number is out of range.
    """
    match = _CSEQ.fullmatch(text)
    if match is None:
        raise ParseError(
            "CSeq is not number and method", error_class="cseq", rule="RFC 3261 §20.16", header="cseq"
        )
    digits, method = match.groups()
    if len(digits) > 10:  # int() refuses thousands of digits, be they zeros, so the length decides first
        digits = digits.lstrip("0") or "0"
    if len(digits) > 10 or (number := int(digits)) > MAX_CSEQ:
        raise ParseError(
            "the CSeq number is not below 2**31",
            error_class="number-range",
            rule="RFC 3261 §8.1.1.5",
            header="cseq",
        )
    return CSeq(number, method)
