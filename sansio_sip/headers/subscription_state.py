"""Subscription-State and Event: what a NOTIFY says about its subscription (RFC 6665 §8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import Params
from ..message.params import find_param, format_params
from ..message.scalars import parse_number
from ._reading import checked_token, fault, only_value, split_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["EventType", "SubscriptionState"]

_MAX_SECONDS = 2**32 - 1


def _seconds(params: Params, name: str) -> int | None:
    value = find_param(params, name)
    return None if value is None else parse_number(value, "subscription-state", _MAX_SECONDS)


@attrs.frozen
class SubscriptionState:
    """State of a subscription.

    Attributes:
        state: ``active``, ``pending``, ``terminated`` or an extension, in lower case.
        expires: Seconds that it still lasts, ``None`` when not said.
        reason: Why it ended, in lower case; empty when not said.
        retry_after: Seconds to wait before a new one, ``None`` when not said.
        params: Other parameters in order.
    """

    state: str
    expires: int | None = None
    reason: str = ""
    retry_after: int | None = None
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> SubscriptionState:
        """Read a value.

        Raises:
            ParseError: The state is no token, or a number none.
        """
        state, params = split_value(text, "subscription-state")
        known = ("expires", "reason", "retry-after")
        return cls(
            checked_token(state, "subscription-state", "RFC 6665 §8.4").lower(),
            _seconds(params, "expires"),
            (find_param(params, "reason") or "").lower(),
            _seconds(params, "retry-after"),
            tuple(pair for pair in params if pair[0] not in known),
        )

    @classmethod
    def of(cls, message: Message) -> SubscriptionState:
        """Return the value in a NOTIFY.

        Raises:
            ParseError: It is missing, which it must not be, cannot be read, or stands twice.
        """
        text = only_value(message, "subscription-state", "RFC 6665 §4.1.3")
        if text is None:
            raise fault("no Subscription-State", "subscription-state", "RFC 6665 §4.1.3")
        return cls.parse(text)

    @property
    def terminated(self) -> bool:
        """Whether this was the last NOTIFY."""
        return self.state == "terminated"

    def __str__(self) -> str:
        expires = "" if self.expires is None else f";expires={self.expires}"
        reason = f";reason={self.reason}" if self.reason else ""
        retry = "" if self.retry_after is None else f";retry-after={self.retry_after}"
        return f"{self.state}{expires}{reason}{retry}{format_params(self.params)}"


@attrs.frozen
class EventType:
    """Value of Event: the package and which of several subscriptions to it in a dialog.

    Attributes:
        package: Name of the package, compared with case (RFC 6665 §8.2.1).
        id: The ``id`` parameter; empty when there is none.
        params: Other parameters in order.
    """

    package: str
    id: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> EventType:
        """Read a value.

        Raises:
            ParseError: The package is no token.
        """
        package, params = split_value(text, "event")
        rest = tuple(pair for pair in params if pair[0] != "id")
        return cls(checked_token(package, "event", "RFC 6665 §8.4"), find_param(params, "id") or "", rest)

    @classmethod
    def of(cls, message: Message) -> EventType | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        text = only_value(message, "event", "RFC 6665 §8.2.1")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        number = f";id={self.id}" if self.id else ""
        return f"{self.package}{number}{format_params(self.params)}"
