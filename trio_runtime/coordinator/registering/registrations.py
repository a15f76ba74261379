"""All registrations of a coordinator, and who speaks for each account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sansio_sip.ids import Ids
from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError, LimitExceededError
from trio_runtime.coordinator.registering.registration import Registration
from trio_runtime.dialog import own_account
from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from sansio_sip import register
    from sansio_sip.agent import Sender
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import Registering
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent

__all__ = ["Registrations"]


class Registrations:
    """Holds the registrations from their first REGISTER until the registrar knows of us no more.

    Args:
        environment: Randomness for their ids.
        config: The coordinator's configuration, with its accounts.
        registering: The signalling side.
        bus: Where events are published.
    """

    def __init__(
        self,
        environment: Environment,
        config: CoordinatorConfig,
        registering: Registering,
        bus: EventBus[SessionEvent],
    ) -> None:
        self._ids = Ids(environment.random_bytes)
        self._config = config
        self._registering = registering
        self._bus = bus
        self._own: Account | None = None
        self._by_flow: dict[str, Registration] = {}
        self._flows_of: dict[str, dict[str, None]] = {}  # by address of record

    def __len__(self) -> int:
        return len(set(self._by_flow.values()))

    def __iter__(self) -> Iterator[Registration]:
        """Iterate over those that are not over."""
        return iter(dict.fromkeys(self._by_flow.values()))

    def account(self, wanted: Account | str | None) -> Account:
        """Return an account: itself, the one of that address, or the coordinator's own.

        Raises:
            ConfigurationError: There is none of that address.
        """
        if isinstance(wanted, Account):
            return wanted
        if wanted is None or wanted == self._config.uri:
            return self._default()
        if flows := self._flows_of.get(wanted):
            return self._by_flow[next(iter(flows))].account
        found = next((account for account in self._config.accounts if account.uri == wanted), None)
        if found is None:
            raise ConfigurationError(f"there is no account {wanted!r}", field="account")
        return found

    def _default(self) -> Account:
        if self._own is None:
            accounts = self._config.accounts
            first = self._config.uri is None and bool(accounts)
            self._own = accounts[0] if first else own_account(self._config)
        return self._own

    def sender(self, wanted: Account | str | None) -> Sender | None:
        """Return who speaks in a call or request; ``None`` is the agent as it is configured.

        Raises:
            ConfigurationError: There is no account of that address.
        """
        config = self._config
        if wanted is None and not (self._by_flow if config.uri is not None else config.accounts):
            return None  # as in most calls
        account = self.account(wanted)
        return self._registering.sender(account, tuple(self._flows_of.get(account.uri, ())))

    # Verbs

    def start(self, account: Account, expires: int | None) -> Registration:
        """Register an account, and keep it registered.

        Raises:
            ConfigurationError: A value of the account cannot be used.
            LimitExceededError: There are ``max_registrations`` already.
        """
        if len(self._by_flow) >= self._config.max_registrations:
            raise LimitExceededError(f"there are {self._config.max_registrations} registrations already")
        registration = Registration(self._ids.tag(), account, self)

        def enter(names: tuple[str, ...]) -> None:
            registration.started(names)
            self._by_flow.update(dict.fromkeys(names, registration))
            self._flows_of.setdefault(account.uri, {}).update(dict.fromkeys(names))

        self._registering.register(account, expires, enter)
        return registration

    def refresh(self, names: tuple[str, ...]) -> None:
        """Register flows again at once."""
        for name in names:
            if name in self._by_flow:
                self._registering.refresh(name)

    def refresh_all(self) -> None:
        """Register all again at once, as after a change of networks."""
        for registration in list(self):
            registration.refresh()

    def drop(self, names: tuple[str, ...]) -> None:
        """Unregister flows."""
        for name in names:
            self._registering.drop(name)

    def _forget(self, name: str, uri: str) -> None:
        del self._by_flow[name], self._flows_of[uri][name]
        if not self._flows_of[uri]:
            del self._flows_of[uri]

    def close(self) -> None:
        """Tell whoever still waits that nothing comes any more."""
        for registration in list(self):
            registration.closed()
        self._by_flow.clear()
        self._flows_of.clear()

    # Events of the signalling side

    def registered(self, event: register.Registered) -> None:
        """Take the news that a flow is registered."""
        registration = self._by_flow.get(event.registration)
        if registration is None:
            return
        self._registering.keep_open(event)
        registration.flow_up(event)
        flow = event.flow
        way = "" if flow is None else f"{flow.transport.lower()}:{flow.host}:{flow.port}"
        self._bus.announce(
            facts.Registered,
            registration.id,
            registration.uri,
            event.expires,
            event.refreshed,
            event.bindings,
            way,
        )

    def failed(self, event: register.RegistrationFailed) -> None:
        """Take the news that a try by a flow failed."""
        registration = self._by_flow.get(event.registration)
        if registration is None:
            return
        registration.flow_failed(event)
        self._bus.announce(
            facts.RegistrationFailed,
            registration.id,
            registration.uri,
            event.status_code,
            event.reason,
            event.retry_in,
            registration.expires > 0,
        )

    def unregistered(self, event: register.Unregistered) -> None:
        """Take the news that a flow is registered no more."""
        registration = self._by_flow.get(event.registration)
        if registration is None:
            return
        self._registering.let_close(event.registration)
        registration.flow_down(event)
        if event.cause != "expired":
            self._forget(event.registration, registration.uri)
        self._bus.announce(facts.Unregistered, registration.id, registration.uri, event.cause)
