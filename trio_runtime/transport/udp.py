"""A UDP socket of the kernel: one system call a datagram, and errors of the network as values."""

from __future__ import annotations

import socket
import time
from collections import deque

import trio

from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.base.types import Address
from trio_runtime.transport.error_queue import enable_error_queue, read_error_queue
from trio_runtime.transport.receive_buffer import grow_receive_buffer
from trio_runtime.transport.timestamps import ANCILLARY_OCTETS, arrival_of, enable_timestamps

__all__ = ["MAX_DATAGRAM", "KernelDatagramSocket"]

MAX_DATAGRAM = 65_535

# Besides the network's own errors: an address that is none, which a peer may have written into a message.
_SEND_ERRORS = (OSError, OverflowError, TypeError, ValueError)


class KernelDatagramSocket:
    """A bound UDP socket, IPv4 or IPv6, that never raises when it receives or sends.

    A closed port or an unreachable host at the far end becomes `next_error()`; it concerns one destination
    and must not end the service of all the others.
    """

    __slots__ = (
        "_dropped",
        "_error_count",
        "_errors",
        "_quiet",
        "_received",
        "_recvfrom",
        "_recvmsg",
        "_sendto",
        "_sent",
        "_socket",
        "_timed",
        "_v6",
        "local_address",
        "receive_buffer",
    )

    def __init__(self, sock: socket.socket, *, receive_buffer: int, max_errors: int = 256) -> None:
        """Take over a bound socket and ask the kernel to hold `receive_buffer` octets for it."""
        sock.setblocking(False)
        self._socket = sock
        self._recvfrom = sock.recvfrom
        self._recvmsg = getattr(sock, "recvmsg", None)
        self._sendto = sock.sendto
        self._v6 = sock.family == socket.AF_INET6
        self._errors: deque[tuple[Address, str]] = deque(maxlen=max_errors)
        self._received = self._sent = self._dropped = self._error_count = 0
        # True until a datagram has come since the last wake-up: then the wake-up was for an error.
        self._quiet = True
        host, port = sock.getsockname()[:2]
        self.local_address: Address = (host, port)
        self.receive_buffer = grow_receive_buffer(sock, receive_buffer)
        enable_error_queue(sock)
        self._timed = enable_timestamps(sock)

    def __repr__(self) -> str:
        """Return the kind and the bound address."""
        return f"<UDP {self.local_address[0]}:{self.local_address[1]}>"

    async def wait_readable(self) -> None:
        """Wait until `receive` or `next_error` has something; may also return for nothing."""
        if self._socket.fileno() < 0:
            raise trio.ClosedResourceError("the socket is closed")
        self._quiet = True
        if self._errors:
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.wait_readable(self._socket)

    def receive(self) -> tuple[bytes, Address] | None:
        """Return one datagram and its source, or None when there is none now."""
        try:
            data, address = self._recvfrom(MAX_DATAGRAM)
        except BlockingIOError:
            if self._quiet:
                self._drain_errors()
            return None
        except OSError:
            # The kernel reports the failure of an earlier send here, once, before what has been received.
            return self._receive_after_error()
        self._quiet = False
        self._received += 1
        return data, (_without_flow(address) if self._v6 else address)

    def receive_timed(self) -> tuple[bytes, Address, float | None] | None:
        """Do as `receive`, and return as well the seconds that it waited, None where nobody can tell."""
        if self._timed and self._recvmsg is not None:
            try:
                data, ancillary, _, address = self._recvmsg(MAX_DATAGRAM, ANCILLARY_OCTETS)
            except OSError:
                pass  # `receive` knows what that means
            else:
                self._quiet = False
                self._received += 1
                came = arrival_of(ancillary)
                # Both are wall time; a clock that was set between the two must not make it negative.
                waited = None if came is None else max(0.0, time.time() - came)
                return data, (_without_flow(address) if self._v6 else address), waited
        datagram = self.receive()
        return None if datagram is None else (*datagram, None)

    def _receive_after_error(self) -> tuple[bytes, Address] | None:
        self._drain_errors()
        try:
            data, address = self._recvfrom(MAX_DATAGRAM)
        except OSError:
            # Whatever it is this time: if there is something to read, the socket stays readable.
            return None
        self._received += 1
        return data, (_without_flow(address) if self._v6 else address)

    def next_error(self) -> tuple[Address, str] | None:
        """Pop one failed destination and its cause; ask after `receive` gave None, and after sending."""
        return self._errors.popleft() if self._errors else None

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram to an IP address (not a name); False means that it was dropped and counted."""
        try:
            self._sendto(data, destination)
        except BlockingIOError:
            self._dropped += 1
            return False
        except _SEND_ERRORS as failure:
            return self._send_again(data, destination, failure)
        self._sent += 1
        return True

    def _send_again(self, data: bytes, destination: Address, failure: Exception) -> bool:
        # What sendto raised may belong to an earlier datagram: then the queue names it, and this one can go.
        failed = self._drain_errors()
        if failed and all(address != destination for address, _ in failed):
            try:
                self._sendto(data, destination)
                self._sent += 1
                return True
            except _SEND_ERRORS as second:
                failure = second
        self._dropped += 1
        if all(address != destination for address, _ in failed):
            self._error_count += 1
            self._errors.append((destination, getattr(failure, "strerror", None) or str(failure)))
        return False

    def _drain_errors(self) -> list[tuple[Address, str]]:
        found = read_error_queue(self._socket)
        self._error_count += len(found)
        self._errors.extend(found)
        return found

    def close(self) -> None:
        """Release the port; a task in `wait_readable` gets `trio.ClosedResourceError`."""
        if self._socket.fileno() >= 0:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()

    def statistics(self) -> DatagramStatistics:
        """Return the counters."""
        return DatagramStatistics(
            self._received, self._sent, self._dropped, self._error_count, self.receive_buffer
        )


def _without_flow(address: tuple[str, int, int, int]) -> Address:
    host, port, _, scope = address
    # A link-local address means nothing without the interface it belongs to.
    return (f"{host}%{scope}", port) if scope else (host, port)
