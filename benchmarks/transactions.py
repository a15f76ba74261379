"""Transactions: how many a second without sockets, reading and writing included, and what an idle one holds.

Run ``python -m benchmarks.transactions``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.measure import collector, cpu_us, octets, reference_loop
from benchmarks.offline import PEER, RATE
from benchmarks.traffic import Caller
from sansio_sip.framing import receive_datagram
from sansio_sip.message import Request, Response, build_request, build_response
from sansio_sip.transaction import LayerConfig, TransactionLayer

__all__ = ["KINDS", "held_octets", "transaction_us"]

_COUNT = 2_000
_OWN = (("Contact", "<sip:service@127.0.0.1:5060>"), ("Allow", "INVITE, ACK, CANCEL, BYE"))

Part = Callable[[TransactionLayer, list[bytes], int], None]


def _message(data: bytes) -> Request | Response:
    message = receive_datagram(data)
    if message is None:
        raise SystemExit("the message cannot be read")
    return message


def _drain(layer: TransactionLayer) -> None:
    while layer.next_transmit() is not None:
        pass
    while layer.next_event() is not None:
        pass


def _serve(layer: TransactionLayer, datagrams: list[bytes], number: int, statuses: tuple[int, ...]) -> None:
    now = number / RATE
    layer.receive_message(_message(datagrams[number]), PEER, now)
    event = layer.next_event()
    key, request = event.key, event.request  # type: ignore[union-attr]
    for status in statuses:
        layer.respond(key, build_response(request, status, to_tag="tag", extra=_OWN), now)
    _drain(layer)


def _ask(
    layer: TransactionLayer, datagrams: list[bytes], number: int, method: str, statuses: tuple[int, ...]
) -> None:
    now = number / RATE
    request = _request(method, number)
    layer.request(request, request.via.branch, PEER, now)
    _drain(layer)
    for at in range(len(statuses)):
        layer.receive_message(_message(datagrams[number * len(statuses) + at]), PEER, now)
        _drain(layer)


def _request(method: str, number: int) -> Request:
    return build_request(
        method,
        "sip:service@127.0.0.1:5061",
        via=f"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-{number}",
        from_="<sip:bench@127.0.0.1>;tag=from",
        to="<sip:service@127.0.0.1>",
        call_id=f"{number}@127.0.0.1",
        cseq=1,
        extra=_OWN,
    )


def _answers(method: str, statuses: tuple[int, ...]) -> list[bytes]:
    requests = [_request(method, number) for number in range(_COUNT)]
    return [
        build_response(request, status, to_tag="tag", extra=_OWN).to_bytes()
        for request in requests
        for status in statuses
    ]


def _kinds() -> dict[str, tuple[list[bytes], Part]]:
    caller = Caller("short")
    numbers = range(_COUNT)
    return {
        "server, OPTIONS": (
            [caller.options(number, b"", 2) for number in numbers],
            lambda layer, data, number: _serve(layer, data, number, (200,)),
        ),
        "server, INVITE with 180 and 200": (
            [caller.invite(number) for number in numbers],
            lambda layer, data, number: _serve(layer, data, number, (180, 200)),
        ),
        "client, OPTIONS": (
            _answers("OPTIONS", (200,)),
            lambda layer, data, number: _ask(layer, data, number, "OPTIONS", (200,)),
        ),
        "client, INVITE with 180 and 200": (
            _answers("INVITE", (180, 200)),
            lambda layer, data, number: _ask(layer, data, number, "INVITE", (180, 200)),
        ),
    }


KINDS = _kinds()
"""The datagrams of each kind of transaction, and what is done with those of one."""


def transaction_us(kind: str) -> float:
    """Return the CPU µs of one transaction, its timer at the end included."""
    datagrams, part = KINDS[kind]

    def run() -> float:
        layer = TransactionLayer(LayerConfig(), now=0.0)
        start = time.process_time()
        for number in range(_COUNT):
            part(layer, datagrams, number)
        layer.handle_timeout(_COUNT / RATE + 100.0)
        _drain(layer)
        if not layer.closed:
            raise SystemExit(f"{len(layer)} transactions did not end")
        return time.process_time() - start

    return min(run() for _ in range(7)) / _COUNT * 1e6


def held_octets(kind: str) -> float:
    """Return the octets of one that only waits for late repeats."""
    datagrams, part = KINDS[kind]

    def make() -> TransactionLayer:
        layer = TransactionLayer(LayerConfig(), now=0.0)
        for number in range(_COUNT):
            part(layer, datagrams, number)
        return layer

    make()  # what is remembered for good is no transaction's
    return octets(make) / _COUNT


def main() -> None:
    """Print one line for each kind of transaction."""
    loop = cpu_us(reference_loop)
    print(f"reference loop {loop:.0f} µs")
    with collector("tuned"):
        for kind in KINDS:
            cost = transaction_us(kind)
            print(
                f"  {kind:34} {cost:6.1f} µs  {1e6 / cost:7.0f}/s  {cost / loop:5.3f} of the loop"
                f"  idle {held_octets(kind):5.0f} octets"
            )


if __name__ == "__main__":
    main()
