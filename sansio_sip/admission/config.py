"""Limits on new work, checked when they are made."""

from __future__ import annotations

import ipaddress
from typing import Any

import attrs

__all__ = ["SCANNERS", "AdmissionConfig"]

SCANNERS = (
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sundayddr",
    "pplsip",
    "iwar",
)
"""What stands in the User-Agent of programs that look for open servers and weak passwords."""


def _is_rate(_config: object, field: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{field.name} must be above 0, not {value}")


def _is_count(_config: object, field: attrs.Attribute[Any], value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{field.name} must be at least 1, not {value}")


def _are_networks(_config: object, field: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]) -> None:
    for text in value:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise ValueError(f"{field.name}: {text!r} is no address or network") from error


@attrs.frozen(kw_only=True)
class AdmissionConfig:
    """What is taken on, and from whom; ``None`` is no limit.

    A source is an IPv4 address, or the /64 of an IPv6 address, in which one host has all addresses.

    Attributes:
        calls_per_second: New calls a second, all sources together.
        burst: New calls that may come at once where ``calls_per_second`` is kept on the whole.
        max_queue_time: Seconds that messages may wait before they are read; when they wait longer for 0.3 s
            without a break, or once 2.5 times as long, no new work is begun while they do, so that what has
            begun is done in time. It has to stay well below T1: who waits longer sends everything twice.
        max_calls_per_source: Calls at once that came from one source.
        calls_per_second_per_source: New calls a second from one source, with bursts of as many.
        requests_per_second_per_source: New requests of any method a second from one source, outside of
            dialogs, with bursts of as many.
        max_calls_per_user: Calls at once that came in for one user; more get 486.
        trusted: Addresses and networks for which no limit per source holds and no ban, as a proxy in front.
        scanners: Words in a User-Agent whose requests are dropped without an answer; case does not matter.
        ban_after: Faults in a row, none more than ``ban_time`` after the one before, after which nothing is
            read from a source; 0 bans nobody.
        ban_time: Seconds that a ban lasts.
        max_sources: Sources whose rate or faults are remembered; the one longest silent is forgotten.
        max_refused: Refused INVITEs that are remembered, so that their repeats and ACKs cost nothing.
        retry_after: Seconds that a 503 asks to wait.
    """

    calls_per_second: float | None = attrs.field(default=None, validator=_is_rate)
    burst: int = attrs.field(default=100, validator=attrs.validators.ge(1))
    max_queue_time: float | None = attrs.field(default=0.2, validator=_is_rate)
    max_calls_per_source: int | None = attrs.field(default=None, validator=_is_count)
    calls_per_second_per_source: float | None = attrs.field(default=None, validator=_is_rate)
    requests_per_second_per_source: float | None = attrs.field(default=None, validator=_is_rate)
    max_calls_per_user: int | None = attrs.field(default=None, validator=_is_count)
    trusted: tuple[str, ...] = attrs.field(default=(), validator=_are_networks)
    scanners: tuple[str, ...] = SCANNERS
    ban_after: int = attrs.field(default=30, validator=attrs.validators.ge(0))
    ban_time: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    max_sources: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    max_refused: int = attrs.field(default=32_768, validator=attrs.validators.ge(1))
    retry_after: int = attrs.field(default=5, validator=attrs.validators.ge(0))
