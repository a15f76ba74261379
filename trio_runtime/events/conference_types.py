"""Facts about conferences, and about two calls that are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import SessionId

__all__ = [
    "BridgeClosed",
    "BridgeOpened",
    "ConferenceClosed",
    "ConferenceEvent",
    "ConferenceLocked",
    "ConferenceOpened",
    "DialOutFailed",
    "MemberChanged",
    "MemberJoined",
    "MemberLeft",
    "MemberRefused",
    "SpeakerChanged",
]


@attrs.frozen
class ConferenceOpened:
    """A conference exists.

    Attributes:
        conference: Its name.
    """

    conference: str


@attrs.frozen
class ConferenceClosed:
    """A conference is over.

    Attributes:
        conference: Its name.
        members: How many calls were in it at the end.
    """

    conference: str
    members: int


@attrs.frozen
class MemberJoined:
    """A call came into a conference.

    Attributes:
        session_id: The call.
        conference: The conference.
        members: How many calls are in it now.
    """

    session_id: SessionId
    conference: str
    members: int


@attrs.frozen
class MemberLeft:
    """A call left a conference, or ended.

    Attributes:
        session_id: The call.
        conference: The conference.
        members: How many calls are in it now.
    """

    session_id: SessionId
    conference: str
    members: int


@attrs.frozen
class SpeakerChanged:
    """Another member of a conference speaks.

    Attributes:
        session_id: The call.
        conference: The conference.
    """

    session_id: SessionId
    conference: str


@attrs.frozen
class ConferenceLocked:
    """A conference lets nobody in any more, or lets them in again.

    Attributes:
        conference: Its name.
        locked: Which of the two.
    """

    conference: str
    locked: bool


@attrs.frozen
class MemberChanged:
    """A member was muted or is heard again, or has another role.

    Attributes:
        session_id: The call.
        conference: The conference.
        role: ``moderator``, ``speaker`` or ``listener``.
        muted: Whether it is muted, whatever its role.
    """

    session_id: SessionId
    conference: str
    role: str
    muted: bool


@attrs.frozen
class MemberRefused:
    """A call was not let into a conference.

    Attributes:
        session_id: The call.
        conference: The conference.
        reason: ``full``, ``locked`` or ``pin``.
    """

    session_id: SessionId
    conference: str
    reason: str


@attrs.frozen
class DialOutFailed:
    """Somebody whom a conference has called did not come in.

    Attributes:
        session_id: The call.
        conference: The conference.
        uri: Who was called.
        end: How the call ended.
    """

    session_id: SessionId
    conference: str
    uri: str
    end: CallEnd


@attrs.frozen
class BridgeOpened:
    """Two calls are connected.

    Attributes:
        bridge: Name of what connects them.
        sessions: The two.
    """

    bridge: str
    sessions: tuple[SessionId, SessionId]


@attrs.frozen
class BridgeClosed:
    """Two calls are by themselves again; the attributes are those of `BridgeOpened`."""

    bridge: str
    sessions: tuple[SessionId, SessionId]


ConferenceEvent = (
    ConferenceOpened
    | ConferenceClosed
    | ConferenceLocked
    | MemberJoined
    | MemberLeft
    | MemberChanged
    | MemberRefused
    | DialOutFailed
    | SpeakerChanged
    | BridgeOpened
    | BridgeClosed
)
