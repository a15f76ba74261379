"""Configuration of a server that authenticates, checked when it is made."""

from __future__ import annotations

import attrs

from .digest import is_supported

__all__ = ["DigestServerConfig"]

_Names = tuple[str, ...]
_QOPS = ("auth", "auth-int")


def _is_plain(_config: object, field: attrs.Attribute[str], value: str) -> None:
    if (not value and field.name == "realm") or not value.isprintable() or '"' in value or "\\" in value:
        raise ValueError(f"{field.name} {value!r} is empty, or holds quotes, backslashes or controls")


def _are_algorithms(_config: object, field: attrs.Attribute[_Names], value: _Names) -> None:
    if not value or not all(is_supported(name) for name in value):
        raise ValueError(f"{field.name} {value!r}: one is not supported, or there is none")
    if len({name.lower() for name in value}) != len(value):
        raise ValueError(f"{field.name} {value!r}: each may be there once (RFC 8760 §2.3)")


def _are_qops(_config: object, field: attrs.Attribute[_Names], value: _Names) -> None:
    if not value or not set(value) <= set(_QOPS):
        raise ValueError(f"{field.name} {value!r} holds others than auth and auth-int, or nothing")


@attrs.frozen(kw_only=True)
class DigestServerConfig:
    """What is protected, and how.

    Attributes:
        realm: Name of what is protected, shown to users; the domain as a rule.
        algorithms: Offered algorithms, the most preferred first. SHA-512-256 is left out by default: few
            phones have it, and SHA-256 is no weaker in practice.
        qops: Offered qualities of protection.
        opaque: Text that clients send back, or empty.
        proxy: Whether requests are challenged with 407 as a proxy does, else with 401.
        allow_no_qop: Whether clients of RFC 2069 are let in (RFC 3261 §22.4); each nonce is good for one
            request of theirs.
        max_credentials: How many credentials of one request are looked at.
    """

    realm: str = attrs.field(validator=_is_plain)
    algorithms: _Names = attrs.field(default=("SHA-256", "MD5"), validator=_are_algorithms)
    qops: _Names = attrs.field(default=("auth",), validator=_are_qops)
    opaque: str = attrs.field(default="", validator=_is_plain)
    proxy: bool = False
    allow_no_qop: bool = True
    max_credentials: int = attrs.field(default=4, validator=attrs.validators.ge(1))
