"""Facts about calls that are reserved, and about calls that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["CallPrepared", "GroupChanged", "LinkChanged", "PreparationEnded", "RelationEvent"]


@attrs.frozen
class CallPrepared:
    """A call is reserved: its name, its media port and its offer, and nothing was sent.

    Attributes:
        session_id: The call that it may become.
        uri: Whom it is for.
        media_port: The reserved port; 0 without media.
    """

    session_id: SessionId
    uri: str
    media_port: int


@attrs.frozen
class PreparationEnded:
    """A call is reserved no longer.

    Attributes:
        session_id: The call.
        outcome: ``started`` when it is being made, else its port is free again.
    """

    session_id: SessionId
    outcome: Literal["started", "cancelled", "expired"]


@attrs.frozen
class GroupChanged:
    """A group of calls is another one now.

    Attributes:
        session_id: The call that joined or left; None where the group itself began or ended.
        group: Its name.
        change: What happened.
        members: How many calls are in it now.
    """

    session_id: SessionId | None
    group: str
    change: Literal["opened", "joined", "left", "closed"]
    members: int


@attrs.frozen
class LinkChanged:
    """Two calls were linked, or are no longer.

    Attributes:
        session_id: The first of the two.
        other: The second.
        kind: ``legs`` or ``consultation``.
        change: ``linked``; ``cut`` by the application; ``ended`` with one of the two; or ``cascaded`` when
            the other one was hung up for that.
    """

    session_id: SessionId
    other: SessionId
    kind: Literal["legs", "consultation"]
    change: Literal["linked", "cut", "ended", "cascaded"]


RelationEvent: TypeAlias = CallPrepared | PreparationEnded | GroupChanged | LinkChanged
