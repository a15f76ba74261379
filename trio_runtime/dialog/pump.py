"""The pump: carries between a machine, its transports, the clock and whoever takes the events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeAlias

import attrs
import trio

from sansio_sip.resolve import DnsQuestion
from trio_runtime.dialog.lookups import DnsLookups
from trio_runtime.dialog.machine import EventT_co

if TYPE_CHECKING:
    from sansio_sip.machine import Transmit
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.machine import SipMachine
    from trio_runtime.observe.trace import Trace

__all__ = ["Pump", "PumpStatistics", "Sender"]

_TIMER_SLACK = 0.002  # timers that fall due within 2 ms share one wake-up

Sender: TypeAlias = "Callable[[Transmit], None]"
"""Sends a packet, or says to the machine that it could not; it never waits."""


@attrs.define
class PumpStatistics:
    """What the pump did.

    Attributes:
        wake_ups: How often a socket for datagrams became readable.
        timer_wake_ups: How often a timer woke it.
        send_failures: Packets that no transport took.
        queue_time: Seconds that messages waited to be read, or a timer to be run, when last measured.
        max_queue_time: The most of that so far.
    """

    wake_ups: int = 0
    timer_wake_ups: int = 0
    send_failures: int = 0
    queue_time: float = 0.0
    max_queue_time: float = 0.0


class Pump(Generic[EventT_co]):
    """Carries between one machine and its transports; it never awaits user code.

    Args:
        machine: An agent, or a proxy.
        environment: Clock and name resolution.
        on_event: Takes each event, synchronously; verbs may be called from within.
        trace: Where messages are recorded, or ``None``.

    Attributes:
        machine: See above.
        clock: The clock of the environment.
        trace: See above.
        senders: Who sends, by transport.
        lookups: The machine's questions to the DNS.
    """

    def __init__(
        self,
        machine: SipMachine[EventT_co],
        *,
        environment: Environment,
        on_event: Callable[[EventT_co], None],
        trace: Trace | None,
    ) -> None:
        self.statistics = PumpStatistics()
        self.closed = trio.Event()
        self.machine = machine
        self.clock = environment.clock
        self.trace = trace
        self.senders: dict[str, Sender] = {}
        self.lookups = DnsLookups(machine, environment, self.flush)
        self._on_event = on_event
        self._flushing = False
        self._nap = trio.CancelScope()

    def waited(self, seconds: float, now: float) -> None:
        """Take note how long a message waited to be read, or a timer to be run."""
        statistics = self.statistics
        statistics.queue_time = seconds
        if seconds > statistics.max_queue_time:
            statistics.max_queue_time = seconds
        self.machine.measured_queue_time(seconds, now)

    def flush(self) -> None:
        """Send everything, then hand out everything, and set the timer.

        A verb called while an event is being handled ends up here again: then the outer call goes on
        with what it left, so that no event overtakes another.
        """
        if not self._flushing:
            self.drain()
            self.arm()

    def drain(self) -> None:
        """Do as `flush`, but leave the timer to `arm`: whoever reads a batch sets it once, in the end."""
        if self._flushing:
            return
        self._flushing = True
        machine, senders = self.machine, self.senders
        try:
            while True:
                while (transmit := machine.next_transmit()) is not None:
                    senders[transmit.destination.transport](transmit)
                event = machine.next_event()
                if event is None:
                    break
                if isinstance(event, DnsQuestion):
                    self.lookups.ask(event)
                else:
                    self._on_event(event)
        finally:
            self._flushing = False

    def arm(self) -> None:
        """Set the timer to what the machine wants now."""
        deadline = self.machine.deadline
        if deadline is not None and deadline < self._nap.deadline:
            self._nap.deadline = deadline
        if self.machine.closed:
            self.closed.set()

    async def run_timers(self) -> None:
        """Wake the machine at its deadlines for ever."""
        while True:
            await self._sleep()
            self.statistics.timer_wake_ups += 1
            now, due = self.clock.now(), self.machine.deadline
            if due is not None:
                # Connections have no measure of their own: a late timer shows that all tasks wait for a turn.
                self.waited(max(0.0, now - due), now)
            self.machine.handle_timeout(now)
            self.flush()
            await trio.sleep(_TIMER_SLACK)

    async def _sleep(self) -> None:
        deadline = self.machine.deadline
        with trio.CancelScope(deadline=float("inf") if deadline is None else deadline) as self._nap:
            await trio.sleep_forever()

    def close(self) -> None:
        """Release the question channel."""
        self.lookups.close()
