"""What a coordinator publishes about its registrations."""

from __future__ import annotations

import attrs

__all__ = ["Registered", "RegistrationFailed", "Unregistered"]


@attrs.frozen
class Registered:
    """The registrar has an address of ours; again after each refresh.

    Attributes:
        registration_id: The registration.
        uri: Address of record.
        expires: Seconds that the registrar grants.
        refreshed: Whether it was there before.
        bindings: Every Contact value of the address, other phones' included.
        flow: Where the registration went, as ``transport:host:port``.
    """

    registration_id: str
    uri: str
    expires: int
    refreshed: bool
    bindings: tuple[str, ...]
    flow: str


@attrs.frozen
class RegistrationFailed:
    """A try to register or to refresh did not succeed.

    Attributes:
        registration_id: The registration.
        uri: Address of record.
        status_code: Status of the answer; 408 when none came, 503 when nothing could be sent.
        reason: Its phrase, or the cause.
        retry_in: Seconds until the next try; None when there will be none.
        registered: Whether the registrar still has the address, by this flow or another.
    """

    registration_id: str
    uri: str
    status_code: int
    reason: str
    retry_in: float | None
    registered: bool


@attrs.frozen
class Unregistered:
    """The registrar has the address no more, as far as we know.

    Attributes:
        registration_id: The registration.
        uri: Address of record.
        cause: ``removed`` when the registrar confirmed it, ``unconfirmed`` when it did not, ``expired``
            when no refresh succeeded in time (tries go on), ``never`` when there was none.
    """

    registration_id: str
    uri: str
    cause: str
