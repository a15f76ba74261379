"""The clock port: what time it is, and waiting for an absolute time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import trio

from trio_runtime.base.timerfd import TimerDescriptor

__all__ = ["Clock", "KernelClock", "TrioClock", "open_clock"]


class Clock(Protocol):
    """Monotonic time in seconds; its zero means nothing."""

    def now(self) -> float:
        """Return the time in seconds."""
        ...

    async def sleep_until(self, deadline: float) -> None:
        """Return as soon as `now()` has reached `deadline`; always a checkpoint."""
        ...

    def close(self) -> None:
        """Release what the clock holds of the system."""
        ...


def _reader() -> Callable[[], float]:
    """Return what reads the time of Trio's run; within one without the look-ups of the general way."""
    try:
        return trio.lowlevel.current_clock().current_time
    except RuntimeError:
        return trio.current_time


class TrioClock:
    """The clock of Trio's run: virtual under `MockClock`, and the portable one everywhere else.

    Attributes:
        now: Returns the time in seconds.
    """

    __slots__ = ("now",)

    def __init__(self) -> None:
        """Made within a run, it is the clock of that run only."""
        self.now: Callable[[], float] = _reader()

    async def sleep_until(self, deadline: float) -> None:
        """Return as soon as `now()` has reached `deadline`; always a checkpoint."""
        await trio.sleep_until(deadline)

    def close(self) -> None:
        """Do nothing: Trio's clock holds nothing."""


class KernelClock:
    """Waits on Linux timer descriptors, which wake a task several times more exactly than Trio's own timeout.

    Each sleeping task has a descriptor of its own, which is kept for the next one.

    Attributes:
        now: Returns the time in seconds.
    """

    __slots__ = ("_idle", "now")

    def __init__(self) -> None:
        """Raises `OSError` where the system has no timer descriptors; see `TrioClock`."""
        self._idle = [TimerDescriptor()]
        self.now: Callable[[], float] = _reader()

    async def sleep_until(self, deadline: float) -> None:
        """Return as soon as `now()` has reached `deadline`; always a checkpoint."""
        delay = deadline - trio.current_time()
        if delay <= 0:
            await trio.lowlevel.checkpoint()
            return
        timer = self._idle.pop() if self._idle else TimerDescriptor()
        try:
            # Twice where a clock that is coarser than the timer still shows a moment before the deadline.
            while delay > 0:
                timer.arm(delay)
                await trio.lowlevel.wait_readable(timer.descriptor)
                delay = deadline - trio.current_time()
        finally:
            self._idle.append(timer)

    def close(self) -> None:
        """Close the descriptors that no task sleeps on."""
        while self._idle:
            self._idle.pop().close()


def open_clock(kind: Literal["auto", "kernel", "trio"] = "auto") -> Clock:
    """Return the best clock there is, or the one that is asked for.

    Raises:
        OSError: `kind` is "kernel" and the system has no timer descriptors.
    """
    if kind == "trio":
        return TrioClock()
    try:
        return KernelClock()
    except OSError:
        if kind == "kernel":
            raise
        return TrioClock()
