"""Kamailio in the middle: phones register there, and calls go through it, from one transport to another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from sansio_sip.invite import Cancelled, LocallyClosed, RemoteBye
from sansio_sip.message import Request, parse_message
from tests.interop.baresip import baresip
from tests.interop.kamailio import DOMAIN, kamailio
from tests.interop.process import HOST, free_ports
from tests.interop.sipp import sipp
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import (
    Account,
    CallRejected,
    IncomingCall,
    MediaConfig,
    RegistrationRejected,
    RegistrationState,
    SessionCoordinator,
    open_client,
)

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

LISTEN = {"udp": ("udp",), "tcp": ("tcp",)}
TIME_S = 15


def phone(account: Account, transport: str, *, behind_nat: bool = False) -> SessionCoordinator:
    """Open a phone of ours with one account; one behind a NAT listens nowhere for connections."""
    listen: tuple[str, ...] = ("udp",) if behind_nat else LISTEN[transport]
    connect: tuple[str, ...] = (transport,) if behind_nat else ()
    return open_client(
        bind_host=HOST,
        sip_port=free_ports(),
        listen=listen,
        connect=connect,
        accounts=(account,),
        media=MediaConfig(codecs=("PCMU",)),
    )


def heard(phone: SessionCoordinator, method: str) -> list[Request]:
    """The requests of a method that went out of or came into a phone."""
    assert phone.trace is not None
    start = f"{method} ".encode()
    messages = [parse_message(entry.data) for entry in phone.trace if entry.data.startswith(start)]
    return [message for message in messages if isinstance(message, Request)]


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_phone_registers_is_refreshed_and_unregisters(
    peer: Peer, tmp_path: Path, transport: str
) -> None:
    """CLI-2, NAT-1: digest, one binding whatever is refreshed, none afterwards."""
    async with kamailio(peer("kamailio"), tmp_path) as server:
        account = server.account("alice", transport)
        with trio.fail_after(TIME_S):
            async with phone(account, transport) as alice:
                async with alice.registered(expires=60) as registration:
                    assert registration.expires == 60
                    (binding,) = registration.bindings
                    assert f"sip:alice@{HOST}:" in binding
                    registration.refresh()
                    await trio.sleep(0.2)
                    assert len(registration.bindings) == 1
                    assert f"sip:alice@{HOST}:" in await server.bindings()
                assert await registration.ended() == "removed"
                assert f"sip:alice@{HOST}:" not in await server.bindings()
        assert len(heard(alice, "REGISTER")) == 4


async def test_too_short_a_time_is_raised_as_the_registrar_wants(peer: Peer, tmp_path: Path) -> None:
    """CLI-2, SES-30: 423 with Min-Expires, which Kamailio says instead with what it grants."""
    async with kamailio(peer("kamailio"), tmp_path) as server, phone(server.account("alice"), "udp") as alice:
        with trio.fail_after(TIME_S):
            async with alice.registered(expires=2) as registration:
                assert registration.expires >= 10


async def test_wrong_password_is_refused_in_registrations_and_calls(peer: Peer, tmp_path: Path) -> None:
    """CLI-2, CLI-8, ERR-1: 401 for the one, 407 for the other; two requests each and no more."""
    async with kamailio(peer("kamailio"), tmp_path) as server:
        wrong = server.account("alice", password="wrong")
        async with phone(wrong, "udp") as alice:
            with trio.fail_after(TIME_S):
                with pytest.raises(RegistrationRejected) as refused:
                    async with alice.registered():
                        pytest.fail("not reached")
                assert refused.value.status_code == 401
                async with alice.make_call(f"sip:bob@{DOMAIN}") as call:
                    with pytest.raises(CallRejected, match="407"):
                        await call.answered()
            assert [len(heard(alice, method)) for method in ("REGISTER", "INVITE")] == [2, 2]


@pytest.mark.parametrize(
    ("ours", "theirs", "behind_nat"),
    [("udp", "udp", False), ("udp", "tcp", False), ("tcp", "udp", False), ("tcp", "tcp", True)],
)
async def test_call_goes_through_it_from_one_transport_to_another(
    peer: Peer, tmp_path: Path, ours: str, theirs: str, behind_nat: bool
) -> None:
    """CLI-2, CLI-8, DLG-2, TRN-6: challenged, found by its registration, and BYE by the recorded route."""
    async with kamailio(peer("kamailio"), tmp_path) as server:
        alice = phone(server.account("alice", ours), ours, behind_nat=behind_nat)
        bob = phone(server.account("bob", theirs), theirs, behind_nat=behind_nat)
        with trio.fail_after(2 * TIME_S):
            async with alice, bob, alice.registered(), bob.registered(), trio.open_nursery() as nursery:
                await nursery.start(bob.serve, echo)
                tone = write_tone(tmp_path / "tone.wav", 1.0)
                async with alice.make_call(f"sip:bob@{DOMAIN}") as call:
                    await call.answered()
                    async with call.recording(tmp_path / "echo.wav", channels="received"):
                        await call.play(tone)
                        await trio.sleep(0.3)
                assert isinstance(await call.ended(), LocallyClosed)
                await trio.sleep(0.3)
                assert bob.list_active_sessions() == []
                nursery.cancel_scope.cancel()
        assert (alice.leftovers(), bob.leftovers()) == ([], [])
    assert_tone(WavReader((tmp_path / "echo.wav").read_bytes()).read_all()[:, 0], at_least_s=0.7)
    first, again = heard(alice, "INVITE")
    assert first.get("proxy-authorization") is None
    assert again.get("proxy-authorization") is not None
    for request in (heard(bob, "INVITE")[-1], heard(bob, "BYE")[-1]):
        assert len(request.vias) == 2  # the proxy stayed on the way
        assert request.via.transport == theirs.upper()
    assert len(heard(alice, "BYE")[-1].routes) == (1 if ours == theirs else 2)


async def test_callee_hangs_up_and_caller_gives_up(peer: Peer, tmp_path: Path) -> None:
    """SES-11, DLG-2: BYE the other way round, CANCEL, and a user who is not there."""
    async with kamailio(peer("kamailio"), tmp_path) as server:
        alice, bob = phone(server.account("alice"), "udp"), phone(server.account("bob", "tcp"), "tcp")
        ends: list[object] = []

        async def answer_or_ring(call: IncomingCall) -> None:
            if call.headers.get("Subject") == "ring":
                call.ring()
                ends.append(await call.ended())
            else:
                await call.answer()

        with trio.fail_after(2 * TIME_S):
            async with alice, bob, bob.registered(), trio.open_nursery() as nursery:
                await nursery.start(bob.serve, answer_or_ring)
                async with alice.make_call(f"sip:bob@{DOMAIN}") as call:
                    await call.answered()
                    assert isinstance(await call.ended(), RemoteBye)
                with trio.move_on_after(1):
                    async with alice.make_call(f"sip:bob@{DOMAIN}", headers=[("Subject", "ring")]) as call:
                        await call.answered()
                await trio.sleep(0.5)
                assert isinstance(call.end, Cancelled)
                assert [type(end) for end in ends] == [Cancelled]
                async with alice.make_call(f"sip:nobody@{DOMAIN}") as call:
                    with pytest.raises(CallRejected, match="404"):
                        await call.answered()
                nursery.cancel_scope.cancel()


async def test_registrar_that_is_killed_and_started_again_has_us_again(peer: Peer, tmp_path: Path) -> None:
    """TRN-10, CLI-2: the connection breaks, we come back by a new one, and are called by it."""
    port = free_ports()
    proxy = f"sip:{HOST}:{port};transport=tcp"
    account = Account(f"sip:bob@{DOMAIN}", password="secret2", outbound_proxy=proxy, retry_base=0.5)
    with trio.fail_after(4 * TIME_S):
        async with phone(account, "tcp") as bob:
            folders = [tmp_path / "one", tmp_path / "two"]
            for folder in folders:
                folder.mkdir()
            async with kamailio(peer("kamailio"), folders[0], port=port):
                registration = bob.register(account)
                await registration.registered()
            await trio.sleep(0.5)
            assert registration.state is not RegistrationState.ENDED
            async with kamailio(peer("kamailio"), folders[1], port=port) as server:
                await server.has(f"sip:bob@{HOST}")
                async with phone(server.account("alice"), "udp") as alice, trio.open_nursery() as nursery:
                    await nursery.start(bob.serve, echo)
                    async with alice.make_call(f"sip:bob@{DOMAIN}") as call:
                        await call.answered()
                    nursery.cancel_scope.cancel()
                registration.unregister()
                assert await registration.ended() == "removed"


async def test_baresip_is_called_and_calls_through_it(peer: Peer, tmp_path: Path) -> None:
    """PRJ-1, CLI-2, MED-2: baresip registered over TCP, ours over UDP; tone both ways, in both directions."""
    (tmp_path / "baresip").mkdir()
    source = write_tone(tmp_path / "source.wav", 30)
    async with kamailio(peer("kamailio"), tmp_path) as server:
        proxy = f'outbound="sip:{HOST}:{server.port};transport=tcp"'
        sign_in = f";auth_user=baresip;auth_pass=secret3;{proxy}"
        alice = phone(server.account("alice"), "udp")
        async with (
            alice,
            baresip(
                peer("baresip"),
                tmp_path / "baresip",
                codec="PCMU",
                source=f"aufile,{source}",
                account=sign_in,
                aor=f"sip:baresip@{DOMAIN};transport=tcp",
                register_s=60,
            ) as far,
            alice.registered(),
        ):
            await server.has("sip:baresip")
            with trio.fail_after(2 * TIME_S):
                async with alice.make_call(f"sip:baresip@{DOMAIN}") as call:
                    await call.answered()
                    async with call.recording(tmp_path / "ours.wav", channels="received"):
                        await call.play(write_tone(tmp_path / "tone.wav", 1.5))
                await far.wait_for("CALL_CLOSED")
                calls: list[IncomingCall] = []

                async def listen(call: IncomingCall) -> None:
                    calls.append(call)
                    await call.answer()
                    async with call.recording(tmp_path / "theirs.wav", channels="received"):
                        await call.ended()

                async with trio.open_nursery() as nursery:
                    await nursery.start(alice.serve, listen)
                    await far.command("dial", f"sip:alice@{DOMAIN}")
                    while not calls:  # noqa: ASYNC110 - another program calls
                        await trio.sleep(0.05)
                    await trio.sleep(1.5)
                    await far.command("hangup")
                    assert isinstance(await calls[0].ended(), RemoteBye)
                    await trio.sleep(0.1)
                    nursery.cancel_scope.cancel()
    for name, least in (("ours.wav", 1.0), ("theirs.wav", 0.8)):
        assert_tone(WavReader((tmp_path / name).read_bytes()).read_all()[:, 0], at_least_s=least)


async def test_sipp_calls_through_it_and_follows_the_recorded_route(peer: Peer, tmp_path: Path) -> None:
    """SIPP-1, CLI-2: fifty calls with digest to a phone that is registered over TCP."""
    calls = 50
    ends: list[object] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        ends.append(await call.ended())

    async with kamailio(peer("kamailio"), tmp_path) as server:
        (tmp_path / "sipp").mkdir()
        async with phone(server.account("bob", "tcp"), "tcp") as bob, trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            async with bob.registered():
                load = ["-m", str(calls), "-r", "25", "-s", "bob", "-au", "sipp", "-ap", "secret4"]
                target = f"{HOST}:{server.port}"
                async with sipp(
                    peer("sipp"), tmp_path / "sipp", "through_proxy.xml", *load, target=target
                ) as caller:
                    result = await caller.finished(30)
            nursery.cancel_scope.cancel()
    result.assert_perfect(calls)
    assert len(ends) == calls
    assert all(isinstance(end, RemoteBye) for end in ends)
