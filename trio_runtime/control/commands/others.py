"""Commands beside calls: to sign in, to hear events, to write, to ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.control.commands import replies
from trio_runtime.control.commands.model import Command, bound, optional

__all__ = [
    "OTHER_COMMANDS",
    "GetStatistics",
    "Login",
    "SendMessage",
    "SendOptions",
    "Subscribe",
    "Unsubscribe",
]


@attrs.frozen(kw_only=True)
class Login(Command):
    """Sign in, where the request of the connection had no Authorization header; the first command then.

    Attributes:
        token: The secret.
    """

    name: ClassVar[str] = "login"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Subscribe(Command):
    """Have events pushed from now on; another one takes the place of this one.

    Attributes:
        events: Names of the events; null for all.
        calls: Only those of these calls; null for all, and for what is not about a call.
    """

    name: ClassVar[str] = "subscribe"
    reply: ClassVar[type[replies.Reply]] = replies.SubscribedReply
    events: tuple[str, ...] | None = optional(None)
    calls: tuple[SessionId, ...] | None = optional(None)


@attrs.frozen(kw_only=True)
class Unsubscribe(Command):
    """Have no events pushed any more."""

    name: ClassVar[str] = "unsubscribe"
    reply: ClassVar[type[replies.Reply]] = replies.Done


@attrs.frozen(kw_only=True)
class SendMessage(Command):
    """Send a message to somebody (MESSAGE); the reply is the answer, be it a refusal.

    Attributes:
        uri: Whom to.
        text: The message.
        content_type: Its media type.
        account: Address of the account that writes; null for our own.
        headers: More header fields.
    """

    name: ClassVar[str] = "send_message"
    reply: ClassVar[type[replies.Reply]] = replies.ResponseReply
    uri: str = bound(minLength=1, maxLength=2_048)
    text: str
    content_type: str = optional("text/plain;charset=UTF-8", minLength=3, maxLength=256)
    account: str | None = optional(None)
    headers: Mapping[str, str] = optional(attrs.Factory(dict))


@attrs.frozen(kw_only=True)
class SendOptions(Command):
    """Ask a peer what it can (OPTIONS); the reply is the answer, be it a refusal.

    Attributes:
        uri: Whom.
        account: Address of the account that asks; null for our own.
    """

    name: ClassVar[str] = "options"
    reply: ClassVar[type[replies.Reply]] = replies.ResponseReply
    uri: str = bound(minLength=1, maxLength=2_048)
    account: str | None = optional(None)


@attrs.frozen(kw_only=True)
class GetStatistics(Command):
    """Ask what was counted."""

    name: ClassVar[str] = "statistics"
    reply: ClassVar[type[replies.Reply]] = replies.StatisticsReply


OTHER_COMMANDS: tuple[type[Command], ...] = (
    Login, Subscribe, Unsubscribe, SendMessage, SendOptions, GetStatistics,
)  # fmt: skip
"""Every one of them."""
