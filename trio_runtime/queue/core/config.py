"""How a queue decides."""

from __future__ import annotations

from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, flag, optional
from trio_runtime.queue.core.strategies import LongestIdle, Strategy

__all__ = ["QueueRules"]


def _strategy(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (callable(getattr(value, "choose", None)) and isinstance(getattr(value, "rings_all", None), bool)):
        raise ConfigurationError(f"must be a strategy, not {value!r}", field=attribute.name)


def _ageing(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise ConfigurationError(f"must be at least 0 s, or infinite, not {value!r}", field=attribute.name)


@attrs.frozen(kw_only=True)
class QueueRules:
    """The rules of a queue.

    Attributes:
        strategy: Whom of the free agents a caller gets.
        max_length: Callers who may wait; one more goes on at once (overflow).
        max_wait: Seconds that a caller may wait for an agent; then he goes on. None is for ever.
        needs_agents: Whether callers go on at once while no agent of theirs is on duty.
        ring_time: Seconds that an agent may ring.
        penalty: Seconds that an agent who has not answered gets no caller.
        ageing: Seconds of waiting that one step of priority is worth, so that nobody waits for ever; infinite
            lets the higher priority always go first.
        service_level: Seconds within which a caller should be answered.
        short_abandon: Who hangs up within so many seconds does not count as lost.
    """

    strategy: Strategy = attrs.field(factory=LongestIdle, validator=_strategy)
    max_length: int = attrs.field(default=100, validator=between(1))
    max_wait: float | None = attrs.field(default=600.0, validator=optional(between(0.001, unit=" s")))
    needs_agents: bool = attrs.field(default=False, validator=flag)
    ring_time: float = attrs.field(default=20.0, validator=between(0.001, unit=" s"))
    penalty: float = attrs.field(default=30.0, validator=between(0.001, unit=" s"))
    ageing: float = attrs.field(default=60.0, validator=_ageing)
    service_level: float = attrs.field(default=20.0, validator=between(0, unit=" s"))
    short_abandon: float = attrs.field(default=5.0, validator=between(0, unit=" s"))
