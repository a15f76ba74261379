"""Who sends and who receives on a media stream (RFC 3264 §6.1)."""

from __future__ import annotations

import enum

__all__ = ["Direction"]


class Direction(enum.Enum):
    """A direction attribute, seen from the side that writes it."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, *, send: bool, receive: bool) -> Direction:
        """Give the direction of a side that sends, receives, both or nothing."""
        if send:
            return cls.SENDRECV if receive else cls.SENDONLY
        return cls.RECVONLY if receive else cls.INACTIVE

    @property
    def can_send(self) -> bool:
        """Whether this side may send media."""
        return self is Direction.SENDRECV or self is Direction.SENDONLY

    @property
    def can_receive(self) -> bool:
        """Whether this side is willing to receive media."""
        return self is Direction.SENDRECV or self is Direction.RECVONLY

    @property
    def mirrored(self) -> Direction:
        """The same direction as the other side sees it."""
        return self if self is Direction.SENDRECV else _MIRROR[self]

    def limited_to(self, other: Direction) -> Direction:
        """Give what both directions, seen from the same side, allow."""
        if self is other or other is Direction.SENDRECV:
            return self
        return Direction.of(
            send=self.can_send and other.can_send, receive=self.can_receive and other.can_receive
        )


_MIRROR = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}
