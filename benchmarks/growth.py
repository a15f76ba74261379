"""How the cost of a call, of a request inside one, and the memory of a dialog grow with the open dialogs.

Run ``python -m benchmarks.growth``; ``--sizes 100,10000,100000`` takes some minutes and about 1 GB.
"""

from __future__ import annotations

import argparse
import gc
import random
import time

import attrs

from benchmarks.measure import collector, cpu_us, octets, reference_loop
from benchmarks.offline import RATE, Script, answer_tag, expire, make_agent, play
from benchmarks.traffic import Caller
from sansio_sip.agent import Agent

__all__ = ["Growth", "measure_growth"]

_OPERATIONS = 400  # in one batch, each in another dialog where there are as many


class _Crowd:
    """An agent with open calls, and what their callers know of them."""

    def __init__(self, size: int) -> None:
        self._caller = Caller("short")
        self._agent = make_agent()
        self._tags: list[bytes] = []
        self._cseq = 1
        self._made = size
        self._now = 0.0
        self._random = random.Random(size)
        for number in range(size):
            self._now = number / RATE
            tag = answer_tag(self._agent, self._caller.invite(number), self._now)
            play(self._agent, [(self._now, self._caller.ack(number, tag))])
            self._tags.append(tag)
        self.expire()

    @property
    def agent(self) -> Agent:
        """The agent."""
        return self._agent

    def expire(self) -> None:
        """Let time pass until only the dialogs are left."""
        expire(self._agent)
        self._now += 100.0

    def options(self) -> Script:
        """An OPTIONS in some of the calls."""
        return [
            (self._now, self._caller.options(number, self._tags[number], self._cseq))
            for number in self._some()
        ]

    def reinvites(self) -> Script:
        """A re-INVITE and its ACK in some of the calls."""
        script: Script = []
        for number in self._some():
            tag = self._tags[number]
            script.append((self._now, self._caller.reinvite(number, tag, self._cseq)))
            script.append((self._now, self._caller.reinvite_ack(number, tag, self._cseq)))
        return script

    def _some(self) -> list[int]:
        # Each dialog takes one request a batch: their numbers must rise.
        self._cseq += 1
        size = len(self._tags)
        return self._random.sample(range(size), min(size, _OPERATIONS))

    def call_seconds(self) -> float:
        """Make new calls and end them; return the CPU seconds of one."""
        caller, agent, spent = self._caller, self._agent, 0.0
        for number in range(self._made, self._made + _OPERATIONS):
            invite = caller.invite(number)
            start = time.process_time()
            tag = answer_tag(agent, invite, self._now)
            middle = time.process_time()
            rest = [(self._now, caller.ack(number, tag)), (self._now, caller.bye(number, tag))]
            begin = time.process_time()
            play(agent, rest)
            spent += time.process_time() - begin + middle - start
        self._made += _OPERATIONS
        return spent / _OPERATIONS

    def play_seconds(self, script: Script, count: int) -> float:
        """Return the CPU seconds of one of the ``count`` operations of a script."""
        start = time.process_time()
        play(self._agent, script)
        return (time.process_time() - start) / count


@attrs.frozen
class Growth:
    """What things cost beside so many open dialogs.

    Attributes:
        call: CPU µs of one more call, from INVITE to BYE.
        options: CPU µs of an OPTIONS in one of the calls.
        reinvite: CPU µs of a re-INVITE and its ACK in one of them.
        dialog: Octets of a call.
    """

    call: float
    options: float
    reinvite: float
    dialog: float


def measure_growth(sizes: list[int], rounds: int = 9) -> dict[int, Growth]:
    """Return the costs beside each number of open dialogs: the least of several rounds, in turn."""
    crowds = {size: _Crowd(size) for size in sizes}
    best: dict[int, list[float]] = {size: [float("inf")] * 3 for size in sizes}
    for _ in range(rounds):
        for size, crowd in crowds.items():
            gc.collect()
            count = min(size, _OPERATIONS)
            found = [
                crowd.call_seconds(),
                crowd.play_seconds(crowd.options(), count),
                crowd.play_seconds(crowd.reinvites(), count),
            ]
            best[size] = [min(pair) for pair in zip(best[size], found, strict=True)]
            crowd.expire()
    for size, crowd in crowds.items():
        if crowd.agent.statistics().calls != size:
            raise SystemExit(f"{crowd.agent.statistics().calls} calls stand, and not {size}")
    del crowd, crowds
    held = {size: octets(lambda size=size: _Crowd(size)) / size for size in sizes}  # type: ignore[misc]
    return {
        size: Growth(call * 1e6, options * 1e6, reinvite * 1e6, held[size])
        for size, (call, options, reinvite) in best.items()
    }


def main() -> None:
    """Print one line for each number of open dialogs, with ratios to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,10000", help="open dialogs, separated by commas")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured; the least counts")
    arguments = parser.parse_args()
    print(f"reference loop {cpu_us(reference_loop):.0f} µs")
    with collector("tuned"):
        found = measure_growth([int(text) for text in arguments.sizes.split(",")], arguments.rounds)
    first = next(iter(found.values()))
    for size, growth in found.items():
        print(
            f"  {size:7} open: call {growth.call:6.1f} µs ({growth.call / first.call:4.2f})"
            f"  OPTIONS {growth.options:5.1f} ({growth.options / first.options:4.2f})"
            f"  re-INVITE {growth.reinvite:6.1f} ({growth.reinvite / first.reinvite:4.2f})"
            f"  dialog {growth.dialog:5.0f} octets ({growth.dialog / first.dialog:4.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
