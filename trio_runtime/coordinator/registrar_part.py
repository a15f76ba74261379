"""The registrar among the parts of a coordinator."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import trio

from sansio_sip.register import BindingsChanged, ChangeHeld, MemoryBindingStore, RegisterRefused
from trio_runtime.dialog import RegistrarSide, Service, registrar_service
from trio_runtime.registrar import LocationService, RegistrationManager, load_bindings, store_of

if TYPE_CHECKING:
    from sansio_sip.outbound import Way
    from sansio_sip.register import Binding
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.registrar_config import RegistrarConfig
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.registrar import RegistrarStatistics, RegistrarStore

__all__ = ["RegistrarPart", "open_registrar_part"]

logger = logging.getLogger("trio_runtime")


class RegistrarPart:
    """A registrar whose bindings are loaded; `open_registrar_part` makes it.

    Attributes:
        service: What makes the agent a registrar.
        location: Where users are, after `connect`.
        manager: What becomes of REGISTERs, after `connect`.
    """

    location: LocationService
    manager: RegistrationManager

    def __init__(
        self,
        environment: Environment,
        config: RegistrarConfig,
        store: RegistrarStore | None,
        bindings: MemoryBindingStore,
    ) -> None:
        self._environment = environment
        self._config = config
        self._store = store
        self._bindings = bindings
        hold = store is not None or config.decide is not None
        self.service: Service = registrar_service(config, bindings, epoch=environment.epoch, hold=hold)

    def connect(
        self,
        dialogs: DialogManager,
        bus: EventBus[SessionEvent],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> dict[type[object], Callable[[Any], None]]:
        """Begin to work with an open agent; return who takes which event."""
        side = RegistrarSide(self._environment, lambda: dialogs.endpoint)
        self.location = LocationService(self._environment, side, self._config.domains)
        self.manager = RegistrationManager(
            self._environment, side, self._bindings, self._store, self._config.decide, bus, start_soon
        )
        return {
            ChangeHeld: self.manager.change_held,
            BindingsChanged: self.manager.bindings_changed,
            RegisterRefused: self.manager.refused,
        }

    @property
    def domains(self) -> tuple[str, ...]:
        """Hosts whose users register here."""
        return self._config.domains

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that have phones."""
        return tuple(self._bindings.addresses())

    def bindings(self, aor: str) -> list[Binding]:
        """Return the phones of an address of record."""
        return self.location.bindings(aor)

    def ways_to(self, uri: str) -> Sequence[Way]:
        """Return how requests get to a user of ours; see `LocationService.ways_to`."""
        return self.location.ways_to(uri)

    def start(self, services: ServiceScope) -> None:
        """Start the task that writes."""
        if self.manager.writer is not None:
            services.start_soon(self.manager.writer.run, name="registrar store")

    async def finish(self, grace: float) -> None:
        """Write what is not written yet, for at most ``grace`` seconds."""
        if self.manager.writer is None:
            await trio.lowlevel.checkpoint()
        elif left := await self.manager.writer.finish(grace):
            logger.error("the bindings of %d addresses could not be written at the end", left)

    def statistics(self, dialogs: DialogManager) -> RegistrarStatistics:
        """Return what the registrar counts."""
        return self.manager.statistics(dialogs.statistics().agent)


async def open_registrar_part(environment: Environment, config: RegistrarConfig) -> RegistrarPart:
    """Load the bindings.

    Raises:
        StoreFailedError: The store cannot be read.
        UnsupportedError: A library for it is missing.
    """
    store = store_of(config.store)
    if store is None:
        return RegistrarPart(environment, config, None, MemoryBindingStore())
    bindings = await load_bindings(store, environment.epoch, environment.clock.now())
    return RegistrarPart(environment, config, store, bindings)
