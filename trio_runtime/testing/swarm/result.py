"""What came out of a swarm, and the digest that tells whether two runs were the same."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from trio_runtime.testing.carriage import WireStatistics

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import TraceEntry

__all__ = ["Digest", "SwarmResult"]


class Digest:
    """SHA-256 over everything that is sent: when, from where, where to, its fate and its octets."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self.datagrams = 0

    def take(self, entry: TraceEntry) -> None:
        """Add a datagram."""
        self.datagrams += 1
        self._add(entry.time, entry.sender, entry.receiver, "x" if entry.lost else ">", entry.data)

    def take_segment(self, time: float, sender: Address, receiver: Address, data: bytes) -> None:
        """Add a piece of a connection."""
        self._add(time, sender, receiver, "=", data)

    def _add(self, time: float, sender: Address, receiver: Address, fate: str, data: bytes) -> None:
        self._sha.update(f"{time!r} {sender} {fate} {receiver} {len(data)}\n".encode())
        self._sha.update(data)

    def text(self) -> str:
        """Return the digest so far in hexadecimal digits."""
        return self._sha.hexdigest()


@attrs.frozen(kw_only=True)
class SwarmResult:
    """What came out.

    Attributes:
        calls: Calls that were to be made.
        outcomes: How many calls ended in which way, as their callers saw it, the most frequent first.
        set_up_s: Seconds from the INVITE to the answer of each answered call, without the ringing, sorted.
        changes: Holds and resumptions that came to an end.
        refused_changes: Those of them that the peer refused.
        stuck: Calls that were not over long after everything should have been, in words.
        leaks: What was still held in the end, in words.
        ladder: The signalling of the worst call, empty when there is none.
        virtual_s: Virtual seconds.
        cpu_s: Seconds of CPU, which differ from run to run.
        digest: SHA-256 of all that was sent: the same for the same configuration and program.
        wire: What became of the datagrams.
    """

    calls: int
    outcomes: dict[str, int]
    set_up_s: Sequence[float]
    changes: int = 0
    refused_changes: int = 0
    stuck: tuple[str, ...]
    leaks: tuple[str, ...]
    ladder: str
    virtual_s: float
    cpu_s: float = attrs.field(eq=False)
    digest: str
    wire: WireStatistics

    @property
    def ok(self) -> bool:
        """Whether nothing is stuck and nothing is left."""
        return not self.stuck and not self.leaks

    @property
    def answered(self) -> int:
        """How many calls were answered."""
        return len(self.set_up_s)

    def set_up(self, share: float) -> float | None:
        """Return the seconds that a share of the answered calls did not exceed, None when there is none."""
        if not self.set_up_s:
            return None
        return self.set_up_s[max(0, math.ceil(share * len(self.set_up_s)) - 1)]
