"""What a REGISTER makes of the bindings of an address: all or nothing (RFC 3261 §10.3, steps 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import NameAddr, Uri, parse_uri, uris_equal
from .binding import Binding
from .outbound_rules import instance_id, reg_id, registers_flow
from .refusal import Refusal
from .values import read_q, read_seconds
from .ways import leads_nowhere

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from .registrar_config import RegistrarConfig

__all__ = ["Update"]

_HOUR = 3600
_OWN_PARAMS = frozenset({"expires", "pub-gruu", "temp-gruu"})


class Update:
    """One REGISTER on the bindings of one address.

    Args:
        config: The registrar's.
        request: The request.
        source: Where it came from.
        address: The address of record.
        now: Current time in seconds.

    Attributes:
        outbound: Whether it registers a flow (RFC 5626 §6).
    """

    __slots__ = ("_config", "_now", "_request", "_source", "_times", "_uri", "outbound")

    def __init__(
        self, config: RegistrarConfig, request: Request, source: Endpoint, address: Uri, now: float
    ) -> None:
        self._config = config
        self._request = request
        self._source = source
        self._uri = address
        self._now = now
        self._times = [self._requested(contact) for contact in request.contacts]
        self.outbound = config.outbound and registers_flow(request, self._times)

    def apply(self, current: tuple[Binding, ...]) -> tuple[Binding, ...]:
        """Return the new bindings.

        Args:
            current: The bindings that have not ended.

        Raises:
            Refusal: The request changes nothing.
            ParseError: A header cannot be read.
        """
        if self._request.contact_is_star:
            return self._remove_all(current)
        result = list(current)
        for contact, seconds in zip(self._request.contacts, self._times, strict=True):
            old = self._find(contact, current)
            if old is not None:
                self._check_order(old)
            replaced = self._find(contact, tuple(result))
            result = [binding for binding in result if binding is not replaced]
            if seconds:
                result.append(self._bind(contact, self._granted(seconds)))
        if len(result) > max(self._config.max_bindings, len(current)):
            raise Refusal(403, "too many contacts for one address")
        return tuple(result)

    def _remove_all(self, current: tuple[Binding, ...]) -> tuple[Binding, ...]:
        if read_seconds(self._request.get("expires"), 1):
            raise Refusal(400, "Contact * needs Expires 0")
        for binding in current:
            self._check_order(binding)
        return ()

    def _check_order(self, binding: Binding) -> None:
        """Refuse a request that is older than the binding it would change."""
        if binding.call_id == self._request.call_id and self._request.cseq.number <= binding.cseq:
            raise Refusal(500, "an older request than the one that made the binding")

    def _requested(self, contact: NameAddr) -> int:
        """Return the seconds asked for; what is damaged counts as an hour (RFC 3261 §10.2)."""
        own = contact.param("expires")
        if own is not None:
            return read_seconds(own, _HOUR)
        general = self._request.get("expires")
        return self._config.default_expires if general is None else read_seconds(general, _HOUR)

    def _granted(self, seconds: int) -> int:
        minimum = self._config.min_expires
        if seconds < minimum and seconds < _HOUR:
            raise Refusal(423, "the interval is too brief", (("Min-Expires", str(minimum)),))
        return min(seconds, self._config.max_expires)

    def _find(self, contact: NameAddr, bindings: tuple[Binding, ...]) -> Binding | None:
        """Return the binding of a contact: of its flow (RFC 5626 §6), else of its URI (RFC 3261 §10.3)."""
        flow = reg_id(contact) if self.outbound else None
        if flow is not None:
            instance = instance_id(contact)
            return next((b for b in bindings if b.instance == instance and b.reg_id == flow), None)
        return next((b for b in bindings if uris_equal(parse_uri(b.contact), contact.uri)), None)

    def _bind(self, contact: NameAddr, seconds: int) -> Binding:
        request = self._request
        instance = instance_id(contact)
        if instance:
            self._check_loop(contact)
        return Binding(
            contact=str(parse_uri(str(contact.uri))),
            params=tuple(param for param in contact.params if param[0] not in _OWN_PARAMS),
            q=read_q(contact.param("q")),
            expires_at=self._now + seconds,
            updated_at=self._now,
            call_id=request.call_id,
            cseq=request.cseq.number,
            path=self._path(),
            source=self._source,
            outbound=self.outbound,
            by_source=leads_nowhere(request, contact.uri, self._source),
            instance=instance,
            reg_id=reg_id(contact) if self.outbound else None,
            user_agent=request.get("user-agent") or "",
        )

    def _path(self) -> tuple[str, ...]:
        """Return the Path; one that cannot be followed is refused, as no request would get through."""
        path = tuple(self._request.values("path"))
        for value in path:
            NameAddr.parse(value, "path")
        return path

    def _check_loop(self, contact: NameAddr) -> None:
        """Refuse a contact that leads back to the address (RFC 5627 §5.1)."""
        uri, own = contact.uri, self._uri
        if not isinstance(uri, Uri):
            raise Refusal(403, "a contact with an instance is no SIP address")
        same = uri.user == own.user and uri.host.lower() == own.host.lower()
        if uris_equal(uri, own) or (same and uri.param("gr") is not None):
            raise Refusal(403, "the contact leads back to the address")
