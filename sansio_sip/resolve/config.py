"""Configuration of a resolver, checked when it is made."""

from __future__ import annotations

import attrs

__all__ = ["ResolverConfig"]

_Names = tuple[str, ...]
_ALLOWED = {
    "transports": frozenset({"UDP", "TCP", "TLS", "WS", "WSS"}),
    "families": frozenset({"A", "AAAA"}),
}
_ge_one = attrs.validators.ge(1)
_positive = attrs.validators.gt(0.0)
_not_negative = attrs.validators.ge(0.0)


def _are_known(_config: object, field: attrs.Attribute[_Names], value: _Names) -> None:
    allowed = _ALLOWED[field.name]
    if not value or not allowed.issuperset(value) or len(set(value)) != len(value):
        raise ValueError(
            f"{field.name} {value!r} is empty, or holds others than {sorted(allowed)}, or one twice"
        )


@attrs.frozen(kw_only=True)
class ResolverConfig:
    """What a resolver may use and remember.

    Attributes:
        transports: Those that exist, the preferred first.
        families: Address records to ask for, the preferred first: ``A``, ``AAAA`` or both. Whoever knows
            the host's interfaces and the rules of RFC 6724 sets it (RFC 6157 §5).
        timeout: Seconds for a whole lookup.
        max_lookups: Lookups at once; more fail.
        max_targets: Targets of one lookup; what a domain names beyond is left out.
        max_cached: Answers that are remembered.
        max_ttl: Longest time in seconds that one is remembered, whatever the DNS says.
        negative_ttl: Seconds that an answer without records is remembered.
        max_blacklisted: Failed targets that are remembered.
        blacklist_time: Seconds that a failed target is tried last.
        max_blacklist_time: Longest time in seconds that one is, whatever its Retry-After says.
        deterministic: Whether servers of one priority are always in the same order (RFC 3263 §4.4).
    """

    transports: _Names = attrs.field(default=("UDP", "TCP", "TLS"), validator=_are_known)
    families: _Names = attrs.field(default=("A", "AAAA"), validator=_are_known)
    timeout: float = attrs.field(default=10.0, validator=_positive)
    max_lookups: int = attrs.field(default=10_000, validator=_ge_one)
    max_targets: int = attrs.field(default=32, validator=_ge_one)
    max_cached: int = attrs.field(default=10_000, validator=_ge_one)
    max_ttl: float = attrs.field(default=86_400.0, validator=_positive)
    negative_ttl: float = attrs.field(default=30.0, validator=_not_negative)
    max_blacklisted: int = attrs.field(default=10_000, validator=_ge_one)
    blacklist_time: float = attrs.field(default=30.0, validator=_positive)
    max_blacklist_time: float = attrs.field(default=3_600.0, validator=_positive)
    deterministic: bool = False
