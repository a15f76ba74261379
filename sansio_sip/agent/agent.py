"""The one machine that a runtime pumps: a whole SIP user agent without sockets or a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError, ProtocolError, RemoteProtocolError
from ..framing import receive_datagram
from ..message import Request
from .overload_verbs import OverloadVerbs
from .reception import stamp_via

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint, Transmit
    from ..message import Response
    from ..resolve import Record
    from .events import AgentEvent

__all__ = ["Agent"]


class Agent(OverloadVerbs):
    """A SIP user agent as a state machine.

    After each call of an input or a verb pop all of `next_transmit`, then all of `next_event`,
    and arm a timer for `deadline`.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; nothing else is random.
        backends: Objects of the application's own that it asks, beside the configuration.
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
        core = self._core
        first = core.layer.deadline
        # Asked for after every message: written out, and the first is most often the only one.
        for part in (self._calls, core.outbound, self._usages, self._services):
            deadline = part.deadline
            if deadline is not None and (first is None or deadline < first):
                first = deadline
        return first

    @property
    def closed(self) -> bool:
        """Whether `close` was called and nothing is owed to any peer."""
        if not self._reception.closing:
            return False
        core, kept = self._core, len(self._calls) + len(self._usages)
        return not kept and core.layer.closed and core.outbound.closed

    # Input

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram, whatever it holds."""
        core = self._core
        core.clock(now)
        if core.admission is not None and core.admission.deals_with(data, source, core.now):
            return
        try:
            message = receive_datagram(data, core.config.limits, core.config.mode)
        except ParseError as error:
            self._refuse(error, error.partial, source)
            return
        if message is None:
            self._keep_alive(data, source)
        else:
            self.receive_message(message, source, now)

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take one message that the framing has checked."""
        core = self._core
        core.clock(now)
        core.counters.messages_received += 1
        message.source = source
        if core.admission is not None:
            core.admission.bans.well_formed(source)
        if source.flow is not None:
            core.outbound.flows.add(source)
        try:
            if isinstance(message, Request):
                stamp_via(message, source)
            core.layer.receive_message(message, source, core.now)
        except ProtocolError as error:
            self._refuse(error, message, source)
        self._settle()

    def receive_malformed(
        self, partial: Request | Response | None, cause: str, status_hint: int, source: Endpoint, now: float
    ) -> None:
        """Take what a framing could not read.

        Args:
            partial: What could be read of it; a request is answered with ``status_hint``.
            cause: What is wrong.
            status_hint: Status code.
            source: Where it came from.
            now: Current time in seconds.
        """
        self._core.clock(now)
        self._refuse(RemoteProtocolError(cause, status_hint=status_hint), partial, source)

    def flow_failed(
        self, destination: Endpoint, cause: str, now: float, unsent: Iterable[bytes] = ()
    ) -> None:
        """Tell that what was sent to ``destination`` did not get there (RFC 3261 §18.4).

        Args:
            destination: Where nothing can be sent, or the far end of a connection that is gone.
            cause: What happened.
            now: Current time in seconds.
            unsent: Packets for it that did not get out; responses among them take another way.
        """
        core = self._core
        core.outbound.flow_failed(destination, cause, core.clock(now), unsent)
        self._services.flow_failed(destination, core.now)
        self._settle()  # a REGISTER that was on its way has failed by itself
        self._usages.flow_failed(destination)
        self._settle()

    def receive_dns_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Answer a `DnsQuestion` event; one that nobody waits for any more is ignored.

        Args:
            question: Its number.
            records: The records; none when the name has none.
            ttl: Seconds that they hold; the shortest of the records.
            now: Current time in seconds.
        """
        core = self._core
        self._settle_users(core.outbound.receive_dns_answer(question, records, ttl, core.clock(now)))

    def dns_failed(self, question: int, now: float) -> None:
        """Tell that the DNS gave no answer to a `DnsQuestion` event."""
        core = self._core
        self._settle_users(core.outbound.dns_failed(question, core.clock(now)))

    def handle_timeout(self, now: float) -> None:
        """Run every timer that is due."""
        core = self._core
        # First what answers and notifies: its transactions may end at this same moment.
        self._services.handle_timeout(core.clock(now))
        core.layer.handle_timeout(core.now)
        self._settle_users(core.outbound.handle_timeout(core.now))
        self._calls.handle_timeout(core.now)
        self._usages.handle_timeout(core.now)
        self._settle()

    def close(self, now: float) -> None:
        """End every call and usage, refuse new ones, forget what is kept only for late repeats."""
        self._core.clock(now)
        self._reception.closing = True
        self._calls.close(self._core.now)
        self._usages.close(self._core.now)
        self._services.close(self._core.now)
        self._core.layer.close(self._core.now, self._calls.invites)
        self._settle()
