"""The programs in `examples/` do what their first lines say."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, WavReader, sine
from sansio_sip.invite import RemoteBye
from trio_runtime import (
    Account,
    AutoAnswerHandler,
    Call,
    CallEnded,
    CallRejected,
    RejectAllHandler,
    SessionCoordinator,
)
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(path.stem for path in EXAMPLES.glob("*.py"))
PROMPT = np.full(16_000, 500, np.int16)


def load(name: str) -> ModuleType:
    """Import an example by its name."""
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PROGRAMS)
def test_example_is_short_and_says_what_it_does(name: str) -> None:
    """EX-1: at most 60 lines; it says how to run it; importing it does nothing."""
    text = (EXAMPLES / f"{name}.py").read_text()
    assert len(text.splitlines()) <= (180 if name == "asyncio_phone" else 60)  # a whole phone, by itself
    module = load(name)
    assert module.__doc__
    assert f"python examples/{name}.py" in module.__doc__
    assert callable(module.main)


@asynccontextmanager
async def served(
    sim: Simulation, task: Callable[[SessionCoordinator], Awaitable[object]]
) -> AsyncIterator[tuple[SessionCoordinator, Wire]]:
    """Run an example on a phone of its own while the block lasts; yields one to call it with."""
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "server", "10.0.0.2") as server,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(task, server)
        await trio.testing.wait_all_tasks_blocked()
        yield alice, wire
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def hears(call: Call, hertz: float) -> bool:
    """Tell whether a tone is what sounds loudest in a call from now on."""
    frames = []
    with trio.move_on_after(0.6):
        async for frame in call.audio:
            frames.append(frame)
    samples = np.concatenate(frames[-20:]).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return abs(float(spectrum.argmax()) * 8_000 / samples.size - hertz) < 10


async def test_conference_server_lets_callers_of_one_room_hear_each_other(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """EX-1, SRV-10, BRG-6: two callers, a tone of one at the other; a third is in another room."""
    module, seen = load("conference_server"), []

    async def task(server: SessionCoordinator) -> None:
        seen.append(server)
        await module.confer(server)

    async with served(sim, task) as (alice, _), alice.make_call("sip:a@10.0.0.2") as one:
        async with (
            alice.make_call("sip:a@10.0.0.2") as two,
            alice.make_call("sip:b@10.0.0.2") as three,
            trio.open_nursery() as nursery,
        ):
            for call in (one, two, three):
                await call.answered()
            nursery.start_soon(one.play, ToneSource(sine(800.0)))
            await trio.sleep(0.5)
            assert await hears(two, 800)
            assert not await hears(three, 800)
            assert [(room.name, len(room.members)) for room in seen[0].conferences] == [("a", 2), ("b", 1)]
            nursery.cancel_scope.cancel()
        await trio.sleep(0.5)
        assert [(room.name, len(room.members)) for room in seen[0].conferences] == [("a", 1)]
    await trio.sleep(0.5)


async def test_b2bua_connects_the_dialled_user(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1, SRV-8, SRV-10: answered, heard, hung up; and refused where nobody is."""
    module, taken = load("b2bua"), []

    class Bob(AutoAnswerHandler):
        def on_call_established(self, call: Call) -> None:
            taken.append(call)

    def task(server: SessionCoordinator) -> Awaitable[None]:
        return server.serve(lambda call: module.connect(server, call, f"10.0.0.{call.called_user[-1]}"))

    async with served(sim, task) as (alice, wire):
        async with (
            sim.phone(wire, "bob", "10.0.0.3", handler=Bob()),
            sim.phone(wire, "carol", "10.0.0.4", handler=RejectAllHandler(603)),
        ):
            async with alice.make_call("sip:3@10.0.0.2") as call, trio.open_nursery() as nursery:
                await call.answered()
                nursery.start_soon(call.play, ToneSource(sine(800.0)))
                await trio.sleep(0.5)
                assert await hears(taken[0], 800)
                nursery.cancel_scope.cancel()
            await trio.sleep(0.5)
            assert isinstance(taken[0].end, RemoteBye)
            async with alice.make_call("sip:4@10.0.0.2") as call:
                with pytest.raises(CallRejected, match="603"):
                    await call.answered()


