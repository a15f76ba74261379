"""JsSIP over WebSocket: at our own server, and through Kamailio with phones of other transports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from sansio_sip.invite import LocallyClosed, RemoteBye
from tests.interop.jssip import JsSip, find_jssip, jssip
from tests.interop.kamailio import DOMAIN, USERS, has_web_sockets, kamailio
from tests.interop.process import HOST, free_ports
from tests.runtime.registrar import registrar
from trio_runtime import CallRejected, IncomingCall, SessionCoordinator, open_client, open_server
from trio_runtime.api import kernel_environment

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TIME_S = 20
AOR = f"sip:web@{DOMAIN}"


@pytest.mark.parametrize("password", ["secret", "wrong"])
async def test_it_registers_at_our_server(tmp_path: Path, password: str) -> None:
    """CLI-2, TRN-4, AUTH-2: outbound over WebSocket with digest; a wrong password is refused."""
    find_jssip()
    port = free_ports()
    options = {"bind_host": HOST, "listen": (f"ws://{HOST}:{port}",)}
    server = registrar(kernel_environment(), users={"web": "secret"}, options=options)
    with trio.fail_after(2 * TIME_S):
        async with server as far, jssip(tmp_path, f"ws://{HOST}:{port}", AOR, password) as web:
            await web.command("register")
            if password == "wrong":
                assert (await web.wait_for("registrationFailed"))["status"] == 401
                assert far.contacts(AOR) == []
            else:
                await web.wait_for("registered")
                (contact,) = far.contacts(AOR)
                assert ".invalid" in contact
                first = far.requests()[0]
                assert "outbound" in first.supported
                assert first.contacts[0].param("reg-id") == "1"
                await web.command("unregister")
                await web.wait_for("unregistered")
                assert far.contacts(AOR) == []
            assert far.endpoint.agent.statistics().malformed == 0


async def test_it_calls_our_phone_directly(tmp_path: Path) -> None:
    """TRN-4, TRN-6, DLG-2: our answers and our BYE go by its connection, as there is no other way."""
    find_jssip()
    port = free_ports()
    calls: list[IncomingCall] = []

    async def answer(call: IncomingCall) -> None:
        calls.append(call)
        call.ring()
        await call.answer()
        if len(calls) == 1:
            await call.ended()

    server = open_server("sip:bob@127.0.0.1", bind_host=HOST, listen=(f"ws://{HOST}:{port}",), no_media=True)
    with trio.fail_after(2 * TIME_S):
        async with server as bob, trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            async with jssip(tmp_path, f"ws://{HOST}:{port}", AOR) as web:
                await web.command("call", target=f"sip:bob@{HOST}")
                await web.wait_for("confirmed")
                await web.command("hangUp")
                assert isinstance(await calls[0].ended(), RemoteBye)
                await web.command("call", target=f"sip:bob@{HOST}")
                ended = await web.wait_for("ended", 2)
                assert (ended["originator"], ended["cause"]) == ("remote", "Terminated")
                assert isinstance(calls[1].end, LocallyClosed)
                assert len(web.events("progress")) == 2
            nursery.cancel_scope.cancel()
    assert bob.leftovers() == []


@asynccontextmanager
async def through_kamailio(peer: Peer, folder: Path) -> AsyncIterator[tuple[SessionCoordinator, JsSip]]:
    """Alice over UDP and JsSIP over WebSocket, both registered at one Kamailio."""
    find_jssip()
    path = peer("kamailio")
    if not has_web_sockets():
        peer("kamailio-websocket-modules")
    async with kamailio(path, folder, web=True) as server:
        account = server.account("alice")
        url = f"ws://{HOST}:{server.web_port}"
        async with (
            open_client(bind_host=HOST, accounts=(account,), no_media=True) as alice,
            jssip(folder, url, AOR, USERS["web"]) as web,
            alice.registered(),
        ):
            await web.command("register")
            await web.wait_for("registered")
            yield alice, web


async def test_it_calls_us_through_kamailio(peer: Peer, tmp_path: Path) -> None:
    """TRN-4, CLI-2, DLG-2: WebSocket to UDP; it hangs up, and so do we."""
    calls: list[IncomingCall] = []

    async def answer(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        if len(calls) == 1:
            await call.ended()

    with trio.fail_after(2 * TIME_S):
        async with through_kamailio(peer, tmp_path) as (alice, web), trio.open_nursery() as nursery:
            await nursery.start(alice.serve, answer)
            await web.command("call", target=f"sip:alice@{DOMAIN}")
            await web.wait_for("confirmed")
            await web.command("hangUp")
            assert isinstance(await calls[0].ended(), RemoteBye)
            await web.command("call", target=f"sip:alice@{DOMAIN}")
            assert (await web.wait_for("ended", 2))["originator"] == "remote"
            nursery.cancel_scope.cancel()


async def test_we_call_it_through_kamailio(peer: Peer, tmp_path: Path) -> None:
    """TRN-4, CLI-2, SES-7: it answers and hangs up, is hung up, and refuses."""
    with trio.fail_after(2 * TIME_S):
        async with through_kamailio(peer, tmp_path) as (alice, web):
            async with alice.make_call(AOR) as call:
                await web.wait_for("session")
                await web.command("answer")
                await call.answered()
                await web.wait_for("confirmed")
                await web.command("hangUp")
                assert isinstance(await call.ended(), RemoteBye)
            async with alice.make_call(AOR) as call:
                await web.wait_for("session", 2)
                await web.command("answer")
                await call.answered()
                await web.wait_for("confirmed", 2)
            assert (await web.wait_for("ended", 2))["originator"] == "remote"
            async with alice.make_call(AOR) as call:
                await web.wait_for("session", 3)
                await web.command("reject")
                with pytest.raises(CallRejected, match="486"):
                    await call.answered()
