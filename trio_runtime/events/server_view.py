"""What every server shows of itself: where it listens, and what happens in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.types import Address
    from trio_runtime.events.bus import EventBus
    from trio_runtime.events.stream import EventStream, Overflow

__all__ = ["ServerView"]

EventT = TypeVar("EventT")


class ServerView(Generic[EventT]):
    """Addresses and events of a coordinator, a proxy, or whatever else listens.

    Args:
        bus: Carries its events.
    """

    def __init__(self, bus: EventBus[EventT]) -> None:
        self._bus = bus

    def __repr__(self) -> str:
        where = ", ".join(f"{host}:{port}" for host, port in self.bound_addresses) or "not open"
        return f"<{type(self).__name__} {where}{self._doing()}>"

    def _doing(self) -> str:
        """Return what it is busy with, after a comma, for `repr`."""
        return ""

    @property
    def listening(self) -> list[Listener]:
        """Its listeners with the addresses and ports that peers use; empty before it is open."""
        raise NotImplementedError

    @property
    def bound_addresses(self) -> list[Address]:
        """The addresses that peers reach it at; empty before it is open."""
        return list(dict.fromkeys((each.host, each.port) for each in self.listening))

    def subscribe(
        self,
        wanted: Callable[[EventT], bool] | None = None,
        *,
        max_events: int = 1_024,
        overflow: Overflow = "oldest",
    ) -> EventStream[EventT]:
        """Return a stream of events from now on; see `EventBus.subscribe`."""
        return self._bus.subscribe(wanted, max_events=max_events, overflow=overflow)
