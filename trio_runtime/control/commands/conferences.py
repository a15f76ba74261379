"""Commands for conferences."""

from __future__ import annotations

from typing import ClassVar

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.control.commands import replies
from trio_runtime.control.commands.model import Command, bound, optional

__all__ = [
    "CONFERENCE_COMMANDS",
    "CloseConference",
    "JoinConference",
    "LeaveConference",
    "ListConferences",
    "OpenConference",
    "SetMember",
]

_NAME = {"minLength": 1, "maxLength": 64}


@attrs.frozen(kw_only=True)
class OpenConference(Command):
    """Open a room in which calls hear each other; the reply has the name that it is given.

    Attributes:
        max_members: How many calls it takes.
        music: WAV file for whoever is alone in it; null is silence.
    """

    name: ClassVar[str] = "open_conference"
    reply: ClassVar[type[replies.Reply]] = replies.RoomReply
    max_members: int = optional(1_000, minimum=1, maximum=1_000)
    music: str | None = optional(None, minLength=1)


@attrs.frozen(kw_only=True)
class CloseConference(Command):
    """Hang up all calls in a conference, and close it.

    Attributes:
        conference: Its name.
    """

    name: ClassVar[str] = "close_conference"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    conference: str = bound(**_NAME)


@attrs.frozen(kw_only=True)
class JoinConference(Command):
    """Let a call into a conference, answered first if it came in.

    Attributes:
        conference: Its name.
        call: The call.
        muted: Whether nobody hears it.
        gain: How loud the others hear it; 1 is as it is.
    """

    name: ClassVar[str] = "join_conference"
    reply: ClassVar[type[replies.Reply]] = replies.RoomReply
    conference: str = bound(**_NAME)
    call: SessionId
    muted: bool = optional(False)
    gain: float = optional(1.0, minimum=0, maximum=16)


@attrs.frozen(kw_only=True)
class LeaveConference(Command):
    """Let a call out of a conference; it goes on by itself.

    Attributes:
        conference: Its name.
        call: The call; one that is not in it is no error.
    """

    name: ClassVar[str] = "leave_conference"
    reply: ClassVar[type[replies.Reply]] = replies.RoomReply
    conference: str = bound(**_NAME)
    call: SessionId


@attrs.frozen(kw_only=True)
class SetMember(Command):
    """Change how a member of a conference is heard, or whether anybody is let in.

    Attributes:
        conference: Its name.
        call: The member; null for the conference itself.
        muted: Whether nobody hears it; null leaves it as it is.
        gain: How loud the others hear it; null leaves it as it is.
        locked: Whether nobody is let into the conference any more; null leaves it as it is.
    """

    name: ClassVar[str] = "set_conference"
    reply: ClassVar[type[replies.Reply]] = replies.RoomReply
    conference: str = bound(**_NAME)
    call: SessionId | None = optional(None)  # noqa: RUF009 - `optional` makes a field
    muted: bool | None = optional(None)
    gain: float | None = optional(None, minimum=0, maximum=16)
    locked: bool | None = optional(None)


@attrs.frozen(kw_only=True)
class ListConferences(Command):
    """Ask about all conferences that were opened here."""

    name: ClassVar[str] = "list_conferences"
    reply: ClassVar[type[replies.Reply]] = replies.RoomsReply


CONFERENCE_COMMANDS: tuple[type[Command], ...] = (
    OpenConference,
    CloseConference,
    JoinConference,
    LeaveConference,
    SetMember,
    ListConferences,
)
"""Every one of them."""
