"""Values of the transaction timers (RFC 3261 table 4, RFC 6026 §8.4)."""

from __future__ import annotations

import attrs

__all__ = ["TimerConfig"]


def _time_until_timer_e_is_at_t2(config: TimerConfig) -> float:
    interval, elapsed = config.t1, 0.0
    while 0 < interval < config.t2:  # values are checked after this
        elapsed += interval
        interval *= 2
    return elapsed


@attrs.frozen(kw_only=True)
class TimerConfig:
    """The three base values, in seconds, from which every SIP timer follows.

    Attributes:
        t1: Estimate of the round-trip time; first retransmission.
        t2: Longest interval between retransmissions of non-INVITE requests and of responses.
        t4: Longest time a message stays in the network.
        timer_d: How long a client waits for repeated failures of an INVITE over UDP (32 s at least).
        trying_delay: How long a server waits for its user before it sends 100 (RFC 3261 §17.2.1).
        late_trying_delay: The same for other requests than INVITE: until a client's timer E has been
            set to T2, 3.5 s by default (RFC 4320 §4.1).
    """

    t1: float = attrs.field(default=0.5, validator=attrs.validators.gt(0))
    t2: float = attrs.field(default=4.0, validator=attrs.validators.gt(0))
    t4: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    timer_d: float = attrs.field(default=32.0, validator=attrs.validators.gt(0))
    trying_delay: float = attrs.field(default=0.2, validator=attrs.validators.gt(0))
    late_trying_delay: float = attrs.field(
        init=False, default=attrs.Factory(_time_until_timer_e_is_at_t2, takes_self=True)
    )

    @property
    def timeout(self) -> float:
        """64·T1: timers B, F, H, J, L and M, and the life of an unacknowledged 2xx."""
        return 64 * self.t1
