"""How a coordinator goes into and out of service, and what it hears from outside meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.coordinator.view import CoordinatorView

if TYPE_CHECKING:
    from collections.abc import Callable

    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.coordinator.messaging.incoming import IncomingRequest
    from trio_runtime.handlers import CallHooks

__all__ = ["CoordinatorService"]


class CoordinatorService(CoordinatorView):
    """The verbs of a coordinator that concern all calls at once.

    Args:
        config: How it presents itself, listens and limits itself.
    """

    def __init__(self, config: CoordinatorConfig) -> None:
        super().__init__(config)
        self._hooks: list[CallHooks] = []

    def add_hooks(self, hooks: CallHooks) -> None:
        """Let hooks hear of every call from now on, in either direction."""
        self._hooks.append(hooks)

    async def drain(self, *, deadline: float | None = None) -> int:
        """Go out of service: take no new calls, and wait until those there are have ended by themselves.

        From now on a new call, and an OPTIONS, gets 503 with Retry-After; calls that the application makes
        are its own affair. What still lasts at the deadline is hung up. There is no way back.

        Args:
            deadline: Time of `trio.current_time` to wait for; None waits for as long as the calls last.

        Returns:
            How many calls were hung up.
        """
        return await self._parts.draining.run(deadline)

    def network_changed(self) -> bool:
        """Look at the addresses of the machine again; on Linux that happens by itself.

        Where they are others, `NetworkChanged` is published, everything is registered anew, and the calls
        are told the new address as `CoordinatorConfig.on_network_change` says.

        Returns:
            Whether they are others than before.
        """
        return self._parts.network.check()

    def take_requests(self, method: str, taker: Callable[[IncomingRequest], None]) -> None:
        """Let a function take the requests of a method of `RequestsConfig.methods`, in place of `requests`.

        Args:
            method: The method.
            taker: Takes each as it comes; it must not block.
        """
        self._parts.asking.requests.take(method, taker)
