"""What a call asks of its coordinator, done by the two managers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from os import PathLike
from typing import TYPE_CHECKING

from trio_runtime.base.errors import NetworkError, SessionNotFoundError, VoipError
from trio_runtime.coordinator.operations.dtmf_info import infos_of_digits
from trio_runtime.coordinator.operations.passing_ops import PassingOps
from trio_runtime.observe.ladder import render_ladder

if TYPE_CHECKING:
    from sansio_rtp.session import QualityHistory
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import SessionId
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import (
        CallAudio,
        Channels,
        MediaManager,
        MediaStatistics,
        NoMedia,
        Playable,
        Player,
    )
    from trio_runtime.observe.trace import Trace
    from trio_runtime.session import DigitWay

__all__ = ["CallOps"]


class CallOps(PassingOps):
    """The coordinator's side of `CallOperations`: each verb goes to one manager or to both.

    Args:
        environment: Clock.
        dialogs: The signalling side.
        media: The media side.
        client: Waits for responses.
        bus: Where events are published.
        trace: The recorded messages, or ``None``.
    """

    def __init__(
        self,
        environment: Environment,
        dialogs: DialogManager,
        media: MediaManager | NoMedia,
        client: SipClient,
        bus: EventBus[SessionEvent],
        trace: Trace | None,
    ) -> None:
        super().__init__(environment, dialogs, media, client, bus)
        self._trace = trace

    # Signalling

    def ring(self, session_id: SessionId, status_code: int, *, early_media: bool) -> None:
        """Send a provisional response, with a description of our media or without.

        Raises:
            NetworkError: No media port is left; nothing was sent.
        """
        media = self._media.open(session_id) if early_media else None
        self._dialogs.ring(session_id, status_code, media)

    def answer(self, session_id: SessionId, headers: Iterable[tuple[str, str]]) -> None:
        """Reserve media, then accept the call with what was reserved.

        Raises:
            NetworkError: No media port, or no socket, is left; the call was refused with 503.
            SdpError: The offer has nothing that we can take; the call still waits.
        """
        try:
            media = self._media.open(session_id)
        except NetworkError:
            self._dialogs.reject(session_id, 503, "", ())
            raise
        try:
            self._dialogs.answer(session_id, media, headers)
        except VoipError:
            self._media.close(session_id)
            raise

    def reject(
        self, session_id: SessionId, status_code: int, reason: str, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Refuse the call."""
        self._dialogs.reject(session_id, status_code, reason, headers)

    def hang_up(self, session_id: SessionId) -> None:
        """End the call."""
        self._dialogs.hang_up(session_id)

    def remote_focus(self, session_id: SessionId) -> str:
        """Return the URI at which the peer is the focus of a conference."""
        return self._dialogs.remote_focus(session_id)

    def lose_media(self, session_id: SessionId) -> None:
        """End the call because nothing is heard of its peer any more."""
        self._dialogs.lose_media(session_id)

    async def move_media(self, session_id: SessionId, host: str, *, six: bool) -> None:
        """Offer the media of a call at another address of ours, unless it is of the other family."""
        if six is self._dialogs.speaks_six(session_id):
            await self.changes.change(
                session_id, lambda: self._dialogs.move_media(session_id, host), lambda _: None
            )

    def ladder(self, sip_call_id: str) -> str:
        """Return the ladder diagram of a call."""
        entries = [] if self._trace is None else self._trace.for_call(sip_call_id)
        return render_ladder(entries)

    # Media

    def open_audio(self, session_id: SessionId, ended: Callable[[], Exception]) -> CallAudio:
        """Return the audio of the call."""
        return self._media.audio(session_id, ended)

    async def play(self, session_id: SessionId, source: Playable, ended: Callable[[], Exception]) -> None:
        """Play something to its end."""
        await self._media.play(session_id, source, ended)

    async def start_playing(
        self, session_id: SessionId, source: Playable, ended: Callable[[], Exception]
    ) -> Player:
        """Begin to play something, and return its player."""
        return await self._media.start_playing(session_id, source, ended)

    def recording(
        self, session_id: SessionId, path: str | PathLike[str], channels: Channels
    ) -> AbstractAsyncContextManager[object]:
        """Record the call while the block lasts."""
        return self._media.recording(session_id, path, channels)

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
        if way != "info":
            inband = way == "inband"
            await self._media.send_digits(session_id, digits, duration_ms, gap_ms, ended, inband=inband)
            return
        for content_type, body in infos_of_digits(digits, duration_ms):
            try:
                self._dialogs.send_info(session_id, content_type, body)
            except SessionNotFoundError as error:
                raise ended() from error
            await self._clock.sleep_until(self._clock.now() + (duration_ms + gap_ms) / 1_000)

    def media_statistics(self, session_id: SessionId) -> MediaStatistics | None:
        """Return what the media of the call measured."""
        return self._media.statistics(session_id)

    def quality_history(self, session_id: SessionId) -> QualityHistory:
        """Return how the call sounded over time."""
        return self._media.quality_history(session_id)
