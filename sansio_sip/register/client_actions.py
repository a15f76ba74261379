"""What a registration does when its table says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..errors import ProtocolError
from ..message import NameAddr, Response
from .client_base import RegistrationBase
from .contacts import Grant, read_grant
from .events import Registered, RegistrationFailed, Unregistered
from .states import RegistrationInput
from .values import read_retry_after, read_seconds

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["RegistrationActions"]

_TRANSACTION_TIME = 32.0  # a refresh is through or timed out before the binding ends (RFC 5627 §4.2)


class RegistrationActions(RegistrationBase):
    """Actions of one registration; see `Registration`."""

    __slots__ = ()

    # Answers

    def _take_grant(self, message: Message | None) -> None:
        """Note what a 2xx granted, tell it, and arm the refresh and the end of the binding."""
        response = cast("Response", message)  # the table gives only a 2xx
        refreshed, self._bound, self._failures = self._bound, True, 0
        expires = self.grant.expires
        self._arm_expiry(RegistrationInput.BINDING_EXPIRED, float(expires))
        self._arm_repeat(RegistrationInput.TRY_TIMER, self._refresh_after(expires))
        self.service_route = _routes(response, "service-route")
        self.flow_lost = False
        self.uses_outbound = "outbound" in response.require
        flow_timer = response.get("flow-timer")
        self.out.events.append(
            Registered(
                registration=self.registration,
                expires=expires,
                refreshed=refreshed,
                bindings=tuple(response.values("contact")),
                service_route=self.service_route,
                path=_routes(response, "path"),
                pub_gruu=self.grant.pub_gruu,
                temp_gruu=self.grant.temp_gruu,
                outbound=self.uses_outbound,
                flow_timer=read_seconds(flow_timer, 0) or None,
                flow=self.flow,
                response=response,
            )
        )

    def _refresh_after(self, expires: int) -> float:
        """Return when to refresh: early enough for a whole transaction, and not all phones at once."""
        if expires <= 2 * _TRANSACTION_TIME:
            return expires / 2
        return min(self.ids.uniform(0.75, 0.9) * expires, expires - _TRANSACTION_TIME)

    def read_success(self, response: Response) -> str:
        """Read a 2xx; return what is wrong with it, or nothing."""
        try:
            self.grant = read_grant(self.config, response, self._requests.expires, self._request.contacts)
            _ = (response.values("service-route"), response.values("path"), response.require)
        except ProtocolError as error:
            return f"the answer cannot be read: {error}"
        return "" if self.grant.expires > 0 else "the registrar did not keep the contact"

    def _wait(self, message: Message | None) -> None:
        """Tell a failure and arm the next try (RFC 5626 §4.5)."""
        asked = read_retry_after(message.get("retry-after")) if message is not None else None
        first = not self._failures
        self._failures += 1
        bound = self.config.back_off.upper_bound(self._failures, other_flows=self.other_flows)
        wait = self.ids.uniform(bound / 2, bound)
        if asked is not None:
            # A zero is an invitation to try at once, but not for ever.
            wait = float(asked) if first else max(wait, float(asked))
        self._arm_repeat(RegistrationInput.TRY_TIMER, wait)
        self._report_failure(message, wait)

    def _give_up(self, message: Message | None) -> None:
        """Tell a failure that waiting does not repair."""
        self._stop_timers()
        self.service_route, self.uses_outbound = (), False  # RFC 3608 §6.1
        self._bound = False
        self._requests.forget_challenges()
        self._report_failure(message, None)

    def _report_failure(self, message: Message | None, retry_in: float | None) -> None:
        status, reason = self._problem
        self.out.events.append(
            RegistrationFailed(
                registration=self.registration,
                status_code=status,
                reason=reason,
                retry_in=retry_in,
                bound=self._bound,
                response=message if isinstance(message, Response) else None,
            )
        )

    # Ends

    def _report_expired(self, _message: Message | None = None) -> None:
        self._unbind("expired")

    def _report_removed(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._unbind("removed")

    def _report_unconfirmed(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._unbind("unconfirmed")

    def _report_never(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._unbind("never")

    def _unbind(self, cause: str) -> None:
        self._bound = False
        self.service_route, self.uses_outbound = (), False
        self.grant = Grant(0)
        self.out.events.append(Unregistered(registration=self.registration, cause=cause))


def _routes(message: Message, key: str) -> tuple[str, ...]:
    """Return route values that can be followed; all of them or none, as half a route leads nowhere."""
    values = message.values(key)
    try:
        for value in values:
            NameAddr.parse(value, key)
    except ProtocolError:
        return ()
    return tuple(values)
