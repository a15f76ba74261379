"""Whether a certificate is that of the domain that was asked for (RFC 5922)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ..errors import ParseError
from ..message import Uri, parse_uri

__all__ = ["certificate_identities", "is_certificate_of"]


def certificate_identities(alternative_names: Iterable[tuple[str, str]], common_name: str = "") -> list[str]:
    """Return the SIP domains and addresses that a certificate stands for (RFC 5922 §7.1).

    A SIP URI names a domain when it has no user. Only where there is none do DNS names count, and the common
    name only where there are no alternative names at all.

    Args:
        alternative_names: Kind (``URI``, ``DNS``, ``IP Address``) and value of each subjectAltName.
        common_name: CN of the subject, empty when there is none.
    """
    names = [(kind.upper(), value) for kind, value in alternative_names]
    if not names:
        return [common_name.lower()] if common_name else []
    domains = [domain for kind, value in names if kind == "URI" and (domain := _domain_of(value))]
    if not domains:
        domains = [value.lower() for kind, value in names if kind == "DNS"]
    return domains + [
        address for kind, value in names if kind == "IP ADDRESS" and (address := _address(value))
    ]


def is_certificate_of(identities: Iterable[str], server_name: str) -> bool:
    """Return whether one of the identities is the wanted domain or address, as a whole.

    Letter case means nothing and neither does a final dot; a wildcard stands for nothing but itself (RFC 5922
    §7.2), so who can get a certificate for one host of a domain cannot speak for the domain.
    """
    wanted = _address(server_name) or server_name.lower().rstrip(".")
    return any(identity.rstrip(".") == wanted for identity in identities)


def _domain_of(value: str) -> str:
    try:
        uri = parse_uri(value)
    except ParseError:
        return ""
    if not isinstance(uri, Uri) or uri.scheme != "sip" or uri.user is not None:
        return ""
    return uri.host.lower()


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        return ""
