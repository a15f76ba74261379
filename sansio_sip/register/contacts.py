"""The Contact values that a registration sends, and what the registrar made of them (RFC 3261 §10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..message import NameAddr, Uri, quote_string, uris_equal
from .values import read_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..message import Response
    from .config import RegistrationConfig

__all__ = ["Grant", "contact_values", "read_grant"]


class Grant(NamedTuple):
    """What a 2xx gives us: seconds, 0 when it has no contact of ours, and GRUUs."""

    expires: int
    pub_gruu: str = ""
    temp_gruu: str = ""


def contact_values(config: RegistrationConfig, expires: int, *, outbound: bool) -> list[str]:
    """Return the Contact values of one REGISTER.

    Args:
        config: The registration.
        expires: Seconds to ask for; 0 removes the contacts (§10.2.2).
        outbound: Whether ``reg-id`` is sent.
    """
    values: list[str] = []
    for text in config.contacts:
        contact = NameAddr.parse(text)
        if config.instance and not config.on_behalf_of:
            contact = contact.with_param("+sip.instance", quote_string(f"<{config.instance}>"))
        if outbound:
            contact = contact.with_param("reg-id", str(config.reg_id))
        values.append(str(contact.with_param("expires", str(expires))))
    return values


def read_grant(config: RegistrationConfig, response: Response, asked: int, sent: Sequence[NameAddr]) -> Grant:
    """Return what a 2xx grants: the shortest time of our own contacts (§10.2.4).

    A registrar behind a border controller may name other contacts than we sent, or none: then the
    Expires header counts, and without any contact what we asked for.

    Args:
        config: The registration.
        response: The 2xx.
        asked: Seconds that were asked for.
        sent: The contacts as they were sent: their addresses may depend on the way of the request.

    Raises:
        ParseError: A Contact cannot be read.
    """
    contacts = response.contacts
    own = _own(config, contacts, sent)
    general = response.get("expires")
    default = asked if general is None else read_seconds(general, asked)
    if not own:
        return Grant(default if general is not None or not contacts else 0)
    times = [read_seconds(contact.param("expires"), default) for contact in own]
    first = own[0]
    return Grant(min(times), first.param("pub-gruu") or "", first.param("temp-gruu") or "")


def _own(
    config: RegistrationConfig, contacts: Sequence[NameAddr], sent: Sequence[NameAddr]
) -> list[NameAddr]:
    mine = [contact.uri for contact in sent]
    if config.instance:
        found = [contact for contact in contacts if _is_instance(contact, config)]
        if found:
            return found
    found = [contact for contact in contacts if any(uris_equal(contact.uri, uri) for uri in mine)]
    if found:
        return found
    # Behind a NAT some registrars show the address that they saw instead of ours.
    users = {uri.user for uri in mine if isinstance(uri, Uri)}
    return [contact for contact in contacts if isinstance(contact.uri, Uri) and contact.uri.user in users]


def _is_instance(contact: NameAddr, config: RegistrationConfig) -> bool:
    if (contact.param("+sip.instance") or "").strip("<>").lower() != config.instance.lower():
        return False
    reg_id = contact.param("reg-id")
    return config.reg_id is None or reg_id is None or reg_id == str(config.reg_id)
