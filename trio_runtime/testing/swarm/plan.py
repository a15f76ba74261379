"""What every call of a swarm is going to do, and what goes wrong when: drawn before anything begins."""

from __future__ import annotations

import random
from enum import Enum

import attrs

from trio_runtime.testing.swarm.config import SwarmConfig

__all__ = ["Behaviour", "Fault", "FaultKind", "PlannedCall", "plan_calls", "plan_faults"]

_CHANGES = 4
_RING = (0.1, 8.0)
_PATIENCE = (10.0, 40.0)
_DEATH = (5.0, 60.0)
_PARTITION = (2.0, 30.0)


class Behaviour(Enum):
    """What becomes of a call where nothing goes wrong."""

    CALLER_HANGS_UP = "the caller hangs up"
    CALLEE_HANGS_UP = "the callee hangs up"
    BUSY = "the callee is busy"
    CALLER_GIVES_UP = "the caller gives up before the answer"
    NOBODY_ANSWERS = "it rings until the caller gives up"


_SHARES = {
    Behaviour.CALLER_HANGS_UP: 48,
    Behaviour.CALLEE_HANGS_UP: 32,
    Behaviour.BUSY: 6,
    Behaviour.CALLER_GIVES_UP: 8,
    Behaviour.NOBODY_ANSWERS: 6,
}


@attrs.frozen
class PlannedCall:
    """One call.

    Attributes:
        number: Counts from 0.
        at: Seconds after the beginning.
        caller: Number of the calling host.
        callee: Number of the called host.
        behaviour: What it does.
        ring: Seconds until the callee answers or refuses.
        hold: Seconds from the answer to the end.
        patience: Seconds that the caller waits for an answer.
        pauses: Seconds between the changes of the caller, and of the callee, in the answered call.
    """

    number: int
    at: float
    caller: int
    callee: int
    behaviour: Behaviour
    ring: float
    hold: float
    patience: float
    pauses: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


class FaultKind(Enum):
    """What can go wrong."""

    SLEEP = "a host dies and goes on later with all its memory"
    RESTART = "a host dies and begins anew"
    PARTITION = "the hosts fall into two parts"


@attrs.frozen
class Fault:
    """One thing that goes wrong.

    Attributes:
        at: Seconds after the beginning.
        kind: What.
        hosts: Numbers of the hosts that die, or of one part.
        duration: Seconds until it is over.
    """

    at: float
    kind: FaultKind
    hosts: tuple[int, ...]
    duration: float


def plan_calls(config: SwarmConfig) -> list[PlannedCall]:
    """Return the calls in the order in which they begin."""
    draw, changes = random.Random(f"{config.seed}/calls"), random.Random(f"{config.seed}/changes")
    kinds, weights = list(_SHARES), list(_SHARES.values())
    at, plan = 0.0, []
    for number in range(config.calls):
        at += draw.expovariate(config.rate)
        caller, callee = _parties(config, draw)
        plan.append(
            PlannedCall(
                number,
                at,
                caller,
                callee,
                draw.choices(kinds, weights)[0],
                ring=draw.uniform(*_RING),
                hold=draw.expovariate(1 / config.hold) if config.hold else 0.0,
                patience=draw.uniform(*_PATIENCE),
                pauses=_pauses(config, changes),
            )
        )
    return plan


def _pauses(config: SwarmConfig, draw: random.Random) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Draw when the two sides of a call change it; half of the first changes come at the very same moment."""
    if draw.random() >= config.changes:
        return (), ()
    ours, theirs = (tuple(draw.uniform(0.1, 5) for _ in range(_CHANGES)) for _ in range(2))
    return (ours, (ours[0], *theirs[1:])) if draw.random() < 0.5 else (ours, theirs)


def _parties(config: SwarmConfig, draw: random.Random) -> tuple[int, int]:
    """Draw who calls whom; who is behind a NAT cannot be called without a registrar."""
    if config.nat is None:
        caller, callee = draw.sample(range(config.hosts), 2)
        return caller, callee
    callee = 2 * draw.randrange((config.hosts + 1) // 2)
    caller = draw.randrange(config.hosts)
    return (caller, callee) if caller != callee else ((caller + 1) % config.hosts, callee)


def plan_faults(config: SwarmConfig, last_call: float) -> list[Fault]:
    """Return what goes wrong, in order; a host does not die twice at once.

    Args:
        config: How often.
        last_call: When the last call begins, in seconds.
    """
    draw = random.Random(f"{config.seed}/faults")
    end = last_call + config.hold
    faults: list[Fault] = []
    awake = dict.fromkeys(range(config.hosts), 0.0)
    for at in sorted(draw.uniform(0, end) for _ in range(config.deaths)):
        ready = [host for host, since in awake.items() if since <= at] or list(awake)
        host, duration = draw.choice(ready), draw.uniform(*_DEATH)
        at = max(at, awake[host])
        awake[host] = at + duration + 1
        kind = draw.choice((FaultKind.SLEEP, FaultKind.RESTART))
        faults.append(Fault(at, kind, (host,), duration))
    for at in sorted(draw.uniform(0, end) for _ in range(config.partitions)):
        part = draw.sample(range(config.hosts), draw.randint(1, config.hosts - 1))
        faults.append(Fault(at, FaultKind.PARTITION, tuple(sorted(part)), draw.uniform(*_PARTITION)))
    return sorted(faults, key=lambda fault: fault.at)
