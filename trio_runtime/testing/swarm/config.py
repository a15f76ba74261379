"""What a swarm does and what is done to it: frozen, checked when it is made."""

from __future__ import annotations

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, choice, optional
from trio_runtime.testing.bandwidth import Bandwidth
from trio_runtime.testing.bursts import BurstLoss
from trio_runtime.testing.latency import LatencyLike, as_latency
from trio_runtime.testing.link import LinkConditions
from trio_runtime.testing.nat import NatKind, as_nat_kind

__all__ = ["SwarmConfig"]

_probability = between(0, 1)


@attrs.frozen(kw_only=True)
class SwarmConfig:
    """How many calls between how many hosts, and how bad the network is.

    Attributes:
        calls: Calls in all.
        hosts: Phones, each on a host of its own.
        seed: Everything random follows from it.
        rate: Calls a second, on average.
        hold: Seconds that an answered call lasts, on average.
        latency: Seconds of delay, the least and the greatest, or a distribution.
        loss: Probability that a datagram is lost.
        bursts: Losses in bursts, besides those of `loss`.
        duplicate: Probability that a datagram arrives twice.
        reorder: Probability that a datagram is overtaken.
        bandwidth: What each direction between two hosts can carry, in bits a second; None is no limit.
        nat: Kind of the NAT that every second host stands behind; those call, and are not called.
        deaths: How often a host dies, without a goodbye; half go on later where they were, half begin anew.
        partitions: How often the hosts fall into two parts that do not reach each other.
        transport: ``udp`` or ``tcp``.
        session_interval: Seconds within which both sides of a call show that they live (RFC 4028).
        changes: Probability that both sides of a call hold and resume it again and again, also at once.
        media: Whether audio flows; much work.
        keep_messages: SIP messages that are kept for ladders.
    """

    calls: int = attrs.field(default=1_000, validator=between(1))
    hosts: int = attrs.field(default=50, validator=between(2, 60_000))
    seed: int = 0
    rate: float = attrs.field(default=20.0, validator=between(0.001, unit=" calls/s"))
    hold: float = attrs.field(default=20.0, validator=between(0, unit=" s"))
    latency: LatencyLike = (0.010, 0.060)
    loss: float = attrs.field(default=0.0, validator=_probability)
    bursts: BurstLoss | None = None
    duplicate: float = attrs.field(default=0.0, validator=_probability)
    reorder: float = attrs.field(default=0.0, validator=_probability)
    bandwidth: float | None = attrs.field(default=None, validator=optional(between(1, unit=" bit/s")))
    nat: NatKind | None = attrs.field(default=None, converter=attrs.converters.optional(as_nat_kind))
    deaths: int = attrs.field(default=0, validator=between(0))
    partitions: int = attrs.field(default=0, validator=between(0))
    transport: str = attrs.field(default="udp", validator=choice("udp", "tcp"))
    session_interval: int = 90
    changes: float = attrs.field(default=0.0, validator=_probability)
    media: bool = False
    keep_messages: int = attrs.field(default=20_000, validator=between(0))

    def __attrs_post_init__(self) -> None:
        """Check what another part has the rules for, and what concerns two fields."""
        as_latency(self.latency)
        if self.session_interval < 90:
            raise ConfigurationError("must be at least 90 s", field="session_interval")
        if self.nat is not None and self.hosts < 4:
            raise ConfigurationError("must be at least 4 where half stand behind a NAT", field="hosts")

    @property
    def conditions(self) -> LinkConditions:
        """How good every link is."""
        return LinkConditions(
            latency=as_latency(self.latency),
            loss=self.loss,
            duplicate=self.duplicate,
            reorder=self.reorder,
            bursts=self.bursts,
            bandwidth=None if self.bandwidth is None else Bandwidth(bits_per_second=self.bandwidth),
        )
