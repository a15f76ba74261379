"""REGISTERs without an answer: a change that waits for a word, and what has come for its address since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..machine import Endpoint

if TYPE_CHECKING:
    from ..message import Request, Uri
    from ..transaction import TransactionKey
    from .binding import Binding

__all__ = ["Arrival", "Change", "HeldChanges"]


@attrs.define(eq=False, kw_only=True)
class Arrival:
    """A REGISTER that was let in.

    Attributes:
        number: Counts them.
        key: Its transaction.
        request: The request.
        source: Where it came from.
        address: The address of record.
        username: Whose password the phone knows.
        due: When it is answered at the latest.
    """

    number: int
    key: TransactionKey
    request: Request
    source: Endpoint
    address: Uri
    username: str
    due: float


@attrs.define(eq=False, kw_only=True)
class Change:
    """What one REGISTER makes of the bindings of an address, once somebody has said so.

    Attributes:
        aor: The address of record.
        arrival: The REGISTER.
        old: The bindings as they are, and stay meanwhile.
        new: The bindings then.
        outbound: Whether it registers a flow.
        behind: What has come for the address since, by number.
        lost: Flows that are gone since.
    """

    aor: str
    arrival: Arrival
    old: tuple[Binding, ...]
    new: tuple[Binding, ...]
    outbound: bool
    behind: dict[int, Arrival] = attrs.field(factory=dict[int, Arrival])
    lost: dict[Endpoint, None] = attrs.field(factory=dict[Endpoint, None])


class HeldChanges:
    """All of them, one change an address.

    Args:
        limit: How many REGISTERs may wait.

    Attributes:
        new_addresses: Changes of addresses that have no bindings yet.
    """

    __slots__ = ("_by_aor", "_by_number", "_limit", "_open", "_places", "new_addresses")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_aor: dict[str, Change] = {}
        self._by_number: dict[int, Change] = {}
        self._open: dict[int, Arrival] = {}  # without an answer, in the order in which they are due
        self._places: dict[int, Change] = {}  # of those that wait behind a change
        self.new_addresses = 0

    def __len__(self) -> int:
        return len(self._by_number) + len(self._places)

    @property
    def full(self) -> bool:
        """Whether no more may wait."""
        return len(self) >= self._limit

    @property
    def deadline(self) -> float | None:
        """When the first of them has waited for long enough."""
        return next(iter(self._open.values())).due if self._open else None

    def of(self, aor: str) -> Change | None:
        """Return the change of an address."""
        return self._by_aor.get(aor)

    def find(self, number: int) -> Change | None:
        """Return a change by its number."""
        return self._by_number.get(number)

    def hold(self, change: Change) -> None:
        """Keep a change."""
        self._by_aor[change.aor] = self._by_number[change.arrival.number] = change
        self._open.setdefault(change.arrival.number, change.arrival)
        self.new_addresses += not change.old

    def wait(self, change: Change, arrival: Arrival) -> None:
        """Let a REGISTER wait behind a change of its address."""
        change.behind[arrival.number] = arrival
        self._places[arrival.number] = change
        self._open[arrival.number] = arrival

    def over(self, source: Endpoint) -> list[Change]:
        """Return the changes of addresses with bindings over a flow, old or new ones."""
        return [
            change
            for change in self._by_aor.values()
            if any(binding.source == source for binding in (*change.old, *change.new))
        ]

    def drop(self, change: Change) -> None:
        """Take a change out; what waits behind it is up to `next_behind`."""
        del self._by_number[change.arrival.number], self._by_aor[change.aor]
        self.new_addresses -= not change.old

    def next_behind(self, change: Change) -> Arrival | None:
        """Take out the next one that waits behind a change."""
        if not change.behind:
            return None
        arrival = change.behind.pop(next(iter(change.behind)))
        del self._places[arrival.number]
        return arrival

    def move(self, before: Change, after: Change) -> None:
        """Let those that wait behind a change wait behind the next one of the address."""
        after.behind, before.behind = before.behind, {}
        self._places.update(dict.fromkeys(after.behind, after))

    def settle(self, arrival: Arrival) -> bool:
        """Take note that a REGISTER is answered now; return whether it had no answer yet."""
        return self._open.pop(arrival.number, None) is not None

    def pop_due(self, now: float) -> Arrival | None:
        """Take out a REGISTER that has waited for long enough; one that is the change itself stays that."""
        deadline = self.deadline
        return None if deadline is None or deadline > now else self.pop_open()

    def pop_open(self) -> Arrival | None:
        """Take out the oldest REGISTER without an answer."""
        if not self._open:
            return None
        arrival = self._open.pop(next(iter(self._open)))
        change = self._places.pop(arrival.number, None)
        if change is not None:
            del change.behind[arrival.number]
        return arrival
