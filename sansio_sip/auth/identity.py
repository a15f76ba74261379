"""Identity: signing a request, and checking the signature of one (RFC 8224, RFC 8588)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import LocalProtocolError, ParseError, RemoteProtocolError
from ..headers.date import format_date, parse_date
from ..message import Params, quote_string, unquote_string
from ..message.params import find_param, parse_params
from .identity_claims import destination_of, media_keys, originator_of
from .passport import parse_passport, signing_input, write_passport

if TYPE_CHECKING:
    from ..message import Request
    from .identity_claims import NumberRule
    from .passport import Claims, Json, Passport

__all__ = ["FRESHNESS", "IdentityHeader", "Signer", "base_claims", "read_identities", "sign_identity"]

FRESHNESS = 60.0
"""Seconds that the Date of a request may be wrong (RFC 8224 §4.1, §6.2)."""

Signer: TypeAlias = Callable[[bytes], bytes]
"""Signs octets with the key of the credential; ES256 gives 64 octets, r and s (RFC 8225 §4.2)."""

_EXTENSION_NEEDS_FULL = "an extension or claims of one need the full form (RFC 8224 §6.1)"


@attrs.frozen
class IdentityHeader:
    """One Identity header field.

    Attributes:
        passport: The token.
        info: URI of the credential.
        alg: Signature algorithm.
        ppt: Name of the extension, such as ``shaken``; empty for none.
    """

    passport: Passport
    info: str
    alg: str = "ES256"
    ppt: str = ""

    @classmethod
    def parse(cls, text: str) -> IdentityHeader:
        """Read a value.

        Raises:
            ParseError: It has no token or no ``info`` (status 436 or 438).
        """
        token, _, rest = text.partition(";")
        params: Params = parse_params(rest, "identity")
        info = (find_param(params, "info") or "").strip()
        if not (info.startswith("<") and info.endswith(">") and len(info) > 2):
            raise ParseError(
                "Identity without info", error_class="header-syntax", rule="RFC 8224 §4", header="identity",
                status_hint=436,
            )  # fmt: skip
        alg, ppt = find_param(params, "alg") or "ES256", find_param(params, "ppt") or ""
        return cls(parse_passport(token.strip()), info[1:-1], unquote_string(alg), unquote_string(ppt))


def read_identities(request: Request) -> list[IdentityHeader]:
    """Return the Identity headers that can be read; the others count as not there (RFC 8224 §6.2.1)."""
    found: list[IdentityHeader] = []
    for value in request.get_all("identity"):
        try:
            found.append(IdentityHeader.parse(value))
        except ParseError:
            continue
    return found


def base_claims(request: Request, iat: int, number_rule: NumberRule | None = None) -> dict[str, Json]:
    """Return the claims that a request itself makes (RFC 8224 §4.1).

    Args:
        request: The request.
        iat: Wall time in seconds at which it was made.
        number_rule: Makes local numbers international ones; None leaves them.

    Raises:
        ParseError: From or To cannot be read.
    """
    claims: dict[str, Json] = {
        "orig": originator_of(request, number_rule),
        "dest": destination_of(request, number_rule),
        "iat": iat,
    }
    keys = media_keys(request.body)
    if keys:
        claims["mky"] = keys
    return claims


def passport_header(info: str, alg: str, ppt: str) -> dict[str, Json]:
    """Return the header's object of a token (RFC 8224 §4.1)."""
    header: dict[str, Json] = {"alg": alg, "typ": "passport", "x5u": info}
    if ppt:
        header["ppt"] = ppt
    return header


def sign_identity(
    request: Request,
    signer: Signer,
    *,
    info: str,
    wall_time: float,
    alg: str = "ES256",
    ppt: str = "",
    claims: Claims | None = None,
    compact: bool = False,
    number_rule: NumberRule | None = None,
) -> None:
    """Add an Identity header, and a Date where there is none (RFC 8224 §6.1).

    Whether the sender may use its From address is the caller's to know.

    Args:
        request: The request.
        signer: Signs with the credential's key.
        info: URI from which the credential can be had.
        wall_time: Seconds since 1970.
        alg: Signature algorithm.
        ppt: Name of an extension, such as ``shaken``.
        claims: Claims of the extension, such as ``attest`` and ``origid``.
        compact: Whether only the signature is sent.
        number_rule: Makes local numbers international ones; None leaves them.

    Raises:
        RemoteProtocolError: The Date of the request is wrong by more than a minute (403).
        LocalProtocolError: The compact form with an extension, or ``info`` cannot stand in a header.
    """
    if compact and (ppt or claims):
        raise LocalProtocolError(_EXTENSION_NEEDS_FULL)
    if not info or any(character in info for character in '<>" \t'):
        raise LocalProtocolError(f"info {info!r} is no URI")
    date = request.get("date")
    iat = int(wall_time) if date is None else parse_date(date)
    if abs(wall_time - iat) > FRESHNESS:
        raise RemoteProtocolError("Stale Date", status_hint=403)
    payload = {**dict(claims or {}), **base_claims(request, iat, number_rule)}
    signed = signing_input(passport_header(info, alg, ppt), payload)
    token = write_passport(signed, signer(signed.encode()), compact=compact)
    value = f"{token};info=<{info}>;alg={alg}"
    request.add("Identity", f"{value};ppt={quote_string(ppt)}" if ppt else value)
    if date is None:
        request.add("Date", format_date(iat))
