"""A live call: what an application holds in its hands."""

from __future__ import annotations

from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallStateError
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.events.types import CallAnswered, CallStateChanged, CallTerminated
from trio_runtime.session.digits import DigitStream
from trio_runtime.session.endings import call_error, ending_of
from trio_runtime.session.state import check_transition

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from sansio_sip.invite import CallEnd
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import CallAudio, MediaStatistics
    from trio_runtime.session.headers import CallHeaders
    from trio_runtime.session.operations import CallOperations

__all__ = ["Call"]


class Call:
    """One call. Leaving its ``async with`` block hangs it up, in whatever way the block is left.

    Attributes:
        id: Names the call in events and look-ups.
        direction: Who began it.
        remote_uri: URI of the peer.
        local_uri: Our URI in this call.
        sip_call_id: Call-ID on the wire.
        headers: Headers that the peer sent, in its INVITE or its answer.
        created_at: Seconds on the coordinator's clock.
        digits: The keys that the peer pressed.
        end: How it ended, ``None`` while it lasts.
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
        self.id = session_id
        self.direction = direction
        self.remote_uri = remote_uri
        self.local_uri = local_uri
        self.sip_call_id = sip_call_id
        self.headers = headers
        self.created_at = operations.now()
        self.answered_at: float | None = None
        self.digits = DigitStream()
        self.end: CallEnd | None = None
        self.duration_s = 0.0
        self._operations = operations
        self._state = CallState.INITIATING
        self._answered = trio.Event()
        self._ended = trio.Event()

    def __repr__(self) -> str:
        arrow = "to" if self.direction is CallDirection.OUTGOING else "from"
        return f"<{type(self).__name__} {self.id} {arrow} {self.remote_uri} {self._state.value}>"

    @property
    def state(self) -> CallState:
        """Where the call stands."""
        return self._state

    @property
    def is_active(self) -> bool:
        """Whether the two can talk."""
        return self._state is CallState.ACTIVE

    async def __aenter__(self) -> Call:
        """Open the block."""
        await trio.lowlevel.checkpoint()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Hang up; the coordinator sends and repeats what that takes, nothing is waited for."""
        self.hang_up()
        if kind is None:
            await trio.lowlevel.checkpoint()

    # Waiting

    async def answered(self) -> Call:
        """Wait until the call is answered and return it.

        Raises:
            CallRejected: It was refused.
            CallTimedOut: Nobody answered.
            CallCancelled: It was given up before the answer.
            CallEnded: It failed otherwise.
        """
        await self._answered.wait()
        if self.answered_at is None and self.end is not None:
            raise call_error(self.end, self.id)
        return self

    async def ended(self) -> CallEnd:
        """Wait until the call is over and return how it ended."""
        await self._ended.wait()
        if self.end is None:
            raise CallStateError("the call has no end", session_id=self.id)
        return self.end

    # Doing

    def hang_up(self) -> None:
        """End the call: CANCEL, BYE or a refusal, as its state demands; once it is over, nothing."""
        if self.end is None:
            self._operations.hang_up(self.id)

    @property
    def audio(self) -> CallAudio:
        """The audio of the call: iterate over it to hear, `send` to speak."""
        return self._operations.open_audio(self.id)

    async def play(self, source: str | PathLike[str]) -> None:
        """Play a WAV file to its end.

        Args:
            source: Path of the file; any rate, PCM or G.711.

        Raises:
            AudioFileError: The file cannot be read.
            CallEnded: The call ended before the file did.
        """
        self._check_alive()
        await self._operations.play(self.id, source)

    def recording(
        self, path: str | PathLike[str], *, channels: str = "both"
    ) -> AbstractAsyncContextManager[object]:
        """Record the call into a WAV file while the block lasts; the file is valid after every write.

        Args:
            path: The file to write.
            channels: ``both`` mixes, ``split`` puts the peer left and us right, ``received`` and
                ``sent`` take one side.
        """
        return self._operations.recording(self.id, path, channels)

    async def send_dtmf(self, digits: str, *, duration_ms: int = 160, gap_ms: int = 80) -> None:
        """Send keys as telephone-events (RFC 4733) and wait until they are out.

        Args:
            digits: Any of ``0-9 * # A-D``.
            duration_ms: Length of each, in milliseconds.
            gap_ms: Pause after each, in milliseconds.

        Raises:
            CallEnded: The call ended before they were sent.
            UnsupportedError: The peer takes no telephone-events.
        """
        self._check_alive()
        await self._operations.send_digits(self.id, digits, duration_ms, gap_ms)

    # Seeing

    @property
    def events(self) -> EventStream[SessionEvent]:
        """A new stream of the events of this call from now on."""
        return self._operations.subscribe(self.id)

    def statistics(self) -> MediaStatistics | None:
        """What the media of the call measured, ``None`` when it has none."""
        return self._operations.media_statistics(self.id)

    def ladder(self) -> str:
        """The ladder diagram of the call, as far as the trace reaches back."""
        return self._operations.ladder(self.sip_call_id)

    def error(self) -> Exception:
        """The exception that says how the call ended."""
        if self.end is None:
            return CallStateError("the call is not over", session_id=self.id)
        return call_error(self.end, self.id)

    def _check_alive(self) -> None:
        if self.end is not None:
            raise call_error(self.end, self.id)

    # What the coordinator tells

    def change_state(self, new: CallState) -> None:
        """Go to another state and publish it; going to the same one is nothing.

        Raises:
            CallStateError: The table has no such transition.
        """
        old = self._state
        if new is old:
            return
        check_transition(old, new)
        self._state = new
        self._operations.publish(CallStateChanged(self.id, old, new))

    def mark_answered(self) -> None:
        """Note that the call was answered and acknowledged."""
        self.answered_at = self._operations.now()
        self.change_state(CallState.ACTIVE)
        self._operations.publish(CallAnswered(self.id))
        self._answered.set()

    def mark_ended(self, end: CallEnd) -> None:
        """Note that the call is over; wakes whoever waits for anything of it."""
        if self.answered_at is not None:
            self.duration_s = self._operations.now() - self.answered_at
        self.end = end
        self.change_state(ending_of(end).state)
        self.digits.end()
        self._answered.set()
        self._ended.set()
        self._operations.publish(CallTerminated(self.id, end, self.duration_s))
