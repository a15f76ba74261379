"""The core's share of a call: a whole UAS call through the agent, without sockets, tasks or a clock.

Run ``python -m benchmarks.offline_call``.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
import tracemalloc
from collections.abc import Iterator

from benchmarks.measure import cpu_us, parse_as_mail, reference_loop
from benchmarks.traffic import INVITES, Caller
from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.invite import IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.sdp import LocalMedia, MediaFormat

_PEER = Endpoint("UDP", "127.0.0.1", 5061)
_MEDIA = LocalMedia(
    "127.0.0.1",
    4_000,
    (
        MediaFormat("PCMU", 8_000, 0),
        MediaFormat("PCMA", 8_000, 8),
        MediaFormat("telephone-event", 8_000, 101),
    ),
)
_RATE = 2_000  # calls per second of virtual time
_EXPIRED = 40.0  # s; longer than 64*T1, after which every transaction is gone

Script = list[tuple[float, bytes]]


def _agent(now: float = 0.0) -> Agent:
    config = AgentConfig(
        address="<sip:service@127.0.0.1>",
        contact="<sip:service@127.0.0.1:5060>",
        sent_by={"UDP": ("127.0.0.1", 5060)},
        software="sansio-voip",
        max_calls=1_000_000,
    )
    return Agent(config, now=now, ids=Ids(random.Random(1).randbytes))


def _pump(agent: Agent, now: float) -> Iterator[bytes]:
    """Do what a runtime does after each input: packets first, then events; every call is answered."""
    while True:
        while (transmit := agent.next_transmit()) is not None:
            yield transmit.data
        event = agent.next_event()
        if event is None:
            return
        if type(event) is IncomingCall:
            agent.ring(event.session, now)
            agent.answer(event.session, _MEDIA, now)


def _script(kind: str, calls: int, *, hang_up: bool = True) -> Script:
    """Return the datagrams of many calls with their times.

    The tags in ACK and BYE are those that an agent with the same seed gave in a trial run: the same
    seed and input give the same bytes.
    """
    caller, agent, script = Caller(kind), _agent(), Script()
    for number in range(calls):
        now = number / _RATE
        invite = caller.invite(number)
        agent.receive_datagram(invite, _PEER, now)
        answer = list(_pump(agent, now))[-1]
        tag = answer.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].partition(b";tag=")[2]
        script += [(now, invite), (now, caller.ack(number, tag))]
        if hang_up:
            script.append((now, caller.bye(number, tag)))
    return script


def _play(agent: Agent, script: Script) -> None:
    for now, datagram in script:
        agent.receive_datagram(datagram, _PEER, now)
        for _ in _pump(agent, now):
            pass
        deadline = agent.deadline
        if deadline is not None and deadline <= now:
            agent.handle_timeout(now)


def _expire(agent: Agent) -> None:
    """Let every timer of what is left fire, as it would 32 s after each call."""
    end = (agent.deadline or 0.0) + _EXPIRED
    while (deadline := agent.deadline) is not None and deadline < end:
        agent.handle_timeout(deadline + 0.01)
        for _ in _pump(agent, deadline):
            pass


def call_us(script: Script, calls: int, repeats: int) -> tuple[float, float]:
    """Return the CPU µs of a call until its BYE is answered, and those that its timers add later."""
    talk: list[float] = []
    rest: list[float] = []
    for _ in range(repeats):
        agent = _agent()
        gc.collect()
        start = time.process_time()
        _play(agent, script)
        talked = time.process_time()
        _expire(agent)
        talk.append(talked - start)
        rest.append(time.process_time() - talked)
        left = agent.statistics()
        if left.calls or left.transactions or left.calls_in != calls:
            raise SystemExit(f"the calls did not all end: {left}")
    return min(talk) / calls * 1e6, min(rest) / calls * 1e6


def memory(kind: str, calls: int = 2_000) -> tuple[float, float]:
    """Return the octets of a held call whose transactions are over, and those of one idle transaction."""
    script, agent = _script(kind, calls, hang_up=False), _agent()
    done, idle = _script(kind, calls), _agent()
    for warm in (agent, idle):
        _play(warm, [])
    tracemalloc.start()
    try:
        base = tracemalloc.get_traced_memory()[0]
        _play(agent, script)
        _expire(agent)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - base
        base += held
        _play(idle, done)
        gc.collect()
        transactions = tracemalloc.get_traced_memory()[0] - base
    finally:
        tracemalloc.stop()
    return held / calls, transactions / calls / 2


def main() -> None:
    """Print one line for each kind of caller and each setting of the garbage collector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5_000, help="calls in one run")
    parser.add_argument("--repeats", type=int, default=5, help="runs, of which the best counts")
    arguments = parser.parse_args()
    loop = cpu_us(reference_loop)
    print(f"reference loop {loop:.0f} µs")
    for kind in INVITES:
        invite = Caller(kind).invite(1)
        mail = cpu_us(lambda message=invite: parse_as_mail(message))  # type: ignore[misc]
        script = _script(kind, arguments.calls)
        print(f"\n{kind} INVITE, {len(invite)} octets; email parses it in {mail:.1f} µs")
        for name, thresholds in (
            ("default", (700, 10, 10)),
            ("tuned", (50_000, 20, 100)),
            ("off", (0, 0, 0)),
        ):
            gc.set_threshold(*thresholds)
            talk, rest = call_us(script, arguments.calls, arguments.repeats)
            print(
                f"  collector {name:8} {talk:6.1f} µs/call + {rest:4.1f} for its timers;"
                f" {1e6 / talk:6.0f} calls/s; {talk / loop:5.3f} of the loop, {talk / mail:4.2f} times email"
            )
        gc.set_threshold(700, 10, 10)
        held, transaction = memory(kind)
        print(f"  held call {held:.0f} octets, idle transaction {transaction:.0f} octets")


if __name__ == "__main__":
    main()
