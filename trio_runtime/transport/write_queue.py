"""What waits for one peer to take it: bounded in octets."""

from __future__ import annotations

from collections import deque

import trio

__all__ = ["WriteQueue"]


class WriteQueue:
    """Packets for one connection, in order.

    Args:
        max_octets: How much may wait; one packet always finds room.

    Attributes:
        octets: How much waits now, what is just being sent included.
    """

    __slots__ = ("_lot", "_max_octets", "_packets", "_taken", "octets")

    def __init__(self, max_octets: int) -> None:
        self._max_octets = max_octets
        self._packets: deque[bytes] = deque()
        self._taken: list[bytes] = []
        self._lot = trio.lowlevel.ParkingLot()
        self.octets = 0

    def put(self, data: bytes) -> bool:
        """Append a packet; False when there is no room."""
        if self.octets and self.octets + len(data) > self._max_octets:
            return False
        self._packets.append(data)
        self.octets += len(data)
        self._lot.unpark_all()
        return True

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._lot.unpark_all()

    async def wait(self) -> None:
        """Wait for a packet, for room, or for `wake`."""
        await self._lot.park()

    def take(self) -> list[bytes]:
        """Return all that waits; call `sent` when it is out."""
        self._taken = list(self._packets)
        self._packets.clear()
        return self._taken

    def sent(self) -> None:
        """Forget what was taken."""
        self.octets -= sum([len(packet) for packet in self._taken])
        self._taken = []
        self._lot.unpark_all()

    @property
    def has_packets(self) -> bool:
        """Whether there is something to take."""
        return bool(self._packets)

    @property
    def is_half_full(self) -> bool:
        """Whether the peer is slower than what it asks for."""
        return self.octets > self._max_octets // 2

    def unsent(self) -> list[bytes]:
        """Return what may not have got out."""
        return [*self._taken, *self._packets]
