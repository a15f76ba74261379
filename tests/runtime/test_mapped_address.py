"""Behind a NAT: a STUN server tells our address once, or nobody does and nothing is lost."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from sansio_sip.message import Request, parse_message
from sansio_sip.sdp import parse_sdp
from trio_runtime import ConfigurationError, CoordinatorConfig, IncomingCall, SessionCoordinator
from trio_runtime.testing import NatConfig, Simulation

OUTSIDE = "203.0.113.1"
STUN = "10.0.0.9"  # any agent of ours answers STUN at its SIP port


async def answer(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


def first_invite(phone: SessionCoordinator) -> Request:
    assert phone.trace is not None
    message = next(parse_message(entry.data) for entry in phone.trace if entry.data[:7] == b"INVITE ")
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize("no_media", [True, False])
async def test_mapped_address_stands_in_messages_and_descriptions(
    sim: Simulation, autojump_clock: trio.testing.MockClock, no_media: bool
) -> None:
    """TRN-12: asked once, in Via, Contact and SDP, whatever the own address is."""
    wire = sim.wire()
    home = wire.public.private(nat=NatConfig(public_host=OUTSIDE))
    bob = sim.phone(wire, "bob", "10.0.0.2")
    async with wire, sim.phone(wire, "stun", STUN) as server, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        alice = sim.phone(home, "alice", "192.168.1.2", stun_server=f"{STUN}:5060", no_media=no_media)
        async with alice:
            assert alice.bound_addresses[0][0] == OUTSIDE
            async with alice.make_call("sip:bob@10.0.0.2") as call:
                await call.answered()
            await trio.sleep(1)
        assert server.statistics().dialogs.agent.keep_alives == 1
        nursery.cancel_scope.cancel()
    invite = first_invite(alice)
    assert invite.via.host == OUTSIDE
    assert f"@{OUTSIDE}:" in str(invite.contacts[0].uri)
    assert parse_sdp(invite.body).origin.address == OUTSIDE


@pytest.mark.parametrize("server", ["10.0.0.77:5060", "nowhere.example.com", "10.0.0.2"])
async def test_silent_or_missing_server_is_no_failure(
    sim: Simulation, autojump_clock: trio.testing.MockClock, server: str
) -> None:
    """TRN-12: after three seconds at most the phone works with the address that it has."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "bob", "10.0.0.2") as bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with sim.phone(wire, "alice", "10.0.0.1", stun_server=server) as alice:
            assert trio.current_time() <= 3.0
            assert alice.bound_addresses == [("10.0.0.1", 5060)]
            async with alice.make_call("sip:bob@10.0.0.2") as call:
                await call.answered()
            await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert parse_sdp(first_invite(alice).body).origin.address == "10.0.0.1"


async def test_given_up_while_asking_releases_the_port(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-12, COO-13: cancelled before it has begun."""
    wire = sim.wire()
    async with wire:
        with trio.move_on_after(1):
            async with sim.phone(wire, "alice", "10.0.0.1", stun_server="10.0.0.77"):
                pytest.fail("not reached")
        assert wire.open_sockets == []


@pytest.mark.parametrize("value", ["", "stun:stun.example.com", "a b", "host:0", "host:70000", "host:x", 5])
def test_bad_server_names_the_field(value: object) -> None:
    """TRN-12, COO-7."""
    with pytest.raises(ConfigurationError, match=r"^stun_server: "):
        CoordinatorConfig(stun_server=value)  # type: ignore[arg-type]
