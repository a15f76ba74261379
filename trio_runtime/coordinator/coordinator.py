"""The one place that orchestrates: signalling, media, calls and whoever takes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import VoipError
from trio_runtime.base.service import ServiceScope
from trio_runtime.coordinator.assembly import Parts, assemble
from trio_runtime.coordinator.leftovers import leftovers
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.statistics import CoordinatorStatistics
from trio_runtime.events import EventBus, EventStream
from trio_runtime.events.types import SessionEvent
from trio_runtime.observe.trace import Trace
from trio_runtime.session import Call, SessionRegistry, SessionStats

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.types import Address
    from trio_runtime.coordinator.reception import CallTask
    from trio_runtime.coordinator.sip_client import SipResponse
    from trio_runtime.handlers import CallHandler

__all__ = ["SessionCoordinator"]


class SessionCoordinator:
    """A user agent with transports and media; runs while its ``async with`` block lasts.

    Leaving the block hangs up every call and waits at most ``drain_grace`` seconds for the peers.

    Args:
        environment: Clock, network and randomness; the kernel's or a simulated one.
        config: How it presents itself, listens and limits itself.
        handler: Takes incoming calls; without one they are taken by `serve`.
        owns_environment: Whether to close the environment in the end.
    """

    def __init__(
        self,
        environment: Environment,
        config: CoordinatorConfig,
        *,
        handler: CallHandler | None = None,
        owns_environment: bool = False,
    ) -> None:
        self.config = config
        self.trace = Trace(config.trace_messages) if config.trace_messages else None
        self.left_after_drain = 0
        self._environment = environment
        self._handler = handler
        self._owns_environment = owns_environment
        self._bus: EventBus[SessionEvent] = EventBus()
        self._registry = SessionRegistry()
        self._services = ServiceScope(self._drain)
        self._opened: Parts | None = None

    @property
    def _parts(self) -> Parts:
        if self._opened is None:
            raise VoipError("the coordinator is not open: use `async with`")
        return self._opened

    def __repr__(self) -> str:
        where = ", ".join(f"{host}:{port}" for host, port in self.bound_addresses) or "not open"
        return f"<SessionCoordinator {where}, {len(self._registry)} calls>"

    async def __aenter__(self) -> SessionCoordinator:
        """Bind the sockets and start the service tasks.

        Raises:
            PortInUseError: Another program holds the SIP port.
            NetworkError: The address is none of this machine's.
            ConfigurationError: A value cannot be used.
        """
        parts = await assemble(
            self._environment,
            self.config,
            registry=self._registry,
            bus=self._bus,
            trace=self.trace,
            handler=self._handler,
            start_soon=self._services.start_soon,
        )
        await self._services.__aenter__()
        parts.start(self._services)
        self._opened = parts
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[bool | None]:
        """Hang up, drain, stop the service tasks, release the sockets."""
        return self._leave(kind, value, traceback)

    async def _leave(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            return await self._services.__aexit__(kind, value, traceback)
        finally:
            self._parts.close()
            self._bus.close()
            if self._owns_environment:
                self._environment.close()

    async def _drain(self) -> None:
        self.left_after_drain = await self._parts.dialogs.drain(self.config.drain_grace)

    @property
    def bound_addresses(self) -> list[Address]:
        """The addresses that peers reach it at; empty before it is open."""
        return list(dict.fromkeys((each.host, each.port) for each in self.listening))

    @property
    def listening(self) -> list[Listener]:
        """Its listeners with the addresses and ports that peers use; empty before it is open."""
        return [] if self._opened is None else self._opened.dialogs.listening

    # Calling

    def make_call(self, uri: str, *, headers: Iterable[tuple[str, str]] = ()) -> OutgoingCall:
        """Return an async context manager that calls ``uri`` when entered and hangs up when left.

        Entering sends the INVITE and does not wait for an answer; `Call.answered` does.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
        """
        return OutgoingCall(lambda: self.start_call(uri, headers=headers))

    def start_call(self, uri: str, *, headers: Iterable[tuple[str, str]] = ()) -> Call:
        """Call ``uri`` and return the call at once; it lasts until it is hung up, here or there.

        Raises:
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
            PortsExhaustedError: No media port is left.
        """
        return self._parts.sessions.start(uri, headers)

    async def serve(
        self, handler: CallTask, *, task_status: trio.TaskStatus[list[Address]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Run ``handler(call)`` for each incoming call, each in its own task, until cancelled.

        The handler's return ends its call. If it raises, that call ends with 500 or BYE and the
        failure is logged and published; others live.

        Args:
            handler: An async function that takes an `IncomingCall`.
            task_status: Reports the bound addresses to `trio.Nursery.start`.
        """
        await self._parts.reception.serve(handler, lambda: task_status.started(self.bound_addresses))

    async def options(self, uri: str) -> SipResponse:
        """Ask a peer what it can (OPTIONS); see `request` for errors."""
        return await self._parts.client.request("OPTIONS", uri, headers=[("Accept", "application/sdp")])

    def subscribe(
        self, wanted: Callable[[SessionEvent], bool] | None = None, *, max_events: int = 1_024
    ) -> EventStream[SessionEvent]:
        """Return a stream of events from now on; see `EventBus.subscribe`."""
        return self._bus.subscribe(wanted, max_events=max_events)

    def find_session(self, session_id: str) -> Call | None:
        """Return a call that is not over, or ``None``."""
        return self._registry.find(session_id)

    def list_active_sessions(self) -> list[Call]:
        """Return the calls that are not over."""
        return list(self._registry)

    def get_stats(self) -> SessionStats:
        """Return numbers over all calls."""
        return self._registry.stats()

    def statistics(self) -> CoordinatorStatistics:
        """Return a snapshot of signalling, media, events and calls."""
        return CoordinatorStatistics(
            sessions=self._registry.stats(),
            dialogs=self._parts.dialogs.statistics(),
            media=self._parts.media.engine_statistics(),
            rtp=self._parts.media.totals(),
            bus=self._bus.statistics(),
            capture=self._parts.capture_statistics(),
            left_after_drain=self.left_after_drain,
        )

    def leftovers(self) -> list[str]:
        """Return what is still held, in words; empty when all is quiet (SIM-2)."""
        return [] if self._opened is None else leftovers(self._opened, self._registry)
