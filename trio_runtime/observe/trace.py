"""The last messages that went in and out, kept for ladder diagrams."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from trio_runtime.base.types import Address
from trio_runtime.observe.scan import scan_call_id

__all__ = ["Trace", "TraceEntry"]


class TraceEntry(NamedTuple):
    """One datagram.

    Attributes:
        time: Seconds on the clock when it was sent or received.
        sender: Address it came from.
        receiver: Address it went to.
        data: The whole datagram.
        lost: True when it is known not to have arrived.
    """

    time: float
    sender: Address
    receiver: Address
    data: bytes
    lost: bool = False


class Trace:
    """A bounded memory of datagrams; the oldest falls out and is counted.

    Attributes:
        dropped: Entries that fell out.
        taps: Each gets every datagram as well, at once; they must be quick and must not raise.
    """

    __slots__ = ("_entries", "_max_entries", "dropped", "taps")

    def __init__(self, max_entries: int = 1_000) -> None:
        """Keep `max_entries`; with 0 nothing is kept and nothing counted."""
        self._entries: deque[TraceEntry] = deque(maxlen=max_entries)
        self._max_entries = max_entries
        self.dropped = 0
        self.taps: list[Callable[[TraceEntry], None]] = []

    def record(
        self, time: float, sender: Address, receiver: Address, data: bytes, *, lost: bool = False
    ) -> None:
        """Remember one datagram."""
        if not self._max_entries and not self.taps:
            return
        entry = TraceEntry(time, sender, receiver, data, lost)
        for tap in self.taps:
            tap(entry)
        if not self._max_entries:
            return
        if len(self._entries) == self._max_entries:
            self.dropped += 1
        self._entries.append(entry)

    def for_call(self, call_id: str) -> list[TraceEntry]:
        """Return the entries of one Call-ID, the oldest first."""
        wanted = call_id.encode("utf-8", "surrogateescape")
        return [entry for entry in self._entries if scan_call_id(entry.data) == wanted]

    def clear(self) -> None:
        """Forget every entry; the counter stays."""
        self._entries.clear()

    def __iter__(self) -> Iterator[TraceEntry]:
        """Iterate over the entries, the oldest first."""
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._entries)
