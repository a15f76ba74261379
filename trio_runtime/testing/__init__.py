"""A simulated network on which whole phones run in virtual time, for our tests and for yours."""

from __future__ import annotations

from trio_runtime.testing.bandwidth import Bandwidth
from trio_runtime.testing.bursts import BurstLoss, bursts_of
from trio_runtime.testing.carriage import WireStatistics
from trio_runtime.testing.firewall import FirewallConfig
from trio_runtime.testing.latency import (
    ConstantLatency,
    Latency,
    LogNormalLatency,
    NormalLatency,
    UniformLatency,
)
from trio_runtime.testing.link import Link, LinkConditions
from trio_runtime.testing.nat import NatConfig, NatKind
from trio_runtime.testing.paths import Partition
from trio_runtime.testing.realm import Realm
from trio_runtime.testing.schedule import seed_scheduler
from trio_runtime.testing.simulation import Simulation
from trio_runtime.testing.wire import Wire

__all__ = [
    "Bandwidth",
    "BurstLoss",
    "ConstantLatency",
    "FirewallConfig",
    "Latency",
    "Link",
    "LinkConditions",
    "LogNormalLatency",
    "NatConfig",
    "NatKind",
    "NormalLatency",
    "Partition",
    "Realm",
    "Simulation",
    "UniformLatency",
    "Wire",
    "WireStatistics",
    "bursts_of",
    "seed_scheduler",
]
