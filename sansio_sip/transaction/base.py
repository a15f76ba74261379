"""What the four transactions share: table, timers and output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ..errors import LocalProtocolError
from ..machine import Endpoint, Outbox, Transmit
from .events import TransactionEvent, TransactionKey, TransactionTerminated, TransactionTimedOut, TransportFailed
from .table import Input, State, Table
from .timers import TimerConfig

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["NEVER", "Transaction", "response_input"]

NEVER: Final = float("inf")


def response_input(status_code: int) -> Input:
    """Return the input that a response with this status code is."""
    if status_code < 200:
        return Input.PROVISIONAL
    return Input.SUCCESS if status_code < 300 else Input.FAILURE


class Transaction:
    """One transaction of any kind: a table, at most two armed timers, one message to repeat.

    Args:
        key: Name of the transaction, in every event.
        destination: Where its messages go.
        now: Current time in seconds.
        timers: Timer values.
        outbox: Where packets and events go; the parent's, or a new one.
    """

    __slots__ = (
        "_expire_at",
        "_expire_input",
        "_interval",
        "_now",
        "_repeat",
        "_repeat_at",
        "_repeat_input",
        "destination",
        "key",
        "out",
        "scheduled",
        "state",
        "timers",
    )

    table: ClassVar[Table[Any]]

    def __init__(
        self,
        key: TransactionKey,
        destination: Endpoint,
        *,
        now: float,
        timers: TimerConfig,
        outbox: Outbox[TransactionEvent] | None = None,
    ) -> None:
        self.key = key
        self.destination = destination
        self.timers = timers
        self.out: Outbox[TransactionEvent] = Outbox() if outbox is None else outbox
        self.state = State.CALLING
        self.scheduled = NEVER  # the layer's earliest queue entry for this transaction
        self._now = now
        self._interval = timers.t1
        self._repeat: bytes | None = None
        self._repeat_at = NEVER
        self._repeat_input = Input.TIMER_A
        self._expire_at = NEVER
        self._expire_input = Input.TIMER_B

    def __repr__(self) -> str:
        return f"<{self.table.name} {self.state.name} {self.key}>"

    @property
    def deadline(self) -> float | None:
        """Time of the next timer; ``None`` in a state that the transaction user ends."""
        at = self._repeat_at if self._repeat_at < self._expire_at else self._expire_at
        return None if at == NEVER else at

    @property
    def closed(self) -> bool:
        """Whether the transaction has terminated."""
        return self.state is State.TERMINATED

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self.out.next_transmit()

    def next_event(self) -> TransactionEvent | None:
        """Pop one event."""
        return self.out.next_event()

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        self._clock(now)
        if self._repeat_at <= self._now:
            self._repeat_at = NEVER
            self._fire(self._repeat_input)
        if self._expire_at <= self._now:
            self._expire_at = NEVER
            self._fire(self._expire_input)

    def flow_failed(self, cause: str, now: float) -> None:
        """Tell that the transport could not deliver (RFC 3261 §17.1.4, §17.2.4)."""
        self._clock(now)
        rule = self.table.rows.get((self.state, Input.TRANSPORT_ERROR))
        if rule is not None:
            self.out.events.append(TransportFailed(self.key, cause))
            self._fire(Input.TRANSPORT_ERROR)

    def close(self, now: float) -> None:
        """End at once and say so; what a whole agent's graceful end has left over."""
        self._clock(now)
        if self.state is not State.TERMINATED:
            self._terminate()

    def _clock(self, now: float) -> None:
        if now > self._now:
            self._now = now

    def _fire(self, what: Input, message: Message | None = None) -> None:
        rule = self.table.rows.get((self.state, what))
        if rule is None:
            if self.state is State.TERMINATED or (self.state, what) in self.table.ignored:
                return
            raise LocalProtocolError(f"{self.table.name}: {what.name} is not possible in {self.state.name}")
        self.state = rule.state
        for action in rule.actions:
            action(self, message)

    # What the rows of the tables are made of.

    def _send(self, data: bytes) -> None:
        self._repeat = data
        self.out.transmits.append(Transmit(data, self.destination))

    def _resend(self, _message: Message | None = None) -> None:
        if self._repeat is not None:
            self.out.transmits.append(Transmit(self._repeat, self.destination))

    def _arm_repeat(self, what: Input, after: float) -> None:
        self._repeat_input = what
        self._repeat_at = self._now + after

    def _arm_expiry(self, what: Input, after: float) -> None:
        self._expire_input = what
        self._expire_at = self._now + after

    def _stop_repeat(self, _message: Message | None = None) -> None:
        self._repeat_at = NEVER

    def _stop_timers(self, _message: Message | None = None) -> None:
        self._repeat_at = self._expire_at = NEVER

    def _report_timeout(self, _message: Message | None = None) -> None:
        self.out.events.append(TransactionTimedOut(self.key))

    def _terminate(self, _message: Message | None = None) -> None:
        self.state = State.TERMINATED
        self._repeat_at = self._expire_at = NEVER
        self._repeat = None
        self.out.events.append(TransactionTerminated(self.key))
