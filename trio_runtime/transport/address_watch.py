"""Hears from the kernel that an address or a route of the machine has changed (rtnetlink(7))."""

from __future__ import annotations

import contextlib
import socket
import sys

import trio

__all__ = ["AddressWatch"]

_GROUPS = 0x10 | 0x40 | 0x100 | 0x400  # RTMGRP_IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE
_SETTLE_S = 0.5  # a cable that is pulled changes many things at once, and DHCP takes a moment


class AddressWatch:
    """Listens from its making on, so that no change is missed; elsewhere than on Linux nothing is heard."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a container may forbid it
                sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
                sock.bind((0, _GROUPS))
                self._socket = sock

    async def changed(self) -> None:
        """Wait until something has changed, and until it has settled."""
        if self._socket is None:
            await trio.sleep_forever()
        else:
            await trio.lowlevel.wait_readable(self._socket)
            await trio.sleep(_SETTLE_S)
            # What it says in detail is not looked at: the routing table is asked afterwards.
            with contextlib.suppress(OSError):
                while self._socket.recv(65_536):
                    pass

    def close(self) -> None:
        """Hear nothing more."""
        if self._socket is not None:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()
            self._socket = None
