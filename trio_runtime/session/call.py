"""A live call: what an application holds in its hands."""

from __future__ import annotations

from collections.abc import Awaitable
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.types import CallDirection, SessionId
from trio_runtime.session.lifecycle import CallLifecycle

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from sansio_rtp.session import QualityHistory
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import CallAudio, Channels, MediaStatistics, Playable
    from trio_runtime.session.digits import DigitWay
    from trio_runtime.session.headers import CallHeaders
    from trio_runtime.session.operations import CallOperations

__all__ = ["Call"]


class Call(CallLifecycle):
    """One call. Leaving its ``async with`` block hangs it up, in whatever way the block is left.

    Attributes:
        direction: Who began it.
        remote_uri: URI of the peer.
        local_uri: Our URI in this call.
        sip_call_id: Call-ID on the wire.
        headers: Headers that the peer sent, in its INVITE or its answer.
        final_statistics: What the media had measured when the call ended, ``None`` until then.
        final_quality: The quality over time as it was then, ``None`` until then.
    """

    def __init__(
        self,
        session_id: SessionId,
        direction: CallDirection,
        operations: CallOperations,
        *,
        remote_uri: str,
        local_uri: str,
        sip_call_id: str,
        headers: CallHeaders,
    ) -> None:
        super().__init__(session_id, operations)
        self.direction = direction
        self.remote_uri = remote_uri
        self.local_uri = local_uri
        self.sip_call_id = sip_call_id
        self.headers = headers
        self.final_statistics: MediaStatistics | None = None
        self.final_quality: QualityHistory | None = None
        self._audio: CallAudio | None = None

    def __repr__(self) -> str:
        arrow = "to" if self.direction is CallDirection.OUTGOING else "from"
        return f"<{type(self).__name__} {self.id} {arrow} {self.remote_uri} {self._state.value}>"

    async def __aenter__(self) -> Call:
        """Open the block."""
        await trio.lowlevel.checkpoint()
        return self

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Awaitable[None]:
        """Hang up; the coordinator sends and repeats what that takes, nothing is waited for."""
        return self.leave(cancelled=kind is not None)

    async def leave(self, *, cancelled: bool) -> None:
        """Hang up; a checkpoint follows only where nothing is under way that it could disturb."""
        self.hang_up()
        if not cancelled:
            await trio.lowlevel.checkpoint()

    # Doing

    def hang_up(self) -> None:
        """End the call: CANCEL, BYE or a refusal, as its state demands; once it is over, nothing."""
        if self.end is None:
            self._operations.hang_up(self.id)

    @property
    def audio(self) -> CallAudio:
        """The audio of the call: iterate over it to hear, `send` to speak; the same object each time."""
        if self._audio is None:
            self._audio = self._operations.open_audio(self.id, self.error)
            if self.end is not None:
                self._audio.close()
        return self._audio

    async def play(self, source: Playable) -> None:
        """Play a WAV file, or samples, to the end.

        Args:
            source: Path or content of a WAV file (any rate, PCM or G.711), int16 samples at 8 kHz, or
                an `AudioFeed`.

        Raises:
            AudioFileError: The file cannot be read.
            CallEnded: The call ended before the file did.
        """
        self._check_alive()
        await self._operations.play(self.id, source, self.error)

    def recording(
        self, path: str | PathLike[str], *, channels: Channels = "both"
    ) -> AbstractAsyncContextManager[object]:
        """Record the call into a WAV file while the block lasts; the file is valid after every write.

        Args:
            path: The file to write.
            channels: ``both`` mixes, ``split`` puts the peer left and us right, ``received`` and
                ``sent`` take one side.
        """
        return self._operations.recording(self.id, path, channels)

    async def send_dtmf(
        self, digits: str, *, duration_ms: int = 160, gap_ms: int = 80, way: DigitWay = "rfc4733"
    ) -> None:
        """Send keys and wait until they are out.

        Args:
            digits: Any of ``0-9 * # A-D``.
            duration_ms: Length of each, in milliseconds.
            gap_ms: Pause after each, in milliseconds.
            way: ``rfc4733`` for telephone-events, ``inband`` for tones in the audio, mixed with what sounds
                there already, or ``info`` for an INFO each, whose answers nobody waits for.

        Raises:
            CallEnded: The call ended before they were sent.
            UnsupportedError: There is no media that may be sent.
            MediaError: A character is no key, a time is out of range, too many wait, or the peer takes no
                telephone-events.
            CallStateError: ``info`` before the peer has answered at all.
        """
        self._check_alive()
        await self._operations.send_digits(self.id, digits, duration_ms, gap_ms, self.error, way)

    # Seeing

    @property
    def events(self) -> EventStream[SessionEvent]:
        """A new stream of the events of this call from now on; it ends with the call."""
        stream = self._operations.subscribe(self.id)
        if self.end is not None:
            stream.close()
        return stream

    def statistics(self) -> MediaStatistics | None:
        """What the media of the call measured, also after its end; ``None`` when it had none."""
        return self.final_statistics or self._operations.media_statistics(self.id)

    def quality_history(self) -> QualityHistory:
        """How the call sounded both ways: a sample every 5 s of its last 20 minutes, also after its end."""
        if self.final_quality is not None:
            return self.final_quality
        return self._operations.quality_history(self.id)

    def ladder(self) -> str:
        """The ladder diagram of the call, as far as the trace reaches back."""
        return self._operations.ladder(self.sip_call_id)
