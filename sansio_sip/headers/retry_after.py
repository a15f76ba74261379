"""Retry-After (RFC 3261 §20.33)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ..message.params import find_param, parse_params
from ..message.scalars import parse_number
from ._reading import fault, only_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["RetryAfter"]

_SECONDS = re.compile(r"([0-9]++)[ \t]*+")
_PAREN = re.compile(r"\\.|[()]", re.DOTALL)
_MAX_SECONDS = 2**32 - 1


def _comment_end(text: str) -> int:
    """Return where the comment ends that starts at index 0; comments nest (§25.1)."""
    depth = 0
    for match in _PAREN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth and match[0] == ")":
            return match.end()
    raise fault("a comment has no end", "retry-after", "RFC 3261 §25.1 comment")


@attrs.frozen
class RetryAfter:
    """When to try again.

    Attributes:
        seconds: Seconds to wait.
        comment: Words for a human, without the outer parentheses.
        duration: Seconds for which the callee can be reached then, ``None`` when not said.
    """

    seconds: int
    comment: str = ""
    duration: int | None = None

    @classmethod
    def parse(cls, value: str) -> RetryAfter:
        """Read a value.

        Raises:
            ParseError: It is no number, or what follows is no comment or parameter.
        """
        match = _SECONDS.match(value)
        if match is None:
            raise fault("no number of seconds", "retry-after", "RFC 3261 §20.33")
        seconds = parse_number(match[1], "retry-after", _MAX_SECONDS)
        rest, comment = value[match.end() :], ""
        if rest.startswith("("):
            end = _comment_end(rest)
            comment, rest = rest[1 : end - 1], rest[end:].lstrip(" \t")
        if rest and not rest.startswith(";"):
            raise fault("neither a comment nor a parameter", "retry-after", "RFC 3261 §20.33")
        text = find_param(parse_params(rest[1:], "retry-after"), "duration")
        duration = None if text is None else parse_number(text, "retry-after", _MAX_SECONDS)
        return cls(seconds, comment, duration)

    @classmethod
    def of(cls, message: Message) -> RetryAfter | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        text = only_value(message, "retry-after", "RFC 3261 §20.33")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        comment = f" ({self.comment})" if self.comment else ""
        return f"{self.seconds}{comment}{'' if self.duration is None else f';duration={self.duration}'}"
