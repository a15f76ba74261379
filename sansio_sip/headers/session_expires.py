"""Session-Expires and Min-SE (RFC 4028 §4, §5)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from ..message import Params
from ..message.params import find_param, format_params
from ..message.scalars import parse_number
from ._reading import fault, only_value, split_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["LEAST_SESSION_INTERVAL", "MinSe", "Refresher", "SessionExpires"]

LEAST_SESSION_INTERVAL: Final = 90
"""Seconds; no session interval and no Min-SE may be shorter (§4, §5)."""

_MAX_SECONDS = 2**32 - 1


class Refresher(Enum):
    """Who refreshes, by the role in the transaction that says so."""

    UAC = "uac"
    UAS = "uas"


@attrs.frozen
class SessionExpires:
    """How long the session lasts without a refresh, and who refreshes it.

    Attributes:
        interval: Seconds.
        refresher: Who refreshes; ``None`` in a request that leaves it to the answer.
        params: Other parameters in order.
    """

    interval: int
    refresher: Refresher | None = None
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> SessionExpires:
        """Read a value.

        Raises:
            ParseError: The interval is no number, or the refresher neither ``uac`` nor ``uas``.
        """
        seconds, params = split_value(text, "session-expires")
        interval = parse_number(seconds, "session-expires", _MAX_SECONDS)
        name = find_param(params, "refresher")
        if name is None:
            return cls(interval, None, params)
        try:
            refresher = Refresher(name.lower())
        except ValueError:
            raise fault(f"refresher {name[:20]!r}", "session-expires", "RFC 4028 §4") from None
        return cls(interval, refresher, tuple(pair for pair in params if pair[0] != "refresher"))

    @classmethod
    def of(cls, message: Message) -> SessionExpires | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        text = only_value(message, "session-expires", "RFC 4028 §4")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        who = "" if self.refresher is None else f";refresher={self.refresher.value}"
        return f"{self.interval}{who}{format_params(self.params)}"


@attrs.frozen
class MinSe:
    """The shortest session interval that somebody on the path accepts.

    Attributes:
        seconds: Seconds.
        params: Parameters in order.
    """

    seconds: int = LEAST_SESSION_INTERVAL
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> MinSe:
        """Read a value; one under 90 counts as 90, which is what it must be at least (§5).

        Raises:
            ParseError: It is no number.
        """
        seconds, params = split_value(text, "min-se")
        return cls(max(parse_number(seconds, "min-se", _MAX_SECONDS), LEAST_SESSION_INTERVAL), params)

    @classmethod
    def of(cls, message: Message) -> MinSe | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        text = only_value(message, "min-se", "RFC 4028 §5")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        return f"{self.seconds}{format_params(self.params)}"
