"""The one place that orchestrates: signalling, media, calls and whoever takes them."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.service import ServiceScope
from trio_runtime.coordinator.assembly import assemble
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.registered import RegisteredBlock
from trio_runtime.coordinator.view import CoordinatorView

if TYPE_CHECKING:
    from trio_runtime.base.account_config import Account
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.coordinator.reception import CallTask
    from trio_runtime.coordinator.registration import Registration
    from trio_runtime.handlers import CallHandler, CallHooks
    from trio_runtime.session import Call, SipResponse

__all__ = ["SessionCoordinator"]


class SessionCoordinator(CoordinatorView):
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
        self._hooks: list[CallHooks] = []
        self._owns_environment = owns_environment
        self._services = ServiceScope(self._drain)

    def __repr__(self) -> str:
        where = ", ".join(f"{host}:{port}" for host, port in self.bound_addresses) or "not open"
        return f"<SessionCoordinator {where}, {len(self._registry)} calls>"

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
        self.left_after_drain = await self._parts.dialogs.drain(self.config.drain_grace)

    def add_hooks(self, hooks: CallHooks) -> None:
        """Let hooks hear of every call from now on, in either direction (SES-23)."""
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

    # Calling

    def make_call(
        self, uri: str, *, headers: Iterable[tuple[str, str]] = (), account: Account | str | None = None
    ) -> OutgoingCall:
        """Return an async context manager that calls ``uri`` when entered and hangs up when left.

        Entering sends the INVITE and does not wait for an answer; `Call.answered` does.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
            account: Who calls: an account, or the address of one that is configured or registered. The
                call goes by its registration where there is one.
        """
        return OutgoingCall(lambda: self.start_call(uri, headers=headers, account=account))

    def start_call(
        self, uri: str, *, headers: Iterable[tuple[str, str]] = (), account: Account | str | None = None
    ) -> Call:
        """Call ``uri`` and return the call at once; it lasts until it is hung up, here or there.

        Raises:
            ConfigurationError: There is no such account.
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
            PortsExhaustedError: No media port is left.
        """
        return self._parts.sessions.start(uri, headers, self._parts.registrations.sender(account))

    # Being found

    def registered(
        self,
        account: Account | str | None = None,
        *,
        expires: int | None = None,
        patient: bool = False,
    ) -> RegisteredBlock:
        """Return an async context manager in which an account is registered.

        Entering waits until it is, leaving unregisters without waiting. Meanwhile it is refreshed, and
        registered anew when its connection is lost. See `Registration.registered` for errors.

        Args:
            account: The account, or its address; by default our own.
            expires: Seconds to register for; the account's own when ``None``.
            patient: Whether entering waits on while a registrar that cannot be reached is tried again.
        """
        return RegisteredBlock(lambda: self.register(account, expires=expires), patient=patient)

    def register(self, account: Account | str | None = None, *, expires: int | None = None) -> Registration:
        """Begin to register and return at once; it lasts until `Registration.unregister`, or our end.

        Raises:
            ConfigurationError: There is no such account, or a value of it cannot be used.
            LimitExceededError: There are ``max_registrations`` already.
        """
        registrations = self._parts.registrations
        return registrations.start(registrations.account(account), expires)

    async def serve(
        self, handler: CallTask, *, task_status: trio.TaskStatus[list[Address]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Run ``handler(call)`` for each incoming call, each in its own task, until cancelled.

        The handler's return ends its call. If it raises, that call ends with 500 or BYE and the
        failure is logged and published; others live.

        Args:
            handler: An async function that takes an `IncomingCall`.
            task_status: Reports the bound addresses to `trio.Nursery.start`.
        """
        await self._parts.reception.serve(handler, lambda: task_status.started(self.bound_addresses))

    async def options(self, uri: str, *, account: Account | str | None = None) -> SipResponse:
        """Ask a peer what it can (OPTIONS), as an account does it; see `SipClient.request` for errors."""
        sender = self._parts.registrations.sender(account)
        headers = [("Accept", "application/sdp")]
        return await self._parts.client.request("OPTIONS", uri, headers=headers, sender=sender)
