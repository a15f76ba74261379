"""PASSporT: the signed token that says who calls whom and when (RFC 8225)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TypeAlias, cast

import attrs

from ..errors import ParseError

__all__ = [
    "Claims",
    "Json",
    "Passport",
    "canonical_json",
    "parse_passport",
    "signing_input",
    "write_passport",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A JSON value."""

Claims: TypeAlias = Mapping[str, Json]
"""A JSON object: the header or the payload of a token."""

_LONGEST = 8_192  # no Identity header of a whole message is longer


@attrs.frozen
class Passport:
    """A token as received.

    Attributes:
        header: The header's object, None in the compact form.
        payload: The payload's object, None in the compact form.
        signature: The signature's octets.
        signed: The text that was signed, empty in the compact form.
    """

    header: Claims | None
    payload: Claims | None
    signature: bytes
    signed: str = ""

    @property
    def compact(self) -> bool:
        """Whether only the signature was sent (RFC 8225 §7)."""
        return self.payload is None


def canonical_json(value: Json) -> str:
    """Write JSON in the one form that can be signed: keys in order, no white space (RFC 8225 §9)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signing_input(header: Claims, payload: Claims) -> str:
    """Return what is signed: header and payload in base64url with a dot between (RFC 8225 §6)."""
    return ".".join(_encode(canonical_json(dict(part)).encode()) for part in (header, payload))


def write_passport(signed: str, signature: bytes, *, compact: bool) -> str:
    """Return the token as text (RFC 8225 §6, §7)."""
    return f"{'.' if compact else signed}.{_encode(signature)}"


def parse_passport(text: str) -> Passport:
    """Read a token.

    Raises:
        ParseError: It has not three parts, or one is not base64url of what it should be.
    """
    parts = text.split(".")
    if len(parts) != 3 or len(text) > _LONGEST or not parts[2]:
        raise _bad("a token has three parts and a signature")
    signature = _decode(parts[2])
    if not parts[0] and not parts[1]:
        return Passport(None, None, signature)
    return Passport(_object(parts[0]), _object(parts[1]), signature, f"{parts[0]}.{parts[1]}")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("a part is not base64url") from error


def _object(text: str) -> Claims:
    try:
        value: object = json.loads(_decode(text))
    except (ValueError, RecursionError) as error:
        raise _bad("a part is not JSON") from error
    if not isinstance(value, dict):
        raise _bad("a part is not a JSON object")
    return cast("Claims", value)


def _bad(message: str) -> ParseError:
    return ParseError(
        message, error_class="header-syntax", rule="RFC 8225 §6", header="identity", status_hint=438
    )
