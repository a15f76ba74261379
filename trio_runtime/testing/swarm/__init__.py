"""Many calls between many hosts on a bad network: is anything stuck, is anything left?"""

from trio_runtime.testing.swarm.config import SwarmConfig
from trio_runtime.testing.swarm.result import SwarmResult
from trio_runtime.testing.swarm.run import Progress, run_swarm, simulate_swarm

__all__ = ["Progress", "SwarmConfig", "SwarmResult", "run_swarm", "simulate_swarm"]
