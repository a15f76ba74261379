"""What a conference is like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge.members import MemberInfo

__all__ = ["ConferenceInfo"]


@attrs.frozen
class ConferenceInfo:
    """What a conference is like now.

    Attributes:
        name: Its name.
        created_at: Time at which it was opened, in seconds of the coordinator's clock.
        members: Names of the calls in it, in the order in which they came.
        muted: Names of those that are muted, whatever their role.
        active_speaker: Name of the call that speaks, or spoke last; None when none did.
        locked: Whether nobody is let in any more.
        max_members: How many calls it takes.
        uri: URI at which it is called and watched; None without one.
        rate: Samples a second that its members can hear, in Hz.
        details: What each member is like, in the same order.
        closed: Whether it is over.
    """

    name: str
    created_at: float
    members: tuple[SessionId, ...]
    muted: tuple[SessionId, ...]
    active_speaker: SessionId | None
    locked: bool
    max_members: int
    uri: str | None
    rate: int
    details: tuple[MemberInfo, ...]
    closed: bool
