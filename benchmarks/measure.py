"""Timing in CPU seconds, and the yardsticks that figures are given as ratios to."""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator

__all__ = ["collector", "cpu_us", "octets", "parse_as_mail", "reference_loop"]

_THRESHOLDS = {"default": (700, 10, 10), "tuned": (50_000, 20, 100), "off": (0, 0, 0)}

_SHORTEST = 0.02  # s; below this the clock and the loop around the call show in the figure


def cpu_us(work: Callable[[], object], *, repeats: int = 7) -> float:
    """Return the CPU µs of one run of ``work``: the least of several batches, to see little of other load."""
    batch = 1
    while (spent := _batch(work, batch)) < _SHORTEST:
        batch *= 4 if spent < _SHORTEST / 4 else 2
    return min(_batch(work, batch) for _ in range(repeats)) / batch * 1e6


def _batch(work: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        work()
    return time.process_time() - start


def reference_loop() -> int:
    """Do a fixed amount of plain Python, calls, dictionary, strings: how fast the machine is just now."""
    seen: dict[str, int] = {}
    for number in range(1_000):
        key = f"key-{number % 97}"
        seen[key] = seen.get(key, 0) + len(key.partition("-")[2])
    return len(seen)


_MAIL = email.parser.BytesParser(policy=email.policy.compat32)


def parse_as_mail(message: bytes) -> object:
    """Parse a SIP message with the standard library's mail parser, which knows the same header syntax."""
    return _MAIL.parsebytes(message[message.index(b"\r\n") + 2 :])


@contextlib.contextmanager
def collector(setting: str) -> Iterator[None]:
    """Run with Python's own thresholds (``default``), with those that servers should have, or without."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS[setting])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def octets(make: Callable[[], object]) -> int:
    """Return the octets that ``make`` leaves allocated while its result is kept."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        made = make()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    del made
    return after - before
