"""What a REGISTER that was let in does: it changes bindings at once, or once the user has said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from .answer import success_fields
from .held import Arrival, Change
from .registrar_base import told
from .registrar_events import BindingCause, ChangeHeld
from .registrar_time import RegistrarTime
from .store import StoreError
from .update import Update

if TYPE_CHECKING:
    from .binding import Binding

__all__ = ["RegistrarChanges"]

_Fields = tuple[tuple[str, str], ...]


class RegistrarChanges(RegistrarTime):
    """How bindings change; see `Registrar`.

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

    __slots__ = ()

    def _process(self, aor: str, arrival: Arrival) -> None:
        """Do what a REGISTER wants, or begin to."""
        try:
            fields = self._register(aor, arrival)
        except (RemoteProtocolError, StoreError) as error:
            self._held.settle(arrival)
            self._refuse(arrival.key, arrival.request, error, arrival.username)
            return
        if fields is not None:
            self._held.settle(arrival)
            self._accept(arrival.key, arrival.request, fields)

    def _register(self, aor: str, arrival: Arrival) -> _Fields | None:
        """Return the fields of the 200; None when it is held."""
        request = arrival.request
        update = Update(self._config, request, arrival.source, arrival.address, self._now)
        old = self._locations.load(aor)
        live = tuple([binding for binding in old if binding.expires_at > self._now])
        new = update.apply(live) if request.get("contact") is not None else live
        known = len(self._locations) + self._held.new_addresses
        if not old and new and known >= self._config.max_addresses:
            raise self._overloaded("too many addresses")
        if new != old:
            if self._config.hold_changes:
                self._hold(Change(aor=aor, arrival=arrival, old=old, new=new, outbound=update.outbound))
                return None
            self._save(aor, old, new, BindingCause.REGISTERED, arrival.username)
        return self._fields(arrival, new, outbound=update.outbound)

    def _fields(self, arrival: Arrival, bindings: tuple[Binding, ...], *, outbound: bool) -> _Fields:
        return success_fields(
            self._config, arrival.request, arrival.address, bindings, self._now, outbound=outbound
        )

    # Changes that wait

    def _hold(self, change: Change) -> None:
        if self._held.full:
            raise self._overloaded("too many requests wait")
        self._held.hold(change)
        arrival, (bindings, removed) = change.arrival, told(change.old, change.new)
        self.out.events.append(
            ChangeHeld(
                arrival.number,
                change.aor,
                bindings,
                removed,
                arrival.request,
                arrival.source,
                arrival.username,
            )
        )

    def _go_on(self, held: Change) -> None:
        """Do what had to wait for a change of its address."""
        for source in held.lost:
            self._drop_flow(held.aor, source)
        while (arrival := self._held.next_behind(held)) is not None:
            self._process(held.aor, arrival)
            if (change := self._held.of(held.aor)) is not None:
                self._held.move(held, change)
