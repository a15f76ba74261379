"""The registrar: it answers REGISTER (RFC 3261 §10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..message import build_response
from .address import address_of_record
from .answer import success_fields
from .refusal import Refusal
from .registrar_base import RegistrarBase
from .registrar_events import BindingCause, RegisterRefused
from .store import StoreError
from .update import Update

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import TransactionKey

__all__ = ["Registrar"]


class Registrar(RegistrarBase):
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
        """Answer a REGISTER.

        Raises:
            LocalProtocolError: It is another request, or its transaction is gone.
        """
        self._clock(now)
        if request.method != "REGISTER":
            raise LocalProtocolError(f"a registrar does not answer {request.method}")
        try:
            status, fields = 200, self._register(request, source)
            self.statistics.accepted += 1
        except RemoteProtocolError as error:
            status, fields = error.status_hint, error.fields if isinstance(error, Refusal) else ()
            self._note_refusal(request, status, str(error))
        except StoreError as error:
            status, fields = 500, ()
            self._note_refusal(request, status, str(error))
        server = (("Server", self._config.software),) if self._config.software else ()
        response = build_response(request, status, to_tag=self._ids.tag(), extra=(*fields, *server))
        self._outbound.layer.respond(key, response, self._now)

    def _note_refusal(self, request: Request, status: int, reason: str) -> None:
        if status in (401, 407):
            self.statistics.challenged += 1
            if not self._admission.username:
                return  # the first half of every registration is nothing to tell
        else:
            self.statistics.refused += 1
        aor = request.get("to") or ""
        self.out.events.append(RegisterRefused(aor, status, reason, self._admission.username))

    def _register(self, request: Request, source: Endpoint) -> tuple[tuple[str, str], ...]:
        if self._closing:
            raise self._overloaded("closing")
        address = self._admission.admit(request, self._now)
        aor = address_of_record(address)
        update = Update(self._config, request, source, address, self._now)
        old = self._locations.load(aor)
        live = tuple([binding for binding in old if binding.expires_at > self._now])
        new = update.apply(live) if request.get("contact") is not None else live
        if not old and new and len(self._locations) >= self._config.max_addresses:
            raise self._overloaded("too many addresses")
        if new != old:
            self._save(aor, old, new, BindingCause.REGISTERED, self._admission.username)
        return success_fields(self._config, request, address, new, self._now, outbound=update.outbound)

    def _overloaded(self, reason: str) -> Refusal:
        return Refusal(503, reason, (("Retry-After", str(self._config.retry_after)),))
