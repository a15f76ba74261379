"""One registration as an application sees it: where it stands, and waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import VoipError
from trio_runtime.base.registration_errors import RegistrationEnded, registration_error
from trio_runtime.coordinator.registering.state import RegisteredFlow, RegistrationState

if TYPE_CHECKING:
    from sansio_sip import register
    from trio_runtime.base.account_config import Account
    from trio_runtime.coordinator.registering.state import RegistrationOwner

__all__ = ["Registration"]


class Registration:
    """An account at its registrar, by one flow or by one for each of its edges.

    Args:
        registration_id: Names it in events.
        account: What is registered.
        owner: The coordinator's registrations.

    Attributes:
        id: See above.
        account: See above.
    """

    def __init__(self, registration_id: str, account: Account, owner: RegistrationOwner) -> None:
        self.id = registration_id
        self.account = account
        self._owner = owner
        self._flows: dict[str, RegisteredFlow] = {}
        self._ending = False
        self._cause = ""
        self._changed = trio.lowlevel.ParkingLot()

    def __repr__(self) -> str:
        return f"<Registration {self.uri} {self.state.value}>"

    @property
    def uri(self) -> str:
        """The address of record."""
        return self.account.uri

    @property
    def state(self) -> RegistrationState:
        """Where it stands; with several flows the best of them counts."""
        flows = self._flows.values()
        if all(flow.ended for flow in flows):
            return RegistrationState.ENDED
        if self._ending:
            return RegistrationState.ENDING
        if any(flow.up is not None for flow in flows):
            return RegistrationState.REGISTERED
        failures = [flow.failure for flow in flows if flow.failure is not None]
        if len(failures) < len(flows):
            return RegistrationState.REGISTERING
        hopeless = all(failure.retry_in is None for failure in failures)
        return RegistrationState.FAILED if hopeless else RegistrationState.WAITING

    @property
    def expires(self) -> int:
        """Seconds that the registrar granted last, 0 while nothing is registered."""
        return min([flow.up.expires for flow in self._flows.values() if flow.up is not None], default=0)

    @property
    def bindings(self) -> tuple[str, ...]:
        """Every Contact value of the address, other phones' included, as the registrar told last."""
        found = [flow.up.bindings for flow in self._flows.values() if flow.up is not None]
        return found[-1] if found else ()

    @property
    def flow_names(self) -> tuple[str, ...]:
        """The agent's names of its flows."""
        return tuple(self._flows)

    @property
    def flows_up(self) -> int:
        """By how many flows it is registered, as far as we know without doubt."""
        return sum([flow.up is not None and flow.failure is None for flow in self._flows.values()])

    # Waiting

    async def registered(self, *, patient: bool = True) -> None:
        """Wait until it is registered.

        Args:
            patient: Whether to go on waiting while it is tried again.

        Raises:
            RegistrationRejected: The registrar refused.
            RequestTimedOutError: There was no answer.
            NetworkError: The registrar cannot be reached.
            RegistrationEnded: It is over.
        """
        await trio.lowlevel.checkpoint()
        while (state := self.state) is not RegistrationState.REGISTERED:
            if state is RegistrationState.FAILED or (not patient and state is RegistrationState.WAITING):
                raise self._error()
            if state in (RegistrationState.ENDING, RegistrationState.ENDED):
                raise RegistrationEnded(f"the registration of {self.uri} is over")
            await self._changed.park()

    async def ended(self) -> str:
        """Wait until it is over; return ``removed`` when the registrar confirmed that, else why not."""
        await trio.lowlevel.checkpoint()
        while self.state is not RegistrationState.ENDED:
            await self._changed.park()
        return self._cause

    async def refused(self) -> VoipError:
        """Wait until it will not be tried any more, and return why: the answer of the registrar."""
        await trio.lowlevel.checkpoint()
        while self.state is not RegistrationState.FAILED:
            await self._changed.park()
        return self._error()

    def _error(self) -> VoipError:
        failure = next(flow.failure for flow in self._flows.values() if flow.failure is not None)
        answered = failure.response is not None
        return registration_error(self.uri, failure.status_code, failure.reason, answered=answered)

    # Doing

    def refresh(self) -> None:
        """Register again at once, as after a change of networks; once it is over, nothing."""
        if not self._ending:
            self._owner.refresh(self.flow_names)

    def unregister(self) -> None:
        """Remove the address from the registrar; nothing is waited for, `ended` does."""
        if not self._ending:
            self._ending = True
            self._owner.drop(self.flow_names)
            self._changed.unpark_all()

    # What the coordinator tells

    def started(self, names: tuple[str, ...]) -> None:
        """Note the agent's names of its flows."""
        self._flows = {name: RegisteredFlow() for name in names}

    def flow_up(self, event: register.Registered) -> None:
        """Note that a flow is registered."""
        flow = self._flows[event.registration]
        flow.up, flow.failure = event, None
        self._changed.unpark_all()

    def flow_failed(self, event: register.RegistrationFailed) -> None:
        """Note that a try by a flow failed."""
        flow = self._flows[event.registration]
        flow.failure = event
        if not event.bound:
            flow.up = None
        self._changed.unpark_all()

    def flow_down(self, event: register.Unregistered) -> None:
        """Note that a flow is registered no more; one that has expired is still tried."""
        flow = self._flows[event.registration]
        flow.up, flow.ended = None, event.cause != "expired"
        if flow.ended and self._cause != "removed":
            self._cause = event.cause
        self._changed.unpark_all()

    def closed(self) -> None:
        """Note that there is nobody any more who could tell."""
        for flow in self._flows.values():
            if not flow.ended:
                flow.up, flow.ended = None, True
                self._cause = self._cause or "unconfirmed"
        self._ending = True
        self._changed.unpark_all()
