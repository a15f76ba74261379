"""Our own addresses as they stand in messages: one for each transport, family and socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import NameAddr, Uri
from .own_contact import Place, contact_at, move_contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..machine import Endpoint
    from ..message import Request, Response

__all__ = ["OwnAddress", "OwnAddresses"]

_MAX_REMEMBERED = 4_096
_STREAMS = frozenset({"TCP", "TLS"})


@attrs.frozen(kw_only=True)
class OwnAddress:
    """One address that we send from, and as a rule listen on.

    Attributes:
        transport: As in a Via.
        host: Numeric address, or a name, that peers reach it at.
        port: Port.
        flow: Name of the UDP socket, where there are several.
        listens: Whether connections are taken there.
        any_interface: Whether ``host`` is only the best guess, and the address depends on the peer.
    """

    transport: str
    host: str
    port: int
    flow: str | None = None
    listens: bool = True
    any_interface: bool = False


@attrs.frozen
class _Written:
    """An address as it is written into messages."""

    via: str
    contact: str
    secure_contact: str
    place: Place


class OwnAddresses:
    """Chooses the Via and the Contact of each message by where it goes (RFC 3261 §18.1.1, §8.1.1.8).

    Args:
        sent_by: For each transport the host and port of its first address.
        contact: Contact value of the first address. It stands in every message, unless there are ``more``.
        more: All addresses, where more is known of them; each then has a Contact of its own.
        local_host: Gives our address towards a host; asked for addresses of ``any_interface``.

    Attributes:
        replaces_contact: Whether the two ways to finish a message have anything to do.
    """

    # fmt: off
    __slots__ = ("_addresses", "_contact", "_contact_uri", "_first", "_local_host", "_single", "_written",
                 "replaces_contact")
    # fmt: on

    def __init__(
        self,
        sent_by: Mapping[str, tuple[str, int]],
        contact: str = "",
        more: Iterable[OwnAddress] = (),
        local_host: Callable[[str], str] | None = None,
    ) -> None:
        addresses = list(more)
        known = {address.transport for address in addresses}
        addresses += [
            OwnAddress(transport=transport, host=host, port=port, listens=False)
            for transport, (host, port) in sent_by.items()
            if transport not in known
        ]
        self._local_host = local_host
        self._contact = contact
        uri = NameAddr.parse(contact).uri if contact and known else None
        self._contact_uri = uri if isinstance(uri, Uri) else None
        self.replaces_contact = self._contact_uri is not None
        self._addresses: dict[str, list[OwnAddress]] = {}
        for address in addresses:
            self._addresses.setdefault(address.transport, []).append(address)
        self._first = addresses[0]
        # What has one address of a transport, as most programs have, is written once.
        self._single: dict[str, _Written] = {
            transport: self._write(found[0], found[0].host)
            for transport, found in self._addresses.items()
            if len(found) == 1 and (local_host is None or not found[0].any_interface)
        }
        self._written: dict[tuple[int, str], _Written] = {}

    def __len__(self) -> int:
        """Return how many addresses are remembered as they are written."""
        return len(self._written)

    def via(self, endpoint: Endpoint) -> str:
        """Return the Via of a request to ``endpoint`` up to the value of its branch."""
        single = self._single.get(endpoint.transport)
        return (self._look(endpoint) if single is None else single).via

    def host(self, endpoint: Endpoint) -> str:
        """Return the address of this machine that a peer reaches by the way to ``endpoint``, or nothing."""
        if endpoint.transport not in self._addresses:
            return ""
        host = (self._single.get(endpoint.transport) or self._look(endpoint)).place.host
        if host.endswith(".invalid"):  # RFC 7118 §5: by a WebSocket there is none to connect to
            return "" if self._local_host is None else self._local_host(endpoint.host)
        return host

    def finish_request(self, request: Request, endpoint: Endpoint) -> None:
        """Name the address in each Contact of ours that belongs to the way of a request."""
        secure = request.uri.startswith("sips:")
        own = self._contact_uri
        written = self._replace(request, endpoint, secure=secure)
        if written is not None and own is not None:
            move_contacts(request, own, written.place, secure=secure)  # of other users, and of a REGISTER

    def finish_response(self, response: Response, request: Request | None, endpoint: Endpoint) -> None:
        """Name the address in Contact that belongs to the way of a response."""
        secure = request is not None and request.uri.startswith("sips:")
        self._replace(response, endpoint, secure=secure)

    def _replace(self, message: Request | Response, endpoint: Endpoint, *, secure: bool) -> _Written | None:
        """Replace the Contact that stands in most messages; return how we are written if it is another."""
        present = message.get("contact")
        if present is None or self._contact_uri is None or endpoint.transport not in self._addresses:
            return None
        written = self._single.get(endpoint.transport) or self._look(endpoint)
        contact = written.secure_contact if secure else written.contact
        if contact == self._contact:
            return None
        if present != self._contact:
            return written
        message.set("Contact", contact)
        return None

    def _look(self, endpoint: Endpoint) -> _Written:
        candidates = self._addresses[endpoint.transport]
        address = candidates[0] if len(candidates) == 1 else _choose(candidates, endpoint)
        host = address.host
        if address.any_interface and self._local_host is not None:
            host = self._local_host(endpoint.host) or host  # each time: routes change
        key = (id(address), host)
        found = self._written.get(key)
        if found is None:
            if len(self._written) >= _MAX_REMEMBERED:
                del self._written[next(iter(self._written))]
            found = self._written[key] = self._write(address, host)
        return found

    def _write(self, address: OwnAddress, host: str) -> _Written:
        transport = address.transport
        bracketed = f"[{host}]" if ":" in host else host
        # A peer that answers by the connection may use it for requests too (RFC 5923 §4).
        alias = ";alias" if address.listens and transport in _STREAMS else ""
        via = f"SIP/2.0/{transport} {bracketed}:{address.port};rport{alias};branch="
        place = Place(transport, host, address.port)
        uri = self._contact_uri
        if uri is None:
            return _Written(via, "", "", place)
        contact = self._contact
        if address is not self._first or host != address.host:
            contact = contact_at(uri, place, secure=False)
        secure = contact_at(uri, place, secure=True) if transport in ("TLS", "WSS") else contact
        return _Written(via, contact, secure, place)


def _choose(candidates: list[OwnAddress], endpoint: Endpoint) -> OwnAddress:
    """Return the address of the socket that is named, else the first of the family."""
    same_socket = [each for each in candidates if each.flow == endpoint.flow and each.flow is not None]
    six = ":" in endpoint.host
    same_family = [each for each in candidates if (":" in each.host) is six]
    return (same_socket or same_family or candidates)[0]
