"""Commands for calls: to make, take and end them, and to change them while they last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.control.commands import replies
from trio_runtime.control.commands.model import Command, bound, optional

__all__ = [
    "CALL_COMMANDS",
    "Answer",
    "GetCall",
    "HangUp",
    "ListCalls",
    "MakeCall",
    "Reject",
    "Ring",
]


@attrs.frozen(kw_only=True)
class MakeCall(Command):
    """Call somebody; the reply comes at once, and events tell how it goes.

    Attributes:
        uri: SIP URI of the callee.
        account: Address of the account that calls; null for our own.
        headers: More header fields of the INVITE.
        owned: Whether the call ends when this connection does.
    """

    name: ClassVar[str] = "make_call"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    uri: str = bound(minLength=1, maxLength=2_048)
    account: str | None = optional(None)
    headers: Mapping[str, str] = optional(attrs.Factory(dict))
    owned: bool = optional(False)


@attrs.frozen(kw_only=True)
class Ring(Command):
    """Tell a caller that it rings, or how far it is.

    Attributes:
        call: The call.
        status_code: 180, or another provisional status.
        early_media: Whether the audio begins now, before the answer.
    """

    name: ClassVar[str] = "ring"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId
    status_code: int = optional(180, minimum=101, maximum=199)
    early_media: bool = optional(False)


@attrs.frozen(kw_only=True)
class Answer(Command):
    """Answer a call that came in; the reply comes when the caller has acknowledged it.

    Attributes:
        call: The call.
        headers: More header fields of the 200.
        owned: Whether the call ends when this connection does.
    """

    name: ClassVar[str] = "answer"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    call: SessionId
    headers: Mapping[str, str] = optional(attrs.Factory(dict))
    owned: bool = optional(False)


@attrs.frozen(kw_only=True)
class Reject(Command):
    """Refuse a call that came in.

    Attributes:
        call: The call.
        status_code: Status of the refusal.
        reason: Phrase; the registered one when empty.
        targets: URIs to try instead, for a 3xx.
    """

    name: ClassVar[str] = "reject"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId
    status_code: int = optional(486, minimum=300, maximum=699)
    reason: str = optional("", maxLength=256)
    targets: tuple[str, ...] = optional((), maxItems=16)


@attrs.frozen(kw_only=True)
class HangUp(Command):
    """End a call in whatever state it is.

    Attributes:
        call: The call.
    """

    name: ClassVar[str] = "hang_up"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId


@attrs.frozen(kw_only=True)
class GetCall(Command):
    """Ask about a call.

    Attributes:
        call: The call.
    """

    name: ClassVar[str] = "get_call"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    call: SessionId


@attrs.frozen(kw_only=True)
class ListCalls(Command):
    """Ask about the calls that are not over, a page of them at a time.

    Attributes:
        skip: How many are left out, from the oldest on.
        limit: How many are told.
    """

    name: ClassVar[str] = "list_calls"
    reply: ClassVar[type[replies.Reply]] = replies.CallsReply
    skip: int = optional(0, minimum=0)
    limit: int = optional(100, minimum=1, maximum=1_000)


CALL_COMMANDS: tuple[type[Command], ...] = (
    MakeCall, Ring, Answer, Reject, HangUp, GetCall, ListCalls,
)  # fmt: skip
"""Every one of them."""
