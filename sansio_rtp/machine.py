"""What every machine of the package hands to its runtime: packets to send and the queue they wait in."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Generic, NamedTuple, TypeAlias, TypeVar

Address: TypeAlias = tuple[str, int]
"""A transport address: IP address as text, and port."""

EventT = TypeVar("EventT")


class Component(Enum):
    """The part of a media stream that a packet belongs to, which chooses the socket (RFC 8445 §4)."""

    RTP = 1
    RTCP = 2


class Transmit(NamedTuple):
    """One packet to send.

    Attributes:
        data: The whole datagram.
        destination: Where to send it, or None when the socket is connected.
        flow: The socket to send it from; with RTCP multiplexing always `Component.RTP` (RFC 5761).
    """

    data: bytes
    destination: Address | None
    flow: Component


class Outbox(Generic[EventT]):
    """Packets and events that wait inside a machine until its runtime pops them.

    Both queues are bounded: a runtime that never pops loses the oldest entries, and the loss is counted.

    Attributes:
        dropped_transmits: Packets lost because nobody popped them.
        dropped_events: Events lost because nobody popped them.
    """

    __slots__ = (
        "_events",
        "_max_events",
        "_max_transmits",
        "_transmits",
        "dropped_events",
        "dropped_transmits",
    )

    def __init__(self, *, max_transmits: int = 256, max_events: int = 1024) -> None:
        """Create two empty queues with their limits."""
        self._transmits: deque[Transmit] = deque()
        self._events: deque[EventT] = deque()
        self._max_transmits = max_transmits
        self._max_events = max_events
        self.dropped_transmits = 0
        self.dropped_events = 0

    def send(self, data: bytes, destination: Address | None, flow: Component) -> None:
        """Queue one packet."""
        if len(self._transmits) >= self._max_transmits:
            self._transmits.popleft()
            self.dropped_transmits += 1
        self._transmits.append(Transmit(data, destination, flow))

    def emit(self, event: EventT) -> None:
        """Queue one event."""
        if len(self._events) >= self._max_events:
            self._events.popleft()
            self.dropped_events += 1
        self._events.append(event)

    def next_transmit(self) -> Transmit | None:
        """Pop the oldest packet, or return None."""
        return self._transmits.popleft() if self._transmits else None

    def next_event(self) -> EventT | None:
        """Pop the oldest event, or return None."""
        return self._events.popleft() if self._events else None

    @property
    def owes(self) -> bool:
        """True while a packet waits to be sent."""
        return bool(self._transmits)

    @property
    def idle(self) -> bool:
        """True when neither a packet nor an event waits."""
        return not self._transmits and not self._events
