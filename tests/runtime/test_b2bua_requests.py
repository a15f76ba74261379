"""MESSAGE and INFO through the back-to-back user agent, in virtual time."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.agent import AgentConfig, RequestHandedOver, ResponseReceived
from sansio_sip.invite import CallProgress
from tests.runtime.body_phones import ONE, PASSING, SERVER, BodyPhone, Street, sdp, street
from tests.runtime.proxied import Callee, answers
from tests.runtime.test_b2bua import BOB, office, to_one
from trio_runtime import B2buaConfig, HeaderPolicy, Reject, RequestsConfig
from trio_runtime.coordinator import IncomingRequest
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
ANCHORED = B2buaConfig(headers=HeaderPolicy(allow=("Subject", "X-*")))


def handing_over(config: AgentConfig) -> AgentConfig:
    return attrs.evolve(config, handed_over=frozenset({"INFO", "MESSAGE"}))


def ask(phone: BodyPhone, method: str, **named: Any) -> None:
    """Send a request in the call of a phone."""
    if method == "INFO":
        phone.do("send_info", **named)
    else:
        phone.run(lambda agent, now: agent.request_in_call(phone.call, method, now, **named))


async def taken(phone: BodyPhone, status: int, **named: Any) -> RequestHandedOver:
    """Wait for a request, and answer it."""
    event = await phone.hears(RequestHandedOver)
    phone.run(lambda agent, now: agent.respond(event.request, status, now, **named))
    return event


async def answered(phone: BodyPhone) -> ResponseReceived:
    return await phone.hears(ResponseReceived)


async def talking(s: Street) -> None:
    await s.talk(sdp("alice"), sdp("bob"))


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("method", ["MESSAGE", "INFO"])
@pytest.mark.parametrize("status", [200, 415])
async def test_request_in_a_call_goes_to_the_other_side_and_its_answer_back(
    sim: Simulation, autojump_clock: Clock, who: str, method: str, status: int
) -> None:
    """SRV-8, MSG-11, RFC 6086: any body, with what describes it; status, phrase and body of the answer."""
    policy = attrs.evolve(PASSING, headers=HeaderPolicy(allow=("Subject",)))
    async with street(sim, policy=policy, alice=handing_over, bob=handing_over) as s:
        await talking(s)
        asks, takes = (s.alice, s.bob) if who == "alice" else (s.bob, s.alice)
        fields = [("Subject", "x"), ("Info-Package", "odd;a=b"), ("Content-Disposition", "info-package")]
        kind = 'application/odd;charset="x"'
        ask(asks, method, content_type=kind, body=b"\0\1", headers=[*fields, ("X-No", "1")])
        event = await taken(takes, status, reason="Well", content_type="text/x", body=b"back")
        message = event.message
        assert (message.body, message.get("content-type")) == (b"\0\1", kind)
        assert [message.get(name.lower()) for name, _ in fields] == [value for _, value in fields]
        assert message.get("x-no") is None
        response = (await answered(asks)).response
        assert (response.status_code, response.reason, response.body) == (status, "Well", b"back")
        assert s.server.statistics().requests_passed == 1
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_packages_that_each_side_takes_are_told_to_the_other(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RFC 6086 §5.2: Recv-Info passes with INVITE and answer, as INFO does."""
    async with street(sim) as s:
        s.alice.invite(sdp("alice"), headers=[("Recv-Info", "odd")])
        await s.bob.rings()
        assert s.messages("INVITE", "10.0.0.11")[0].get("recv-info") == "odd"
        s.bob.do("answer", sdp("bob"), headers=[("Recv-Info", "even")])
        await s.alice.answered_with()
        assert s.messages("SIP/2.0 200", "10.0.0.1")[0].get("recv-info") == "even"
        s.alice.do("hang_up")


