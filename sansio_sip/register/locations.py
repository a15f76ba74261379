"""The store of a registrar with its timers and its flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expiry import ExpiryQueue

if TYPE_CHECKING:
    from ..machine import Endpoint
    from .binding import Binding
    from .store import BindingStore

__all__ = ["Locations"]

_STORE_RETRY = 10.0


class Locations:
    """Bindings by address, by time and by flow.

    Args:
        store: Where they are kept; what it has is taken over.
    """

    __slots__ = ("_by_flow", "_queue", "_store")

    def __init__(self, store: BindingStore) -> None:
        self._store = store
        self._queue = ExpiryQueue()
        self._by_flow: dict[Endpoint, dict[str, None]] = {}
        for aor in store.addresses():
            self._index(aor, (), store.load(aor))

    def __len__(self) -> int:
        return len(self._store)

    @property
    def deadline(self) -> float | None:
        """When the next binding ends."""
        return self._queue.deadline

    def load(self, aor: str) -> tuple[Binding, ...]:
        """Return the bindings of an address, ended ones included."""
        return self._store.load(aor)

    def save(self, aor: str, old: tuple[Binding, ...], new: tuple[Binding, ...]) -> None:
        """Replace the bindings of an address."""
        self._store.save(aor, new)
        self._index(aor, old, new)

    def _index(self, aor: str, old: tuple[Binding, ...], new: tuple[Binding, ...]) -> None:
        self.queue(aor, new)
        for source in {binding.source for binding in old if binding.outbound}:
            addresses = self._by_flow.get(source, {})
            addresses.pop(aor, None)
            if not addresses:
                self._by_flow.pop(source, None)
        for binding in new:
            if binding.outbound:
                self._by_flow.setdefault(binding.source, {})[aor] = None

    def queue(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        """Look at an address when the first of its bindings ends."""
        self._queue.set(aor, min((binding.expires_at for binding in bindings), default=None))

    def addresses_of(self, source: Endpoint) -> tuple[str, ...]:
        """Return the addresses with outbound bindings over a flow."""
        return tuple(self._by_flow.get(source, ()))

    def pop_due(self, now: float) -> str | None:
        """Remove and return an address with a binding that has ended from the queue; save it next."""
        return self._queue.pop_due(now)

    def postpone(self, aor: str, now: float) -> None:
        """Look at an address again later, when the store works again."""
        self._queue.set(aor, now + _STORE_RETRY)
