"""What a SIP machine has to have for the runtime to carry between it and the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sansio_sip.machine import Endpoint, Transmit
    from sansio_sip.message import Request, Response
    from sansio_sip.resolve import Record

__all__ = ["EventT_co", "SipMachine"]

EventT_co = TypeVar("EventT_co", covariant=True)


class SipMachine(Protocol[EventT_co]):
    """An agent, a proxy, or whatever else speaks SIP over all transports; see `Agent` for each member."""

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""

    def next_event(self) -> EventT_co | None:
        """Pop one event."""

    @property
    def deadline(self) -> float | None:
        """When `handle_timeout` has work, in seconds."""

    @property
    def closed(self) -> bool:
        """Whether nothing is owed to any peer any more."""

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""

    def close(self, now: float) -> None:
        """Begin the end."""

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take a datagram."""

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take a message of a connection."""

    def receive_malformed(
        self, partial: Request | Response | None, cause: str, status_hint: int, source: Endpoint, now: float
    ) -> None:
        """Take what cannot be read."""

    def flow_failed(
        self, destination: Endpoint, cause: str, now: float, unsent: Iterable[bytes] = ()
    ) -> None:
        """Take note that nothing can be sent to a destination."""

    def receive_dns_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Take the answer to a question."""

    def dns_failed(self, question: int, now: float) -> None:
        """Take note that there is no answer."""

    def measured_queue_time(self, seconds: float, now: float) -> None:
        """Take note how long messages wait now before they are read."""
