"""One connection to one peer: its queue, its clocks, and the two tasks that read and write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

import trio

from sansio_sip.errors import ParseError
from sansio_sip.resolve import is_certificate_of, is_secure
from trio_runtime.transport.channels import CHANNEL_ERRORS, Channel
from trio_runtime.transport.flow_activity import FlowActivity
from trio_runtime.transport.tls import broken_by
from trio_runtime.transport.write_queue import WriteQueue

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from sansio_sip.message import Request, Response
    from trio_runtime.base.flow_config import FlowConfig

__all__ = ["Flow", "FlowReader"]

_MAX_NAMES = 64  # destinations whose packets went by one connection


class FlowReader(Protocol):
    """Who takes what a flow reads; nothing here waits."""

    def message_received(self, message: Request | Response, flow: Flow) -> None:
        """Take a message."""
        ...

    def message_refused(self, error: ParseError, flow: Flow) -> None:
        """Take what cannot be read."""
        ...


class Flow:
    """One connection, opening or open.

    Args:
        endpoint: The far end; its ``flow`` is the name of this connection.
        config: Limits and timeouts.
        now: Gives the time.
        opened_here: Whether we are the side that connects.
        on_end: Called once, as soon as it is known that it ends, with what may not have got out.

    Attributes:
        endpoint: See above.
        opened_here: See above.
        queue: What waits to be sent.
        activity: When what happened last.
        identities: Whom the certificate of the peer names, where it was checked.
        destinations: Where packets were addressed to that went by this connection.
        scope: Whoever runs the flow does it in here; cancelled when it ends.
        established: Whether its handshakes are done.
        cause: Why it ends; empty while it does not.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        config: FlowConfig,
        now: Callable[[], float],
        *,
        opened_here: bool,
        on_end: Callable[[Flow, Iterable[bytes]], None],
    ) -> None:
        self.endpoint = endpoint
        self.opened_here = opened_here
        self.queue = WriteQueue(config.max_queued)
        self.activity = FlowActivity(config, now(), opened_here=opened_here)
        self.identities: tuple[str, ...] = ()
        self.destinations: dict[Endpoint, None] = {}
        self.scope = trio.CancelScope()
        self.cause = ""
        self.established = False
        self._config = config
        self._now = now
        self._on_end = on_end
        self._channel: Channel | None = None
        self._finishing = False
        self._malformed = 0

    def __repr__(self) -> str:
        endpoint = self.endpoint
        return f"<Flow {endpoint.flow} {endpoint.transport} {endpoint.host}:{endpoint.port}>"

    def speaks_for(self, server_name: str) -> bool:
        """Return whether the far end is known to be whom a packet is for."""
        if not server_name or not is_secure(self.endpoint.transport):
            return True
        return server_name == self.endpoint.server_name or is_certificate_of(self.identities, server_name)

    def send(self, data: bytes, destination: Endpoint) -> bool:
        """Queue a packet; False when the peer does not take what is sent to it, which ends the flow."""
        if self.cause or self._finishing:
            return False
        if destination.flow is None and len(self.destinations) < _MAX_NAMES:
            self.destinations[destination] = None
        if not self.queue.put(data):
            self.end("the peer does not read what is sent to it")
            return False
        return True

    def fail(self, cause: str) -> None:
        """Say at once that nothing gets out any more, before anybody can open another one; once is enough."""
        if not self.cause:
            self.cause = cause
            self._on_end(self, self.queue.unsent())

    def end(self, cause: str) -> None:
        """Fail and close; the first cause counts."""
        self.fail(cause)
        self.scope.cancel()
        self.queue.wake()

    def finish(self, cause: str) -> None:
        """Close as soon as what waits is sent, and take nothing more."""
        self._finishing = True
        if not self.cause:
            self.cause = cause
            self._on_end(self, ())
        self.queue.wake()

    def keep_alive(self) -> None:
        """Send a ping, whose pong is due."""
        if self._channel is not None:
            self.queue.put(self._channel.framer.keep_alive.ping())
            self.activity.pinged(self._now())

    async def run(self, channel: Channel, reader: FlowReader) -> None:
        """Read and write until the connection ends, which cancels `scope`; `cause` tells why."""
        self._channel = channel
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._write, channel)
            await self._read(channel, reader)

    async def _read(self, channel: Channel, reader: FlowReader) -> None:
        try:
            while not self._finishing:
                while self.queue.is_half_full:
                    await self.queue.wait()  # who does not read our answers may not ask more
                if not await channel.receive():
                    break
                self._feed(channel, reader)
        except CHANNEL_ERRORS as failure:
            self.end(broken_by(failure))
        if not self._finishing:
            while self.queue.octets:
                await self.queue.wait()  # the peer may still read: what is being sent is not lost yet
            cut = channel.framer.pending
            self.end("the peer closed it in the middle of a message" if cut else "the peer closed it")

    def _feed(self, channel: Channel, reader: FlowReader) -> None:
        framer, keep_alive = channel.framer, channel.framer.keep_alive
        pongs = keep_alive.pongs
        while True:
            try:
                message = framer.next_message()
            except ParseError as error:
                self._malformed += 1
                reader.message_refused(error, self)
                if framer.broken or self._malformed > self._config.max_malformed:
                    self.finish(f"what the peer sends cannot be read: {error}")
                    break
                continue
            if message is None:
                break
            self.activity.message_came()
            reader.message_received(message, self)
        self.activity.heard(self._now(), pending=framer.pending > 0, ponged=keep_alive.pongs > pongs)
        if pong := keep_alive.take_pongs():
            self.queue.put(pong)

    async def _write(self, channel: Channel) -> None:
        try:
            while not (self._finishing and not self.queue.has_packets):
                if not self.queue.has_packets:
                    await self.queue.wait()
                    continue
                with trio.fail_after(self._config.send_timeout):
                    await channel.send(self.queue.take())
                self.queue.sent()
                self.activity.sent(self._now())
        except trio.TooSlowError:
            self.end("the peer does not read what is sent to it")
        except CHANNEL_ERRORS as failure:
            self.end(broken_by(failure))
        self.scope.cancel()
