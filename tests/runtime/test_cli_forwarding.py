"""The verbs that forward: proxy and b2bua, on a simulated network."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from trio_runtime import (
    Account,
    AutoAnswerHandler,
    CallRejected,
    ConfigurationError,
    RejectAllHandler,
    RequestsConfig,
    SessionCoordinator,
    open_coordinator,
)
from trio_runtime.cli.flags.routes import read_route, targets_for
from trio_runtime.events.types import MessageReceived
from trio_runtime.testing import Wire

SERVER = "10.0.0.9"
ROUTES = ("--route", "1=sip:10.0.0.2", "--route", "12=sip:bob@10.0.0.3,sip:10.0.0.2")
NEXT = ("--route", "12=sip:10.0.0.4")


def phone(
    wire: Wire, host: str, handler: AutoAnswerHandler | RejectAllHandler | None = None
) -> SessionCoordinator:
    return open_coordinator(
        environment=wire.environment(host), bind_host=host, handler=handler, no_media=True
    )


@pytest.mark.parametrize("verb", ["proxy", "b2bua"])
async def test_calls_go_where_their_prefix_says_and_it_is_all_told(
    autojump_clock: MockClock, verb: str
) -> None:
    """SRV-7, SRV-8, COO-6: the longest prefix; a group, then the next; 404; JSON with live counts."""
    wire = Wire()
    more = ("--no-media",) if verb == "b2bua" else ()
    run = Run((verb, *ROUTES, *NEXT, *more, "--bind", f"{SERVER}:5060", "--json", "--counts", "10"))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        async with (
            phone(wire, "10.0.0.2", RejectAllHandler(486)),
            phone(wire, "10.0.0.3", RejectAllHandler(486)),
            phone(wire, "10.0.0.4", AutoAnswerHandler()) as taker,
            phone(wire, "10.0.0.1") as alice,
        ):
            async with alice.make_call(f"sip:123@{SERVER}") as call:
                await call.answered()
                await trio.sleep(11)
                (there,) = taker.list_active_sessions()
                assert there.local_uri == (f"sip:123@{SERVER}" if verb == "proxy" else "sip:123@10.0.0.4")
            for uri, status in ((f"sip:11@{SERVER}", 486), (f"sip:9@{SERVER}", 404)):
                with pytest.raises(CallRejected) as caught:
                    await alice.start_call(uri).answered()
                assert caught.value.status_code == status
        await trio.sleep(1)
        run.interrupt.trigger()
    assert run.status == 0
    events = run.events()
    first, *_, last = [record for record in run.records if record["event"] == verb]
    if verb == "proxy":
        assert events.count("forwarded") == 5  # two at once, the next, the BYE, and the other call
        assert events.count("answered") == 4
        assert first["proxy"]["requests"] == 1
        assert (last["proxy"]["requests"], last["proxy"]["pending"]) == (4, 0)
    else:
        calls = [record for record in run.records if record["event"] == "call"]
        assert [record["status_code"] for record in calls] == [200, 486, 404]
        assert calls[0]["target"] == "sip:123@10.0.0.4"
        assert first["talking"] == 1
        assert (last["calls"], last["answered"], last["talking"]) == (3, 1, 0)


async def test_media_passes_and_messages_go_by_the_routes(autojump_clock: MockClock) -> None:
    """SRV-8: `--media pass`: two phones agree on ports of their own; MESSAGE by the route of a call."""
    wire = Wire()
    run = Run(("b2bua", "--route", "1=sip:10.0.0.2", "--media", "pass", "--bind", f"{SERVER}:5060", "--json"))
    takes = RequestsConfig(content_types=("text/plain",))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        async with (
            open_coordinator(
                environment=wire.environment("10.0.0.2"),
                bind_host="10.0.0.2",
                handler=AutoAnswerHandler(),
                requests=takes,
            ) as taker,
            open_coordinator(environment=wire.environment("10.0.0.1"), bind_host="10.0.0.1") as alice,
        ):
            with taker.subscribe(lambda event: isinstance(event, MessageReceived)) as told:
                assert (await alice.send_message(f"sip:1@{SERVER}", "hello")).status_code == 200
                assert (await alice.send_message(f"sip:2@{SERVER}", "hello")).status_code == 404
                message = told.receive_nowait()
                assert isinstance(message, MessageReceived)
                assert message.body == b"hello"
            async with alice.make_call(f"sip:1@{SERVER}") as call:
                await call.answered()
                await trio.sleep(2)
                ports = [port for host, port in wire.open_sockets if host == SERVER]
                assert ports == [5060]
                measured = call.statistics()
                assert measured is not None
                assert measured.rtp is not None
                assert measured.rtp.packets_received > 50  # straight from the other phone
        await trio.sleep(1)
        run.interrupt.trigger()
    assert run.status == 0
    assert run.records[-1]["requests_passed"] == 1


@pytest.mark.parametrize("verb", ["proxy", "b2bua"])
async def test_sigterm_drains_and_words_are_readable(autojump_clock: MockClock, verb: str) -> None:
    """SRV-7, SRV-8, PERF-9: new calls get 503; then the program ends; without --json it is text."""
    wire = Wire()
    run = Run((verb, "--route", "=sip:bob@10.0.0.4", "--bind", f"{SERVER}:5060", "--drain", "20"))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        async with phone(wire, "10.0.0.4", AutoAnswerHandler()), phone(wire, "10.0.0.1") as alice:
            call = alice.start_call(f"sip:1@{SERVER}")
            await call.answered()
            await trio.sleep(1)
            run.interrupt.drain.set()
            await run.said("draining")
            if verb == "b2bua":
                with pytest.raises(CallRejected) as caught:
                    await alice.start_call(f"sip:1@{SERVER}").answered()
                assert caught.value.status_code == 503
            await trio.sleep(30)
            call.hang_up()
    assert run.status == 0
    assert ("forwarded INVITE" if verb == "proxy" else "200, ") in run.text
    assert ("branches" if verb == "proxy" else "answered") in run.text.splitlines()[-1]


def test_routes() -> None:
    """SRV-7, SRV-8: what a TARGET may be, and how a called user gets into it."""
    routes = [read_route("1=sip:192.0.2.1;transport=tcp"), read_route("=sip:op@192.0.2.2,sips:[2001:db8::1]")]
    assert targets_for(routes, "12") == [["sip:12@192.0.2.1;transport=tcp"]]
    assert targets_for(routes, "9") == [["sip:op@192.0.2.2", "sips:9@[2001:db8::1]"]]
    assert targets_for(routes, "") == [["sip:op@192.0.2.2", "sips:[2001:db8::1]"]]
    assert targets_for(routes[:1], "9") == []
    for wrong in ("sip:bob@192.0.2.1", "1=bob", "1=sip:a@b,"):
        with pytest.raises(ArgumentTypeError):
            read_route(wrong)


async def test_configuration_of_the_proxy_from_a_file(autojump_clock: MockClock, tmp_path: Path) -> None:
    """SRV-7, COO-6: fields of a file hold where no flag speaks; a mistake in it is one line."""
    file = tmp_path / "proxy.toml"
    file.write_text('sip_port = 5070\ndomains = ["example.com"]\nroute_timeout = 5\n')
    wire = Wire()
    words = ("--route", "=sip:10.0.0.4", "--config", str(file), "--json")
    run = Run(("proxy", *words))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        async with phone(wire, "10.0.0.4", AutoAnswerHandler()), phone(wire, "10.0.0.1") as alice:
            headers = [("Route", f"<sip:{SERVER}:5070;lr>")]
            async with alice.make_call("sip:bob@example.com", headers=headers) as call:
                await call.answered()
        await trio.sleep(1)
        run.interrupt.trigger()
    assert run.status == 0
    file.write_text("route_timeout = 0\n")
    wrong = Run(("proxy", *words))
    async with Wire() as other:
        await wrong.main(other.environment(SERVER))
    assert isinstance(wrong.error, ConfigurationError)
    assert f"{file}: route_timeout" in str(wrong.error)


async def test_phones_register_at_the_proxy_and_are_called_before_the_routes(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """SRV-5, SRV-7, COO-6: one verb, one port: registered phones, then --route, then 480; with passwords."""
    wire = Wire()
    store = f"sqlite:{tmp_path / 'phones.db'}"
    users = ("--user", "alice:a-secret", "--user", "bob:b-secret", "--ask-callers", "--store", store)
    words = ("proxy", "--registrar", "pbx.test", *users, "--route", "9=sip:10.0.0.3")
    run = Run((*words, "--bind", f"{SERVER}:5060", "--json"))

    def user(name: str, host: str) -> SessionCoordinator:
        account = Account(
            f"sip:{name}@pbx.test", password=f"{name[0]}-secret", outbound_proxy=f"sip:{SERVER}"
        )
        return open_coordinator(
            environment=wire.environment(host),
            bind_host=host,
            accounts=(account,),
            handler=AutoAnswerHandler(),
            no_media=True,
        )

    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        alice, bob = user("alice", "10.0.0.1"), user("bob", "10.0.0.2")
        async with alice, bob, phone(wire, "10.0.0.3", AutoAnswerHandler()):
            async with bob.registered("sip:bob@pbx.test"):
                for number in ("bob", "911"):
                    async with alice.make_call(f"sip:{number}@pbx.test") as call:
                        await call.answered()
            for number, status in (("bob", 480), ("carol", 404)):
                with pytest.raises(CallRejected) as caught:
                    await alice.start_call(f"sip:{number}@pbx.test").answered()
                assert caught.value.status_code == status
        await trio.sleep(1)
        run.interrupt.trigger()
    assert run.status == 0
    assert [run.events().count(name) for name in ("contact_registered", "contact_removed")] == [1, 1]
    (last,) = [record for record in run.records if record["event"] == "proxy"]
    assert (last["registrar"]["accepted"], last["registrar"]["store"]["written"]) == (2, 2)
    assert "secret" not in run.text


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ((), "--route or --registrar is needed"),
        (("--registrar", "x.test"), "nobody may register"),
        (("--route", "=sip:192.0.2.1", "--anonymous"), "--anonymous needs --registrar"),
        (("--route", "=sip:192.0.2.1", "--ask-callers"), "--ask-callers needs --registrar"),
    ],
)
async def test_proxy_that_has_nobody_to_forward_to_is_told(words: tuple[str, ...], hint: str) -> None:
    """COO-6, ERR-1: in one line."""
    wire = Wire()
    async with wire:
        run = Run(("proxy", *words))
        await run.main(wire.environment(SERVER))
    assert hint in str(run.error)


async def test_numbers_of_a_proxy_with_a_registrar_are_readable(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """COO-6: without --json it is a line; a file may have the registrar, too."""
    file = tmp_path / "proxy.toml"
    file.write_text('[registrar]\ndomains = ["pbx.test"]\nanonymous = true\n')
    wire = Wire()
    run = Run(("proxy", "--config", str(file), "--bind", f"{SERVER}:5060", "--duration", "1"))
    async with wire:
        await run.main(wire.environment(SERVER))
    assert run.status == 0
    assert "0 requests" in run.text
    assert "addresses" in run.text
