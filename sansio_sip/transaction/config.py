"""Configuration and counters of the transaction layer."""

from __future__ import annotations

import attrs

from .timers import TimerConfig

__all__ = ["LayerConfig", "LayerStatistics"]


@attrs.frozen(kw_only=True)
class LayerConfig:
    """Timer values, and how many server transactions may be open before new requests get 503."""

    timers: TimerConfig = attrs.field(factory=TimerConfig)
    max_transactions: int = attrs.field(default=1_000_000, validator=attrs.validators.ge(1))


@attrs.define
class LayerStatistics:
    """Counters since the start."""

    client_created: int = 0
    server_created: int = 0
    retransmissions_received: int = 0
    stray_responses: int = 0
    refused: int = 0
    merged: int = 0
