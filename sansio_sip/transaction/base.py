"""What the four transactions share: table, timers and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Endpoint, Outbox, Transmit
from ..table import TableMachine
from .events import (
    TransactionEvent,
    TransactionKey,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .states import Input, State
from .timers import TimerConfig

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["Transaction", "response_input"]

# Looking a member up in its class costs as much as a call (before Python 3.12), hence the short names of
# what every message needs.
_PROVISIONAL, _SUCCESS, _FAILURE = Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE
_CALLING = State.CALLING


def response_input(status_code: int) -> Input:
    """Return the input that a response with this status code is."""
    if status_code < 200:
        return _PROVISIONAL
    return _SUCCESS if status_code < 300 else _FAILURE


class Transaction(TableMachine[State, Input]):
    """One transaction of any kind: a table, at most two armed timers, one message to repeat.

    Args:
        key: Name of the transaction, in every event.
        destination: Where its messages go.
        now: Current time in seconds.
        timers: Timer values.
        outbox: Where packets and events go; the parent's, or a new one.
    """

    __slots__ = ("_interval", "_repeat", "destination", "key", "out", "timers")

    def __init__(
        self,
        key: TransactionKey,
        destination: Endpoint,
        *,
        now: float,
        timers: TimerConfig,
        outbox: Outbox[TransactionEvent] | None = None,
    ) -> None:
        super().__init__(_CALLING, now)
        self.key = key
        self.destination = destination
        self.timers = timers
        self.out: Outbox[TransactionEvent] = Outbox() if outbox is None else outbox
        self._interval: float = timers.t1
        self._repeat: bytes | None = None

    def __repr__(self) -> str:
        return f"<{self.table.name} {self.state.name} {self.key}>"

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

    # What the rows of the tables are made of.

    def _send(self, data: bytes) -> None:
        self._repeat = data
        self.out.transmits.append(Transmit(data, self.destination))

    def _resend(self, _message: Message | None = None) -> None:
        if self._repeat is not None:
            self.out.transmits.append(Transmit(self._repeat, self.destination))

    def _report_timeout(self, _message: Message | None = None) -> None:
        self.out.events.append(TransactionTimedOut(self.key))

    def _terminate(self, _message: Message | None = None) -> None:
        self.state = State.TERMINATED
        self._stop_timers()
        self._repeat = None
        self.out.events.append(TransactionTerminated(self.key))
