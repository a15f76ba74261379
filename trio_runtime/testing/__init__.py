"""A simulated network on which whole phones run in virtual time, for our tests and for yours."""

from __future__ import annotations

from trio_runtime.testing.link import Link, LinkConditions
from trio_runtime.testing.schedule import seed_scheduler
from trio_runtime.testing.simulation import Simulation
from trio_runtime.testing.wire import Wire

__all__ = ["Link", "LinkConditions", "Simulation", "Wire", "seed_scheduler"]
