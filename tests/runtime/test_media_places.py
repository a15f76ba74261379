"""Media on a machine with several addresses: each peer is told one that it can reach, and is heard there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing

from sansio_sip.message import parse_message
from sansio_sip.sdp import parse_sdp
from trio_runtime import IncomingCall, MediaConfig, SessionCoordinator, open_coordinator
from trio_runtime.media import MediaPlaces
from trio_runtime.testing import Simulation

WILDCARDS = (b"0.0.0.0", b"[::]", b"IP6 ::\r\n")
LISTEN = ("udp://0.0.0.0:0", "udp://[::]:0", "tcp://0.0.0.0:0")


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


def descriptions(phone: SessionCoordinator) -> list[tuple[str, str]]:
    """Who sent each description, and the address in it."""
    assert phone.trace is not None
    found: list[tuple[str, str]] = []
    for entry in phone.trace:
        message = parse_message(entry.data)
        if message.body:
            description = parse_sdp(message.body)
            connection = description.connection_of(description.media[0])
            assert connection is not None
            found.append((description.origin.address, connection.address))
    return found


@asynccontextmanager
async def two_phones(**options: Any) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    """Two on all interfaces of this machine."""
    media = MediaConfig(codecs=("PCMU",), ports=(36_000, 36_400))
    async with (
        open_coordinator(listen=LISTEN, media=media, **options) as alice,
        open_coordinator(listen=LISTEN, media=MediaConfig(codecs=("PCMU",), ports=(36_500, 36_900))) as bob,
    ):
        yield alice, bob


async def hears_itself(phone: SessionCoordinator, uri: str) -> bool:
    """Call somebody who echoes; tell whether what is said comes back."""
    tone = (8_000 * np.sin(np.arange(160) * 0.5)).astype(np.int16)
    async with phone.make_call(uri) as call:
        await call.answered()
        async for frame in call.audio:
            call.audio.send_nowait(tone)
            if np.abs(frame).max() > 1_000:
                return True
    return False


@pytest.mark.parametrize(
    ("host", "transport"), [("127.0.0.1", "udp"), ("[::1]", "udp"), ("127.0.0.1", "tcp")]
)
async def test_each_peer_is_told_the_address_that_it_can_reach(host: str, transport: str) -> None:
    """TRN-7: real sockets on all interfaces, both families; audio flows and no wildcard is ever written."""
    async with two_phones() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        six = host.startswith("[")
        ports = [
            each.port
            for each in bob.listening
            if each.transport == transport.upper() and (":" in each.host) is six
        ]
        with trio.fail_after(10):
            assert await hears_itself(alice, f"sip:bob@{host}:{ports[0]};transport={transport}")
        nursery.cancel_scope.cancel()
    plain = host.strip("[]")
    assert descriptions(alice) == [(plain, plain)] * 2
    assert descriptions(bob) == [(plain, plain)] * 2
    for phone in (alice, bob):
        assert phone.trace is not None
        assert [entry for entry in phone.trace for wildcard in WILDCARDS if wildcard in entry.data] == []


async def test_advertised_address_is_told_to_everybody() -> None:
    """TRN-7, NAT-1: it comes before what the routes say."""
    async with two_phones(advertised_host="192.0.2.77", no_media=True) as (alice, bob):
        port = next(each.port for each in bob.listening if each.transport == "UDP")
        async with alice.make_call(f"sip:bob@127.0.0.1:{port}"):
            await trio.sleep(0.05)
    assert descriptions(alice)[0] == ("192.0.2.77", "192.0.2.77")


async def test_name_that_leads_to_another_interface_is_told_that_address(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-7, TRN-11: the offer is written when the name is resolved; calls without media likewise."""
    wire = sim.wire()
    wire.names["bob.example.com"] = ["10.0.0.2"]
    bob = sim.phone(wire, "bob", "10.0.0.2", bind_host="0.0.0.0")
    alice = sim.phone(wire, "alice", "10.0.0.1", bind_host="0.0.0.0", no_media=True)
    async with wire, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        async with alice.make_call("sip:bob@bob.example.com") as call:
            await call.answered()
        await sim.settle()
        nursery.cancel_scope.cancel()
    assert descriptions(alice) == [("10.0.0.1", "10.0.0.1"), ("10.0.0.2", "10.0.0.2")]
    sim.assert_quiet()


def test_places_follow_the_family_of_the_peer_where_any_address_will_do() -> None:
    """TRN-7, law 8: what is expected is forgotten with the session."""
    guesses = {True: "2001:db8::1", False: "10.0.0.1"}
    places = MediaPlaces("10.0.0.1", guess=guesses.__getitem__)
    places.expect("four", six=False)
    places.expect("six", six=True)
    assert (places.of("four").bind_host, places.of("four").address) == ("0.0.0.0", "10.0.0.1")
    assert (places.of("six").bind_host, places.of("six").address) == ("::", "2001:db8::1")
    assert places.of("six").any_interface
    assert len(places) == 1
    places.forget("six")
    assert places.of("six").bind_host == "0.0.0.0"
    fixed = MediaPlaces("10.0.0.1", "10.0.0.1")
    fixed.expect("six", six=True)
    assert (fixed.of("six").address, fixed.of("six").any_interface) == ("10.0.0.1", False)