class Taker(AutoAnswerHandler):
    """Answers, and keeps the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def on_call_established(self, call: Call) -> None:
        self.calls.append(call)


async def test_exchange_connects_phones_with_each_other_and_with_the_world(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """EX-1, SRV-5, SRV-10: by number; out through the trunk; what it brings goes to phones only."""
    users = {"100": "secret", "101": "other"}
    exchange = load("pbx").Exchange("pbx.test", "10.0.0.50", users, store="memory")
    wire, desk, world = sim.wire(latency=0.01), Taker(), Taker()

    def phone(number: str, host: str, handler: AutoAnswerHandler | None = None) -> SessionCoordinator:
        account = Account(f"sip:{number}@pbx.test", password=users[number], outbound_proxy="sip:10.0.0.9")
        return sim.phone(wire, number, host, handler=handler, accounts=(account,))

    server = sim.phone(wire, "pbx", "10.0.0.9", handler=exchange, **exchange.options)
    trunk = sim.phone(wire, "trunk", "10.0.0.50", handler=world)
    one, other = phone("100", "10.0.0.1"), phone("101", "10.0.0.2", desk)
    mine, hers = "sip:100@pbx.test", "sip:101@pbx.test"
    async with wire, server, trunk, one, other, one.registered(mine), other.registered(hers):
        async with one.make_call(hers, account=mine) as call, trio.open_nursery() as nursery:
            await call.answered()
            nursery.start_soon(call.play, ToneSource(sine(800.0)))
            await trio.sleep(0.5)
            assert await hears(desk.calls[0], 800)
            assert server.presence.status_of(mine).status.value == "in-call"
            nursery.cancel_scope.cancel()
        async with one.make_call("sip:0301234@pbx.test", account=mine) as call:
            await call.answered()
            assert world.calls[0].local_uri == "sip:0301234@10.0.0.50"
        async with trunk.make_call("sip:101@10.0.0.9") as call:
            await call.answered()
        for number in ("0301234", "999"):
            async with trunk.make_call(f"sip:{number}@10.0.0.9") as call:
                with pytest.raises(CallRejected, match="404"):
                    await call.answered()
        async with one.make_call("sip:101@10.0.0.9") as call:  # without a password
            with pytest.raises(CallRejected, match="401"):
                await call.answered()
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize("key", ["1", "2", "3", ""])
async def test_menu_does_what_is_pressed(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, key: str
) -> None:
    """EX-1, SRV-10, SRV-11: transfer, message, echo, or nothing at all."""
    module = load("ivr")

    async def task(server: SessionCoordinator) -> None:
        await server.serve(lambda call: module.menu(call, PROMPT, "sip:sales@10.0.0.3", tmp_path))

    async with served(sim, task) as (alice, _), alice.make_call("sip:menu@10.0.0.2") as call:
        await call.answered()
        await trio.sleep(0.5)
        if key:
            await call.send_dtmf(key)
        match key:
            case "1":
                with trio.fail_after(10):
                    request = await anext(call.transfer_requests)
                assert request.target == "sip:sales@10.0.0.3"
                request.reject()
            case "2":
                await call.play(np.full(8_000, 3_000, np.int16))
                with contextlib.suppress(CallEnded):  # the key counts before its last repeat is sent
                    await call.send_dtmf("#")
                await call.ended()
                await trio.sleep(0.1)
                (message,) = [tmp_path / name for name in os.listdir(tmp_path)]
                assert WavReader(message.read_bytes()).read_all().max() > 2_000
            case "3":
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(call.play, ToneSource(sine(800.0)))
                    await trio.sleep(0.5)
                    assert await hears(call, 800)
                    nursery.cancel_scope.cancel()
            case _:
                with trio.fail_after(30):
                    assert isinstance(await call.ended(), RemoteBye)


async def test_echo_server_says_what_it_hears(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1, SRV-1, SRV-10."""
    module = load("echo_server")

    async def task(server: SessionCoordinator) -> None:
        await server.serve(module.echo)

    async with served(sim, task) as (alice, _), alice.make_call("sip:echo@10.0.0.2") as call:
        async with trio.open_nursery() as nursery:
            await call.answered()
            nursery.start_soon(call.play, ToneSource(sine(800.0)))
            await trio.sleep(0.5)
            assert await hears(call, 800)
            nursery.cancel_scope.cancel()


