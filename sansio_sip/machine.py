"""The one shape of every protocol machine, and the values that cross its edges."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Endpoint", "Machine", "Outbox", "Transmit", "earliest"]

EventT = TypeVar("EventT")
EventT_co = TypeVar("EventT_co", covariant=True)


class Endpoint(NamedTuple):
    """Where a message came from or goes to.

    Attributes:
        transport: ``UDP``, ``TCP``, ``TLS``, ``WS`` or ``WSS``, as in a Via.
        host: Numeric address without brackets.
        port: Port number.
        flow: What the runtime calls the connection or listening socket; never looked into.
        server_name: Domain that the certificate of the far end has to name, over TLS (RFC 5922 §7.2); empty
            where nobody asks.
    """

    transport: str
    host: str
    port: int
    flow: Hashable = None
    server_name: str = ""

    @property
    def reliable(self) -> bool:
        """Whether the transport keeps messages in order and loses none (RFC 3261 §17)."""
        return self.transport != "UDP"

    def meets(self, other: Endpoint) -> bool:
        """Return whether what happened to one also happened to the other.

        Two connections are two even between the same addresses; two packets over UDP share their way.
        """
        if self.flow is not None and other.flow is not None and self.reliable:
            return self.flow == other.flow
        same_name = self.server_name == other.server_name or not (self.server_name and other.server_name)
        return self[:3] == other[:3] and same_name


class Transmit(NamedTuple):
    """One packet to send.

    Attributes:
        data: The octets.
        destination: Where they go; its ``flow`` names the socket to use when there is one.
    """

    data: bytes
    destination: Endpoint

    @property
    def flow(self) -> Hashable:
        """The flow to send on, ``None`` when the runtime may choose."""
        return self.destination.flow


class Outbox(Generic[EventT]):
    """What a machine has to say: packets first, then events.

    A parent gives its own outbox to its children, so that it never has to search them.
    """

    __slots__ = ("events", "transmits")

    def __init__(self) -> None:
        self.transmits: deque[Transmit] = deque()
        self.events: deque[EventT] = deque()

    def next_transmit(self) -> Transmit | None:
        """Pop the next packet to send."""
        return self.transmits.popleft() if self.transmits else None

    def next_event(self) -> EventT | None:
        """Pop the next event."""
        return self.events.popleft() if self.events else None


def earliest(*deadlines: float | None) -> float | None:
    """Return the earliest of some deadlines in seconds, ``None`` when nobody has one."""
    first = None
    for deadline in deadlines:
        if deadline is not None and (first is None or deadline < first):
            first = deadline
    return first


class Machine(Protocol[EventT_co]):
    """The members that every protocol machine has; `docs/` lists the laws they obey."""

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send, or ``None``."""
        ...

    def next_event(self) -> EventT_co | None:
        """Pop one event, or ``None``."""
        ...

    @property
    def deadline(self) -> float | None:
        """Absolute time in seconds at which `handle_timeout` has work, or ``None``."""
        ...

    def handle_timeout(self, now: float) -> None:
        """Run everything that is due at ``now``."""
        ...

    def close(self, now: float) -> None:
        """Start the graceful end; may be called again without effect."""
        ...

    @property
    def closed(self) -> bool:
        """Whether nothing is owed to anybody any more."""
        ...
