"""An agent without sockets, tasks or a clock, and the datagrams that it is fed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.traffic import Caller
from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.invite import IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.sdp import LocalMedia, MediaFormat

__all__ = ["PEER", "RATE", "Script", "answer_tag", "expire", "make_agent", "play", "pump", "write_script"]

PEER = Endpoint("UDP", "127.0.0.1", 5061)
RATE = 2_000  # calls per second of virtual time

_MEDIA = LocalMedia(
    "127.0.0.1",
    4_000,
    (
        MediaFormat("PCMU", 8_000, 0),
        MediaFormat("PCMA", 8_000, 8),
        MediaFormat("telephone-event", 8_000, 101),
    ),
)
_EXPIRED = 40.0  # s; longer than 64*T1, after which every transaction is gone

Script = list[tuple[float, bytes]]
"""Datagrams with the times at which they come."""


def make_agent(now: float = 0.0) -> Agent:
    """Return a new agent; two of them give the same answers to the same requests."""
    config = AgentConfig(
        address="<sip:service@127.0.0.1>",
        contact="<sip:service@127.0.0.1:5060>",
        sent_by={"UDP": ("127.0.0.1", 5060)},
        software="sansio-voip",
        max_calls=1_000_000,
    )
    return Agent(config, now=now, ids=Ids(random.Random(1).randbytes))


def pump(agent: Agent, now: float) -> Iterator[bytes]:
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


def answer_tag(agent: Agent, invite: bytes, now: float) -> bytes:
    """Let an agent answer an INVITE; return the tag of its 200."""
    agent.receive_datagram(invite, PEER, now)
    answer = list(pump(agent, now))[-1]
    return answer.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].partition(b";tag=")[2]


def write_script(caller: Caller, calls: int, *, hang_up: bool = True) -> Script:
    """Return the datagrams of many calls with their times.

    The tags in ACK and BYE are those that an agent with the same seed gave in a trial run: the same
    seed and input give the same bytes.
    """
    agent, script = make_agent(), Script()
    for number in range(calls):
        now = number / RATE
        invite = caller.invite(number)
        tag = answer_tag(agent, invite, now)
        script += [(now, invite), (now, caller.ack(number, tag))]
        if hang_up:
            script.append((now, caller.bye(number, tag)))
    return script


def play(agent: Agent, script: Script) -> None:
    """Feed datagrams to an agent, and let its timers fire in between."""
    for now, datagram in script:
        agent.receive_datagram(datagram, PEER, now)
        for _ in pump(agent, now):
            pass
        deadline = agent.deadline
        if deadline is not None and deadline <= now:
            agent.handle_timeout(now)


def expire(agent: Agent) -> None:
    """Let every timer of what is left fire, as it would 32 s after each call."""
    end = (agent.deadline or 0.0) + _EXPIRED
    while (deadline := agent.deadline) is not None and deadline < end:
        agent.handle_timeout(deadline + 0.01)
        for _ in pump(agent, deadline):
            pass
