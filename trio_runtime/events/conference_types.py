"""Facts about conferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["ConferenceClosed", "ConferenceOpened", "MemberJoined", "MemberLeft", "SpeakerChanged"]


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
