"""Where a registration stands, and what is known of each of its flows."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from sansio_sip import register

__all__ = ["RegisteredFlow", "RegistrationOwner", "RegistrationState"]


class RegistrationState(Enum):
    """Where a registration stands.

    ``WAITING`` has failed and will be tried again, ``FAILED`` will not unless it is told to `refresh`.
    """

    REGISTERING = "registering"
    REGISTERED = "registered"
    WAITING = "waiting"
    FAILED = "failed"
    ENDING = "ending"
    ENDED = "ended"


@attrs.define
class RegisteredFlow:
    """One of the ways that an account is registered by.

    Attributes:
        up: What the registrar granted, while it has the flow as far as we know.
        failure: The last try, if it failed.
        ended: Whether nothing comes of it any more.
    """

    up: register.Registered | None = None
    failure: register.RegistrationFailed | None = None
    ended: bool = False


class RegistrationOwner(Protocol):
    """What a registration asks of its coordinator."""

    def refresh(self, names: tuple[str, ...]) -> None:
        """Register flows again at once."""
        ...

    def drop(self, names: tuple[str, ...]) -> None:
        """Unregister flows."""
        ...
