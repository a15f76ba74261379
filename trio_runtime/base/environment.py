"""Everything a coordinator takes from the outside world, in one value that a simulation can replace."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

import attrs

from trio_runtime.base.clock import Clock
from trio_runtime.base.network import Network

__all__ = ["Environment", "RandomBytes"]


@attrs.frozen(kw_only=True)
class Environment:
    """The ports through which time, packets and randomness come in.

    Attributes:
        clock: Monotonic time.
        network: Sockets and addresses.
        random_bytes: Returns n unpredictable octets (in a simulation: seeded ones).
        epoch: Wall time is `epoch + clock.now()`, in seconds since 1970.
    """

    clock: Clock
    network: Network
    random_bytes: Callable[[int], bytes]
    epoch: float

    def close(self) -> None:
        """Release what the clock holds of the system; sockets belong to those who opened them."""
        self.clock.close()


class RandomBytes:
    """The operating system's CSPRNG, drawn in blocks: a system call for every small value is dear."""

    __slots__ = ("_block", "_block_size", "_position", "_process")

    def __init__(self, block_size: int = 4_096) -> None:
        """Draw `block_size` octets at a time."""
        self._block_size = block_size
        self._block = b""
        self._position = 0
        self._process = os.getpid()

    def __call__(self, count: int) -> bytes:
        """Return `count` unpredictable octets, each of which is given out once."""
        end = self._position + count
        # A forked child holds a copy of the block: it must not repeat its parent's keys and tags.
        if end > len(self._block) or self._process != os.getpid():
            if count > self._block_size:
                return secrets.token_bytes(count)
            self._block = secrets.token_bytes(self._block_size)
            self._process = os.getpid()
            self._position, end = 0, count
        start, self._position = self._position, end
        return self._block[start:end]
