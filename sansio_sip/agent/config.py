"""Configuration of an agent, checked when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..limits import Limits
from ..message import ParseMode
from ..transaction import TimerConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..auth import Credentials

__all__ = ["AgentConfig"]


@attrs.frozen(kw_only=True)
class AgentConfig:
    """Who the agent is and what it puts up with.

    Attributes:
        address: Its address of record as a From value, such as ``<sip:alice@example.com>``.
        contact: Contact value that reaches it, such as ``<sip:alice@192.0.2.1:5060>``.
        sent_by: For each transport that exists, the host and port for Via.
        software: Value of User-Agent and Server, empty to send neither.
        credentials: What challenges are answered with.
        outbound_proxy: URI that every request outside of a dialog is routed through, or empty.
        timers: Timer values.
        limits: Limits on messages.
        mode: Whether deviations of peers are forgiven.
        max_calls: Calls at once; more get 503.
        max_transactions: Server transactions at once; more get 503.
        retry_after: Seconds that a 503 asks a caller to wait.
    """

    address: str
    contact: str
    sent_by: Mapping[str, tuple[str, int]] = attrs.field(validator=attrs.validators.min_len(1))
    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    outbound_proxy: str = ""
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    limits: Limits = attrs.field(factory=Limits)
    mode: ParseMode = ParseMode.LENIENT
    max_calls: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    max_transactions: int = attrs.field(default=1_000_000, validator=attrs.validators.ge(1))
    retry_after: int = attrs.field(default=5, validator=attrs.validators.ge(0))
