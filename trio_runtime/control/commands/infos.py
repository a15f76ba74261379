"""Calls and conferences as replies tell of them."""

from __future__ import annotations

import attrs

from trio_runtime.base.types import CallDirection, CallState, SessionId

__all__ = ["CallInfo", "RoomInfo"]


@attrs.frozen
class CallInfo:
    """A call as it is now.

    Attributes:
        id: Names it in commands and events.
        direction: Who began it.
        state: Where it stands.
        remote: URI of the peer.
        local: Our URI in it.
        answered: Whether it was answered.
        duration_s: Seconds since the answer; 0 before it.
        codec: Codec that we send; empty while there is no audio.
        on_hold: Whether we have put the peer on hold.
        held_by_peer: Whether the peer has put us on hold.
        muted: Whether the peer hears silence in place of us.
        mos: How it sounds, as a mean opinion score; null while that is not known.
        jobs: What goes on in it: recordings, bridges and so on.
    """

    id: SessionId
    direction: CallDirection
    state: CallState
    remote: str
    local: str
    answered: bool
    duration_s: float
    codec: str
    on_hold: bool
    held_by_peer: bool
    muted: bool
    mos: float | None
    jobs: tuple[str, ...]


@attrs.frozen
class RoomInfo:
    """A conference as it is now.

    Attributes:
        name: Its name.
        members: The calls in it, in the order in which they came.
        muted: Those whom nobody hears.
        speaker: The call that speaks, or spoke last; null when none did.
        locked: Whether nobody is let in any more.
    """

    name: str
    members: tuple[SessionId, ...]
    muted: tuple[SessionId, ...]
    speaker: SessionId | None
    locked: bool
