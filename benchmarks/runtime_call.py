"""The runtime's share of a call: a whole UAS call through a coordinator whose socket is a list of datagrams.

Run ``python -m benchmarks.runtime_call``. What is above ``benchmarks.offline_call`` is the runtime's; what a
server under load costs above this are system calls, Trio's waiting for them, and cold caches.
"""

from __future__ import annotations

import argparse
import gc
import random
import time

import trio

from benchmarks.measure import collector, cpu_us, reference_loop
from benchmarks.traffic import INVITES, Caller
from trio_runtime.api import open_server
from trio_runtime.base.clock import TrioClock
from trio_runtime.base.environment import Environment
from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.base.types import Address
from trio_runtime.handlers import Accept, CallDecision, CallHandler
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.session import IncomingCall
from trio_runtime.transport.kernel import KernelNetwork

__all__ = ["ScriptedSocket", "runtime_us", "write_runtime_script"]

_PEER: Address = ("127.0.0.1", 5061)


class ScriptedSocket:
    """A socket that has a script to be received, and throws away what is sent.

    Args:
        script: Datagrams.
        burst: How many of them a wake-up finds.
    """

    def __init__(self, script: list[bytes], burst: int) -> None:
        self.local_address: Address = ("127.0.0.1", 5060)
        self.done = trio.Event()
        self._script = script
        self._burst = burst
        self._at = self._until = 0

    async def wait_readable(self) -> None:
        """Let the next burst come."""
        if self._at >= len(self._script):
            self.done.set()
            await trio.sleep_forever()
        await trio.lowlevel.checkpoint()
        self._until = min(self._at + self._burst, len(self._script))

    def receive(self) -> tuple[bytes, Address] | None:
        """Return the next datagram of the burst."""
        if self._at >= self._until:
            return None
        self._at += 1
        return self._script[self._at - 1], _PEER

    def receive_timed(self) -> tuple[bytes, Address, float | None] | None:
        """Do as `receive`; nothing ever waits."""
        datagram = self.receive()
        return None if datagram is None else (*datagram, 0.0)

    def next_error(self) -> None:
        """Nothing fails here."""

    def send(self, data: bytes, destination: Address) -> bool:
        """Take a packet."""
        return True

    def close(self) -> None:
        """There is nothing to release."""

    def statistics(self) -> DatagramStatistics:
        """Nothing is counted."""
        return DatagramStatistics()


class _Network(KernelNetwork):
    """Gives out one scripted socket."""

    def __init__(self, socket: ScriptedSocket) -> None:
        super().__init__(KernelMediaIO)
        self._socket = socket

    async def open_datagram(  # type: ignore[override]
        self, host: str, port: int, *, receive_buffer: int
    ) -> ScriptedSocket:
        await trio.lowlevel.checkpoint()
        return self._socket


class _RingAndAccept(CallHandler):
    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        call.ring()
        return Accept()


async def _play(socket: ScriptedSocket) -> tuple[float, int]:
    """Feed a script to a new coordinator; return the CPU seconds and the calls that ended well."""
    environment = Environment(
        clock=TrioClock(), network=_Network(socket), random_bytes=random.Random(1).randbytes, epoch=0.0
    )
    server = open_server(
        handler=_RingAndAccept(),
        environment=environment,
        bind_host="127.0.0.1",
        no_media=True,
        trace_messages=0,
    )
    gc.collect()
    start = time.process_time()
    async with server:
        await socket.done.wait()
        spent = time.process_time() - start
        stats = server.get_stats()
    return spent, stats.total_sessions - stats.active_sessions - stats.failed_sessions


class _LearningSocket(ScriptedSocket):
    """Answers each INVITE's 200 with ACK and BYE, and keeps all that was received."""

    def __init__(self, caller: Caller, calls: int) -> None:
        super().__init__([caller.invite(number) for number in range(calls)], 1)
        self.whole: list[bytes] = []
        self._caller = caller

    def receive(self) -> tuple[bytes, Address] | None:
        """Return the next datagram, and keep it."""
        received = super().receive()
        if received is not None:
            self.whole.append(received[0])
        return received

    def send(self, data: bytes, destination: Address) -> bool:
        """Let ACK and BYE come next, with the tag of this answer."""
        if data.startswith(b"SIP/2.0 200") and b"CSeq: 1 INVITE" in data:
            number = self._at // 3
            tag = data.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].partition(b";tag=")[2]
            self._script[self._at : self._at] = [self._caller.ack(number, tag), self._caller.bye(number, tag)]
        return True


def write_runtime_script(caller: Caller, calls: int) -> list[bytes]:
    """Return the datagrams of many calls; their tags are those that a server with the same seed gives."""
    socket = _LearningSocket(caller, calls)
    trio.run(_play, socket)
    return socket.whole


def runtime_us(script: list[bytes], *, burst: int, repeats: int) -> float:
    """Return the CPU µs of one call.

    Args:
        script: Datagrams of whole calls, three a call.
        burst: How many datagrams a wake-up finds.
        repeats: Runs, of which the best counts.
    """
    calls, best = len(script) // 3, float("inf")
    for _ in range(repeats):
        spent, ended = trio.run(_play, ScriptedSocket(script, burst))
        if ended != calls:
            raise SystemExit(f"{ended} of {calls} calls ended well")
        best = min(best, spent)
    return best / calls * 1e6


def main() -> None:
    """Print one line for each style and size of a burst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000, help="calls in one run")
    parser.add_argument("--repeats", type=int, default=20, help="runs, of which the best counts")
    arguments = parser.parse_args()
    loop = cpu_us(reference_loop)
    print(f"reference loop {loop:.0f} µs")
    with collector("tuned"):
        for kind in INVITES:
            script = write_runtime_script(Caller(kind), arguments.calls)
            for burst in (1, 64):
                cost = runtime_us(script, burst=burst, repeats=arguments.repeats)
                print(
                    f"  {kind:5} INVITE, {burst:2} datagrams a wake-up {cost:7.1f} µs/call;"
                    f" {cost / loop:.3f} of the loop"
                )


if __name__ == "__main__":
    main()
