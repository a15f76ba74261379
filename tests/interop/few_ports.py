"""A program that makes itself a network without free ports, tries to call from it, and says what it was told.

It prints one JSON object; ``skip`` in it says that this machine gives no network to make.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
from pathlib import Path

import trio

from tests.interop.process import HOST
from trio_runtime import VoipError, open_client, open_coordinator

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST, _LAST = 40_000, 40_003
_SERVER = 30_000


def own_network() -> str:
    """Enter a network with four ephemeral ports; return why not, empty when all went well."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        return f"no network of our own: {os.strerror(ctypes.get_errno())}"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            name = struct.pack("16sH14x", b"lo", 0)
            (flags,) = struct.unpack("16xH14x", fcntl.ioctl(sock, _SIOCGIFFLAGS, name))
            fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))
        _RANGE.write_text(f"{_FIRST} {_LAST}", encoding="ascii")
    except OSError as error:
        return f"no ports of our own: {error}"
    return ""


def occupied(kind: socket.SocketKind) -> list[socket.socket]:
    """Return sockets that hold every ephemeral port."""
    held = []
    for port in range(_FIRST, _LAST + 1):
        sock = socket.socket(socket.AF_INET, kind)
        sock.bind((HOST, port))
        held.append(sock)
    return held


async def told_when_opening(listen: str) -> str:
    """Open a phone on any port, and return what it says."""
    try:
        async with open_client(bind_host=HOST, listen=(listen,), no_media=True):
            return "open"
    except VoipError as error:
        return f"{type(error).__name__}: {error}"


async def main() -> dict[str, str]:
    """Use up all ports and return what is told about it."""
    told: dict[str, str] = {}
    server = open_coordinator(bind_host=HOST, listen=(f"tcp://{HOST}:{_SERVER}",), no_media=True)
    phone = open_client(bind_host=HOST, listen=("udp://:30001",), connect=("tcp",), no_media=True)
    uri = f"sip:bob@{HOST}:{_SERVER};transport=tcp"
    async with server, phone, trio.open_nursery() as nursery:
        await nursery.start(server.serve, lambda call: call.answer())
        held = occupied(socket.SOCK_DGRAM) + occupied(socket.SOCK_STREAM)
        told["open"] = await told_when_opening("udp")
        told["listen"] = await told_when_opening("tcp")
        for name in ("call", "again"):
            try:
                async with phone.make_call(uri) as call:
                    await call.answered()
                told[name] = "answered"
            except VoipError as error:
                told[name] = f"{type(error).__name__}: {error}"
            for sock in held:
                sock.close()
        nursery.cancel_scope.cancel()
    return told


if __name__ == "__main__":
    reason = own_network()
    print(json.dumps({"skip": reason} if reason else trio.run(main)))
