"""How the parts of a coordinator are put together, once the socket is bound."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs

from trio_runtime.coordinator.call_ops import CallOps
from trio_runtime.coordinator.draining import Draining
from trio_runtime.coordinator.event_handler import EventHandler
from trio_runtime.coordinator.reception import Reception
from trio_runtime.coordinator.registrations import Registrations
from trio_runtime.coordinator.session_ops import SessionOps
from trio_runtime.coordinator.sip_client import SipClient
from trio_runtime.dialog import WILDCARDS, DialogManager, Registering, reachable_host
from trio_runtime.media import MediaManager, NoMedia
from trio_runtime.observe.capture import Capture, CaptureStatistics
from trio_runtime.observe.trace import Trace

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.handlers import CallHandler
    from trio_runtime.media import MediaEvent
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
        registrations: Where we are registered, and who speaks.
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
    registrations: Registrations
    capture: Capture | None

    def start(self, services: ServiceScope) -> None:
        """Start the service tasks."""
        self.dialogs.start(services)
        services.start_soon(self.media.run, name="media clock")
        if self.capture is not None:
            services.start_soon(self.capture.run, name="capture")

    def close(self) -> None:
        """Release every socket and file."""
        self.registrations.close()
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
        media = _open_media(
            environment,
            config,
            advertised[0],
            lambda session, event: events.handle_media(session, event),
            capture,
            fixed=dialogs.endpoint.mapped is not None,
        )
        client = SipClient(environment, dialogs)
        operations = CallOps(environment, dialogs, media, client, bus, trace)
        reception = Reception(operations, handler, start_soon)
        sessions = SessionOps(
            environment, dialogs, media, registry, operations, config.uri or "", config.outbound_proxy
        )
        draining = Draining(dialogs, registry, bus)
        registering = Registering(environment, lambda: dialogs.endpoint)
        registrations = Registrations(environment, config, registering, bus)
        operations.start_call = lambda uri, headers, *, on_named=None: sessions.start(
            uri, headers, registrations.sender(None), on_named
        )
        events = EventHandler(operations, registry, media, client, reception, registrations)
    except BaseException:
        dialogs.close()
        if capture is not None:
            capture.close()
        raise
    return Parts(
        advertised, dialogs, media, operations, sessions, client, reception, draining, registrations, capture
    )


def _tapped(trace: Trace | None, capture: Capture | None) -> Trace | None:
    if capture is None:
        return trace
    tapped = Trace(0) if trace is None else trace
    tapped.taps.append(capture.take_message)
    return tapped


def _open_media(
    environment: Environment,
    config: CoordinatorConfig,
    host: str,
    on_event: Callable[[str, MediaEvent], None],
    capture: Capture | None,
    *,
    fixed: bool,
) -> MediaManager | NoMedia:
    guess = None
    if not fixed and config.advertised_host is None and config.bind_host in WILDCARDS:
        guess = _guesses(environment, host)
    if config.no_media:
        random_bytes = environment.random_bytes
        return NoMedia(config.media, advertised_host=host, random_bytes=random_bytes, guess=guess)
    return MediaManager(
        environment,
        config.media,
        advertised_host=host,
        bind_host=config.bind_host if guess is None else None,
        guess=guess,
        on_event=on_event,
        capture=capture if capture is not None and capture.config.media else None,
    )


def _guesses(environment: Environment, host: str) -> Callable[[bool], str]:
    """Return what gives an address of ours for media of a family: that of the first listener, if it can."""

    def guess(six: bool) -> str:
        return host if (":" in host) is six else reachable_host(environment, "::" if six else "0.0.0.0")

    return guess
