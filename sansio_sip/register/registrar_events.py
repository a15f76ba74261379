"""What a registrar tells its user."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from .binding import Binding

__all__ = ["BindingCause", "BindingsChanged", "ChangeHeld", "RegisterRefused", "RegistrarEvent"]


@unique
class BindingCause(Enum):
    """Why the bindings of an address changed; the words are those of RFC 3680 §5.1 where it has one."""

    REGISTERED = "registered"
    EXPIRED = "expired"
    FLOW_FAILED = "flow-failed"


@attrs.frozen
class BindingsChanged:
    """The bindings of an address are others now.

    Attributes:
        aor: The address of record.
        bindings: All that it has now, the preferred first.
        removed: Those that are gone.
        cause: Why.
        username: Whose password the phone knows, empty when nobody asked or no request was the cause.
        added: Those of the bindings that were not there before.
        refreshed: Those of the bindings that were, and have been registered again.
    """

    aor: str
    bindings: tuple[Binding, ...]
    removed: tuple[Binding, ...]
    cause: BindingCause
    username: str = ""
    added: tuple[Binding, ...] = ()
    refreshed: tuple[Binding, ...] = ()


@attrs.frozen
class ChangeHeld:
    """A REGISTER that changes bindings waits for `Registrar.confirm` or `Registrar.refuse`.

    Until then the bindings are what they were, and other REGISTERs of the address wait behind it.

    Attributes:
        change: Its number in both verbs.
        aor: The address of record.
        bindings: All that it would have then, the preferred first.
        removed: Those that would be gone.
        request: The REGISTER.
        source: Where it came from.
        username: Whose password the phone knows, empty when nobody asked.
    """

    change: int
    aor: str
    bindings: tuple[Binding, ...]
    removed: tuple[Binding, ...]
    request: Request
    source: Endpoint
    username: str = ""


@attrs.frozen
class RegisterRefused:
    """A REGISTER was answered with a failure.

    Attributes:
        aor: The address of record, empty when it could not be read.
        status_code: Status of the answer.
        reason: Why.
        username: Name in the credentials, where there were some.
    """

    aor: str
    status_code: int
    reason: str
    username: str = ""


RegistrarEvent = BindingsChanged | ChangeHeld | RegisterRefused
