"""Our registrar as a program: foreign phones register there, are called, and survive its violent death."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.baresip import Baresip, baresip
from tests.interop.process import HOST, free_ports, running, stop
from tests.interop.serve import ROOT, Line, Serve
from tests.interop.tone import assert_tone, write_tone
from tests.runtime.redis_server import redis_server
from trio_runtime import Account, MediaConfig, SessionCoordinator, open_client

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]
DOMAIN = "pbx.test"
ALICE, BOB = f"sip:alice@{DOMAIN}", f"sip:bob@{DOMAIN}"
USERS = ("--user", "alice:wonderland", "--user", "bob:builder")
TIME_S = 30


@attrs.define
class Registrar(Serve):
    """A running ``python -m trio_runtime registrar``."""

    def registered(self) -> list[Line]:
        return self.lines("contact_registered")

    async def has_bob(self) -> Line:
        return (await self.wait_for("contact_registered"))[0]


@asynccontextmanager
async def registering(
    folder: Path, *words: str, port: int = 0, verb: Sequence[str] = ("registrar", DOMAIN, "--connect-calls")
) -> AsyncIterator[Registrar]:
    """Run it for UDP and TCP while the block lasts, with passwords, and connect calls."""
    await trio.Path(folder).mkdir(exist_ok=True)
    out, err = folder / "registrar.jsonl", folder / "registrar.err"
    command = [sys.executable, "-m", "trio_runtime", *verb, *USERS, "--json"]
    command += ["--bind", f"{HOST}:{port or free_ports()}", "--listen", "udp", "--listen", "tcp", *words]
    async with running(command, out=out, err=err, cwd=ROOT) as process:
        server = Registrar(0, (0, 0), HOST, process, out, err)
        (ready,) = await server.wait_for("ready", timeout=20)
        server.port = int(ready["addresses"][0].rpartition(":")[2])
        yield server


def phone(server: Registrar) -> SessionCoordinator:
    account = Account(ALICE, password="wonderland", outbound_proxy=f"sip:{HOST}:{server.port}")
    return open_client(
        bind_host=HOST, sip_port=free_ports(), accounts=(account,), media=MediaConfig(codecs=("PCMU",))
    )


@asynccontextmanager
async def bob(
    peer: Peer,
    folder: Path,
    port: int,
    transport: str = "udp",
    contacts: str = "",
    *,
    user: str = "bob",
    password: str = "builder",
) -> AsyncIterator[Baresip]:
    """Run baresip as bob, or another user, who plays a tone to whoever calls."""
    await trio.Path(folder).mkdir()
    source = write_tone(folder / "source.wav", 6.0)
    proxy = f'outbound="sip:{HOST}:{port};transport={transport}"'
    async with baresip(
        peer("baresip"),
        folder,
        codec="PCMU",
        source=f"aufile,{source}",
        account=f";auth_user={user};auth_pass={password};{proxy}",
        aor=f"sip:{user}@{DOMAIN};transport={transport}",
        register_s=60,
        contacts=contacts,
    ) as far:
        yield far


async def call_and_hear(alice: SessionCoordinator, folder: Path) -> None:
    async with alice.make_call(BOB) as call:
        await call.answered()
        async with call.recording(folder / "heard.wav", channels="received"):
            await trio.sleep(1.1)
    await call.ended()
    assert_tone(WavReader((folder / "heard.wav").read_bytes()).read_all()[:, 0], at_least_s=0.6)


async def test_baresip_registers_over_tcp_with_digest_and_is_called_by_its_address(
    peer: Peer, tmp_path: Path
) -> None:
    """SRV-5, CLI-2, AUTH-1: by its connection, and heard; over UDP the next tests do it."""
    async with registering(tmp_path / "registrar") as server:
        async with bob(peer, tmp_path / "bob", server.port, "tcp"), phone(server) as alice:
            with trio.fail_after(TIME_S):
                line = await server.has_bob()
                assert (line["address"], line["username"]) == (BOB, "bob")
                assert line["source"].startswith(f"tcp:{HOST}:")
                assert "baresip" in line["user_agent"]
                async with alice.registered(ALICE):
                    await call_and_hear(alice, tmp_path)
        status = await stop(server.process, signal.SIGINT)
        assert (status, server.errors) == (0, "")
        numbers = server.lines("registrar")[-1]
        assert (numbers["challenged"] >= 2, numbers["refused"]) == (True, 0)


async def test_baresip_watches_who_is_registered(peer: Peer, tmp_path: Path) -> None:
    """SRV-6: it subscribes with its password, and shows in its list that alice has come."""
    watched = f'"Alice" <{ALICE}>;presence=p2p\n'
    async with registering(tmp_path / "registrar", "--presence") as server:
        async with bob(peer, tmp_path / "bob", server.port, contacts=watched) as far, phone(server) as alice:
            with trio.fail_after(2 * TIME_S):
                (line,) = await server.wait_for("watcher_subscribed")
                assert (line["resource"], line["package"]) == (f"alice@{DOMAIN}", "presence")
                async with alice.registered(ALICE):
                    await far_says(far, "Online")
            assert seen(server)[0] == ("available", 1)


def seen(server: Registrar) -> list[tuple[str, int]]:
    """What was to be seen of alice, and by how many."""
    lines = [line for line in server.lines("presence") if line["resource"] == f"alice@{DOMAIN}"]
    return [(line["status"], line["watchers"]) for line in lines]


async def far_says(far: Baresip, word: str) -> None:
    """Wait until its list of contacts has a word."""
    while word not in far.log.rpartition("Contacts")[2]:
        await far.command("contacts")
        await trio.sleep(0.5)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
async def test_bindings_survive_the_killing_of_the_registrar(peer: Peer, tmp_path: Path, kind: str) -> None:
    """SRV-5: SIGKILL after the 200, a new process on the same store: the phone is there, and is called.

    It does not register again meanwhile: that is half a minute away.
    """
    if kind == "redis":
        async with redis_server(peer("redis-server"), tmp_path) as redis:
            await kill_and_call(peer, tmp_path, redis.url)
    else:
        await kill_and_call(peer, tmp_path, f"sqlite:{tmp_path / 'bindings.db'}")


async def kill_and_call(peer: Peer, folder: Path, store: str) -> None:
    async with registering(folder / "first", "--store", store) as first:
        async with bob(peer, folder / "bob", first.port) as far:
            with trio.fail_after(TIME_S):
                line = await first.has_bob()
                assert (line["username"], line["source"].partition(":")[0]) == ("bob", "udp")
                first.process.kill()
                assert await first.process.wait() == -signal.SIGKILL
            async with registering(folder / "second", "--store", store, port=first.port) as second:
                async with phone(second) as alice:
                    with trio.fail_after(TIME_S):
                        await call_and_hear(alice, folder)
                assert second.registered() == []
                with trio.fail_after(TIME_S):
                    await far.command("quit")
                    (gone,) = await second.wait_for("contact_removed")
                assert (gone["address"], gone["left"]) == (BOB, 0)
                assert await stop(second.process, signal.SIGINT) == 0, second.errors


async def test_two_baresips_register_at_the_proxy_and_call_each_other(peer: Peer, tmp_path: Path) -> None:
    """SRV-5, SRV-7, EX-2: one port; one over TCP and one over UDP, both ways, 401 and 407, a tone, BYEs."""
    verb = ("proxy", "--registrar", DOMAIN, "--ask-callers")
    async with (
        registering(tmp_path / "proxy", verb=verb) as server,
        bob(peer, tmp_path / "bob", server.port, "tcp") as far,
        bob(peer, tmp_path / "alice", server.port, user="alice", password="wonderland") as near,
    ):
        with trio.fail_after(TIME_S):
            lines = await server.wait_for("contact_registered", count=2)
            assert {(line["address"], line["username"]) for line in lines} == {(ALICE, "alice"), (BOB, "bob")}
            for caller, callee, uri in ((near, far, BOB), (far, near, ALICE)):
                for each in (caller, callee):
                    each.events.clear()
                await caller.command("dial", uri)
                await callee.wait_for("CALL_ESTABLISHED")
                await caller.wait_for("CALL_ESTABLISHED")
                await trio.sleep(1.2)
                await callee.command("hangup")
                await caller.wait_for("CALL_CLOSED")
        assert await stop(server.process, signal.SIGINT) == 0, server.errors
    numbers = server.lines("proxy")[-1]
    assert (numbers["registrar"]["accepted"] >= 2, numbers["proxy"]["pending"]) == (True, 0)
    heard = sorted((tmp_path / "alice" / "recordings").glob("*dec.wav"))
    assert len(heard) == 2
    for path in heard:
        assert_tone(WavReader(path.read_bytes()).read_all()[:, 0], at_least_s=0.6)
