"""Hold and resume as directions of the audio stream (RFC 3264 §8.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..sdp import Direction, LocalMedia

if TYPE_CHECKING:
    from .agreement import Agreement

__all__ = ["HOLD", "RESUME", "held", "held_by_peer", "resumed"]

HOLD = {
    Direction.SENDRECV: Direction.SENDONLY,
    Direction.RECVONLY: Direction.INACTIVE,
    Direction.SENDONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}
"""What becomes of our direction when we put the peer on hold: we do not receive any more."""

RESUME = {
    Direction.SENDONLY: Direction.SENDRECV,
    Direction.INACTIVE: Direction.RECVONLY,
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.RECVONLY: Direction.RECVONLY,
}
"""What becomes of it when we take the peer back."""


def held(media: LocalMedia) -> LocalMedia:
    """Return our side with the peer on hold."""
    return attrs.evolve(media, direction=HOLD[media.direction])


def resumed(media: LocalMedia) -> LocalMedia:
    """Return our side with the peer taken back."""
    return attrs.evolve(media, direction=RESUME[media.direction])


def held_by_peer(agreed: Agreement | None) -> bool:
    """Return whether the peer does not want to hear us, although we would speak."""
    if agreed is None or agreed.local is None or agreed.media is None:
        return False
    return agreed.local.direction.can_send and not agreed.media.direction.can_send
