"""What a registration tells its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .keep_alive import DATAGRAM_KEEP_ALIVE, STREAM_KEEP_ALIVE

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Response

__all__ = ["Registered", "RegistrationEvent", "RegistrationFailed", "Unregistered"]


@attrs.frozen(kw_only=True)
class Registered:
    """The registrar has our contacts; sent again after each refresh.

    Attributes:
        registration: Name of the registration.
        expires: Seconds that the registrar grants.
        refreshed: Whether the contacts were there before.
        bindings: Every Contact value of the answer, other phones' included.
        service_route: Route values for requests outside of dialogs, topmost first (RFC 3608).
        path: Path values that the registrar took down (RFC 3327).
        pub_gruu: Public GRUU, or empty (RFC 5627).
        temp_gruu: Newest temporary GRUU, or empty.
        outbound: Whether the registrar and the edge support outbound (RFC 5626 §4.2.1).
        flow_timer: Seconds within which the flow needs a keep-alive, or None.
        response: The 2xx.
        flow: Where the request went, or the connection that its answer came by.
    """

    registration: str
    expires: int
    refreshed: bool
    bindings: tuple[str, ...]
    service_route: tuple[str, ...]
    path: tuple[str, ...]
    pub_gruu: str
    temp_gruu: str
    outbound: bool
    flow_timer: int | None
    response: Response
    flow: Endpoint | None = None

    @property
    def keep_alive(self) -> float | None:
        """Longest time in seconds between keep-alives on the flow; ``None`` when nobody counts on them.

        See `keep_alive_interval`, which spreads them (RFC 5626 §4.4.1, §4.4.2).
        """
        if not self.outbound or self.flow is None:
            return None
        if self.flow_timer is not None:
            return float(self.flow_timer)
        return STREAM_KEEP_ALIVE if self.flow.reliable else DATAGRAM_KEEP_ALIVE


@attrs.frozen(kw_only=True)
class RegistrationFailed:
    """A try to register or refresh did not succeed.

    Attributes:
        registration: Name of the registration.
        status_code: Status of the answer; 408 when none came, 503 when nothing could be sent.
        reason: Its phrase, or the cause.
        retry_in: Seconds until the next try, or None when there will be none.
        bound: Whether contacts of ours are still registered.
        response: The answer, where there was one.
    """

    registration: str
    status_code: int
    reason: str
    retry_in: float | None
    bound: bool
    response: Response | None = None


@attrs.frozen(kw_only=True)
class Unregistered:
    """The registrar has no contact of ours any more, as far as we know.

    Attributes:
        registration: Name of the registration.
        cause: ``removed`` when the registrar confirmed it, ``unconfirmed`` when it did not answer so,
            ``expired`` when no refresh succeeded in time (tries go on), ``never`` when there was none.
    """

    registration: str
    cause: str


RegistrationEvent = Registered | RegistrationFailed | Unregistered
