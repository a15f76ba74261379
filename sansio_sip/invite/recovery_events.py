"""What a call tells about a peer that falls silent and comes back."""

from __future__ import annotations

import attrs

__all__ = ["CallRecovered", "CallRecovering"]


@attrs.frozen
class CallRecovering:
    """A request in the call got no answer; the peer is asked again, and the call goes on meanwhile.

    Attributes:
        session: Name of the call.
        cause: What happened.
    """

    session: str
    cause: str


@attrs.frozen
class CallRecovered:
    """The peer of a `CallRecovering` has answered again.

    Attributes:
        session: Name of the call.
    """

    session: str
