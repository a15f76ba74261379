"""What a registrar does by itself: it forgets what has ended, and who waits for too long gets an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ProtocolError
from ..machine import earliest
from ..message import parse_uri
from .address import address_of_record, instance_of
from .binding import Binding, by_preference
from .registrar_base import RegistrarBase
from .registrar_events import BindingCause
from .store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..machine import Endpoint

__all__ = ["RegistrarTime"]


class RegistrarTime(RegistrarBase):
    """Bindings with their timers and flows; see `Registrar` for the arguments."""

    __slots__ = ()

    @property
    def deadline(self) -> float | None:
        """When the next binding ends; a closed registrar leaves that to whoever opens the store next."""
        return None if self._closing else earliest(self._locations.deadline, self._held.deadline)

    def close(self, now: float) -> None:
        """Refuse every REGISTER from now on with 503; bindings stay where they are."""
        self._clock(now)
        self._closing = True
        while (arrival := self._held.pop_open()) is not None:
            self._refuse(arrival.key, arrival.request, self._overloaded("closing"), arrival.username)

    # Lookup

    def lookup(self, uri: str, now: float) -> list[Binding]:
        """Return where a user is, the preferred contact first.

        Args:
            uri: Address of record, or a public GRUU, which names one of the user's phones.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: It is no address of record.
            StoreError: The store could not be read.
        """
        self._clock(now)
        try:
            typed = parse_uri(uri)
            bindings = self._locations.load(address_of_record(typed))
        except ProtocolError as error:
            raise LocalProtocolError(str(error)) from error
        instance = instance_of(typed)
        return by_preference(
            [b for b in bindings if b.expires_at > self._now and instance in ("", b.instance)]
        )

    # Time and flows

    def handle_timeout(self, now: float) -> None:
        """Drop every binding that has ended, and answer who has waited for too long."""
        self._clock(now)
        while not self._closing and (aor := self._locations.pop_due(self._now)) is not None:
            if self._held.of(aor) is None:  # else the end of the change looks after it
                self._drop(aor, lambda binding: binding.expires_at <= self._now, BindingCause.EXPIRED)
        while not self._closing and (arrival := self._held.pop_due(self._now)) is not None:
            self.statistics.overdue += 1
            self._refuse(arrival.key, arrival.request, self._overloaded("no answer"), arrival.username)

    def flow_failed(self, source: Endpoint, now: float) -> None:
        """Drop every binding whose requests would have to use a flow that is gone (RFC 5626 §7)."""
        self._clock(now)
        for change in self._held.over(source):
            change.lost[source] = None
        for aor in self._locations.addresses_of(source):
            if self._held.of(aor) is None:
                self._drop_flow(aor, source)

    def _drop_flow(self, aor: str, source: Endpoint) -> None:
        self._drop(aor, lambda b: b.outbound and b.source == source, BindingCause.FLOW_FAILED)

    def _drop(self, aor: str, ended: Callable[[Binding], bool], cause: BindingCause) -> None:
        try:
            old = self._locations.load(aor)
            new = tuple([binding for binding in old if not ended(binding)])
            if new == old:  # a store that could not be written before
                self._locations.save(aor, old, new)
            else:
                self._save(aor, old, new, cause)
        except StoreError:
            self._locations.postpone(aor, self._now)  # `lookup` leaves them out in the meantime
            return
        gone = len(old) - len(new)
        if cause is BindingCause.EXPIRED:
            self.statistics.expired += gone
        else:
            self.statistics.flows_failed += gone
