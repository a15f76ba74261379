"""The sockets that carry signalling."""

from __future__ import annotations

from trio_runtime.transport.kernel import (
    KernelNetwork,
)
from trio_runtime.transport.udp import (
    MAX_DATAGRAM,
    KernelDatagramSocket,
)

__all__ = [
    "MAX_DATAGRAM",
    "KernelDatagramSocket",
    "KernelNetwork",
]
