"""The address of record as an index (RFC 3261 §10.3, step 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..message import Uri, unescape
from .refusal import Refusal

if TYPE_CHECKING:
    from ..message import AnyUri

__all__ = ["address_of_record", "instance_of", "is_own_address", "public_gruu"]


def address_of_record(uri: AnyUri) -> str:
    """Return the canonical form: no parameters, no password, escapes undone, host in lower case.

    Raises:
        Refusal: It is no ``sip`` or ``sips`` URI (400; RFC 3261 §10.2, RFC 4475 §3.3.4).
    """
    if not isinstance(uri, Uri):
        raise Refusal(400, "the address of record is no SIP address")
    user = "" if uri.user is None else f"{unescape(uri.user)}@"
    host = f"[{uri.host.lower()}]" if uri.is_ipv6 else uri.host.lower()
    port = "" if uri.port is None else f":{uri.port}"
    return f"{uri.scheme}:{user}{host}{port}"


def public_gruu(uri: Uri, instance: str) -> str:
    """Return the public GRUU of a phone: its address with a ``gr`` parameter (RFC 5627 §5.1, §5.4)."""
    value = quote(instance, safe=":", errors="surrogateescape")
    return str(Uri(uri.scheme, uri.host, uri.user, port=uri.port, params=(("gr", value),)))


def instance_of(uri: AnyUri) -> str:
    """Return the instance that a public GRUU names, or nothing."""
    return (uri.param("gr") or "") if isinstance(uri, Uri) else ""


def is_own_address(username: str, address: AnyUri) -> bool:
    """Return whether a user name is that of an address of record, with its host or without."""
    if not isinstance(address, Uri) or address.user is None:
        return False
    user = unescape(address.user)
    return username in (user, f"{user}@{address.host.lower()}")