async def test_request_that_gets_no_answer_is_answered_all_the_same(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: the other side is silent, or nobody has answered yet; OPTIONS in a call is for the server."""
    async with street(sim, alice=handing_over, bob=handing_over) as s:
        s.alice.invite(sdp("alice"))
        await s.bob.rings()
        s.bob.do("ring")
        await s.alice.hears(CallProgress)
        ask(s.alice, "MESSAGE", content_type="text/plain", body=b"early")
        assert (await answered(s.alice)).response.status_code == 480
        s.bob.do("answer", sdp("bob"))
        await s.alice.answered_with()
        await trio.sleep(1)
        ask(s.alice, "OPTIONS")
        assert (await answered(s.alice)).response.status_code == 200
        ask(s.alice, "MESSAGE", content_type="text/plain", body=b"x")
        await s.bob.hears(RequestHandedOver)  # who keeps it for ever
        assert (await answered(s.alice)).response.status_code == 500
        s.alice.do("hang_up")
        await s.bob.ends()


@pytest.mark.parametrize(
    ("field", "method", "status"), [("pass_info", "INFO", 200), ("pass_messages", "MESSAGE", 405)]
)
async def test_nothing_passes_that_should_not(
    sim: Simulation, autojump_clock: Clock, field: str, method: str, status: int
) -> None:
    """SRV-8: an INFO without a package is taken by us then; a MESSAGE is not known here."""
    only: Any = {field: False}
    policy = attrs.evolve(PASSING, **only)
    async with street(sim, policy=policy, alice=handing_over, bob=handing_over) as s:
        await talking(s)
        ask(s.alice, method, content_type="text/plain", body=b"x")
        assert (await answered(s.alice)).response.status_code == status
        assert not s.bob.heard_any(RequestHandedOver)
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_messages_for_the_server_are_told_there(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: `content_types` says that messages are ours."""
    mine: Any = {"requests": RequestsConfig(content_types=("text/plain",))}
    async with street(sim, server=mine, alice=handing_over, bob=handing_over) as s:
        await talking(s)
        ask(s.alice, "MESSAGE", content_type="text/plain", body=b"x")
        assert (await answered(s.alice)).response.status_code == 200
        assert not s.bob.heard_any(RequestHandedOver)
        s.alice.do("hang_up")
        await s.bob.ends()


# Where media is anchored


async def test_keys_are_keys_and_other_info_passes_where_media_is_anchored(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RTP-9: a key relayed by INFO goes on with the packets; what is none goes on as it is."""
    wire, callee = sim.wire(latency=0.01), Callee(answers)
    takes = RequestsConfig(methods=("INFO", "MESSAGE"))
    async with (
        wire,
        sim.b2bua(wire, SERVER, to_one, policy=ANCHORED),
        sim.phone(wire, "bob", "10.0.0.11", handler=callee, requests=takes) as bob,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        trio.open_nursery() as nursery,
    ):
        call = alice.start_call(BOB)
        await call.answered()
        await trio.sleep(0.5)
        (far,) = callee.calls
        far.digits.clear()
        key = await call.send_info("application/dtmf-relay", b"Signal=7\r\nDuration=160\r\n")
        assert key.status_code == 200
        await trio.sleep(1)
        assert far.digits.receive_nowait().digit == "7"

        seen: list[IncomingRequest] = []

        async def read() -> None:
            async for request in bob.requests:
                seen.append(request)
                request.respond(202)

        nursery.start_soon(read)
        await trio.sleep(0.1)
        assert (await call.send_info("application/odd", b"what")).status_code == 202
        assert (await call.send_message("hello")).status_code == 202
        assert [(each.method, each.body) for each in seen] == [("INFO", b"what"), ("MESSAGE", b"hello")]
        call.hang_up()
        nursery.cancel_scope.cancel()


# Outside of calls


async def test_message_outside_of_calls_goes_where_the_route_says(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RFC 3428: sent on under the sender's name, with a hop less; refusals come back."""
    told: list[IncomingRequest] = []

    def route(request: IncomingRequest) -> str | Reject:
        told.append(request)
        targets = {"bob": ONE, "nowhere": "sip:nobody@10.0.0.77"}
        return targets.get(request.uri[4:].partition("@")[0]) or Reject(604)

    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.b2bua(wire, SERVER, to_one, route_message=route),
        sim.phone(wire, "bob", "10.0.0.11", requests=RequestsConfig(methods=("MESSAGE",))) as bob,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        trio.open_nursery() as nursery,
    ):
        seen: list[IncomingRequest] = []

        async def read() -> None:
            async for request in bob.requests:
                seen.append(request)
                request.respond(486 if request.body == b"no" else 202)

        nursery.start_soon(read)
        await trio.sleep(0.1)
        assert (await alice.send_message(BOB, "hello")).status_code == 202
        assert (await alice.send_message(BOB, b"no", content_type="text/odd;a=b")).status_code == 486
        first, second = seen
        assert (first.body, second.headers["Content-Type"]) == (b"hello", "text/odd;a=b")
        assert "<sip:alice@10.0.0.1>" in first.headers["From"]
        assert first.headers["Max-Forwards"] == "69"
        assert (await alice.send_message(f"sip:x@{SERVER}", "hello")).status_code == 604
        assert (await alice.send_message(BOB, "hop", headers=[("Max-Forwards", "0")])).status_code == 483
        assert (await alice.send_message(f"sip:nowhere@{SERVER}", "x")).status_code == 500  # who is silent
        await sim.settle(60.0)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_message_without_a_route_is_not_found(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: nobody has said where messages go."""
    async with office(sim, to_one, answers) as o:
        assert (await o.alice.send_message(BOB, "hello")).status_code == 404


async def test_failure_of_the_route_is_500_for_that_message(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the application raises, or gives what is no URI; others go on."""

    async def route(request: IncomingRequest) -> str:
        await trio.lowlevel.checkpoint()
        if request.body == b"raise":
            raise ValueError("no")
        return "nothing"

    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.b2bua(wire, SERVER, to_one, route_message=route, policy=B2buaConfig(caller="own")),
        sim.phone(wire, "alice", "10.0.0.1") as alice,
    ):
        assert (await alice.send_message(BOB, "raise")).status_code == 500
        assert (await alice.send_message(BOB, "none")).status_code == 503
