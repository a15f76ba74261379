"""What a coordinator publishes of things that went wrong without ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = [
    "EventsLost",
    "HandlerBlocked",
    "HandlerFailed",
    "HandlerLingers",
    "MediaTimedOut",
    "NetworkChanged",
]


@attrs.frozen
class HandlerFailed:
    """The application's handler raised; the call was ended, others live.

    Attributes:
        session_id: The call.
        error: Type and text of what was raised.
    """

    session_id: SessionId
    error: str


@attrs.frozen
class HandlerBlocked:
    """The application's handler held everything up: it worked on without an ``await``.

    Attributes:
        session_id: The call that it was busy with.
        handler: Its name.
        seconds: For how long; meanwhile no call was served.
    """

    session_id: SessionId
    handler: str
    seconds: float


@attrs.frozen
class HandlerLingers:
    """The application's handler still runs long after its call has ended.

    Attributes:
        session_id: The call.
        handler: Its name.
        seconds: How long the call has been over.
    """

    session_id: SessionId
    handler: str
    seconds: float


@attrs.frozen
class EventsLost:
    """This subscriber did not keep up, and the events that belong here are lost; others got them.

    Attributes:
        count: How many.
    """

    count: int


@attrs.frozen
class MediaTimedOut:
    """Nothing came from the peer for as long as `MediaConfig.rtp_timeout` allows.

    Attributes:
        session_id: The call.
        silent_s: Seconds since the last packet.
        ended: Whether the call is hung up for that.
    """

    session_id: SessionId
    silent_s: float
    ended: bool


@attrs.frozen
class NetworkChanged:
    """The addresses of this machine are not what they were.

    Attributes:
        lost: Addresses that it had.
        found: Addresses that it has now.
    """

    lost: tuple[str, ...]
    found: tuple[str, ...]
