"""What becomes of calls and registrations when the addresses of the machine change."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import VoipError
from trio_runtime.base.types import CallState
from trio_runtime.events.types import NetworkChanged

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.registering.registrations import Registrations
    from trio_runtime.dialog import DialogManager
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import Call, SessionRegistry

__all__ = ["NetworkChanges"]

logger = logging.getLogger("trio_runtime")
_TALKING = (CallState.ACTIVE, CallState.ON_HOLD)


class NetworkChanges:
    """Compares the addresses with those before, and acts on a difference.

    Only listeners for all interfaces have anything to compare: a socket that is bound to an address stays
    there.

    Args:
        environment: Routes, and who tells of changes.
        config: What to do with calls.
        dialogs: The signalling side.
        media: The media side.
        registry: The calls.
        operations: Publishes events, and changes calls.
        registrations: What is registered anew.
        start_soon: Starts a task that lives as long as the coordinator.

    Attributes:
        count: How often they were others than before.
    """

    def __init__(
        self,
        environment: Environment,
        config: CoordinatorConfig,
        dialogs: DialogManager,
        media: MediaManager | NoMedia,
        registry: SessionRegistry,
        operations: CallOps,
        registrations: Registrations,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._network = environment.network
        self._moves_calls = config.on_network_change == "reinvite" and config.advertised_host is None
        self._dialogs = dialogs
        self._media = media
        self._registry = registry
        self._operations = operations
        self._registrations = registrations
        self._start_soon = start_soon
        self._known = dialogs.own_hosts()
        self._at = dict(self._known)
        self.count = 0

    async def run(self) -> None:
        """Act on what the system tells, until cancelled."""
        watch = self._network.watch_addresses()
        try:
            while True:
                await watch.changed()
                self.check()
        finally:
            watch.close()

    def check(self) -> bool:
        """Look at the addresses; return whether they are others than before."""
        now, before = self._dialogs.own_hosts(), self._known
        if now == before:
            return False
        self._known = now
        self.count += 1
        lost = tuple([host for six, host in before.items() if now.get(six) != host])
        found = tuple([host for six, host in now.items() if before.get(six) != host])
        logger.warning("the network changed: %s gone, %s new", lost or "nothing", found or "nothing")
        self._operations.publish(NetworkChanged, lost, found)
        if found:
            self._media.places.renew()
            self._registrations.refresh_all()
        for six, host in now.items():
            # One that comes back after a pause is no other: the peers still know it.
            if self._moves_calls and self._at.get(six) not in (None, host):
                self._move_calls(host, six=six)
            self._at[six] = host
        return True

    def _move_calls(self, host: str, *, six: bool) -> None:
        for call in self._registry:
            if call.state in _TALKING:
                self._start_soon(lambda call=call: self._move(call, host, six=six))  # type: ignore[misc]

    async def _move(self, call: Call, host: str, *, six: bool) -> None:
        """Offer the same media at the new address; what the peer says to it decides as for any change."""
        try:
            if call.passes:
                self._dialogs.refresh(call.id)  # its media is not ours
            else:
                await self._operations.move_media(call.id, host, six=six)
        except VoipError as error:
            logger.warning("%r could not be moved to %s: %s", call, host, error)
