"""A relay: two calls whose packets pass to each other without being decoded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

import attrs

from sansio_rtp.relay import FormatRefused, PathStatistics
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relays.board import RelayBoard
from trio_runtime.media.relays.pair import RelayedPair

__all__ = ["CodecRefused", "Relay", "RelayEnded", "RelayEvent"]

logger = logging.getLogger("trio_runtime")


@attrs.frozen
class RelayEnded:
    """The packets of the two sessions do not pass to each other any more.

    Attributes:
        reason: Why, in a few words.
    """

    reason: str


@attrs.frozen
class CodecRefused:
    """The peer of a session speaks with a codec that the other session does not have: nobody hears it.

    A room can convert it. Told once a codec; every packet is counted.

    Attributes:
        session: The session.
        payload_type: Payload type of the packets.
        codec: Name of the codec.
    """

    session: str
    payload_type: int
    codec: str


RelayEvent: TypeAlias = RelayEnded | CodecRefused
"""Everything that a relay tells."""


class Relay:
    """Two sessions with media whose packets pass to each other as they are, but for their headers.

    Both must use the same codec with the same clock; `MediaManager.relay` says what does not agree. Nothing
    is decoded, so that it costs little and adds no delay but for the 5 ms in which the sockets are read again
    (none with `MediaConfig(relay_mode="immediate")`). Digits pass and are told as ever, and each session
    keeps its own addresses, reports, statistics, SRTP and direction.

    What sounds into a session (`play`, `call.audio`, digits that are sent, muting) is heard in place of the
    other session for as long as it sounds. What listens to a session hears both sides; only then the packets
    are decoded, beside the relay. It ends when either session has no media any more, or another codec was
    agreed on; what remains goes on as a session without a relay.

    As a context manager it is closed at the end of its block.
    """

    def __init__(
        self,
        board: RelayBoard,
        sessions: tuple[str, str],
        streams: tuple[ClockedStream, ClockedStream],
        on_event: Callable[[RelayEvent], None] | None = None,
    ) -> None:
        """Use `MediaManager.relay` instead."""
        self._board = board
        self._on_event = on_event
        self._names = dict(zip(streams, sessions, strict=True))
        self.sessions = sessions
        self._closed = False
        self._pair: RelayedPair = board.connect(streams, self._end, self._refuse)

    @property
    def closed(self) -> bool:
        """True once it is over."""
        return self._closed

    def statistics(self) -> dict[str, PathStatistics]:
        """Return by session what became of the packets of its peer."""
        found: dict[str, PathStatistics] = {}
        for name, leg in zip(self.sessions, self._pair.legs, strict=True):
            if not self._closed:
                leg.settle()
            found[name] = leg.path.statistics()
        return found

    def close(self) -> None:
        """End the relay: both sessions play what they receive, and say what sounds into them. Idempotent."""
        self._board.end(self._pair, "closed")

    def __enter__(self) -> Relay:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End the relay."""
        self.close()

    def __repr__(self) -> str:
        """Return the sessions."""
        return f"<Relay of {' and '.join(self.sessions)}{', closed' if self._closed else ''}>"

    def _end(self, reason: str) -> None:
        self._closed = True
        self._tell(RelayEnded(reason))

    def _refuse(self, stream: ClockedStream, event: FormatRefused) -> None:
        self._tell(CodecRefused(self._names[stream], event.payload_type, event.codec))

    def _tell(self, event: RelayEvent) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception:
            # It is called in the media clock and while media is being closed: neither may stop half way.
            logger.exception("who listens to a relay failed at %r", event)
