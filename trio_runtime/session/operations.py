"""The narrow door through which a call reaches signalling and media; the coordinator injects it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from os import PathLike
from typing import TYPE_CHECKING, ParamSpec, Protocol

from trio_runtime.session.change_operations import ChangeOperations
from trio_runtime.session.passing_operations import PassingOperations

if TYPE_CHECKING:
    from sansio_rtp.session import QualityHistory
    from trio_runtime.base.types import SessionId
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import CallAudio, Channels, MediaStatistics, Playable, Player
    from trio_runtime.session.digits import DigitWay

__all__ = ["CallOperations"]

P = ParamSpec("P")


class CallOperations(ChangeOperations, PassingOperations, Protocol):
    """What a call can ask of its coordinator."""

    def now(self) -> float:
        """Return the time in seconds on the coordinator's clock."""

    def publish(self, kind: Callable[P, SessionEvent], *values: P.args, **named: P.kwargs) -> None:
        """Publish an event of the call; it is made only if somebody listens."""

    def subscribe(self, session_id: SessionId, other: SessionId | None = None) -> EventStream[SessionEvent]:
        """Return a stream of the events of a call, which ends with it; or of two calls."""

    def ring(self, session_id: SessionId, status_code: int, *, early_media: bool) -> None:
        """Send a provisional response, and begin the media with it if that is wanted."""

    def answer(self, session_id: SessionId, headers: Iterable[tuple[str, str]]) -> None:
        """Set up media and accept the call."""

    def reject(
        self, session_id: SessionId, status_code: int, reason: str, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Refuse the call."""

    def remote_focus(self, session_id: SessionId) -> str:
        """Return the URI at which the peer is the focus of a conference; empty when it is none."""

    def hang_up(self, session_id: SessionId) -> None:
        """End the call as its state demands."""

    def open_audio(self, session_id: SessionId, ended: Callable[[], Exception]) -> CallAudio:
        """Return the audio of the call; ``ended`` makes the exception for who uses it afterwards."""

    async def play(self, session_id: SessionId, source: Playable, ended: Callable[[], Exception]) -> None:
        """Play something to its end; raise what ``ended`` makes when the call ends first."""

    async def start_playing(
        self, session_id: SessionId, source: Playable, ended: Callable[[], Exception]
    ) -> Player:
        """Begin to play something, and return its player."""

    def recording(
        self, session_id: SessionId, path: str | PathLike[str], channels: Channels
    ) -> AbstractAsyncContextManager[object]:
        """Record the call while the block lasts."""

    async def send_digits(
        self,
        session_id: SessionId,
        digits: str,
        duration_ms: int,
        gap_ms: int,
        ended: Callable[[], Exception],
        way: DigitWay,
    ) -> None:
        """Send keys and wait until they are out."""

    def media_statistics(self, session_id: SessionId) -> MediaStatistics | None:
        """Return what the media of the call measured, ``None`` when it has none."""

    def quality_history(self, session_id: SessionId) -> QualityHistory:
        """Return the quality of the call over time, empty when it has no media."""

    def ladder(self, sip_call_id: str) -> str:
        """Return the ladder diagram of a call."""
