"""What a registrar holds, and how it answers (RFC 3261 §10.3, step 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import RemoteProtocolError
from ..machine import Outbox, Transmit
from ..message import build_response
from .admission import Admission
from .binding import Binding, by_preference
from .held import HeldChanges
from .locations import Locations
from .refusal import Refusal
from .registrar_events import BindingCause, BindingsChanged, RegisterRefused, RegistrarEvent
from .store import MemoryBindingStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..auth import DigestServer
    from ..ids import Ids
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .registrar_config import RegistrarConfig
    from .store import BindingStore

__all__ = ["RegistrarBase", "RegistrarStatistics", "told"]

_Fields = tuple[tuple[str, str], ...]


@attrs.define
class RegistrarStatistics:
    """Counters since the start.

    Attributes:
        accepted: REGISTERs answered with 200.
        refused: Those answered with a failure that is no challenge.
        challenged: Those that were challenged.
        expired: Bindings that have expired.
        flows_failed: Bindings whose flow broke.
        overdue: REGISTERs that waited for longer than ``patience``.
    """

    accepted: int = 0
    refused: int = 0
    challenged: int = 0
    expired: int = 0
    flows_failed: int = 0
    overdue: int = 0


class RegistrarBase:
    """Bindings and answers; see `Registrar`.

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

    __slots__ = ("_admission", "_arrivals", "_closing", "_config", "_held", "_ids", "_locations", "_now",
                 "_outbound", "_server", "out", "statistics")  # fmt: skip

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
        self._held = HeldChanges(config.max_held)
        self._arrivals = 0
        self._closing = False
        self._server: _Fields = (("Server", config.software),) if config.software else ()
        self.out: Outbox[RegistrarEvent] = Outbox() if outbox is None else outbox
        self.statistics = RegistrarStatistics()

    def __len__(self) -> int:
        return len(self._locations)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} addresses={len(self._locations)}>"

    @property
    def username(self) -> str:
        """Name in the credentials of the last request, empty without any."""
        return self._admission.username

    @property
    def held(self) -> int:
        """How many REGISTERs wait for the user's word."""
        return len(self._held)

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

    def _clock(self, now: float) -> None:
        self._now = max(self._now, now)

    # Bindings

    def _save(
        self,
        aor: str,
        old: tuple[Binding, ...],
        new: tuple[Binding, ...],
        cause: BindingCause,
        username: str = "",
    ) -> None:
        self._locations.save(aor, old, new)
        bindings, removed = told(old, new)
        touched = [binding for binding in bindings if binding not in old]
        added = tuple([binding for binding in touched if not _has(old, binding)])
        refreshed = tuple([binding for binding in touched if _has(old, binding)])
        self.out.events.append(BindingsChanged(aor, bindings, removed, cause, username, added, refreshed))

    # Answers

    def _accept(self, key: TransactionKey, request: Request, fields: _Fields) -> None:
        self.statistics.accepted += 1
        self._respond(key, request, 200, fields)

    def _refuse(self, key: TransactionKey, request: Request, error: Exception, username: str) -> None:
        """Answer with what an error stands for: its own status, or 500 for that of a store."""
        status = error.status_hint if isinstance(error, RemoteProtocolError) else 500
        fields = error.fields if isinstance(error, Refusal) else ()
        self._note_refusal(request, status, str(error), username)
        self._respond(key, request, status, fields)

    def _respond(
        self, key: TransactionKey, request: Request, status: int, fields: _Fields, reason: str = ""
    ) -> None:
        response = build_response(
            request, status, reason or None, to_tag=self._ids.tag(), extra=(*fields, *self._server)
        )
        self._outbound.layer.respond(key, response, self._now)

    def _note_refusal(self, request: Request, status: int, reason: str, username: str) -> None:
        if status in (401, 407):
            self.statistics.challenged += 1
            if not username:
                return  # the first half of every registration is nothing to tell
        else:
            self.statistics.refused += 1
        self.out.events.append(RegisterRefused(request.get("to") or "", status, reason, username))

    def _overloaded(self, reason: str) -> Refusal:
        return Refusal(503, reason, (("Retry-After", str(self._config.retry_after)),))


def told(
    old: tuple[Binding, ...], new: tuple[Binding, ...]
) -> tuple[tuple[Binding, ...], tuple[Binding, ...]]:
    """Return the bindings that there are now, the preferred first, and those that are gone."""
    removed = tuple([binding for binding in old if not _has(new, binding)])
    return tuple(by_preference(new)), removed


def _has(bindings: tuple[Binding, ...], wanted: Binding) -> bool:
    return any(_same(wanted, other) for other in bindings)


def _same(one: Binding, other: Binding) -> bool:
    return (one.contact, one.instance, one.reg_id) == (other.contact, other.instance, other.reg_id)
