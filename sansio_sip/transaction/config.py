"""Configuration and counters of the transaction layer."""

from __future__ import annotations

import attrs

from .timers import TimerConfig

__all__ = ["LayerConfig", "LayerStatistics"]


@attrs.frozen(kw_only=True)
class LayerConfig:
    """What all transactions share.

    Attributes:
        timers: Timer values.
        max_transactions: Server transactions at once; more get 503.
        refuse_merged: Whether a request that came another way already gets 482 (RFC 3261 §8.2.2.2); a
            proxy lets both through (§16.3).
    """

    timers: TimerConfig = attrs.field(factory=TimerConfig)
    max_transactions: int = attrs.field(default=1_000_000, validator=attrs.validators.ge(1))
    refuse_merged: bool = True


@attrs.define
class LayerStatistics:
    """Counters since the start."""

    client_created: int = 0
    server_created: int = 0
    retransmissions_received: int = 0
    stray_responses: int = 0
    refused: int = 0
    merged: int = 0
