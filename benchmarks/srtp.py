"""SRTP of 172-octet G.711 packets: one by one, many at once, and libsrtp, in one run.

Run ``python -m benchmarks.srtp [STREAMS]``; with ``pylibsrtp`` installed its column appears too. Every stream
has a key of its own, as calls have: one packet of each makes a round, as one tick of the media clock does.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import cpu_us, reference_loop
from sansio_rtp.srtp import SUITES, MasterKey, SrtpConfig, SrtpReceiver, SrtpSender
from sansio_rtp.srtp.batch import SrtpReceiverBatch, SrtpSenderBatch
from trio_runtime.media.srtp_backend import open_srtp_backend

STREAMS = 500
ROUNDS = 60
PACKET, STRIDE = 172, 192
PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": "AES128_CM_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32": "AES128_CM_SHA1_32",
    "AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM": "AEAD_AES_256_GCM",
}
_HEADER = np.dtype([("first", "u1"), ("second", "u1"), ("sequence", ">u2"), ("time", ">u4"), ("ssrc", ">u4")])
Way = Callable[[int], object]


def clear_rows(sequence: int, streams: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """One packet of each stream."""
    rows = np.zeros((streams, STRIDE), np.uint8)
    header = rows[:, :12].copy().view(_HEADER).reshape(streams)
    header["first"], header["sequence"], header["ssrc"] = 0x80, sequence, np.arange(streams) + 1
    rows[:, :12] = header.view(np.uint8).reshape(streams, 12)
    rows[:, 12:PACKET] = np.arange(160)
    return rows


def configs(suite: str, streams: int) -> list[SrtpConfig]:
    """A key for each stream."""
    backend, octets = open_srtp_backend(), SUITES[suite].master_octets
    return [
        SrtpConfig(suite=suite, keys=(MasterKey(number.to_bytes(octets, "big")),), backend=backend)
        for number in range(streams)
    ]


def least(work: Way, rounds: int, packets: int) -> float:
    """CPU µs a packet: the least of the rounds but the first, to see little of other load."""
    times: list[float] = []
    for sequence in range(rounds):
        start = time.process_time()
        work(sequence)
        times.append(time.process_time() - start)
    return min(times[1:]) / packets * 1e6


def batch(suite: str, streams: int) -> tuple[float, float]:
    """Protect and unprotect of many rows at once."""
    senders, receivers = (table(max_contexts=streams) for table in (SrtpSenderBatch, SrtpReceiverBatch))
    for config in configs(suite, streams):
        senders.add(SrtpSender(config))
        receivers.add(SrtpReceiver(config))
    contexts = np.arange(streams)
    batches = [(clear_rows(sequence, streams), np.full(streams, PACKET)) for sequence in range(ROUNDS)]

    def run(work: Callable[..., Any]) -> Way:
        def tick(sequence: int) -> None:
            if work(*batches[sequence], contexts).any():
                raise SystemExit("a row was refused")

        return tick

    return least(run(senders.protect), ROUNDS, streams), least(run(receivers.unprotect), ROUNDS, streams)


def singly(protect: list[Any], unprotect: list[Any]) -> tuple[float, float]:
    """Protect and unprotect of one packet after the other."""
    rounds = [
        [row[:PACKET].tobytes() for row in clear_rows(sequence, len(protect))] for sequence in range(ROUNDS)
    ]
    secured: list[list[bytes]] = []

    def send(sequence: int) -> None:
        secured.append([work(packet) for work, packet in zip(protect, rounds[sequence], strict=True)])

    def receive(sequence: int) -> None:
        for work, packet in zip(unprotect, secured[sequence], strict=True):
            work(packet)

    return least(send, ROUNDS, len(protect)), least(receive, ROUNDS, len(protect))


def scalar(suite: str, streams: int) -> tuple[float, float]:
    """Ours, one by one."""
    keys = configs(suite, streams)
    return singly([SrtpSender(key).protect for key in keys], [SrtpReceiver(key).unprotect for key in keys])


def libsrtp(suite: str, streams: int) -> tuple[float, float] | None:
    """What the C library costs through its binding, one session a stream."""
    try:
        library: Any = importlib.import_module("pylibsrtp")
    except ImportError:
        return None
    if suite not in PROFILES:
        return None
    profile = getattr(library.Policy, f"SRTP_PROFILE_{PROFILES[suite]}")

    def sessions(direction: int) -> list[Any]:
        return [
            library.Session(
                library.Policy(key=key.keys[0].key_salt, ssrc_type=direction, srtp_profile=profile)
            )
            for key in configs(suite, streams)
        ]

    senders = sessions(library.Policy.SSRC_ANY_OUTBOUND)
    receivers = sessions(library.Policy.SSRC_ANY_INBOUND)
    return singly([each.protect for each in senders], [each.unprotect for each in receivers])


def main() -> None:
    """Print CPU µs a packet, and the ratio of the batch to libsrtp."""
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    print(f"reference loop {cpu_us(reference_loop):.0f} µs; {streams} streams, a key each, {PACKET} octets")
    print(f"{'CPU µs a packet: protect / unprotect':28}  {'batch':>13} {'one by one':>13} {'libsrtp':>13}")
    for suite in SUITES:
        ours, single, theirs = batch(suite, streams), scalar(suite, streams), libsrtp(suite, streams)
        line = f"{suite:36}  {ours[0]:5.2f} / {ours[1]:5.2f} {single[0]:5.2f} / {single[1]:5.2f}"
        if theirs is not None:
            ratio = sum(ours) / sum(theirs)
            line += f" {theirs[0]:5.2f} / {theirs[1]:5.2f}   batch is {ratio:.2f}x libsrtp"
        print(line)
    if importlib.util.find_spec("pylibsrtp") is None:
        print("libsrtp: left out, pip install pylibsrtp")


if __name__ == "__main__":
    main()
