"""The one place that orchestrates: signalling, media, calls and whoever takes them."""

from __future__ import annotations

from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING

from trio_runtime.base.service import ServiceScope
from trio_runtime.coordinator.assembly import assemble
from trio_runtime.coordinator.centre_verbs import CentreVerbs

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.handlers import CallHandler

__all__ = ["SessionCoordinator"]


class SessionCoordinator(CentreVerbs):
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
        super().__init__(config)
        self._environment = environment
        self._handler = handler
        self._owns_environment = owns_environment
        self._services = ServiceScope(self._drain)

    def _doing(self) -> str:
        return f", {len(self._registry)} calls"

    def wall_time(self) -> float:
        """Return the time in seconds since 1970, as its environment has it."""
        return self._environment.epoch + self._environment.clock.now()

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
            hooks=self._hooks,
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
        parts, grace = self._parts, self.config.drain_grace
        self.left_after_drain = await parts.dialogs.drain(grace)
        if parts.registrar is not None:
            await parts.registrar.finish(grace)
