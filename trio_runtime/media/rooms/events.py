"""What a room tells."""

from __future__ import annotations

from typing import TypeAlias

import attrs

__all__ = ["MemberJoined", "MemberLeft", "RoomEvent", "SpeakerChanged"]


@attrs.frozen
class MemberJoined:
    """A session came into the room.

    Attributes:
        session: The session.
    """

    session: str


@attrs.frozen
class MemberLeft:
    """A session left the room.

    Attributes:
        session: The session.
        ended: Whether it left because its media is over.
    """

    session: str
    ended: bool


@attrs.frozen
class SpeakerChanged:
    """Another member speaks.

    Attributes:
        session: The session.
    """

    session: str


RoomEvent: TypeAlias = MemberJoined | MemberLeft | SpeakerChanged
"""Everything that a room tells."""
