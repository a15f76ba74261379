"""CPU per call of our server over TCP and over TLS, under the same calls of a client of our own.

Run ``python -m benchmarks.tls_load``. SIPp of Debian has no TLS; this client takes the other CPU, and what it
costs is not counted.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import cpu_us, reference_loop
from benchmarks.processes import cpu_seconds, free_port, pin, running
from benchmarks.traffic import Caller

_WARM_UP = 200
_AT_ONCE = 20  # calls that are under way on one connection
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
_NUMBER = re.compile(rb"\r\nCall-ID: (\d+)-")

Connect = Callable[[], socket.socket]


class StreamCaller:
    """Makes calls over one connection.

    Args:
        sock: The connection.
        transport: As in a Via.
    """

    def __init__(self, sock: socket.socket, transport: bytes) -> None:
        self._sock = sock
        self._transport = transport
        self._caller = Caller("short")
        self._heard = b""

    def call(self, first: int, calls: int) -> int:
        """Make calls, some at once, and return how many went through.

        Args:
            first: Number of the first; every number is used once.
            calls: How many.
        """
        begun, through, end = first, 0, first + calls
        while through < calls:
            while begun < end and begun - first - through < _AT_ONCE:
                self._send(self._caller.invite(begun))
                begun += 1
            response = self._receive()
            if not response.startswith(b"SIP/2.0 200"):
                continue
            found = _NUMBER.search(response)
            if found is None:
                raise SystemExit(f"unexpected: {response[:200]!r}")
            number = int(found.group(1))
            if b"CSeq: 1 INVITE" in response:
                tag = response.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].partition(b";tag=")[2]
                self._send(self._caller.ack(number, tag))
                self._send(self._caller.bye(number, tag))
            else:
                through += 1
        return through

    def _send(self, request: bytes) -> None:
        self._sock.sendall(request.replace(b"SIP/2.0/UDP", b"SIP/2.0/" + self._transport, 1))

    def _receive(self) -> bytes:
        while True:
            head, blank, rest = self._heard.partition(b"\r\n\r\n")
            found = _LENGTH.search(head) if blank else None
            if found is not None and len(rest) >= int(found.group(1)):
                self._heard = rest[int(found.group(1)) :]
                return head
            data = self._sock.recv(65_536)
            if not data:
                raise SystemExit("the server has closed the connection")
            self._heard += data


def make_certificate(folder: Path) -> Path:
    """Return a file with a certificate of an elliptic curve and its key."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += [
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(command, check=True, capture_output=True)
    whole = folder / "server.pem"
    whole.write_text(key.read_text() + certificate.read_text())
    return whole


def connected(port: int) -> socket.socket:
    """Return a connection by which small messages leave at once."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def run_calls(connect: Connect, transport: bytes, first: int, calls: int, *, one: bool) -> None:
    """Make calls over one connection, or one after the other over a connection each."""
    for number in range(first, first + calls, calls if one else 1):
        with connect() as sock:
            StreamCaller(sock, transport).call(number, calls if one else 1)


def main() -> None:
    """Print a row for each transport and use of connections, in turn, the best round of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4_000, help="calls of one run over one connection")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is run; the best counts")
    arguments = parser.parse_args()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    best: dict[tuple[bytes, bool], float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        command = [sys.executable, "-m", "trio_runtime", "serve", "--bind", f"127.0.0.1:{port}", "--no-media"]
        command += ["--quiet", "--listen", "udp", "--listen", "tcp", "--listen", "tls"]
        command += ["--tls-certificate", str(make_certificate(folder))]

        def tcp() -> socket.socket:
            return connected(port)

        def tls() -> socket.socket:
            return trusting.wrap_socket(connected(port + 1))

        with running(command, port, folder / "log") as pid:
            pin(os.getpid(), last=True)
            print(f"reference loop {cpu_us(reference_loop):.0f} µs")
            number = 0
            for turn in range(arguments.rounds + 1):
                for transport, connect in ((b"TCP", tcp), (b"TLS", tls)):
                    for one in (True, False):
                        calls = (arguments.calls if one else arguments.calls // 4) if turn else _WARM_UP
                        before, begun = cpu_seconds(pid), time.monotonic()
                        run_calls(connect, transport, number, calls, one=one)
                        cost = (cpu_seconds(pid) - before) / calls * 1e6
                        number += calls
                        if not turn:
                            continue
                        rate = calls / (time.monotonic() - begun)
                        how = "one connection" if one else "one a call"
                        print(
                            f"  {transport.decode()}, {how:14} {cost:7.1f} µs/call at {rate:5.0f} calls/s",
                            flush=True,
                        )
                        best[transport, one] = min(cost, best.get((transport, one), cost))
    for one, how in ((True, "one connection"), (False, "a connection a call")):
        print(f"TLS to TCP, {how}: {best[b'TLS', one] / best[b'TCP', one]:.2f}")


if __name__ == "__main__":
    main()
