"""A live call: what an application holds in its hands."""

from __future__ import annotations

from collections.abc import Awaitable
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.types import CallDirection, SessionId
from trio_runtime.events.stream import EventStream
from trio_runtime.session.linking import LinkedCall

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from sansio_sip.invite import CallEnd
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import CallAudio, Channels, MediaBridge, Playable
    from trio_runtime.session.digits import DigitWay
    from trio_runtime.session.headers import CallHeaders
    from trio_runtime.session.operations import CallOperations
    from trio_runtime.session.transfer_request import TransferRequest

__all__ = ["Call"]

_MAX_REQUESTS = 16  # wishes of the peer that may wait for their reader


class Call(LinkedCall):
    """One call. Leaving its ``async with`` block hangs it up, in whatever way the block is left.

    Attributes:
        direction: Who began it.
        remote_uri: URI of the peer.
        local_uri: Our URI in this call.
        sip_call_id: Call-ID on the wire.
        headers: Headers that the peer sent, in its INVITE or its answer.
        passes: Whether descriptions pass through it, from and to another call: it has no media of ours.
    """

    passes = False

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
        self._audio: CallAudio | None = None
        self._transfer_requests: EventStream[TransferRequest[Call]] | None = None

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

    @property
    def transfer_requests(self) -> EventStream[TransferRequest[Call]]:
        """The peer's wishes to be called by somebody else, as a stream that ends with the call.

        Before it is asked for, the handler is asked, and without one each wish is refused with 603.
        """
        if self._transfer_requests is None:
            self._transfer_requests = EventStream(self._stop_reading, None, _MAX_REQUESTS)
            if self.end is not None:
                self._transfer_requests.end()
        return self._transfer_requests

    def connect(self, other: Call) -> MediaBridge:
        """Let this call and another one hear each other, until `disconnect`; `bridge` does more.

        Raises:
            CallStateError: One of them is connected already.
            CallEnded: One of them is over.
        """
        self._check_alive()
        other._check_alive()
        return self._operations.connect(self.id, other.id)

    def disconnect(self, bridge: MediaBridge) -> None:
        """Let the two calls of a bridge be by themselves again; it may be over already."""
        self._operations.disconnect(bridge)

    def events_with(self, other: Call) -> EventStream[SessionEvent]:
        """Return a new stream of the events of this call and another one from now on."""
        return self._operations.subscribe(self.id, other.id)

    # What the coordinator tells

    def take_transfer_request(self, request: TransferRequest[Call]) -> bool:
        """Give a wish of the peer to whoever reads them; False when nobody does."""
        if self._transfer_requests is None:
            return False
        if self._transfer_requests.statistics().waiting >= _MAX_REQUESTS:
            request.reject(486)
        else:
            self._transfer_requests.offer(request)
        return True

    def mark_ended(self, end: CallEnd) -> None:
        """Note that the call is over; wakes whoever waits for anything of it."""
        super().mark_ended(end)
        if self._transfer_requests is not None:
            self._transfer_requests.end()

    def _stop_reading(self, _: EventStream[TransferRequest[Call]]) -> None:
        self._transfer_requests = None
