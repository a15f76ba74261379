"""The registrar among the parts of a server, be that a coordinator or a proxy."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import trio

from sansio_sip.register import BindingsChanged, ChangeHeld, MemoryBindingStore, RegisterRefused
from trio_runtime.dialog import PhoneUsers, Service, registrar_service, registrar_settings
from trio_runtime.registrar.location import LocationService
from trio_runtime.registrar.manager import RegistrationManager
from trio_runtime.registrar.opening import load_bindings, store_of

if TYPE_CHECKING:
    from sansio_sip import register
    from sansio_sip.outbound import Way
    from sansio_sip.register import Binding
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.registrar_config import RegistrarConfig
    from trio_runtime.base.registrar_store import RegistrarStore
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.dialog import RegistrarSide
    from trio_runtime.registrar.surroundings import RegistrarBus, RegistrarCounts
    from trio_runtime.registrar.types import RegistrarStatistics

__all__ = ["RegistrarPart", "open_registrar_part"]

logger = logging.getLogger("trio_runtime")


class RegistrarPart:
    """A registrar whose bindings are loaded; `open_registrar_part` makes it.

    Attributes:
        config: What it serves.
        bindings: Where users are now, as the machine keeps it.
        users: Those that may register.
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
        self._store = store
        self._hold = store is not None or config.decide is not None
        self.config = config
        self.bindings = bindings
        self.users = PhoneUsers(config)

    @property
    def settings(self) -> register.RegistrarConfig:
        """The configuration of the registrar in the machine."""
        return registrar_settings(self.config, self._environment.epoch, hold=self._hold)

    @property
    def service(self) -> Service:
        """What makes an agent a registrar."""
        return registrar_service(
            self.config, self.users, self.bindings, epoch=self._environment.epoch, hold=self._hold
        )

    def connect(
        self,
        side: RegistrarSide,
        bus: RegistrarBus,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> dict[type[object], Callable[[Any], None]]:
        """Begin to work with a machine; return who takes which event."""
        self.location = LocationService(self._environment, side, self.config.domains)
        self.manager = RegistrationManager(
            self._environment, side, self.bindings, self._store, self.config.decide, bus, start_soon
        )
        return {
            ChangeHeld: self.manager.change_held,
            BindingsChanged: self.manager.bindings_changed,
            RegisterRefused: self.manager.refused,
        }

    @property
    def domains(self) -> tuple[str, ...]:
        """Hosts whose users register here."""
        return self.config.domains

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that have phones."""
        return tuple(self.bindings.addresses())

    def bindings_of(self, aor: str) -> list[Binding]:
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

    def statistics(self, machine: RegistrarCounts) -> RegistrarStatistics:
        """Return what the registrar counts, given what its machine does."""
        return self.manager.statistics(machine)


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
