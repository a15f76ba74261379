"""How the parts of a coordinator are put together, once the socket is bound."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs

from trio_runtime.coordinator.call_ops import CallOps
from trio_runtime.coordinator.event_handler import EventHandler
from trio_runtime.coordinator.reception import Reception
from trio_runtime.coordinator.session_ops import SessionOps
from trio_runtime.coordinator.sip_client import SipClient
from trio_runtime.dialog import DialogManager
from trio_runtime.media import MediaManager, NoMedia

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.handlers import CallHandler
    from trio_runtime.media import MediaEvent
    from trio_runtime.observe.trace import Trace
    from trio_runtime.session import SessionRegistry

__all__ = ["Parts", "assemble"]


@attrs.frozen
class Parts:
    """What an open coordinator is made of.

    Attributes:
        advertised: Address and port that peers reach it at.
        dialogs: Signalling.
        media: Media.
        sessions: Starts calls.
        client: Requests outside of calls.
        reception: Takes incoming calls.
    """

    advertised: Address
    dialogs: DialogManager
    media: MediaManager | NoMedia
    sessions: SessionOps
    client: SipClient
    reception: Reception


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
    """
    dialogs = DialogManager(environment, config, on_event=lambda event: events.handle(event), trace=trace)
    advertised = await dialogs.open()
    try:
        media = _open_media(
            environment, config, advertised[0], lambda session, event: events.handle_media(session, event)
        )
        operations = CallOps(environment, dialogs, media, bus, trace)
        client = SipClient(environment, dialogs)
        reception = Reception(operations, handler, start_soon)
        sessions = SessionOps(environment, dialogs, media, registry, operations, config.uri or "")
        events = EventHandler(operations, registry, media, client, reception)
    except BaseException:
        dialogs.close()
        raise
    return Parts(advertised, dialogs, media, sessions, client, reception)


def _open_media(
    environment: Environment,
    config: CoordinatorConfig,
    host: str,
    on_event: Callable[[str, MediaEvent], None],
) -> MediaManager | NoMedia:
    if config.no_media:
        return NoMedia(config.media, advertised_host=host, random_bytes=environment.random_bytes)
    return MediaManager(
        environment, config.media, advertised_host=host, bind_host=config.bind_host, on_event=on_event
    )
