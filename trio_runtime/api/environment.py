"""The production environment: the kernel's clock, sockets and random source."""

from __future__ import annotations

import time

import trio

from trio_runtime.base.clock import open_clock
from trio_runtime.base.environment import Environment, RandomBytes
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.transport.kernel import KernelNetwork

__all__ = ["kernel_environment"]


def kernel_environment() -> Environment:
    """Return the environment of the machine this program runs on; call it inside `trio.run`."""
    return Environment(
        clock=open_clock(),
        network=KernelNetwork(open_media=KernelMediaIO),
        random_bytes=RandomBytes(),
        epoch=time.time() - trio.current_time(),
    )
