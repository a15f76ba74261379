"""A proxy as a ready server: open it with a routing function, and it forwards while its block lasts."""

from __future__ import annotations

import math
from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from sansio_sip.proxy import FinalResponseSent, RequestExpired
from trio_runtime.base.service import ServiceScope
from trio_runtime.observe.capture import Capture, tapped
from trio_runtime.proxy.endpoint import open_proxy_endpoint
from trio_runtime.proxy.view import ProxyServerView

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.proxy.answers import RouteFunction
    from trio_runtime.proxy.config import ProxyServerConfig

__all__ = ["ProxyServer"]


class ProxyServer(ProxyServerView):
    """A stateful proxy that runs while its ``async with`` block lasts.

    Leaving the block cancels what rings and waits at most ``drain_grace`` seconds until every request has its
    answer; calls go on without us, as far as their phones reach each other.

    Args:
        environment: Clock, network and randomness; the kernel's or a simulated one.
        config: How it listens, for whom it is there, and its limits.
        route: Says where each request for us goes.
        owns_environment: Whether to close the environment in the end.
    """

    def __init__(
        self,
        environment: Environment,
        config: ProxyServerConfig,
        route: RouteFunction,
        *,
        owns_environment: bool = False,
    ) -> None:
        super().__init__(config)
        self._environment = environment
        self._route = route
        self._owns_environment = owns_environment
        self._services = ServiceScope(self._finish)

    async def __aenter__(self) -> ProxyServer:
        """Bind the sockets and start to forward.

        Raises:
            PortInUseError: Another program holds the SIP port.
            NetworkError: The address is none of this machine's.
            ConfigurationError: A value cannot be used.
            CaptureFileError: The capture file cannot be written.
            StoreFailedError: The store of the registrar cannot be read.
        """
        wanted, environment = self.config.capture, self._environment
        capture = None if wanted is None else Capture(wanted, epoch=environment.epoch)
        try:
            endpoint = await open_proxy_endpoint(
                environment,
                self.config,
                self._route,
                bus=self._bus,
                start_soon=self._services.start_soon,
                trace=tapped(self.trace, capture),
            )
        except BaseException:
            if capture is not None:
                capture.close()
            raise
        await self._services.__aenter__()
        endpoint.start(self._services)
        if capture is not None:
            self._services.start_soon(capture.run, name="capture")
        self._opened, self._capture = endpoint, capture
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[bool | None]:
        """Answer what waits, stop the service tasks, release the sockets."""
        return self._leave(kind, value, traceback)

    async def _leave(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            return await self._services.__aexit__(kind, value, traceback)
        finally:
            self._endpoint.carrier.close()
            self._bus.close()
            if self._capture is not None:
                self._capture.close()
            if self._owns_environment:
                self._environment.close()

    async def _finish(self) -> None:
        self.left_after_drain = await self._endpoint.finish(self.config.drain_grace)

    async def drain(self, *, deadline: float | None = None) -> int:
        """Go out of service: refuse what is new with 503, and wait until what there is has its answers.

        Requests in dialogs are forwarded for as long as the block lasts. There is no way back.

        Args:
            deadline: Time of `trio.current_time` to wait for; None waits for as long as it takes.

        Returns:
            How many requests had no answer by the deadline.
        """
        self._draining = True
        self._endpoint.refuse_new_requests()
        with trio.CancelScope(deadline=math.inf if deadline is None else deadline):
            ends = self.subscribe(
                lambda event: isinstance(event, FinalResponseSent | RequestExpired), max_events=1
            )
            with ends:
                await trio.lowlevel.checkpoint()
                while self._endpoint.proxy.statistics().pending:
                    await anext(ends)
        return self._endpoint.proxy.statistics().pending
