"""What all calls of one agent have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..transaction import TimerConfig

if TYPE_CHECKING:
    from ..auth import Credentials

__all__ = ["InviteConfig"]


@attrs.frozen(kw_only=True)
class InviteConfig:
    """Header values and limits of every call.

    Attributes:
        contact: Contact value of our own, such as ``<sip:alice@192.0.2.1:5060>``.
        allow: Value of Allow: the methods that a call understands.
        software: Value of User-Agent and Server; empty to send neither.
        credentials: What challenges are answered with.
        timers: Timer values.
        ring_interval: Seconds after which a provisional response is sent again, so that no proxy
            gives a ringing call up (RFC 3261 §13.3.1.1).
        max_forks: How many branches of one forked INVITE are kept apart.
    """

    contact: str
    allow: str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    ring_interval: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    max_forks: int = attrs.field(default=32, validator=attrs.validators.ge(1))

    @property
    def target_fields(self) -> tuple[tuple[str, str], ...]:
        """Fields of every request that makes or refreshes a dialog."""
        fields = (("Contact", self.contact), ("Allow", self.allow))
        return (*fields, ("User-Agent", self.software)) if self.software else fields

    @property
    def answer_fields(self) -> tuple[tuple[str, str], ...]:
        """The same for responses, where the software is called Server (RFC 3261 §20.35)."""
        fields = (("Contact", self.contact), ("Allow", self.allow))
        return (*fields, ("Server", self.software)) if self.software else fields
