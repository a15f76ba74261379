"""A registration, client's side: it registers, refreshes, recovers and unregisters (RFC 3261 §10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..transaction import (
    FailureResponse,
    SuccessResponse,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .client_table import RegistrationTable
from .states import RegistrationInput, RegistrationState

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Response
    from ..transaction import TransactionEvent

__all__ = ["Registration"]

_I = RegistrationInput
_S = RegistrationState
_HAS_BINDING = frozenset({_S.REGISTERED, _S.REFRESHING, _S.RETRYING})

# Answers that another try at the same registrar may change; the rest wait for the user.
_PASSING = frozenset({408, 423, 429, 430, 480, 486, 491})
_LASTING_5XX = frozenset({501, 505, 513})


class Registration(RegistrationTable):
    """Keeps the contacts of one user at one registrar.

    For several flows of one account make one of these for each ``reg_id`` (RFC 5626 §4.2.1), and tell each
    by `other_flows` whether another one is up.

    Args:
        registration: Name of the registration in its events.
        config: See `RegistrationConfig`.
        now: Current time in seconds.
        ids: Makes Call-ID, tags and the spread of the timers.
        outbound: How requests get out.
        outbox: Where events go; the agent's, or a new one.

    Attributes:
        other_flows: Whether another flow of the account is registered; waits are longer then.
        service_route: Route values for requests outside of dialogs, topmost first (RFC 3608 §6.1).
        grant: What the registrar granted last.
        flow: Where the last request went, or the connection that its answer came by; ``None`` at first.
        flow_lost: Whether that way is known to be gone, and none is registered in its place yet.
        uses_outbound: Whether the registrar and the edge keep that flow for us (RFC 5626 §4.2.1).
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Registration {self.registration} {self.state.name} {self.config.address}>"

    @property
    def registered(self) -> bool:
        """Whether the registrar has contacts of ours."""
        return self.state in _HAS_BINDING

    @property
    def registering(self) -> bool:
        """Whether the answer to a REGISTER that adds or refreshes is awaited."""
        return self.state in (_S.REGISTERING, _S.REFRESHING)

    @property
    def closed(self) -> bool:
        """Whether the registration has ended and nothing is owed to the registrar any more."""
        return self.state is _S.TERMINATED and not self._open

    def register(self, now: float) -> None:
        """Register, or refresh at once, or try again before the wait is over.

        Raises:
            LocalProtocolError: A REGISTER is open already, or the registration is closed.
        """
        self._clock(now)
        if not self._allows(_I.REGISTER):
            raise LocalProtocolError(f"a registration in {self.state.name} cannot register")
        self._fire(_I.REGISTER)

    def flow_failed(self, now: float) -> None:
        """Replace the flow that the registrar knows us by: it is gone (RFC 5626 §4.5)."""
        self._clock(now)
        self.flow_lost = True
        self._fire(_I.FLOW_FAILED)

    def goes_by(self, destination: Endpoint) -> bool:
        """Return whether what happened to ``destination`` also happened to the flow."""
        return self.flow is not None and self.flow.meets(destination)

    def close(self, now: float) -> None:
        """Remove our contacts from the registrar; may be called again without effect."""
        self._clock(now)
        self._fire(_I.UNREGISTER)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of a REGISTER transaction; of an earlier one only its end counts."""
        self._clock(now)
        if isinstance(event, TransactionTerminated):
            self._open -= 1
        else:
            self._take(event)

    def _take(self, event: TransactionEvent) -> None:
        match event:
            case SuccessResponse(key, response) if key == self._current:
                self._receive_success(response)
            case FailureResponse(key, response) if key == self._current:
                self._receive_failure(response)
            case TransactionTimedOut(key) if key == self._current:
                self._fail(408, "no answer in time")
            case TransportFailed(key, cause) if key == self._current:
                self._fail(503, cause)
            case _:
                return

    @property
    def _current(self) -> tuple[str | int, ...]:
        return self.outbound.key(self._request)

    def _fail(self, status_code: int, cause: str) -> None:
        self._problem = (status_code, cause)
        self._fire(_I.FAILURE)

    def _receive_success(self, response: Response) -> None:
        if self.state in (_S.LEAVING, _S.UNREGISTERING):
            self._fire(_I.SUCCESS, response)
            return
        self.flow = response.source or self.flow  # the connection by its name
        problem = self.read_success(response)
        if problem:
            self._problem = (response.status_code, problem)
        self._fire(_I.FAILURE if problem else _I.SUCCESS, response)

    def _receive_failure(self, response: Response) -> None:
        self._problem = (response.status_code, response.reason)
        remove = self.state is _S.UNREGISTERING
        again = self._requests.again(self._request, response, remove=remove)
        if again is not None:
            self._request = again
            self._fire(_I.AGAIN, response)
            return
        self._fire(_I.FAILURE if _passes(response.status_code) else _I.REFUSED, response)


def _passes(status_code: int) -> bool:
    """Tell whether waiting may help: the server is busy, restarting or unreachable."""
    return status_code in _PASSING or (500 <= status_code < 600 and status_code not in _LASTING_5XX)
