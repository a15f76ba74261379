"""The pages about the proxy and the back-to-back user agent: calls go through their examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from trio_runtime import (
    Account,
    AutoAnswerHandler,
    CallRejected,
    RegistrarConfig,
    SessionCoordinator,
    open_registrar,
)
from trio_runtime.testing import Simulation, Wire

DOCS = Path(__file__).parents[2] / "docs"
Clock = trio.testing.MockClock
ALICE = "sip:alice@example.com"


def blocks(page: str) -> list[dict[str, Any]]:
    """The names that each example of a page defines."""
    found = []
    for block in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL):
        names: dict[str, Any] = {}
        exec(compile(block, page, "exec"), names)
        found.append(names)
    return found


async def called(sim: Simulation, example: Any, uri: str) -> str:
    """Run an example at 10.0.0.9 while alice calls by it; return whom bob at 10.0.0.2 sees, or the status."""
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", outbound_proxy="sip:10.0.0.9;lr") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(example, wire.environment("10.0.0.9"))
        await trio.testing.wait_all_tasks_blocked()
        seen = ""
        async with alice.make_call(uri) as call:
            try:
                await call.answered()
                await trio.sleep(1)
                (there,) = bob.list_active_sessions()
                seen = there.remote_uri
            except CallRejected as error:
                seen = str(error.status_code)
        await trio.sleep(100)  # the example ends by itself
    return seen


async def test_proxy_of_the_page_forwards_calls(
    sim: Simulation, autojump_clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """PRJ-1, SRV-7: a silent target first, then bob."""
    page, *_ = blocks("proxy.md")
    seen = await called(sim, page["example"], "sip:bob@example.com")
    assert seen == "sip:alice@10.0.0.1"
    assert capsys.readouterr().out.startswith("2 1")


@pytest.mark.parametrize(("user", "seen"), [("sales", "sip:alice@10.0.0.1"), ("nobody", "404")])
async def test_b2bua_of_the_page_connects_calls(
    sim: Simulation, autojump_clock: Clock, user: str, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """PRJ-1, SRV-8: a group of two of which one is silent; and somebody who is not there."""
    page, without = blocks("b2bua.md")
    found = await called(sim, page["example"], f"sip:{user}@10.0.0.9")
    assert found == seen
    assert "sip:alice@10.0.0.1" in capsys.readouterr().out
    await without["example"](None)


async def test_linked_legs_of_the_page(sim: Simulation, autojump_clock: Clock) -> None:
    """PRJ-1, SES-8, SES-29: the second call is prepared, linked, and ends with the first."""
    _, without = blocks("b2bua.md")
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob,
        sim.phone(wire, "server", "10.0.0.9") as server,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, lambda call: without["take"](server, call))
        async with alice.make_call("sip:bob@10.0.0.9") as call:
            await call.answered()
            await trio.sleep(1)
            assert len(bob.list_active_sessions()) == 1
        await trio.sleep(1)
        assert bob.list_active_sessions() == []
        nursery.cancel_scope.cancel()


async def test_phones_of_a_registrar_are_called_through_the_proxy(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5, SRV-7: REGISTER by the proxy, then a call to whom `locate` finds; who is not there is 480."""
    *_, page = blocks("proxy.md")
    wire = sim.wire(latency=0.01)
    registrar = open_registrar(
        RegistrarConfig(domains=("example.com",), anonymous=True),
        bind_host="10.0.0.8",
        environment=wire.environment("10.0.0.8"),
    )
    account = Account("sip:bob@example.com", outbound_proxy="sip:10.0.0.9;lr")
    async with (
        wire,
        registrar,
        sim.proxy(wire, "10.0.0.9", page["routing"](registrar, "sip:10.0.0.8"), domains=("example.com",)),
        sim.phone(wire, "bob", "10.0.0.2", accounts=(account,), handler=AutoAnswerHandler()) as bob,
        sim.phone(wire, "alice", "10.0.0.1", outbound_proxy="sip:10.0.0.9;lr") as alice,
    ):
        async with bob.registered(account):
            async with alice.make_call("sip:bob@example.com") as call:
                await call.answered()
                await trio.sleep(1)
                assert len(bob.list_active_sessions()) == 1
        await trio.sleep(1)
        with pytest.raises(CallRejected, match="480"):
            await alice.start_call("sip:bob@example.com").answered()
        await sim.settle(40)
    sim.assert_quiet()


def office(sim: Simulation, wire: Wire, user: str, host: str, password: str) -> SessionCoordinator:
    """A phone of the domain of the pages, that answers."""
    account = Account(f"sip:{user}@example.com", password=password, outbound_proxy="sip:10.0.0.9")
    return sim.phone(wire, user, host, accounts=(account,), handler=AutoAnswerHandler())


async def test_proxy_of_the_page_is_a_registrar(
    sim: Simulation, autojump_clock: Clock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """PRJ-1, SRV-5, SRV-7: without a routing function; with passwords of callers."""
    _, page, _, _ = blocks("proxy.md")
    phones = attrs.evolve(page["PHONES"], store=f"sqlite:{tmp_path / 'phones.db'}")
    wire = sim.wire(latency=0.01)
    alice = office(sim, wire, "alice", "10.0.0.1", "wonderland")
    bob = office(sim, wire, "bob", "10.0.0.2", "builder")
    async with wire, trio.open_nursery() as nursery, alice, bob:
        nursery.start_soon(page["serve"], wire.environment("10.0.0.9"), phones)
        await trio.testing.wait_all_tasks_blocked()
        async with bob.registered("sip:bob@example.com"):
            async with alice.make_call("sip:bob@example.com", account=ALICE) as call:
                await call.answered()
            with pytest.raises(CallRejected, match="404"):
                await alice.start_call("sip:carol@example.com", account=ALICE).answered()
            await trio.sleep(70)
        await trio.sleep(40)  # the server is gone, and nobody answers that bob is, too
    assert capsys.readouterr().out.splitlines()[0].startswith("sip:bob@10.0.0.2:5060 1.0 udp:10.0.0.2:")


@pytest.mark.parametrize(
    ("called", "where"), [("bob", "bob"), ("alice", "voicemail"), ("office", "bob"), ("carol", "404")]
)
async def test_route_of_the_page_asks_where_users_are(
    sim: Simulation, autojump_clock: Clock, called: str, where: str
) -> None:
    """PRJ-1, SRV-7: `registered()` alone, of others, and as a group; messages go to phones only."""
    _, page, routing, _ = blocks("proxy.md")
    phones = attrs.evolve(page["PHONES"], store="memory")
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.proxy(wire, "10.0.0.9", routing["route"], registrar=phones),
        sim.phone(wire, "voicemail", "10.0.0.3", handler=AutoAnswerHandler()) as voicemail,
        office(sim, wire, "alice", "10.0.0.1", "wonderland") as alice,
        office(sim, wire, "bob", "10.0.0.2", "builder") as bob,
        bob.registered("sip:bob@example.com"),
    ):
        call = alice.start_call(f"sip:{called}@example.com", account=ALICE)
        if where == "404":
            with pytest.raises(CallRejected, match="404"):
                await call.answered()
        else:
            await call.answered()
            takers = {"bob": bob, "voicemail": voicemail}
            assert len(takers[where].list_active_sessions()) == 1
            call.hang_up()
            await call.ended()
        assert (await alice.options("sip:bob@example.com", account=ALICE)).status_code == 200
        await trio.sleep(1)
