"""Configuration of pager-mode messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..auth import Credentials

__all__ = ["PagerConfig"]


@attrs.frozen(kw_only=True)
class PagerConfig:
    """What is sent and taken.

    Attributes:
        software: Value of User-Agent and Server; empty to send neither.
        credentials: What challenges are answered with.
        content_types: Media types that can be shown, in lower case; others get 415.
        relay: Whether messages are only stored for somebody else: they get 202 instead of 200.
        max_size: Octets of a MESSAGE outside of calls. More than 1,300 needs the knowledge that every
            hop has congestion control (RFC 3428 §8).
        max_waiting: Messages that wait for one before them to be answered, all together.
    """

    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    content_types: tuple[str, ...] = ("text/plain",)
    relay: bool = False
    max_size: int = attrs.field(default=1_300, validator=attrs.validators.ge(256))
    max_waiting: int = attrs.field(default=1_000, validator=attrs.validators.ge(0))
