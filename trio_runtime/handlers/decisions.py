"""What a handler can decide about an incoming call (SES-6)."""

from __future__ import annotations

import attrs

from trio_runtime.base.errors import ConfigurationError

__all__ = ["Accept", "CallDecision", "Defer", "Forward", "Redirect", "Reject"]


@attrs.frozen
class Accept:
    """Answer the call.

    Attributes:
        headers: More header fields for the 200.
    """

    headers: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class Reject:
    """Refuse the call.

    Attributes:
        status_code: 300 to 699.
        reason: Phrase; the registered one when empty.
    """

    status_code: int = 486
    reason: str = ""


@attrs.frozen(init=False)
class Redirect:
    """Send the caller elsewhere with a 302.

    Attributes:
        targets: URIs, the preferred one first.
    """

    targets: tuple[str, ...]

    def __init__(self, *targets: str) -> None:
        self.__attrs_init__(targets)


@attrs.frozen
class Defer:
    """Let it ring; another task decides, by `IncomingCall.answer` or `reject`.

    Attributes:
        timeout: Seconds until the call is refused with 480 when nobody has decided.
    """

    timeout: float = 60.0


@attrs.frozen(init=False)
class Forward:
    """Call somebody else and connect the caller with him (SRV-8).

    Attributes:
        targets: URIs that are called one after the other until one is answered; the last refusal counts.
        timeout: Seconds that each may ring.
    """

    targets: tuple[str, ...]
    timeout: float

    def __init__(self, *targets: str, timeout: float = 60.0) -> None:
        if not targets:
            raise ConfigurationError("must be one at least", field="targets")
        self.__attrs_init__(targets, timeout)


CallDecision = Accept | Reject | Redirect | Forward | Defer
