"""What an event costs with many subscribers of the WebSocket API, and how late a media clock is beside it.

    python benchmarks/api_events.py [SUBSCRIBERS] [EVENTS]

Real sockets over loopback. The clients are in a process of their own, so that only the server's time counts:
its CPU time, and the lateness of a tick of 20 ms beside it, as the media clock has it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

import attrs
import numpy as np
import trio

from trio_runtime import SessionCoordinator, open_api, open_client
from trio_runtime.base.types import SessionId
from trio_runtime.events.types import CallHeld

TOKEN = "benchmark of events"
HELLO = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
)


def masked(text: str) -> bytes:
    """A text frame of a client; a mask of zeros is one, too."""
    return bytes((0x81, 0x80 | len(text))) + bytes(4) + text.encode()


async def client(port: int, counts: list[int]) -> None:
    """Subscribe, then read and count octets for ever."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(HELLO)
    await stream.receive_some(4_096)
    await stream.send_all(masked('{"id":1,"command":"subscribe"}'))
    while data := await stream.receive_some(65_536):
        counts[0] += data.count(b"call_held")


async def clients(port: int, number: int) -> None:
    """Be all clients, and say how many events they got when the server is gone."""
    counts = [0]
    async with trio.open_nursery() as nursery:
        for _ in range(number):
            nursery.start_soon(client, port, counts)
            await trio.sleep(0.001)
    print(counts[0])


@attrs.define
class Clock:
    """A tick of 20 ms, and how late each was."""

    late_ms: list[float] = attrs.field(factory=list)

    async def run(self) -> None:
        due = trio.current_time()
        while True:
            due += 0.02
            await trio.sleep_until(due)
            self.late_ms.append((trio.current_time() - due) * 1_000)


def cpu() -> float:
    """CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def measure(number: int, events: int) -> None:
    """Run one measurement and print it."""
    async with open_client("sip:a@127.0.0.1", bind_host="127.0.0.1", no_media=True) as phone:
        async with open_api(phone, port=0, token=TOKEN, max_connections=number + 10) as api:
            command = [sys.executable, __file__, "--clients", str(api.address[1]), str(number)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as far:  # noqa: ASYNC220
                while api.statistics().subscribers < number:  # noqa: ASYNC110
                    await trio.sleep(0.1)
                for rate in (2, 20, 200):
                    await one_rate(phone, number, min(events, rate * 10), rate)
                await trio.sleep(1)
                statistics = api.statistics()
                api_closed = statistics.events * number - statistics.events_lost
                far.terminate()
                print(
                    f"delivered {api_closed} of {statistics.events * number}, lost {statistics.events_lost}"
                )


async def one_rate(phone: SessionCoordinator, number: int, events: int, rate: float) -> None:
    """Publish so many events at a rate, and print what that cost."""
    clock = Clock()
    event = CallHeld(SessionId("0123456789abcdef"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clock.run)
        began, before = time.perf_counter(), cpu()
        for count in range(events):
            phone._bus.publish(event)
            await trio.sleep_until(trio.current_time() - time.perf_counter() + began + (count + 1) / rate)
        await trio.sleep(0.5)
        used = cpu() - before
        nursery.cancel_scope.cancel()
    late = np.percentile(clock.late_ms, (50, 99, 100))
    print(
        f"{number} subscribers, {rate:g} events/s: {used / events * 1_000:.2f} ms CPU an event,"
        f" {used / events / number * 1e6:.1f} µs each; tick late by {late[0]:.2f} ms (median),"
        f" {late[1]:.2f} (99 %), {late[2]:.2f} (most)"
    )


def main() -> None:
    """Read the command line."""
    if sys.argv[1:2] == ["--clients"]:
        trio.run(clients, int(sys.argv[2]), int(sys.argv[3]))
        return
    number, events = [int(word) for word in (*sys.argv[1:], "1000", "400")[:2]]
    trio.run(measure, number, events)


if __name__ == "__main__":
    main()
