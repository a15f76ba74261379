"""How much the kernel holds for a socket while the program is busy: by default some milliseconds of load."""

from __future__ import annotations

import logging
import socket
import sys

__all__ = ["grow_receive_buffer"]

logger = logging.getLogger("trio_runtime")

_SO_RCVBUFFORCE = 33  # Linux; needs CAP_NET_ADMIN and then passes the limit net.core.rmem_max


def grow_receive_buffer(sock: socket.socket, wanted: int) -> int:
    """Ask for `wanted` octets and return what the kernel gives; a smaller gift is logged as a warning."""
    if sys.platform == "linux":
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, wanted)
        except OSError:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
        # The kernel doubles the value for its own bookkeeping and reports the doubled one (socket(7)).
        granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    else:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
        except OSError:
            logger.debug("receive buffer of %d octets refused", wanted)
        granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if granted < wanted:
        logger.warning(
            "the kernel holds %d octets for the SIP socket, %d were asked for: bursts may be lost",
            granted,
            wanted,
        )
    return granted
