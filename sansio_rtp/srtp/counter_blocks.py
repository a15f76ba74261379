"""The blocks that counter mode encrypts (RFC 3711 §4.1.1)."""

from __future__ import annotations

from functools import lru_cache

BLOCK_OCTETS = 16


@lru_cache(maxsize=256)
def _ladder(blocks: int) -> tuple[int, int]:
    """Return the numbers that repeat a block, and that count in the repetitions, as one big number each."""
    repeat = (1).to_bytes(BLOCK_OCTETS, "big") * blocks
    count = b"".join(number.to_bytes(BLOCK_OCTETS, "big") for number in range(blocks))
    return int.from_bytes(repeat, "big"), int.from_bytes(count, "big")


def counter_blocks(iv: int, octets: int) -> bytes:
    """Return the blocks whose encryption gives at least `octets` of key stream.

    Args:
        iv: The initial value, 128 bits of which the lowest 16 are 0.
        octets: Length of what is to be encrypted, at most 2**20 (2**16 blocks).
    """
    blocks = (octets + 15) // BLOCK_OCTETS
    repeat, count = _ladder(blocks)
    # One multiplication writes the IV into every block; the counter never carries out of its 16 bits.
    return (iv * repeat + count).to_bytes(blocks * BLOCK_OCTETS, "big")
