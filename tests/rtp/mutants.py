"""Datagrams that somebody has damaged, or made to do damage."""

from __future__ import annotations

import random
from collections.abc import Sequence


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Return one of the seeds with bits flipped, cut, grown, spliced with another, or noise altogether."""
    seed = chance.choice(seeds)
    kind = chance.randrange(6)
    if kind == 0:
        return seed[: chance.randrange(len(seed) + 1)]
    if kind == 1:
        return seed + chance.randbytes(chance.randrange(1, 30))
    if kind == 2:
        return chance.randbytes(chance.randrange(80))
    if kind == 3:
        other = chance.choice(seeds)
        return seed[: chance.randrange(len(seed) + 1)] + other[chance.randrange(len(other) + 1) :]
    changed = bytearray(seed)
    for _ in range(chance.randrange(1, 5)):
        if kind == 4:
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        else:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)
