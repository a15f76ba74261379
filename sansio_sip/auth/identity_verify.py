"""Checking an Identity header against the request that carries it (RFC 8224 §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import RemoteProtocolError
from ..headers.date import parse_date
from .identity import FRESHNESS, base_claims, passport_header
from .passport import signing_input

if TYPE_CHECKING:
    from ..message import Request
    from .identity import IdentityHeader
    from .identity_claims import NumberRule
    from .passport import Claims, Json

__all__ = ["IdentityFault", "SignatureCheck", "verify_identity"]

SignatureCheck: TypeAlias = Callable[[bytes, bytes], bool]
"""Tells whether the second octets are the credential's signature of the first."""

_ATTESTATIONS = ("A", "B", "C")  # RFC 8588 §4: full, partial, gateway


@attrs.frozen
class IdentityFault:
    """Why an Identity header proves nothing.

    Attributes:
        status_code: 403 for a stale Date, 428 for an unknown extension, 438 for the rest; what to send if
            local policy refuses the request (RFC 8224 §6.2.2). 436 and 437 are the caller's, who gets the
            credential.
        reason: Phrase for the answer.
    """

    status_code: int
    reason: str


class _FaultError(Exception):
    def __init__(self, status_code: int, reason: str) -> None:
        super().__init__(reason)
        self.fault = IdentityFault(status_code, reason)


_INVALID = "Invalid Identity Header"


def verify_identity(
    request: Request,
    identity: IdentityHeader,
    check: SignatureCheck,
    *,
    wall_time: float,
    freshness: float = FRESHNESS,
    extensions: Collection[str] = ("shaken",),
    number_rule: NumberRule | None = None,
) -> Claims | IdentityFault:
    """Check one Identity header.

    That the credential is trusted, has not run out and covers the caller's number or domain is checked by
    who fetched it (RFC 8224 §6.2, step 3).

    Args:
        request: The request.
        identity: The header, of `read_identities`.
        check: Checks a signature with the credential that ``info`` names.
        wall_time: Seconds since 1970.
        freshness: Seconds that Date and ``iat`` may be wrong.
        extensions: Extensions that are understood.
        number_rule: Makes local numbers international ones; None leaves them.

    Returns:
        The claims that are proved, or what is wrong.
    """
    try:
        if identity.ppt and identity.ppt not in extensions:
            raise _FaultError(428, "Use Supported PASSporT Format")
        iat = _fresh_time(request, identity, wall_time, freshness)
        claims = base_claims(request, iat, number_rule)
        header = passport_header(identity.info, identity.alg, identity.ppt)
        signed = signing_input(header, claims)
        payload = identity.passport.payload
        if payload is not None:
            _compare(identity, header, payload, claims)
            claims, signed = dict(payload), identity.passport.signed
        if identity.ppt:
            _check_extension(identity, claims)
        if not check(signed.encode(), identity.passport.signature):
            raise _FaultError(438, _INVALID)
    except _FaultError as error:
        return error.fault
    except RemoteProtocolError:
        return IdentityFault(438, _INVALID)  # From, To or Date cannot be read
    return claims


def _fresh_time(request: Request, identity: IdentityHeader, wall_time: float, freshness: float) -> int:
    """Return the time that was signed: ``iat`` in the full form, else the Date (§6.2, step 4)."""
    date = request.get("date")
    payload = identity.passport.payload
    times: list[int] = [] if date is None else [parse_date(date)]
    if payload is not None:
        iat = payload.get("iat")
        if not isinstance(iat, int) or isinstance(iat, bool):
            raise _FaultError(438, "Invalid PASSporT")
        times.append(iat)
    if not times:
        raise _FaultError(438, _INVALID)
    if any(abs(wall_time - time) > freshness for time in times):
        raise _FaultError(403, "Stale Date")
    return times[-1]


def _compare(identity: IdentityHeader, header: Claims, payload: Claims, claims: Claims) -> None:
    """Check that the token is about this request: who calls whom comes from SIP only (§6.2.4)."""
    sent = identity.passport.header or {}
    if any(sent.get(key) != value for key, value in header.items()) or ("ppt" in sent) != bool(identity.ppt):
        raise _FaultError(438, _INVALID)
    if payload.get("orig") != claims["orig"] or not _covers(payload.get("dest"), claims["dest"]):
        raise _FaultError(438, _INVALID)
    if payload.get("mky") != claims.get("mky"):
        raise _FaultError(438, _INVALID)


def _covers(signed: Json, own: Json) -> bool:
    """Return whether the signed destinations hold ours; a meshed conference may have more (§4.1)."""
    if not isinstance(signed, dict) or not isinstance(own, dict):
        return False
    for kind, values in own.items():
        there = signed.get(kind)
        if not isinstance(there, list) or not isinstance(values, list):
            return False
        if not all(value in there for value in values):
            return False
    return True


def _check_extension(identity: IdentityHeader, claims: Claims) -> None:
    """Check the claims that an extension must have; those of SHAKEN are known here (RFC 8588 §4, §5)."""
    if identity.passport.compact:
        raise _FaultError(438, "Invalid PASSporT")
    if identity.ppt != "shaken":
        return
    origid = claims.get("origid")
    if claims.get("attest") not in _ATTESTATIONS or not isinstance(origid, str) or not origid:
        raise _FaultError(438, "Invalid PASSporT")
