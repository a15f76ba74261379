"""The verbs of signalling that concern registrations; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.agent import Sender
from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import CallStateError, VoipError
from trio_runtime.dialog.accounts import instance_urn, registrations_of, sender_of
from trio_runtime.dialog.agent_side import AgentSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.register import Registered
    from trio_runtime.base.account_config import Account
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.endpoint import SipEndpoint

__all__ = ["Registering"]


class Registering(AgentSide):
    """Registers accounts, and keeps the flows open that they are registered by.

    See `AgentSide` for the arguments.
    """

    def __init__(self, environment: Environment, endpoint: Callable[[], SipEndpoint]) -> None:
        super().__init__(environment, endpoint)
        self._instance = instance_urn(environment.random_bytes)

    def register(
        self, account: Account, expires: int | None, on_started: Callable[[tuple[str, ...]], None]
    ) -> None:
        """Register, and keep it alive until it is dropped.

        Args:
            account: What is registered.
            expires: Seconds to ask for; None for the account's own.
            on_started: Called with the names of its flows before any event is handed out.

        Raises:
            ConfigurationError: A value of the account cannot be used.
            VoipError: The coordinator is closing.
        """
        endpoint = self._endpoint()
        instance = account.instance or self._instance
        configs = registrations_of(endpoint.settings, account, expires, instance)
        try:
            names = [endpoint.agent.register(config, self._now()) for config in configs]
        except LocalProtocolError as error:
            raise VoipError(str(error)) from error
        on_started(tuple(names))
        endpoint.pump.flush()

    def refresh(self, name: str) -> None:
        """Register a flow again at once.

        Raises:
            CallStateError: It is ending, or gone.
        """
        endpoint = self._endpoint()
        try:
            endpoint.agent.refresh_registration(name, self._now())
        except LocalProtocolError as error:
            raise CallStateError(str(error)) from error
        finally:
            endpoint.pump.flush()

    def drop(self, name: str) -> None:
        """Unregister a flow; one that is gone is no error."""
        endpoint = self._endpoint()
        endpoint.agent.drop(name, self._now())
        endpoint.pump.flush()

    def sender(self, account: Account, names: tuple[str, ...]) -> Sender:
        """Return who speaks for an account; ``names`` are those of its registered flows."""
        return sender_of(account, names)

    def keep_open(self, event: Registered) -> None:
        """Send keep-alives by a flow that the registrar counts on, as often as it wants."""
        if event.flow is not None and event.keep_alive is not None:
            self._endpoint().keep_open(event.registration, event.flow, event.keep_alive)

    def let_close(self, name: str) -> None:
        """Send no more keep-alives for a registration."""
        self._endpoint().let_close(name)
