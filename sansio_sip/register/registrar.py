"""The registrar: it answers REGISTER (RFC 3261 §10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..message.fields import checked_field, checked_text
from .address import address_of_record
from .held import Arrival
from .registrar_changes import RegistrarChanges
from .registrar_events import BindingCause
from .store import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import TransactionKey
    from .held import Change

__all__ = ["Registrar"]


class Registrar(RegistrarChanges):
    """Answers REGISTER and knows where users are.

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

    def receive_request(self, key: TransactionKey, request: Request, source: Endpoint, now: float) -> None:
        """Answer a REGISTER, or hold it until the user has spoken.

        Raises:
            LocalProtocolError: It is another request, or its transaction is gone.
        """
        self._clock(now)
        if request.method != "REGISTER":
            raise LocalProtocolError(f"a registrar does not answer {request.method}")
        try:
            if self._closing:
                raise self._overloaded("closing")
            address = self._admission.admit(request, self._now)
            aor = address_of_record(address)
        except RemoteProtocolError as error:
            self._refuse(key, request, error, self._admission.username)
            return
        self._arrivals += 1
        arrival = Arrival(
            number=self._arrivals,
            key=key,
            request=request,
            source=source,
            address=address,
            username=self._admission.username,
            due=self._now + self._config.patience,
        )
        change = self._held.of(aor)
        if change is None:
            self._process(aor, arrival)
        elif self._held.full:
            self._refuse(key, request, self._overloaded("too many requests wait"), arrival.username)
        else:
            self._held.wait(change, arrival)

    # Changes that were held

    def confirm(self, change: int, now: float) -> None:
        """Let a change that was held count from now on, and answer its REGISTER with 200.

        Args:
            change: Its number.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: There is no such change.
        """
        held = self._find(change)
        self._clock(now)
        self._held.drop(held)
        arrival = held.arrival
        unanswered = self._held.settle(arrival)
        try:
            self._save(held.aor, held.old, held.new, BindingCause.REGISTERED, arrival.username)
        except StoreError as error:
            self._locations.queue(held.aor, held.old)
            if unanswered:
                self._refuse(arrival.key, arrival.request, error, arrival.username)
        else:
            if unanswered:
                fields = self._fields(arrival, held.new, outbound=held.outbound)
                self._accept(arrival.key, arrival.request, fields)
        self._go_on(held)

    def refuse(
        self,
        change: int,
        status_code: int,
        now: float,
        *,
        reason: str = "",
        fields: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Drop a change that was held, and answer its REGISTER with a failure.

        Args:
            change: Its number.
            status_code: 300 to 699.
            now: Current time in seconds.
            reason: Reason phrase; that of the status when empty.
            fields: More header fields of the answer.

        Raises:
            LocalProtocolError: There is no such change, the status is no failure, or a value cannot stand
                in a message.
        """
        held, more = self._find(change), tuple(fields)
        if not 300 <= status_code <= 699:
            raise LocalProtocolError(f"{status_code} is no status that refuses a REGISTER")
        checked_text(reason, "reason")
        for name, value in more:
            checked_field(name, value)
        self._clock(now)
        self._held.drop(held)
        self._locations.queue(held.aor, held.old)  # what has expired meanwhile is due again
        arrival = held.arrival
        if self._held.settle(arrival):
            self._note_refusal(arrival.request, status_code, reason, arrival.username)
            self._respond(arrival.key, arrival.request, status_code, more, reason)
        self._go_on(held)

    def _find(self, number: int) -> Change:
        held = self._held.find(number)
        if held is None:
            raise LocalProtocolError(f"no change {number} is held")
        return held
