"""Commands that change a call while it lasts."""

from __future__ import annotations

from typing import ClassVar

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.control.commands import replies
from trio_runtime.control.commands.model import Command, bound, optional

__all__ = [
    "CHANGE_COMMANDS",
    "Hold",
    "Resume",
    "SetMute",
    "Transfer",
    "TransferTo",
]


@attrs.frozen(kw_only=True)
class Hold(Command):
    """Put the peer on hold; the reply comes when it has agreed.

    Attributes:
        call: The call.
        music: WAV file that the peer hears meanwhile; null is silence.
    """

    name: ClassVar[str] = "hold"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    call: SessionId
    music: str | None = optional(None, minLength=1)


@attrs.frozen(kw_only=True)
class Resume(Command):
    """Take the peer back from hold.

    Attributes:
        call: The call.
    """

    name: ClassVar[str] = "resume"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    call: SessionId


@attrs.frozen(kw_only=True)
class SetMute(Command):
    """Let the peer hear silence in place of us, or us again.

    Attributes:
        call: The call.
        muted: Whether it shall.
    """

    name: ClassVar[str] = "mute"
    reply: ClassVar[type[replies.Reply]] = replies.CallReply
    call: SessionId
    muted: bool = optional(True)


@attrs.frozen(kw_only=True)
class Transfer(Command):
    """Send the peer to somebody else; the reply comes when the two talk, and this call is over then.

    Attributes:
        call: The call.
        uri: Whom the peer shall call.
    """

    name: ClassVar[str] = "transfer"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId
    uri: str = bound(minLength=1, maxLength=2_048)


@attrs.frozen(kw_only=True)
class TransferTo(Command):
    """Connect the peers of two calls with each other (attended transfer); both calls are over then.

    Attributes:
        call: The call whose peer is sent.
        other: The call whose peer it is sent to.
    """

    name: ClassVar[str] = "transfer_to_call"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId
    other: SessionId


CHANGE_COMMANDS: tuple[type[Command], ...] = (Hold, Resume, SetMute, Transfer, TransferTo)
"""Every one of them."""
