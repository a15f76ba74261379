"""Facts about what becomes of a call that lasts: hold and transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = [
    "CallHeld",
    "CallProgressed",
    "CallResumed",
    "RemoteHoldChanged",
    "TransferCompleted",
    "TransferFailed",
    "TransferProgressed",
    "TransferRequested",
]


@attrs.frozen
class CallProgressed:
    """A provisional response came to our INVITE.

    Attributes:
        session_id: The call.
        status_code: 180 when it rings, 183 with or without early media, or another below 200.
        reason: The phrase that came with it.
    """

    session_id: SessionId
    status_code: int
    reason: str


@attrs.frozen
class CallHeld:
    """We have put the peer on hold, and it agreed."""

    session_id: SessionId


@attrs.frozen
class CallResumed:
    """We have taken the peer back from hold."""

    session_id: SessionId


@attrs.frozen
class RemoteHoldChanged:
    """The peer has put us on hold, or has taken us back.

    Attributes:
        session_id: The call.
        held: Whether it does not want to hear us now.
    """

    session_id: SessionId
    held: bool


@attrs.frozen
class TransferRequested:
    """The peer asks us to call somebody else in its place (RFC 3515).

    Attributes:
        session_id: The call.
        target: URI of whom to call.
        referred_by: Who asks, as it says itself; empty when it does not.
        replaces: Whether our call shall take the place of another call there (attended transfer).
    """

    session_id: SessionId
    target: str
    referred_by: str
    replaces: bool


@attrs.frozen
class TransferProgressed:
    """The peer told how far it has come with the transfer that we asked for.

    Attributes:
        session_id: The call.
        status_code: Status of its own call, 100 while it has none.
        reason: The phrase that came with it.
    """

    session_id: SessionId
    status_code: int
    reason: str


@attrs.frozen
class TransferCompleted:
    """The peer talks to whom we have sent it."""

    session_id: SessionId


@attrs.frozen
class TransferFailed:
    """The transfer that we asked for did not come about; the call goes on.

    Attributes:
        session_id: The call.
        status_code: Why: that of the peer's own call, or of its refusal; 408 for silence.
        reason: The phrase that came with it.
    """

    session_id: SessionId
    status_code: int
    reason: str
