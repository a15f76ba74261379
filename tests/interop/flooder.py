"""A program that sends garbage to a UDP port at a steady rate: ``python flooder.py PORT COUNT RATE``.

It prints how many datagrams it has sent. On the standard library alone, so that it starts at once.
"""

from __future__ import annotations

import random
import socket
import sys
import time

_BURST_S = 0.002
_HEAD = (
    b"INVITE sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKflood\r\n"
    b"From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: flood\r\nCSeq: 1 INVITE\r\n"
)
KINDS = 6
"""How many kinds of garbage take turns; the last is no message at all and no mistake either."""


def garbage() -> list[bytes]:
    """Return one datagram of each kind; none of them is answered by anything that is sent to a phone."""
    dice = random.Random(1)
    return [
        dice.randbytes(200),
        _HEAD[:70],
        b"A" * 400,
        b"SIP/2.0 200 OK\r\n" + _HEAD.partition(b"\r\n")[2],
        b"INVITE sip:bob@127.0.0.1 SIP/2.0\r\n\r\n",
        b"\r\n\r\n",
    ]


def main(port: int, count: int, rate: int) -> None:
    """Send, in bursts of two milliseconds on absolute times."""
    kinds, sent = garbage(), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        began = time.monotonic()
        while sent < count:
            due = min(count, int((time.monotonic() - began) * rate) + 1)
            for number in range(sent, due):
                try:
                    sock.send(kinds[number % KINDS])
                except ConnectionRefusedError:  # of an answer: we have no port that listens to any
                    sock.send(kinds[number % KINDS])
            sent = due
            time.sleep(_BURST_S)
    print(sent)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
