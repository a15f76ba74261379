"""Who is in a conference, and what they may do there."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.session import Call

__all__ = ["ConferenceRole", "Member", "MemberInfo"]


@unique
class ConferenceRole(Enum):
    """What a member may do.

    A moderator is heard, also when everybody is muted; a speaker is heard unless it is muted; nobody hears a
    listener.
    """

    MODERATOR = "moderator"
    SPEAKER = "speaker"
    LISTENER = "listener"


@attrs.frozen
class MemberInfo:
    """What a member of a conference is like now.

    Attributes:
        session_id: Its call.
        uri: URI of who it is.
        role: What it may do.
        muted: Whether it is muted, whatever its role.
        gain: How loud the others hear it.
        joined_at: Time at which it came in, in seconds of the coordinator's clock.
        dialled_out: Whether the conference has called it.
    """

    session_id: SessionId
    uri: str
    role: ConferenceRole
    muted: bool
    gain: float
    joined_at: float
    dialled_out: bool


@attrs.define(eq=False)
class Member:
    """A member; see `MemberInfo`."""

    call: Call
    role: ConferenceRole
    muted: bool
    gain: float
    joined_at: float
    dialled_out: bool

    @property
    def silent(self) -> bool:
        """Whether nobody hears it."""
        return self.muted or self.role is ConferenceRole.LISTENER

    def info(self) -> MemberInfo:
        """Return what it is like now."""
        call = self.call
        return MemberInfo(
            call.id, call.remote_uri, self.role, self.muted, self.gain, self.joined_at, self.dialled_out
        )
