"""Linux timer descriptors; Python has them from 3.13 on, so they are called through ctypes."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable
from functools import cache

__all__ = ["TimerDescriptor"]


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


_MONOTONIC: int = getattr(time, "CLOCK_MONOTONIC", 1)
# TFD_NONBLOCK and TFD_CLOEXEC have the values of O_NONBLOCK and O_CLOEXEC (timerfd_create(2)).
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@cache
def _function(name: str) -> Callable[..., int]:
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, TypeError) as missing:
        raise OSError(errno.ENOSYS, f"this system has no {name}") from missing
    return function


def _system_call(name: str, *arguments: object) -> int:
    result = _function(name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


class TimerDescriptor:
    """One timer that becomes readable when it has run down.

    Attributes:
        descriptor: The file descriptor to wait for.
    """

    __slots__ = ("_spec", "descriptor")

    def __init__(self) -> None:
        """Raises `OSError` where the system has no timer descriptors."""
        self.descriptor = _system_call("timerfd_create", _MONOTONIC, _FLAGS)
        self._spec = _Itimerspec()

    def arm(self, delay: float) -> None:
        """Let the descriptor become readable in `delay` seconds; what ran before is forgotten."""
        # All zero would disarm the timer instead of firing it at once.
        whole, part = divmod(max(int(delay * 1e9), 1), 1_000_000_000)
        self._spec.value.seconds = whole
        self._spec.value.nanoseconds = part
        _system_call("timerfd_settime", self.descriptor, 0, ctypes.byref(self._spec), None)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.descriptor)
