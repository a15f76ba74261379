"""How the parts of a coordinator are put together, once the socket is bound."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs

from trio_runtime.coordinator.asking_side import AskingSide, open_asking
from trio_runtime.coordinator.draining import Draining
from trio_runtime.coordinator.event_handler import EventHandler
from trio_runtime.coordinator.handler_watch import HandlerWatch
from trio_runtime.coordinator.lifecycle_hooks import LifecycleHooks
from trio_runtime.coordinator.media_side import open_media
from trio_runtime.coordinator.network_changes import NetworkChanges
from trio_runtime.coordinator.onward import onward_headers
from trio_runtime.coordinator.operations.call_ops import CallOps
from trio_runtime.coordinator.operations.session_ops import SessionOps
from trio_runtime.coordinator.reception import Reception
from trio_runtime.coordinator.registering.registrations import Registrations
from trio_runtime.coordinator.sip_client import SipClient
from trio_runtime.dialog import DialogManager, Registering
from trio_runtime.observe.capture import Capture, CaptureStatistics
from trio_runtime.observe.trace import Trace

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.handlers import CallHandler, CallHooks
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import SessionRegistry

__all__ = ["Parts", "assemble"]


@attrs.frozen
class Parts:
    """What an open coordinator is made of.

    Attributes:
        advertised: Address and port that peers reach it at.
        dialogs: Signalling.
        media: Media.
        operations: What calls act with.
        sessions: Starts calls.
        client: Requests outside of calls.
        reception: Takes incoming calls.
        draining: Ends the service.
        watch: Runs the application's code.
        registrations: Where we are registered, and who speaks.
        asking: Messages, subscriptions, publications, and requests to answer.
        network: Acts when the addresses change.
        capture: Writes what passes the sockets into a file.
    """

    advertised: Address
    dialogs: DialogManager
    media: MediaManager | NoMedia
    operations: CallOps
    sessions: SessionOps
    client: SipClient
    reception: Reception
    draining: Draining
    watch: HandlerWatch
    registrations: Registrations
    asking: AskingSide
    network: NetworkChanges
    capture: Capture | None

    def start(self, services: ServiceScope) -> None:
        """Start the service tasks."""
        self.dialogs.start(services)
        services.start_soon(self.media.run, name="media clock")
        services.start_soon(self.network.run, name="addresses")
        if self.capture is not None:
            services.start_soon(self.capture.run, name="capture")

    def close(self) -> None:
        """Release every socket and file."""
        self.registrations.close()
        self.asking.close()
        self.media.close_all()
        self.dialogs.close()
        if self.capture is not None:
            self.capture.close()

    def capture_statistics(self) -> CaptureStatistics | None:
        """Return what was written into the capture file; None without one."""
        return None if self.capture is None else self.capture.statistics()


async def assemble(
    environment: Environment,
    config: CoordinatorConfig,
    *,
    registry: SessionRegistry,
    bus: EventBus[SessionEvent],
    trace: Trace | None,
    handler: CallHandler | None,
    hooks: list[CallHooks],
    start_soon: Callable[[Callable[[], Awaitable[object]]], None],
) -> Parts:
    """Bind the SIP socket and build everything around it.

    Raises:
        PortInUseError: Another program holds the SIP port.
        NetworkError: The address is none of this machine's.
        ConfigurationError: A value cannot be used.
        CaptureFileError: The capture file cannot be written.
    """
    capture = None if config.capture is None else Capture(config.capture, epoch=environment.epoch)
    dialogs = DialogManager(
        environment, config, on_event=lambda event: events.handle(event), trace=_tapped(trace, capture)
    )
    try:
        advertised = await dialogs.open()
        media = open_media(
            environment,
            config,
            advertised[0],
            lambda session, event: events.handle_media(session, event),
            capture,
            fixed=dialogs.endpoint.mapped is not None,
        )
        client = SipClient(environment, dialogs)
        operations = CallOps(environment, dialogs, media, client, bus, trace)
        watch = HandlerWatch(environment.clock, operations, config.limits.slow_handler, start_soon)
        told = LifecycleHooks(watch, hooks, start_soon)
        reception = Reception(
            watch,
            told,
            handler,
            start_soon,
            lambda to, call: operations.start_call(to, onward_headers(call)),
        )
        sessions = SessionOps(
            environment,
            dialogs,
            media,
            registry,
            operations,
            config.uri or "",
            config.outbound_proxy,
            told.created,
        )
        draining = Draining(dialogs, registry, bus)
        registering = Registering(environment, lambda: dialogs.endpoint)
        registrations = Registrations(environment, config, registering, bus)
        asking = open_asking(environment, config, dialogs, bus)
        operations.start_call = lambda uri, headers, *, on_named=None: sessions.start(
            uri, headers, registrations.sender(None), on_named
        )
        network = NetworkChanges(
            environment, config, dialogs, media, registry, operations, registrations, start_soon
        )
        events = EventHandler(
            operations,
            registry,
            media,
            client,
            reception,
            registrations,
            asking.handlers(),
            hang_up_silent=config.media.on_rtp_timeout == "hang_up",
        )
    except BaseException:
        dialogs.close()
        if capture is not None:
            capture.close()
        raise
    return Parts(
        advertised,
        dialogs,
        media,
        operations,
        sessions,
        client,
        reception,
        draining,
        watch,
        registrations,
        asking,
        network,
        capture,
    )


def _tapped(trace: Trace | None, capture: Capture | None) -> Trace | None:
    if capture is None:
        return trace
    tapped = Trace(0) if trace is None else trace
    tapped.taps.append(capture.take_message)
    return tapped
