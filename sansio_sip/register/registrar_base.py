"""What a registrar knows: where users are, and until when (RFC 3261 §10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import LocalProtocolError, ProtocolError
from ..machine import Outbox, Transmit
from ..message import parse_uri
from .address import address_of_record, instance_of
from .admission import Admission
from .binding import Binding, by_preference
from .locations import Locations
from .registrar_events import BindingCause, BindingsChanged, RegistrarEvent
from .store import MemoryBindingStore, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..auth import DigestServer
    from ..ids import Ids
    from ..machine import Endpoint
    from ..outbound import Outbound
    from .registrar_config import RegistrarConfig
    from .store import BindingStore

__all__ = ["RegistrarBase", "RegistrarStatistics"]


@attrs.define
class RegistrarStatistics:
    """Counters since the start."""

    accepted: int = 0
    refused: int = 0
    challenged: int = 0
    expired: int = 0
    flows_failed: int = 0


class RegistrarBase:
    """Bindings with their timers and flows; see `Registrar`.

    Args:
        config: See `RegistrarConfig`.
        now: Current time in seconds.
        ids: Makes tags.
        outbound: Gives the layer that answers go through.
        store: Where bindings are kept; memory when None. What it has is taken over.
        authenticator: Judges credentials; None lets everybody register.
        may_register: Tells whether a user name may register an address of record; by default its own.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ("_admission", "_closing", "_config", "_ids", "_locations", "_now", "_outbound", "out",
                 "statistics")  # fmt: skip

    def __init__(
        self,
        config: RegistrarConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        store: BindingStore | None = None,
        authenticator: DigestServer | None = None,
        may_register: Callable[[str, str], bool] | None = None,
        outbox: Outbox[RegistrarEvent] | None = None,
    ) -> None:
        self._config = config
        self._ids = ids
        self._outbound = outbound
        self._now = now
        self._locations = Locations(MemoryBindingStore() if store is None else store)
        self._admission = Admission(config, authenticator, may_register)
        self._closing = False
        self.out: Outbox[RegistrarEvent] = Outbox() if outbox is None else outbox
        self.statistics = RegistrarStatistics()

    def __len__(self) -> int:
        return len(self._locations)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} addresses={len(self._locations)}>"

    @property
    def deadline(self) -> float | None:
        """When the next binding ends; a closed registrar leaves that to whoever opens the store next."""
        return None if self._closing else self._locations.deadline

    @property
    def closed(self) -> bool:
        """Whether `close` was called; nothing is owed to anybody, what is open the layer ends."""
        return self._closing

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self._outbound.layer.next_transmit()

    def next_event(self) -> RegistrarEvent | None:
        """Pop one event."""
        return self.out.next_event()

    def close(self, now: float) -> None:
        """Refuse every REGISTER from now on with 503; bindings stay where they are."""
        self._clock(now)
        self._closing = True

    def _clock(self, now: float) -> None:
        self._now = max(self._now, now)

    def _save(
        self,
        aor: str,
        old: tuple[Binding, ...],
        new: tuple[Binding, ...],
        cause: BindingCause,
        username: str = "",
    ) -> None:
        self._locations.save(aor, old, new)
        removed = tuple([binding for binding in old if not any(_same(binding, other) for other in new)])
        now = tuple(by_preference(new))
        self.out.events.append(BindingsChanged(aor, now, removed, cause, username))

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
        """Drop every binding that has ended."""
        self._clock(now)
        while not self._closing and (aor := self._locations.pop_due(self._now)) is not None:
            self._drop(aor, lambda binding: binding.expires_at <= self._now, BindingCause.EXPIRED)

    def flow_failed(self, source: Endpoint, now: float) -> None:
        """Drop every binding whose requests would have to use a flow that is gone (RFC 5626 §7)."""
        self._clock(now)
        for aor in self._locations.addresses_of(source):
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


def _same(one: Binding, other: Binding) -> bool:
    return (one.contact, one.instance, one.reg_id) == (other.contact, other.instance, other.reg_id)
