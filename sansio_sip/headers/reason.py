"""Reason: why a request was sent (RFC 3326)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import ParseError
from ..message import Params, quote_string
from ..message.params import find_param, format_params
from ..message.scalars import parse_number
from ._reading import checked_token, split_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["Reason", "reasons_of"]

_RULE = "RFC 3326 §2"


@attrs.frozen
class Reason:
    """One reason value.

    Attributes:
        protocol: ``SIP`` for status codes, ``Q.850`` for causes of the telephone network, or another.
        cause: The code, ``None`` when there is none.
        text: Words for a human; empty when there are none.
        params: Other parameters in order.
    """

    protocol: str
    cause: int | None = None
    text: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> Reason:
        """Read one value.

        Raises:
            ParseError: The protocol is no token, or the cause no number.
        """
        protocol, params = split_value(text, "reason")
        cause = find_param(params, "cause")
        return cls(
            checked_token(protocol, "reason", _RULE),
            None if cause is None else parse_number(cause, "reason", 65_535),
            find_param(params, "text") or "",
            tuple(pair for pair in params if pair[0] not in ("cause", "text")),
        )

    def __str__(self) -> str:
        cause = "" if self.cause is None else f";cause={self.cause}"
        text = f";text={quote_string(self.text)}" if self.text else ""
        return f"{self.protocol}{cause}{text}{format_params(self.params)}"


def reasons_of(message: Message) -> tuple[Reason, ...]:
    """Return the reasons in a message; what cannot be read is left out, as it may be ignored (§2)."""
    reasons: list[Reason] = []
    try:
        values = message.values("reason")
    except ParseError:
        return ()
    for value in values:
        try:
            reasons.append(Reason.parse(value))
        except ParseError:
            continue
    return tuple(reasons)
