"""What can be seen of a coordinator at any moment: where it listens, its calls, events and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import VoipError
from trio_runtime.coordinator.leftovers import leftovers
from trio_runtime.coordinator.statistics import CoordinatorStatistics
from trio_runtime.events import EventBus, ServerView
from trio_runtime.events.types import EventsLost, SessionEvent
from trio_runtime.observe.trace import Trace
from trio_runtime.session import Call, SessionRegistry, SessionStats

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import BridgeInfo, Conference
    from trio_runtime.coordinator.parts import Parts
    from trio_runtime.coordinator.registering.registration import Registration
    from trio_runtime.presence import PresenceServer
    from trio_runtime.registrar import Contact

__all__ = ["CoordinatorView"]


def _session_of(event: SessionEvent) -> SessionId | None:
    """Return the call that an event is about."""
    return getattr(event, "session_id", None)


class CoordinatorView(ServerView[SessionEvent]):
    """Answers questions about a coordinator and changes nothing.

    Args:
        config: How it presents itself, listens and limits itself.

    Attributes:
        config: The same.
        trace: The last SIP messages, or ``None`` if none are kept.
        left_after_drain: Calls that were not over when its block had been left for ``drain_grace`` seconds.
    """

    def __init__(self, config: CoordinatorConfig) -> None:
        super().__init__(EventBus(subject_of=_session_of, lost=EventsLost))
        self.config = config
        self.trace = Trace(config.trace_messages) if config.trace_messages else None
        self.left_after_drain = 0
        self._registry = SessionRegistry()
        self._opened: Parts | None = None

    @property
    def _parts(self) -> Parts:
        if self._opened is None:
            raise VoipError("the coordinator is not open: use `async with`")
        return self._opened

    @property
    def listening(self) -> list[Listener]:
        """Its listeners with the addresses and ports that peers use; empty before it is open."""
        return [] if self._opened is None else self._opened.dialogs.listening

    def find_session(self, session_id: str) -> Call | None:
        """Return a call that is not over, or ``None``."""
        return self._registry.find(session_id)

    def list_active_sessions(self) -> list[Call]:
        """Return the calls that are not over."""
        return list(self._registry)

    def list_registrations(self) -> list[Registration]:
        """Return the registrations that are not over."""
        return list(self._parts.registrations)

    @property
    def conferences(self) -> tuple[Conference, ...]:
        """The conferences that are not over, the oldest first; none before it is open."""
        return () if self._opened is None else tuple(self._opened.conferences)

    @property
    def bridges(self) -> tuple[BridgeInfo, ...]:
        """Which calls are connected two by two, the oldest first; none before it is open."""
        return () if self._opened is None else self._opened.operations.bridges.infos()

    def locate(self, uri: str) -> list[Contact]:
        """Return the phones of a user that are registered here, the preferred first.

        Args:
            uri: Address of record, or what names one phone of it (a GRUU).

        Raises:
            VoipError: There is no registrar.
            InvalidUriError: It is no address of record.
        """
        registrar = self._parts.registrar
        if registrar is None:
            raise VoipError("there is no registrar: open it with registrar=RegistrarConfig(...)")
        return registrar.location.locate(uri)

    @property
    def presence(self) -> PresenceServer:
        """The presence server, which says what is to be seen of users.

        Raises:
            VoipError: There is none.
        """
        part = self._parts.presence
        if part is None:
            raise VoipError("there is no presence server: open it with presence=PresenceConfig()")
        return part.server

    def get_stats(self) -> SessionStats:
        """Return numbers over all calls."""
        return self._registry.stats()

    def statistics(self) -> CoordinatorStatistics:
        """Return a snapshot of signalling, media, events and calls."""
        return CoordinatorStatistics(
            sessions=self._registry.stats(),
            registrations=len(self._parts.registrations),
            registered=sum([each.expires > 0 for each in self._parts.registrations]),
            subscriptions=len(self._parts.asking.subscriptions),
            publications=len(self._parts.asking.publications),
            messages_waiting=len(self._parts.asking.messages),
            requests_refused=self._parts.asking.requests.refused,
            dialogs=self._parts.dialogs.statistics(),
            media=self._parts.media.engine_statistics(),
            rtp=self._parts.media.totals(),
            bus=self._bus.statistics(),
            capture=self._parts.capture_statistics(),
            handlers=self._parts.watch.statistics(),
            network_changes=self._parts.network.count,
            registrar=self._parts.registrar_statistics(),
            presence=self._parts.presence_statistics(),
            draining=self._parts.draining.begun,
            left_after_drain=self.left_after_drain,
        )

    def leftovers(self) -> list[str]:
        """Return what is still held, in words; empty when all is quiet (SIM-2)."""
        return [] if self._opened is None else leftovers(self._opened, self._registry)
