"""Configuration of a proxy, checked when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..admission import AdmissionConfig
from ..limits import Limits
from ..message import ParseMode
from ..resolve import ResolverConfig
from ..transaction import TimerConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..auth import AuthenticationConfig
    from ..register import RegistrarConfig

    _SentBy = Mapping[str, tuple[str, int]]

__all__ = ["ProxyConfig"]

_TRANSPORTS = frozenset({"UDP", "TCP", "TLS", "WS", "WSS"})


def _are_transports(_config: object, field: attrs.Attribute[_SentBy], value: _SentBy) -> None:
    if not value or not value.keys() <= _TRANSPORTS:
        raise ValueError(f"{field.name} names no transport, or others than {', '.join(sorted(_TRANSPORTS))}")


def _lower(values: frozenset[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)


@attrs.frozen(kw_only=True)
class ProxyConfig:
    """What a proxy is responsible for and what it puts up with.

    Attributes:
        sent_by: For each transport that exists, the host and port for Via and Record-Route.
        domains: Domains whose users the router knows, such as ``example.com``; those of the registrar are
            among them.
        hosts: More names of the proxy itself, as they may stand in a Route or Request-URI.
        relay_foreign: Whether a request outside of dialogs that is for none of our domains is forwarded to
            where it says, as an outbound proxy does it; otherwise it gets 403.
        record_route: Whether it stays on the path of the dialogs it helps to make.
        recurse: Whether it tries the contacts of a 3xx itself instead of handing them back (§16.7).
        caller_preferences: Whether contacts are chosen as callers prefer, where the router gives their
            capabilities (RFC 3841 §7).
        redirect_on_request: Whether a caller that asks for it gets the addresses of our users instead of
            a forwarded request (RFC 3841 §9.1).
        schemes: URI schemes that it understands; others get 416.
        options: Option tags that it understands in Proxy-Require; others get 420.
        timer_c: Seconds that an INVITE may ring, more than 180 (§16.6 item 11).
        max_breadth: Branches at once that one request may have (RFC 5393 §5.3.3).
        serialise_wide_forks: Whether a fork wider than Max-Breadth allows is done piece by piece;
            otherwise it gets 440.
        max_targets: Targets that one request may ever have.
        max_contexts: Requests at once; more get 503.
        max_transactions: Server transactions at once; more get 503.
        retry_after: Seconds that a 503 asks a client to wait.
        resolver: How names are resolved, and how long what failed is avoided (RFC 3263).
        timers: Timer values.
        limits: Limits on messages.
        admission: How much is taken on, and from whom; None takes on everything. What counts as a call is
            an INVITE outside of dialogs that has no final response yet.
        registrar: Whose phones register here, on the same port; None routes a REGISTER like any request.
        authentication: Who is asked for a password: phones by the registrar, with 401, and those who call in
            the name of a user of our domains, with 407. None asks nobody.
        mode: Whether deviations of peers are forgiven.
    """

    sent_by: _SentBy = attrs.field(validator=_are_transports)
    domains: frozenset[str] = attrs.field(default=frozenset(), converter=_lower)
    hosts: frozenset[str] = attrs.field(default=frozenset(), converter=_lower)
    relay_foreign: bool = True
    record_route: bool = True
    recurse: bool = False
    caller_preferences: bool = True
    redirect_on_request: bool = False
    schemes: frozenset[str] = attrs.field(default=frozenset({"sip", "sips", "tel"}), converter=_lower)
    options: frozenset[str] = attrs.field(default=frozenset(), converter=_lower)
    timer_c: float = attrs.field(default=185.0, validator=attrs.validators.gt(180))
    max_breadth: int = attrs.field(default=60, validator=attrs.validators.ge(1))
    serialise_wide_forks: bool = True
    max_targets: int = attrs.field(default=64, validator=attrs.validators.ge(1))
    max_contexts: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    max_transactions: int = attrs.field(default=1_000_000, validator=attrs.validators.ge(1))
    retry_after: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    resolver: ResolverConfig = attrs.field(factory=ResolverConfig)
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    limits: Limits = attrs.field(factory=Limits)
    admission: AdmissionConfig | None = None
    registrar: RegistrarConfig | None = None
    authentication: AuthenticationConfig | None = None
    mode: ParseMode = ParseMode.LENIENT
