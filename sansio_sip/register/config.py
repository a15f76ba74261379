"""Configuration of a registration, checked when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from ..errors import ParseError
from ..message import NameAddr, Uri

if TYPE_CHECKING:
    from ..auth import Credentials

    _Contacts = tuple[str, ...]

__all__ = ["BackOff", "RegistrationConfig"]

_positive = attrs.validators.gt(0.0)


@attrs.frozen(kw_only=True)
class BackOff:
    """How long to wait after failures (RFC 5626 §4.5).

    Attributes:
        base_time: Seconds that are doubled for each failure, while no other flow is up.
        base_time_other_flows: The same while another flow of the account is registered.
        max_time: Upper bound in seconds.
    """

    base_time: float = attrs.field(default=30.0, validator=_positive)
    base_time_other_flows: float = attrs.field(default=90.0, validator=_positive)
    max_time: float = attrs.field(default=1800.0, validator=_positive)

    def upper_bound(self, failures: int, *, other_flows: bool) -> float:
        """Return the longest wait in seconds after so many failures in a row; half of it is the shortest."""
        base = self.base_time_other_flows if other_flows else self.base_time
        return min(self.max_time, base * 2.0 ** min(failures, 32))


def _is_address(_config: object, field: attrs.Attribute[str], value: str) -> None:
    if not value and field.name == "on_behalf_of":
        return
    try:
        address = NameAddr.parse(value)
    except ParseError as error:
        raise ValueError(f"{field.name} {value!r} is no address: {error}") from error
    if not isinstance(address.uri, Uri) or address.tag:
        raise ValueError(f"{field.name} {value!r} is no sip or sips address, or has a tag")


def _is_registrar(_config: object, field: attrs.Attribute[str], value: str) -> None:
    try:
        named = not value or Uri.parse(value).user is None
    except ParseError as error:
        raise ValueError(f"{field.name}: {error}") from error
    if not named:
        raise ValueError(f"{field.name} {value!r} names a user (RFC 3261 §10.2)")


def _are_name_addrs(_config: object, field: attrs.Attribute[_Contacts], value: _Contacts) -> None:
    if not value and field.name == "contacts":
        raise ValueError("contacts is empty: there is nothing to register")
    for text in value:
        try:
            NameAddr.parse(text)
        except ParseError as error:
            raise ValueError(f"{field.name}: {text!r}: {error}") from error


def _is_time(_config: object, field: attrs.Attribute[int], value: int) -> None:
    if not 0 < value < 2**32:
        raise ValueError(f"{field.name} {value} is not in 1..2**32-1")


def _fits_outbound(config: RegistrationConfig, field: attrs.Attribute[int | None], value: int | None) -> None:
    if value is None:
        return
    if not 0 < value < 2**31:
        raise ValueError(f"{field.name} {value} is not in 1..2**31-1")
    if not config.instance or len(config.contacts) != 1 or config.on_behalf_of:
        raise ValueError(
            f"{field.name} needs an instance, exactly one contact, and no on_behalf_of (RFC 5626 §4.2, §6)"
        )


@attrs.frozen(kw_only=True)
class RegistrationConfig:
    """What is registered, where, and for how long.

    Attributes:
        address: Address of record as a To value, such as ``<sip:alice@example.com>``.
        contacts: Contact values, each with its own parameters such as ``q`` where wanted.
        registrar: Request-URI without a user; empty for the domain of ``address`` (RFC 3261 §10.2.6).
        on_behalf_of: From value of who registers for ``address``; empty when it is itself.
        expires: Seconds to ask for.
        route: Route values of an outbound proxy, topmost first.
        credentials: What challenges are answered with.
        instance: URN of this phone for ``+sip.instance`` (RFC 5626 §4.1), or empty.
        reg_id: Number of this flow (RFC 5626 §4.2), or None to register without outbound.
        software: Value of User-Agent; empty to send none.
        back_off: How long to wait after failures.
    """

    address: str = attrs.field(validator=_is_address)
    contacts: _Contacts = attrs.field(validator=_are_name_addrs)
    registrar: str = attrs.field(default="", validator=_is_registrar)
    on_behalf_of: str = attrs.field(default="", validator=_is_address)
    expires: int = attrs.field(default=3600, validator=_is_time)
    route: _Contacts = attrs.field(default=(), validator=_are_name_addrs)
    credentials: tuple[Credentials, ...] = ()
    instance: str = ""
    reg_id: int | None = attrs.field(default=None, validator=_fits_outbound)
    software: str = ""
    back_off: BackOff = attrs.field(factory=BackOff)

    @property
    def request_uri(self) -> str:
        """Request-URI of every REGISTER: scheme, host and port of the registrar."""
        if self.registrar:
            return self.registrar
        uri = cast("Uri", NameAddr.parse(self.address).uri)  # the validator has seen to it
        return str(Uri(uri.scheme, uri.host, port=uri.port))
