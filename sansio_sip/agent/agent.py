"""The one machine that a runtime pumps: a whole SIP user agent without sockets or a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError, ProtocolError, RemoteProtocolError
from ..framing import receive_datagram
from ..machine import earliest
from ..message import Request
from ..transaction import stateless_response
from .events import AgentEvent, MessageRefused
from .reception import stamp_via
from .statistics import AgentStatistics
from .usage_verbs import UsageVerbs

if TYPE_CHECKING:
    from ..machine import Endpoint, Transmit
    from ..message import Message

__all__ = ["Agent"]


class Agent(UsageVerbs):
    """A SIP user agent as a state machine.

    After each call of an input or a verb pop all of `next_transmit`, then all of `next_event`,
    and arm a timer for `deadline`.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; nothing else is random.
    """

    __slots__ = ()

    # Output

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self._transmits.popleft() if self._transmits else None

    def next_event(self) -> AgentEvent | None:
        """Pop one event."""
        return self._events.popleft() if self._events else None

    @property
    def deadline(self) -> float | None:
        """Absolute time in seconds at which `handle_timeout` has work."""
        return earliest(self._core.layer.deadline, self._calls.deadline, self._usages.deadline)

    @property
    def closed(self) -> bool:
        """Whether `close` was called and nothing is owed to any peer."""
        core = self._core
        kept = len(self._calls) + len(self._usages)
        return self._reception.closing and not kept and core.layer.closed and core.outbound.closed

    # Input

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram, whatever it holds."""
        core = self._core
        core.clock(now)
        try:
            message = receive_datagram(data, core.config.limits, core.config.mode)
        except ParseError as error:
            self._refuse(error, error.partial, source)
            return
        if message is None:
            core.counters.keep_alives += 1
        else:
            self.receive_message(message, source, now)

    def receive_message(self, message: Message, source: Endpoint, now: float) -> None:
        """Take one message that the framing has checked."""
        core = self._core
        core.clock(now)
        core.counters.messages_received += 1
        try:
            if isinstance(message, Request):
                stamp_via(message, source)
            core.layer.receive_message(message, source, core.now)
        except ProtocolError as error:
            self._refuse(error, message, source)
        self._settle()

    def _refuse(self, error: ProtocolError, message: object | None, source: Endpoint) -> None:
        """Answer what cannot be understood with 400 where it is a request, and count it."""
        core = self._core
        core.counters.malformed += 1
        if isinstance(message, Request):
            try:
                stamp_via(message, source)
            except ProtocolError:
                pass  # then there is nobody to be answered either
            status = error.status_hint if isinstance(error, RemoteProtocolError) else 500
            transmit = stateless_response(message, status, source)
            if transmit is not None:
                core.layer.out.transmits.append(transmit)
        core.out.events.append(MessageRefused(source, error))

    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None:
        """Tell that what was sent to ``destination`` did not get there (RFC 3261 §18.4)."""
        self._core.layer.flow_failed(destination, cause, self._core.clock(now))
        self._settle()

    def target_found(self, query: int, endpoint: Endpoint, now: float) -> None:
        """Answer a `TargetNeeded` event."""
        self._core.outbound.target_found(query, endpoint, self._core.clock(now))
        self._settle()

    def target_failed(self, query: int, cause: str, now: float) -> None:
        """Answer a `TargetNeeded` event for which there is no address."""
        self._settle_user(self._core.outbound.target_failed(query, cause, self._core.clock(now)))
        self._settle()

    def handle_timeout(self, now: float) -> None:
        """Run every timer that is due."""
        core = self._core
        core.layer.handle_timeout(core.clock(now))
        self._settle()
        self._calls.handle_timeout(core.now)
        self._usages.handle_timeout(core.now)
        self._settle()

    def close(self, now: float) -> None:
        """End every call and usage, refuse new ones, forget what is kept only for late repeats."""
        self._core.clock(now)
        self._reception.closing = True
        self._calls.close(self._core.now)
        self._usages.close(self._core.now)
        self._core.layer.close(self._core.now, self._calls.invites)
        self._settle()

    def statistics(self) -> AgentStatistics:
        """Return a snapshot of the counters."""
        counters, layer = self._core.counters, self._core.layer
        return AgentStatistics(
            messages_received=counters.messages_received,
            keep_alives=counters.keep_alives,
            malformed=counters.malformed,
            calls_in=counters.calls_in,
            calls_out=counters.calls_out,
            calls_refused=counters.calls_refused,
            calls=len(self._calls),
            usages=len(self._usages),
            transactions=len(layer),
            retransmissions_received=layer.statistics.retransmissions_received,
            stray_responses=layer.statistics.stray_responses,
            merged=layer.statistics.merged,
            refused=layer.statistics.refused,
        )
