"""The life of a call: its states, who waits for them, and its one end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallStateError
from trio_runtime.base.moment import Moment
from trio_runtime.base.priority import CallPriority
from trio_runtime.base.types import CallState, SessionId
from trio_runtime.events.types import CallAnswered, CallStateChanged, CallTerminated
from trio_runtime.session.digits import Digit, DigitStream
from trio_runtime.session.endings import call_error, ending_of
from trio_runtime.session.state import check_transition

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session.operations import CallOperations

__all__ = ["CallLifecycle"]


class CallLifecycle:
    """What happens to a call, and waiting for it.

    Attributes:
        id: Names the call in events and look-ups.
        created_at: Seconds on the coordinator's clock.
        answered_at: The same for the answer, ``None`` before it.
        duration_s: Seconds from the answer to the end, 0 until then.
        end: How it ended, ``None`` while it lasts.
        priority: How urgent it is: what its caller says, where `LimitsConfig.priority_from` believes him;
            else normal, until you say otherwise.
    """

    priority = CallPriority.NORMAL

    def __init__(self, session_id: SessionId, operations: CallOperations) -> None:
        self.id = session_id
        self.created_at = operations.now()
        self.answered_at: float | None = None
        self.duration_s = 0.0
        self.end: CallEnd | None = None
        self._operations = operations
        self._state = CallState.INITIATING
        self._answered = Moment()
        self._ended = Moment()
        self._digits: DigitStream | None = None  # few calls are listened to for keys

    @property
    def state(self) -> CallState:
        """Where the call stands."""
        return self._state

    @property
    def is_active(self) -> bool:
        """Whether the two can talk."""
        return self._state is CallState.ACTIVE

    @property
    def digits(self) -> DigitStream:
        """The keys that the peer pressed."""
        if self._digits is None:
            self._digits = DigitStream()
            if self.end is not None:
                self._digits.end()
        return self._digits

    async def answered(self) -> None:
        """Wait until the call is answered.

        Raises:
            CallRejected: It was refused.
            CallTimedOut: Nobody answered.
            CallCancelled: It was given up before the answer.
            CallEnded: It failed otherwise.
        """
        await self._answered.wait()
        if self.answered_at is None and self.end is not None:
            raise call_error(self.end, self.id)

    async def ended(self) -> CallEnd:
        """Wait until the call is over and return how it ended."""
        await self._ended.wait()
        if self.end is None:
            raise CallStateError("the call has no end", session_id=self.id)
        return self.end

    def error(self) -> Exception:
        """Return the exception that says how the call ended."""
        if self.end is None:
            return CallStateError("the call is not over", session_id=self.id)
        return call_error(self.end, self.id)

    def _check_alive(self) -> None:
        if self.end is not None:
            raise call_error(self.end, self.id)

    # What the coordinator tells

    def take_digit(self, digit: Digit) -> bool:
        """Add a key press to the stream; return False for one that had come by another way already."""
        return self.digits.offer(digit, self._operations.now())

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
        self._operations.publish(CallStateChanged, self.id, old, new)

    def mark_answered(self) -> None:
        """Note that the call was answered and acknowledged."""
        self.answered_at = self._operations.now()
        self.change_state(CallState.ACTIVE)
        self._operations.publish(CallAnswered, self.id)
        self._answered.set()

    def mark_ended(self, end: CallEnd) -> None:
        """Note that the call is over; wakes whoever waits for anything of it."""
        if self.answered_at is not None:
            self.duration_s = self._operations.now() - self.answered_at
        self.end = end
        self.change_state(ending_of(end).state)
        if self._digits is not None:
            self._digits.end()
        self._answered.set()
        self._ended.set()
        self._operations.publish(CallTerminated, self.id, end, self.duration_s)
