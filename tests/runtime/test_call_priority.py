"""How urgent a call is, and who may say so."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from sansio_sip.message import Request, parse_message
from trio_runtime import CallPriority, IncomingCall, LimitsConfig
from trio_runtime.session import CallHeaders, stated_priority
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
P = CallPriority


def headers_of(*lines: str) -> CallHeaders:
    text = "\r\n".join(
        (
            "INVITE sip:a@b SIP/2.0",
            "Via: SIP/2.0/UDP h;branch=z9hG4bKx",
            "From: <sip:c@d>;tag=1",
            "To: <sip:a@b>",
            "Call-ID: 1",
            "CSeq: 1 INVITE",
            *lines,
            "",
            "",
        )
    )
    message = parse_message(text.encode())
    assert isinstance(message, Request)
    return CallHeaders(message)


@pytest.mark.parametrize(
    ("lines", "priority"),
    [
        ((), P.NORMAL),
        (("Priority: emergency",), P.EMERGENCY),
        (("Priority: Urgent ",), P.HIGH),
        (("Priority: normal",), P.NORMAL),
        (("Priority: non-urgent",), P.LOW),
        (("Priority: whatever",), P.NORMAL),
        (("Resource-Priority: dsn.routine",), P.NORMAL),
        (("Resource-Priority: dsn.immediate",), P.HIGH),
        (("Resource-Priority: DSN.Flash",), P.EMERGENCY),
        (("Resource-Priority: ets.4",), P.HIGH),
        (("Resource-Priority: wps.0",), P.EMERGENCY),
        (("Resource-Priority: q735.4",), P.NORMAL),
        (("Resource-Priority: esnet.1",), P.EMERGENCY),
        (("Resource-Priority: unknown.0",), P.NORMAL),
        (("Resource-Priority: broken",), P.NORMAL),
        (("Resource-Priority: dsn.routine, wps.3", "Priority: non-urgent"), P.HIGH),
        (("Resource-Priority: dsn.routine", "Resource-Priority: dsn.flash"), P.EMERGENCY),
    ],
)
def test_the_most_urgent_of_what_is_said_counts(lines: tuple[str, ...], priority: CallPriority) -> None:
    """SES-27: RFC 4412, RFC 3261 §20.26."""
    assert stated_priority(headers_of(*lines)) is priority


@pytest.mark.parametrize(
    ("believed", "priority"),
    [((), P.NORMAL), (("10.0.0.9",), P.NORMAL), (("10.0.0.1", "::1"), P.HIGH), (("10.0.0.0/8",), P.HIGH)],
)
async def test_only_who_is_trusted_may_say_how_urgent_a_call_is(
    sim: Simulation, autojump_clock: Clock, believed: tuple[str, ...], priority: CallPriority
) -> None:
    """SES-27: by the address that the call came from; the application may say otherwise."""
    taken: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        taken.append(call)
        call.reject(486)

    limits = LimitsConfig(priority_from=believed)
    async with (
        sim.wire() as wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", limits=limits) as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, take)
        async with alice.make_call("sip:bob@10.0.0.2", headers=[("Priority", "urgent")]) as call:
            await call.ended()
            assert call.priority is P.NORMAL, "our own word is for others"
        nursery.cancel_scope.cancel()
    assert (taken[0].priority, taken[0].source_host) == (priority, "10.0.0.1")
    taken[0].priority = P.EMERGENCY
    assert taken[0].priority > P.HIGH > P.NORMAL > P.LOW > P.BACKGROUND
