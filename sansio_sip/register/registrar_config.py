"""Configuration of a registrar, checked when it is made."""

from __future__ import annotations

import attrs

from ..errors import ParseError
from ..message import NameAddr

__all__ = ["RegistrarConfig"]

_ge_one = attrs.validators.ge(1)


def _are_routes(_config: object, field: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]) -> None:
    for route in value:
        try:
            NameAddr.parse(route, "service-route")
        except ParseError as error:
            raise ValueError(f"{field.name}: {route!r}: {error}") from error


def _is_maximum(config: RegistrarConfig, field: attrs.Attribute[int], value: int) -> None:
    if not 0 < config.min_expires <= config.default_expires <= value < 2**32:
        raise ValueError(
            f"{field.name}: 0 < min_expires <= default_expires <= max_expires < 2**32 does not hold"
        )


@attrs.frozen(kw_only=True)
class RegistrarConfig:
    """What a registrar serves and what it puts up with.

    Attributes:
        domains: Lower-case hosts whose users may register; empty for every one.
        min_expires: Seconds below which a registration is too brief (423), if also below an hour.
        default_expires: Seconds for who asks for no time.
        max_expires: Seconds that are never exceeded.
        max_bindings: Contacts of one address; more get 403.
        max_addresses: Addresses with contacts; more get 503.
        retry_after: Seconds that a 503 asks to wait.
        service_route: Route values that a 200 gives to the phone, topmost first (RFC 3608 §6.3).
        require_path_support: Whether a Path is refused with 420 when the phone does not say that it
            supports Path (RFC 3327 §5.3).
        outbound: Whether flows of phones are kept (RFC 5626 §6).
        flow_timer: Seconds within which an outbound flow needs keep-alives, or None to send no Flow-Timer.
        gruu: Whether phones get a public GRUU (RFC 5627 §5).
        hold_changes: Whether each change of bindings by a REGISTER waits for `Registrar.confirm`, as while it
            is written to a store of the user's own; `ChangeHeld` tells of it.
        patience: Seconds after which a REGISTER that still waits is answered with 503.
        max_held: REGISTERs that wait at once; more get 503.
        epoch: Wall time in seconds at ``now`` 0, for the Date header, or None to send none.
        software: Value of Server; empty to send none.
    """

    domains: frozenset[str] = frozenset()
    min_expires: int = 60
    default_expires: int = 3600
    max_expires: int = attrs.field(default=7200, validator=_is_maximum)
    max_bindings: int = attrs.field(default=10, validator=_ge_one)
    max_addresses: int = attrs.field(default=100_000, validator=_ge_one)
    retry_after: int = attrs.field(default=60, validator=attrs.validators.ge(0))
    service_route: tuple[str, ...] = attrs.field(default=(), validator=_are_routes)
    require_path_support: bool = True
    outbound: bool = True
    flow_timer: int | None = attrs.field(default=None, validator=attrs.validators.optional(_ge_one))
    gruu: bool = True
    hold_changes: bool = False
    patience: float = attrs.field(default=10.0, validator=[attrs.validators.gt(0), attrs.validators.lt(32)])
    max_held: int = attrs.field(default=10_000, validator=_ge_one)
    epoch: float | None = None
    software: str = ""