async def test_call_centre_serves_and_takes_messages(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """EX-1, SRV-10, QUE-1: one talks to the agent, the next one presses 0 and leaves a message."""
    module = load("call_centre")
    voicemail = partial(module.leave_message, beep=PROMPT[:800], messages=tmp_path)

    async def task(server: SessionCoordinator) -> None:
        await module.run_centre(server, ["sip:anna@10.0.0.3"], PROMPT, voicemail)

    async with (
        served(sim, task) as (alice, wire),
        sim.phone(wire, "anna", "10.0.0.3", handler=AutoAnswerHandler()),
    ):
        async with alice.make_call("sip:help@10.0.0.2") as first:
            await first.answered()
            await trio.sleep(1)
            async with alice.make_call("sip:help@10.0.0.2") as second:
                await second.answered()
                await trio.sleep(0.5)
                await second.send_dtmf("0")
                await trio.sleep(0.3)
                await second.play(np.full(8_000, 3_000, np.int16))
            await trio.sleep(0.5)
    (message,) = [tmp_path / name for name in os.listdir(tmp_path)]
    assert WavReader(message.read_bytes()).read_all().max() > 2_000
    said = capsys.readouterr().out.splitlines()
    assert "sip:alice@10.0.0.1: escaped  after 1 s" in said
    assert "sip:alice@10.0.0.1: served sip:anna@10.0.0.3 after 0 s" in said
    assert said[-1] == "1 of 2 answered, 0 gave up"


async def test_voicemail_takes_a_message_and_its_owner_hears_it(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """EX-1, SRV-10: a message after the beep; with the PIN it is heard, and deleted with 3."""
    module = load("voicemail")

    async def task(server: SessionCoordinator) -> None:
        await server.serve(lambda call: module.answer(call, PROMPT[:8_000], PROMPT[:800], "2580", tmp_path))

    async with served(sim, task) as (alice, _):
        async with alice.make_call("sip:mail@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(4)
            await call.play((3_000 * np.sin(np.arange(12_000) * 2 * np.pi * 700 / 8_000)).astype(np.int16))
        await trio.sleep(0.5)
        assert len(os.listdir(tmp_path)) == 1
        async with alice.make_call("sip:mail@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(0.3)
            await call.send_dtmf("2580")
            # It begins with the silence before the first word, and a thread has to find it, for which the
            # clock of the test does not wait.
            for _ in range(6):
                if await hears(call, 700):
                    break
            else:
                pytest.fail("the message is not heard")
            await call.send_dtmf("3")
            assert isinstance(await call.ended(), RemoteBye)
        assert os.listdir(tmp_path) == []


async def test_proxy_rings_the_group_then_the_voicemail(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1, SRV-7, SRV-10: the desk answers; who is busy is sent on; a number that nobody has is 404."""
    module = load("proxy")
    module.PHONES.update({"100": ["sip:d@10.0.0.3", "sip:d@10.0.0.4"], "200": ["sip:m@10.0.0.4"]})
    vars(module)["VOICEMAIL"] = "10.0.0.3"
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.proxy(wire, "10.0.0.9", module.route, domains=("example.com",)),
        sim.phone(wire, "desk", "10.0.0.3", handler=AutoAnswerHandler()) as desk,
        sim.phone(wire, "busy", "10.0.0.4", handler=RejectAllHandler(486)),
        sim.phone(wire, "alice", "10.0.0.1", outbound_proxy="sip:10.0.0.9;lr") as alice,
    ):
        for number in ("100", "200"):
            async with alice.make_call(f"sip:{number}@example.com") as call:
                await call.answered()
                await trio.sleep(0.1)
                assert len(desk.list_active_sessions()) == 1
            await trio.sleep(1)
        with pytest.raises(CallRejected, match="404"):
            await alice.start_call("sip:300@example.com").answered()
        await sim.settle(60)
    sim.assert_quiet()


async def test_exchange_on_one_port_serves_phones_voicemail_and_trunk(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """EX-1, SRV-5, SRV-7: by name; nobody there; a number outside; from outside; without a password."""
    module = load("sip_exchange")
    users = {"100": "one", "101": "two"}
    vars(module).update(VOICEMAIL="10.0.0.3", TRUNK="10.0.0.50")
    wire = sim.wire(latency=0.01)
    made = module.server("pbx.test", users, f"sqlite:{tmp_path / 'phones.db'}").config
    options = {name: getattr(made, name) for name in ("registrar", "inbound", "listen")}

    def phone(number: str, host: str) -> SessionCoordinator:
        account = Account(f"sip:{number}@pbx.test", password=users[number], outbound_proxy="sip:10.0.0.9")
        return sim.phone(wire, number, host, handler=AutoAnswerHandler(), accounts=(account,))

    async with (
        wire,
        sim.proxy(wire, "10.0.0.9", module.route, **options),
        sim.phone(wire, "mail", "10.0.0.3", handler=AutoAnswerHandler()) as mail,
        sim.phone(
            wire, "trunk", "10.0.0.50", handler=AutoAnswerHandler(), outbound_proxy="sip:10.0.0.9"
        ) as trunk,
        phone("100", "10.0.0.1") as one,
        phone("101", "10.0.0.2") as other,
        other.registered("sip:101@pbx.test"),
    ):
        for caller, account, number, taker in (
            (one, "sip:100@pbx.test", "101", other),
            (other, "sip:101@pbx.test", "100", mail),
            (one, "sip:100@pbx.test", "0049301234", trunk),
            (trunk, None, "101", other),
        ):
            async with caller.make_call(f"sip:{number}@pbx.test", account=account) as call:
                await call.answered()
                await trio.sleep(0.1)
                assert len(taker.list_active_sessions()) == 1
            await trio.sleep(1)
        with pytest.raises(CallRejected, match="404"):
            await one.start_call("sip:102@pbx.test", account="sip:100@pbx.test").answered()
        stranger = Account("sip:100@pbx.test", password="guess", outbound_proxy="sip:10.0.0.9")
        async with sim.phone(wire, "eve", "10.0.0.6", accounts=(stranger,)) as eve:
            with pytest.raises(CallRejected, match="407"):
                await eve.start_call("sip:101@pbx.test", account=stranger).answered()
        await sim.settle(60)
