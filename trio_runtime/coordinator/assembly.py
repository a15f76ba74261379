"""How the parts of a coordinator are put together, once the socket is bound."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from trio_runtime.coordinator.asking_side import open_asking
from trio_runtime.coordinator.conferring.conferences import Conferences
from trio_runtime.coordinator.dialling import starters
from trio_runtime.coordinator.draining import Draining
from trio_runtime.coordinator.event_handler import EventHandler
from trio_runtime.coordinator.handler_watch import HandlerWatch
from trio_runtime.coordinator.lifecycle_hooks import LifecycleHooks
from trio_runtime.coordinator.media_side import open_media
from trio_runtime.coordinator.network_changes import NetworkChanges
from trio_runtime.coordinator.operations.call_ops import CallOps
from trio_runtime.coordinator.operations.session_ops import SessionOps
from trio_runtime.coordinator.parts import Parts
from trio_runtime.coordinator.preparing import Preparations
from trio_runtime.coordinator.presence_part import PresencePart
from trio_runtime.coordinator.reception import Reception
from trio_runtime.coordinator.registering.registrations import Registrations
from trio_runtime.coordinator.sip_client import SipClient
from trio_runtime.dialog import DialogManager, Registering, RegistrarSide, Service, Watched
from trio_runtime.observe.capture import Capture, tapped
from trio_runtime.registrar import open_registrar_part
from trio_runtime.session import PriorityRule

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.handlers import CallHandler, CallHooks
    from trio_runtime.observe.trace import Trace
    from trio_runtime.session import SessionRegistry

__all__ = ["assemble"]


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
        StoreFailedError: The store of the registrar cannot be read.
    """
    registrar = None if config.registrar is None else await open_registrar_part(environment, config.registrar)
    presence = None if config.presence is None else PresencePart(environment, config.presence, registrar)
    service = Service() if registrar is None else registrar.service
    ways_to = _nowhere if registrar is None else registrar.ways_to
    capture = None if config.capture is None else Capture(config.capture, epoch=environment.epoch)
    dialogs = DialogManager(
        environment,
        config,
        on_event=lambda event: events.handle(event),
        trace=tapped(trace, capture),
        service=service if presence is None else presence.service(service),
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
        client = SipClient(environment, dialogs, ways_to)
        operations = CallOps(environment, dialogs, media, client, bus, trace)
        watch = HandlerWatch(environment.clock, operations, config.limits.slow_handler, start_soon)
        told = LifecycleHooks(watch, hooks, start_soon)
        reception = Reception(
            watch,
            told,
            handler,
            start_soon,
            lambda to, call: starters(sessions, registrations, ways_to(to), to, call),
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
            ways_to,
        )
        draining = Draining(dialogs, registry, bus)
        registering = Registering(environment, lambda: dialogs.endpoint)
        registrations = Registrations(environment, config, registering, bus)
        asking = open_asking(environment, config, dialogs, bus, ways_to)
        operations.start_call = lambda uri, headers, *, on_named=None: sessions.start(
            uri, headers, registrations.sender(None), on_named
        )
        network = NetworkChanges(
            environment, config, dialogs, media, registry, operations, registrations, start_soon
        )
        watched = Watched(environment, lambda: dialogs.endpoint)
        conferences = Conferences(operations, sessions, registrations, watched, environment.epoch, start_soon)
        preparations = Preparations(environment.clock, sessions, operations, config.max_sessions, start_soon)
        events = EventHandler(
            operations,
            registry,
            media,
            client,
            reception,
            registrations,
            PriorityRule(config.limits.priority_from),
            conferences,
            hang_up_silent=config.media.on_rtp_timeout == "hang_up",
        )
        events.add(asking.handlers())
        events.let_take(asking.requests)
        if registrar is not None:
            events.add(registrar.connect(_side(environment, dialogs), bus, start_soon))
        if presence is not None:
            events.add(presence.connect(dialogs, registry, bus, start_soon))
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
        conferences,
        preparations,
        network,
        capture,
        registrar,
        presence,
    )


def _side(environment: Environment, dialogs: DialogManager) -> RegistrarSide:
    return RegistrarSide(environment, lambda: dialogs.endpoint.agent, lambda: dialogs.endpoint.pump.flush())


def _nowhere(_: str) -> tuple[()]:
    return ()
