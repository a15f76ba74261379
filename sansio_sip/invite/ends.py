"""How a call can end: values, never exceptions."""

from __future__ import annotations

import attrs

__all__ = [
    "CallEnd",
    "Cancelled",
    "Failed",
    "LocallyClosed",
    "Rejected",
    "RemoteBye",
    "Replaced",
    "TimedOut",
    "TransportLost",
]


@attrs.frozen
class Rejected:
    """The callee, or we as the callee, refused with a final status of 300 or more.

    Attributes:
        status_code: The status code.
        reason: The phrase that came with it.
        by_remote: Whether the peer refused; False when we did.
        retry_after: Seconds after which the peer may be called again, ``None`` when it did not say.
    """

    status_code: int
    reason: str
    by_remote: bool = True
    retry_after: int | None = None


@attrs.frozen
class TimedOut:
    """Nobody answered in time: no response for 64·T1, or no ACK to our 2xx for as long.

    Attributes:
        waited_for: What did not come: ``response``, ``ACK``, ``session refresh`` or ``media``.
    """

    waited_for: str = "response"


@attrs.frozen
class Cancelled:
    """The caller gave up before the answer.

    Attributes:
        by_remote: Whether the peer was the caller.
    """

    by_remote: bool = False


@attrs.frozen
class RemoteBye:
    """The peer hung up.

    Attributes:
        reason: Value of its Reason header (RFC 3326), empty when there is none.
    """

    reason: str = ""


@attrs.frozen
class TransportLost:
    """The peer could not be reached any more.

    Attributes:
        cause: What the transport said.
    """

    cause: str


@attrs.frozen
class LocallyClosed:
    """We hung up."""


@attrs.frozen
class Failed:
    """The call broke the rules, as by an answer without common codec, or the peer knows it no more.

    Attributes:
        cause: What was wrong.
        status_code: The status code that says the same.
    """

    cause: str
    status_code: int = 488


@attrs.frozen
class Replaced:
    """Another call took the place of this one (RFC 3891).

    Attributes:
        by: Name of that call.
    """

    by: str


CallEnd = Rejected | TimedOut | Cancelled | RemoteBye | TransportLost | LocallyClosed | Failed | Replaced
