"""Configuration of a compositor, checked when it is made."""

from __future__ import annotations

import attrs

from .package import DIALOG, MESSAGE_SUMMARY, PRESENCE, EventPackage

__all__ = ["CompositorConfig"]


@attrs.frozen(kw_only=True)
class CompositorConfig:
    """What a compositor serves and puts up with.

    Attributes:
        packages: The event packages; their minimum and maximum intervals hold for publications.
        domains: Hosts whose resources are served; empty for all.
        max_publications: Publications at once; more get 503.
        max_per_resource: Publications of one resource at once; more get 503.
        retry_after: Seconds that a 503 asks to wait (RFC 3903 §9).
    """

    packages: tuple[EventPackage, ...] = (PRESENCE, DIALOG, MESSAGE_SUMMARY)
    domains: frozenset[str] = frozenset()
    max_publications: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    max_per_resource: int = attrs.field(default=32, validator=attrs.validators.ge(1))
    retry_after: int = attrs.field(default=60, validator=attrs.validators.ge(0))
