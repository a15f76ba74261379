"""Seeded networks: when the packets of one call arrive, if at all."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

PERIOD = 0.02  # s between two packets

Delays = Callable[[random.Random, int], Iterator[float | None]]


class Packet(NamedTuple):
    """One packet of a trace: its number, and when it was sent and came, in seconds; None when it was lost."""

    number: int
    sent: float
    arrival: float | None


def lan(chance: random.Random, count: int) -> Iterator[float | None]:
    """A quiet switch: 1 ms, and a fraction of one more."""
    for _ in range(count):
        yield 0.001 + chance.expovariate(1 / 0.0003)


def wifi(chance: random.Random, count: int) -> Iterator[float | None]:
    """Every 4 s or so the station waits for the medium, up to 100 ms; what queued comes at once behind it."""
    queue = 0.0
    for _ in range(count):
        if chance.random() < PERIOD / 4:
            queue = chance.uniform(0.03, 0.1)
        yield 0.008 + chance.gammavariate(2, 0.0015) + queue
        queue = max(0.0, queue - PERIOD)


def lte(chance: random.Random, count: int) -> Iterator[float | None]:
    """A grid of 8 ms for the scheduler; a handover every 40 s or so holds packets for 60 to 180 ms."""
    queue = 0.0
    for _ in range(count):
        if chance.random() < PERIOD / 40:
            queue = chance.uniform(0.06, 0.18)
        yield 0.035 + 0.008 * chance.random() + (0.008 if chance.random() < 0.1 else 0.0) + queue
        queue = max(0.0, queue - PERIOD)


def bufferbloat(chance: random.Random, count: int) -> Iterator[float | None]:
    """A queue in front of the modem that fills and empties by up to 40 ms a second, between 0 and 150 ms."""
    queue, slope = 0.0, 0.0
    for _ in range(count):
        if chance.random() < PERIOD / 2:
            slope = chance.uniform(-0.04, 0.04)
        queue += slope * PERIOD
        if not 0.0 <= queue <= 0.15:
            queue, slope = min(max(queue, 0.0), 0.15), -slope
        yield 0.02 + queue + chance.expovariate(1 / 0.004)


def step(chance: random.Random, count: int) -> Iterator[float | None]:
    """Another path from the middle on: 80 ms more for good."""
    for index in range(count):
        yield (0.02 if index < count // 2 else 0.1) + chance.expovariate(1 / 0.003)


def reordering(chance: random.Random, count: int) -> Iterator[float | None]:
    """One packet in twenty takes a path that is 20 to 45 ms longer, and others overtake it."""
    for _ in range(count):
        yield (
            0.02 + 0.003 * chance.random() + (chance.uniform(0.02, 0.045) if chance.random() < 0.05 else 0.0)
        )


def loss(chance: random.Random, count: int) -> Iterator[float | None]:
    """Gilbert and Elliott: good for 2 s, bad for 60 ms with half of the packets lost, on 10 ms of jitter."""
    bad = False
    for _ in range(count):
        bad = chance.random() < (2 / 3 if bad else 0.01)
        lost = chance.random() < (0.5 if bad else 0.001)
        yield None if lost else 0.02 + 0.01 * chance.random()


def steady(chance: random.Random, count: int) -> Iterator[float | None]:
    """A few milliseconds of jitter: for clocks that drift."""
    for _ in range(count):
        yield 0.02 + 0.005 * chance.random()


TRACES: dict[str, tuple[Delays, float, bool]] = {
    "LAN": (lan, 0.0, True),
    "Wi-Fi spikes": (wifi, 0.0, True),
    "LTE handovers": (lte, 0.0, True),
    "bufferbloat walk": (bufferbloat, 0.0, True),
    "+80 ms step": (step, 0.0, True),
    "drift +300 ppm": (steady, 300e-6, True),
    "drift −300 ppm": (steady, -300e-6, True),
    "reordering": (reordering, 0.0, False),
    "Gilbert–Elliott loss": (loss, 0.0, True),
}
"""Delays, how much slower than ours the sender's clock runs, and whether the network keeps the order."""


def make_trace(name: str, seconds: float, seed: int) -> list[Packet]:
    """Return the packets of one call over the network `name`, in the order in which they were sent."""
    delays, drift, in_order = TRACES[name]
    chance = random.Random(f"{name} {seed}")
    count = round(seconds / PERIOD)
    packets: list[Packet] = []
    before = 0.0
    for number, delay in enumerate(delays(chance, count)):
        sent = number * PERIOD * (1 + drift)
        arrival = None if delay is None else sent + delay
        if arrival is not None and in_order:
            before = arrival = max(before, arrival)
        packets.append(Packet(number, sent, arrival))
    return packets
