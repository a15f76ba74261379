"""Clients of the WebSocket API: who is let in, what they may send, and what the slow ones lose."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
import trio
import trio.testing
import trio_websocket
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator

from tests.runtime.api_bench import BEARER, TOKEN, ApiClient, check, connected, validator
from tests.runtime.certificates import Authority
from trio_runtime import (
    ApiServer,
    ConfigurationError,
    NetworkError,
    PortInUseError,
    SessionCoordinator,
    TlsConfig,
    open_client,
)
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.control import ApiConfig, api_schema, open_api
from trio_runtime.control.commands import COMMANDS
from trio_runtime.control.commands.others import Login
from trio_runtime.control.errors import ErrorCode, error_info
from trio_runtime.control.events import EVENTS, JobEnded
from trio_runtime.control.execution import WORK
from trio_runtime.control.forms.form import FormError
from trio_runtime.control.forms.table import form_of
from trio_runtime.control.messages import error_text, event_text, plain_numbers, read_command
from trio_runtime.control.pushing.event_log import Filter
from trio_runtime.control.pushing.fanout import Fanout
from trio_runtime.control.pushing.frames import text_frame
from trio_runtime.control.pushing.shared_stream import SharedStream
from trio_runtime.events import types as facts
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
CALL = SessionId("c1")
SCHEMA = Path(__file__).parents[2] / "docs" / "api.schema.json"


@asynccontextmanager
async def api_of(sim: Simulation, **config: Any) -> AsyncIterator[tuple[ApiServer, SessionCoordinator]]:
    """The API of a phone that is alone."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with open_api(alice, port=0, token=TOKEN, **config) as api:
            yield api, alice


def announce(alice: SessionCoordinator, count: int = 1) -> None:
    """Let things happen that are told as events."""
    for number in range(count):
        alice._bus.publish(facts.NetworkChanged((), (f"10.0.0.{number}",)))


# Signing in


async def test_token_in_the_handshake_or_in_the_first_message(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9: programs send a header, browsers cannot."""
    async with api_of(sim) as (api, _):
        async with connected(api) as client:
            assert (await client.ask("list_calls"))["reply"] == "calls"
            again = await client.ask("login", token="wrong")
            assert (again["error"]["code"], again["error"]["field"]) == ("unauthorized", "token")
            assert (await client.ask("login", token=TOKEN))["reply"] == "done"
        async with connected(api, headers=[]) as client:
            assert (await client.ask("login", token=TOKEN))["reply"] == "done"
            assert (await client.ask("list_calls"))["reply"] == "calls"
        assert api.statistics().unauthorized == 0


@pytest.mark.parametrize("value", [b"Bearer wrong", b"Basic YTpi", b"Bearer", b"Bearer \xff\xfe", b""])
async def test_wrong_token_in_the_handshake_is_401(
    sim: Simulation, autojump_clock: Clock, value: bytes
) -> None:
    """SRV-9: before there is a WebSocket at all."""
    async with api_of(sim) as (api, _):
        with pytest.raises(trio_websocket.ConnectionRejected) as rejected:
            async with connected(api, headers=[(b"Authorization", value)]):
                pytest.fail("not reached")
        assert rejected.value.status_code == 401
        assert (b"www-authenticate", b"Bearer") in rejected.value.headers
        assert api.statistics().unauthorized == 1


@pytest.mark.parametrize(
    "first",
    [
        {"id": 1, "command": "login", "token": "wrong"},
        {"id": 1, "command": "list_calls"},
        {"id": 1, "command": "login", "token": TOKEN, "more": 1},
        None,
    ],
)
async def test_without_the_right_token_the_connection_is_closed_with_4401(
    sim: Simulation, autojump_clock: Clock, first: dict[str, Any] | None
) -> None:
    """SRV-9: for a wrong one, another command, and for silence."""
    async with api_of(sim) as (api, _), connected(api, headers=[]) as client:
        if first is not None:
            await client.socket.send_message(json.dumps(first))
            assert (await client.reply(1))["error"]["code"] == "unauthorized"
        began = trio.current_time()
        assert await client.over() == 4_401
        assert trio.current_time() - began == pytest.approx(0 if first else 5, abs=0.5)
        assert api.statistics().unauthorized == 1


# What clients may send

BAD_MESSAGES: list[tuple[str | bytes, str, str | None]] = [
    ("", "malformed", None),
    ("nonsense", "malformed", None),
    (b"\x00\xff", "malformed", None),
    (b'{"id": 1, "command": "list_calls"}', "malformed", None),
    ("[]", "malformed", None),
    ("null", "malformed", None),
    ("1", "malformed", None),
    ('{"id": 1, "id": 2, "command": "list_calls"}', "malformed", None),
    ('{"id": NaN, "command": "list_calls"}', "malformed", None),
    ('{"id": ' + "1" * 10_000 + ', "command": "list_calls"}', "malformed", None),
    ("[" * 60_000, "malformed", None),
    ('{"a":' * 10_000, "malformed", None),
    ('{"command": "list_calls"}', "invalid", "id"),
    ('{"id": null, "command": "list_calls"}', "invalid", "id"),
    ('{"id": true, "command": "list_calls"}', "invalid", "id"),
    ('{"id": 1.5, "command": "list_calls"}', "invalid", "id"),
    ('{"id": 1e400, "command": "list_calls"}', "invalid", "id"),
    ('{"id": 9007199254740993, "command": "list_calls"}', "invalid", "id"),
    ('{"id": "\\ud800", "command": "list_calls"}', "invalid", "id"),
    ('{"id": 1}', "unknown_command", "command"),
    ('{"id": 1, "command": 5}', "unknown_command", "command"),
    ('{"id": 1, "command": "explode"}', "unknown_command", "command"),
    ('{"id": 1, "command": "list_calls", "more": 1}', "invalid", "more"),
    ('{"id": 1, "command": "make_call"}', "invalid", "uri"),
    ('{"id": 1, "command": "make_call", "uri": ""}', "invalid", "uri"),
    ('{"id": 1, "command": "make_call", "uri": 5}', "invalid", "uri"),
    ('{"id": 1, "command": "make_call", "uri": "\\udfff"}', "invalid", "uri"),
    ('{"id": 1, "command": "make_call", "uri": "sip:a@b", "headers": []}', "invalid", "headers"),
    ('{"id": 1, "command": "make_call", "uri": "sip:a@b", "headers": {"A": 1}}', "invalid", "headers.A"),
    ('{"id": 1, "command": "make_call", "uri": "sip:a@b", "owned": 1}', "invalid", "owned"),
    ('{"id": 1, "command": "reject", "call": "x", "status_code": 200}', "invalid", "status_code"),
    ('{"id": 1, "command": "reject", "call": "x", "status_code": 1e300}', "invalid", "status_code"),
    ('{"id": 1, "command": "reject", "call": "x", "status_code": 486.5}', "invalid", "status_code"),
    ('{"id": 1, "command": "reject", "call": "x", "targets": [1]}', "invalid", "targets[0]"),
    ('{"id": 1, "command": "reject", "call": "x"}', "not_found", "call"),
    ('{"id": 1, "command": "send_dtmf", "call": "x", "digits": "1x"}', "invalid", "digits"),
    ('{"id": 1, "command": "send_dtmf", "call": "x", "digits": "1\\n"}', "invalid", "digits"),
    ('{"id": 1, "command": "send_dtmf", "call": "x", "digits": "1", "way": "pigeon"}', "invalid", "way"),
    (
        '{"id": 1, "command": "join_conference", "conference": "x", "call": "y", "gain": -1}',
        "invalid",
        "gain",
    ),
    ('{"id": 1, "command": "join_conference", "conference": "x", "call": "y"}', "not_found", "conference"),
    ('{"id": 1, "command": "subscribe", "events": ["birthday"]}', "invalid", "events[0]"),
    ('{"id": 1, "command": "subscribe", "events": "all"}', "invalid", "events"),
]


async def test_bad_messages_are_answered_and_end_nothing(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, ERR-1: a code, the field at fault, one reply each; the connection goes on."""
    async with api_of(sim, burst=1_000) as (api, _), connected(api) as client:
        for text, code, field in BAD_MESSAGES:
            await client.socket.send_message(text)
            number = 1 if '"id": 1,' in str(text) or '"id": 1}' in str(text) else None
            number = None if code == "malformed" else number
            error = (await client.reply(number))["error"]
            assert (error["code"], error["field"]) == (code, field), text
            assert "\n" not in error["message"]
            assert len(error["message"]) < 300
        assert (await client.ask("list_calls"))["calls"] == []
        assert api.statistics().errors == len(BAD_MESSAGES)


JSON_VALUES = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(),
    lambda inner: (
        strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    name=strategies.sampled_from(sorted(COMMANDS)),
    fields=strategies.dictionaries(
        strategies.sampled_from(
            ["uri", "call", "events", "headers", "status_code", "targets", "gain", "digits", "x"]
        ),
        JSON_VALUES,
        max_size=4,
    ),
)
def test_reader_and_schema_agree_on_whatever_comes(name: str, fields: dict[str, Any]) -> None:
    """SRV-9: the reader never raises, takes nothing that the schema refuses, and refuses nothing else.

    Halves of surrogate pairs and numbers above 2**53 are refused by the reader only.
    """
    message = {"id": 1, "command": name, **fields}
    text = json.dumps(message)
    envelope = read_command(text)
    taken = not isinstance(envelope.command, Exception)
    if (
        "\\n" not in text
        and "NaN" not in text
        and "Infinity" not in text
        and "\\ud" not in text
        and not _has_great_number(fields)
    ):
        assert taken == validator(f"command.{name}").is_valid(message)


def _has_great_number(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_great_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int | float) and abs(value) > 2**53


@given(strategies.text() | strategies.binary())
def test_reader_takes_whatever_comes(text: str | bytes) -> None:
    """SRV-9: an error that can be answered, and nothing raised."""
    envelope = read_command(text)
    assert isinstance(envelope.command, Exception)
    assert error_text(envelope.id, error_info(envelope.command))


def test_schema_refuses_what_the_reader_refuses() -> None:
    """SRV-9: the two are made from one table."""
    for text, code, field in BAD_MESSAGES:
        if code == "invalid" and field not in ("id", "events[0]") and "\\" not in str(text):
            message = json.loads(text)
            assert not validator(f"command.{message['command']}").is_valid(message), text


async def test_fault_in_a_command_is_contained(
    sim: Simulation, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-9, ERR-3: it is logged, answered as ours, and ends nothing."""

    async def explode(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setitem(WORK, COMMANDS["list_calls"], explode)
    async with api_of(sim) as (api, _), connected(api) as client:
        error = (await client.ask("list_calls"))["error"]
        assert (error["code"], error["message"]) == ("internal", "RuntimeError")
        assert (await client.ask("list_conferences"))["conferences"] == []
    assert "a secret of ours" in caplog.text


async def test_too_many_commands_are_slowed_down(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, LIM-1: above the burst no faster than the rate, each with its reply."""
    async with api_of(sim, commands_per_second=10, burst=5) as (api, _), connected(api) as client:
        began = trio.current_time()
        numbers = [await client.send("list_calls") for _ in range(30)]
        replies = [await client.reply(number) for number in numbers]
        codes = ["ok" if "reply" in reply else reply["error"]["code"] for reply in replies]
        assert codes[:5] == ["ok"] * 5
        assert "too_fast" in codes
        assert trio.current_time() - began >= 1.2
        await trio.sleep(2)
        assert (await client.ask("list_calls"))["calls"] == []


async def test_too_many_commands_at_once_are_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, LIM-1: one that takes long holds up no other."""
    async with api_of(sim, max_running=2) as (api, _), connected(api) as client:
        slow = [await client.send("options", uri="sip:x@10.9.9.9") for _ in range(3)]
        assert (await client.reply(slow[2]))["error"]["code"] == "limit"
        assert (await client.reply(slow[0]))["error"]["code"] == "timed_out"
        assert (await client.reply(slow[1]))["error"]["code"] == "timed_out"


async def test_connections_and_messages_are_limited(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, LIM-1: 503, and close code 1009."""
    async with api_of(sim, max_connections=1, max_message=1_024) as (api, _):
        async with connected(api) as client:
            with pytest.raises(trio_websocket.ConnectionRejected) as rejected:
                async with connected(api):
                    pytest.fail("not reached")
            assert rejected.value.status_code == 503
            await client.socket.send_message("x" * 1_025)
            assert await client.over() == 1_009
        assert api.statistics().refused == 1
        async with connected(api) as client:
            assert (await client.ask("list_calls"))["calls"] == []


async def test_strangers_cannot_take_all_places(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, LIM-1: those who have not signed in are few, and not for long."""
    async with api_of(sim, max_unsigned=1) as (api, _):
        async with connected(api) as known, connected(api, headers=[]) as stranger:
            assert api.statistics().unsigned == 1
            ours, theirs = trio.testing.memory_stream_pair()
            await api.handle(theirs)
            with pytest.raises(trio.BrokenResourceError):
                await ours.send_all(b"GET")
            assert (await known.ask("list_calls"))["total"] == 0
            assert await stranger.over() == 4_401
            await trio.sleep(6)
            async with connected(api) as another:
                assert (await another.ask("list_calls"))["total"] == 0
        assert (api.statistics().unsigned, api.statistics().refused) == (0, 1)


async def test_what_is_no_websocket_is_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, SEC-1: nothing that a stranger sends, or does not send, ends anything."""
    async with api_of(sim) as (api, _):
        for data in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01" * 100,
            b"",
            b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        ):
            ours, theirs = trio.testing.memory_stream_pair()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(api.handle, theirs)
                if data:
                    await ours.send_all(data)
                with trio.move_on_after(20):
                    await ours.receive_some(1_000)
                await ours.aclose()
        async with connected(api) as client:
            assert (await client.ask("list_calls"))["calls"] == []
        assert api.statistics().connections == 0


# Events


async def test_subscription_chooses_events_and_calls(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9: by name, by call; another one replaces it; none before, none after."""
    async with api_of(sim) as (api, alice), connected(api) as client:
        announce(alice)
        reply = await client.ask("subscribe", events=["network_changed", "call_held"])
        assert reply["events"] == ["network_changed", "call_held"]
        announce(alice)
        alice._bus.publish(facts.CallResumed(CALL))
        alice._bus.publish(facts.CallHeld(CALL))
        await client.event("call_held")
        assert [event["event"] for event in client.events] == ["network_changed"]
        client.events.clear()
        everything = await client.ask("subscribe", calls=["c2"])
        assert everything["events"] == list(EVENTS)
        announce(alice)
        alice._bus.publish(facts.CallHeld(CALL))
        alice._bus.publish(facts.CallHeld(SessionId("c2")))
        await client.event("call_held", call="c2")
        assert client.events == []
        await client.ask("unsubscribe")
        announce(alice)
        await trio.sleep(1)
        assert client.events == []
        assert api.statistics().subscribers == 0


async def test_slow_subscriber_loses_the_oldest_and_is_told(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, LIM-1: how many, and where; the others have them all, and nobody has waited."""
    async with api_of(sim, max_waiting_events=5, send_timeout=600, ping_interval=3_600) as (api, alice):
        async with connected(api) as quick, connected(api, lockstep=True) as slow:
            await quick.ask("subscribe")
            number = json.dumps({"id": 1, "command": "subscribe"})
            await slow.socket.send_message(number)
            await trio.sleep(1)
            for _ in range(20):
                announce(alice)
                await trio.sleep(0.1)
            assert len([event for event in quick.events if event["event"] == "network_changed"]) == 20
            texts: list[dict[str, Any]] = []
            with trio.move_on_after(5):
                while True:
                    texts.append(check(json.loads(await slow.socket.get_message())))
            assert texts.pop(0)["reply"] == "subscribed"
            names = [text["event"] for text in texts]
            (place,) = [place for place, name in enumerate(names) if name == "events_lost"]
            assert len(texts) - 1 - place == 5
            assert texts[place]["count"] + names.count("network_changed") == 20
            assert api.statistics().events_lost == texts[place]["count"]


@pytest.mark.parametrize("way", ["does not read", "does not answer"])
async def test_client_that_stands_still_is_cut(sim: Simulation, autojump_clock: Clock, way: str) -> None:
    """SRV-9, LIM-1: it holds a place for some seconds only."""
    times = {"send_timeout": 3.0} if way == "does not read" else {"ping_interval": 3.0, "send_timeout": 600.0}
    async with api_of(sim, **times) as (api, alice):
        async with connected(api, lockstep=way == "does not read") as client:
            if way == "does not read":
                await client.socket.send_message(json.dumps({"id": 1, "command": "subscribe"}))
            else:
                client.socket._reader_running = False
            for _ in range(4):
                await trio.sleep(0.5)
                announce(alice)
            await trio.sleep(30)
            assert api.statistics().connections == 0
            assert api.statistics().cut == 1


async def test_events_are_encoded_once_for_a_thousand(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SRV-9: the same octets for all; and others have their turn while a thousand are woken."""
    encoded: list[object] = []

    def counted(event: Any, number: int, time: float) -> str:
        encoded.append(event)
        return event_text(event, number, time)

    monkeypatch.setattr("trio_runtime.control.pushing.fanout.event_text", counted)
    fanout = Fanout(lambda: 0.0, 0.2, 100)
    outboxes = [fanout.join() for _ in range(1_000)]
    fanout.publish(facts.CallHeld(CALL))
    assert encoded == []
    for outbox in outboxes[:999]:
        outbox.subscribe(Filter())
    fanout.publish(facts.CallHeld(CALL))
    assert len(encoded) == 1
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(somebody_else)
        nursery.start_soon(fanout.send_for_ever)
        pieces = [await outbox.next_piece() for outbox in outboxes[:999]]
        nursery.cancel_scope.cancel()
    assert len({id(piece) for piece in pieces}) == 1
    assert b"call_held" in pieces[0]
    assert turns >= 999 / 32
    assert (fanout.active, fanout.published, fanout.dropped) == (999, 1, 0)


async def test_nothing_follows_half_a_frame(autojump_clock: Clock) -> None:
    """SRV-9: a piece that was given up in the middle is the last one; nobody can read on from there."""
    ours, _ = trio.testing.lockstep_stream_pair()
    stream = SharedStream(ours)
    assert not stream.idle  # it is no plain socket
    with trio.move_on_after(1):
        await stream.send_all(text_frame("never read"))
    with pytest.raises(trio.BrokenResourceError, match="half a frame"):
        await stream.send_all(text_frame("next"))


def is_idle(stream: SharedStream) -> bool:
    return stream.idle


async def test_what_the_kernel_does_not_take_goes_first() -> None:
    """SRV-9: events are written in place; the rest, and whatever comes then, in its order."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    near = await trio.open_tcp_stream(*listeners[0].socket.getsockname())
    far = await listeners[0].accept()
    stream = SharedStream(near)
    assert is_idle(stream)
    pieces = 0
    while stream.send_now(b"x" * 65_536):
        pieces += 1
    assert not is_idle(stream)
    received = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.send_all, b"end")
        while not received.endswith(b"end"):
            received += await far.receive_some(65_536)
    assert len(received) == (pieces + 1) * 65_536 + 3
    assert is_idle(stream)
    await far.aclose()
    await near.aclose()
    stream.send_now(b"x")  # the connection is gone: `send_all` will say so
    assert not is_idle(stream)
    await listeners[0].aclose()


@pytest.mark.parametrize("size", [0, 10, 125, 126, 65_535, 65_536])
async def test_frame_is_read_by_a_websocket_client(autojump_clock: Clock, size: int) -> None:
    """SRV-9, RFC 6455 §5.2: each of the three lengths."""
    from wsproto.frame_protocol import FrameProtocol

    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(text_frame("ä" * (size // 2) + "x" * (size % 2)))
    (frame,) = list(protocol.received_frames())
    assert (len(str(frame.payload).encode()), frame.message_finished) == (size, True)


# The schema

EXAMPLES: dict[str, Any] = {
    "session_id": CALL,
    "direction": CallDirection.INCOMING,
    "old": CallState.RINGING,
    "new": CallState.ACTIVE,
}


def test_schema_in_the_documentation_is_the_one_of_the_code() -> None:
    """SRV-9: `python docs/generate_api_schema.py` writes it; it is a schema itself."""
    assert json.loads(SCHEMA.read_text()) == api_schema()
    Draft202012Validator.check_schema(api_schema())


def test_every_command_does_something_and_every_event_has_a_form() -> None:
    """SRV-9: whoever adds one finds out here."""
    assert set(COMMANDS.values()) == {*WORK, Login}
    assert set(EVENTS.values()) == {*get_args(facts.SessionEvent), JobEnded}
    assert len({kind.name for kind in COMMANDS.values()}) == len(COMMANDS)
    codes = api_schema()["$defs"]["reply.error"]["properties"]["error"]["properties"]["code"]["enum"]
    assert codes == list(get_args(ErrorCode))


@pytest.mark.parametrize("hint", [set[str], list[str], complex, dict[str, set[str]]])
def test_type_without_a_form_is_a_mistake_of_the_author(hint: Any) -> None:
    """SRV-9."""
    with pytest.raises(TypeError, match="no form"):
        form_of(hint)


def test_what_is_only_written_cannot_be_read() -> None:
    """SRV-9."""
    with pytest.raises(FormError, match="is not read"):
        form_of(bytes).read("x", "body")
    assert plain_numbers({"a": float("inf"), "b": (1, {2}), "c": CallState.ACTIVE}) == {
        "a": None,
        "b": [1, [2]],
        "c": "CallState.ACTIVE",
    }


# The server


async def test_leaving_the_block_closes_the_connections(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, SES-12: with 1001; the phone goes on."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, trio.open_nursery() as nursery:
        closed: list[int | None] = []

        async def stay(api: ApiServer) -> None:
            async with connected(api) as client:
                await client.ask("open_conference")
                closed.append(await client.over())

        async with open_api(alice, port=0, token=TOKEN) as api:
            nursery.start_soon(stay, api)
            await trio.sleep(1)
            assert repr(api).endswith(", 1 connections>")
        assert closed == [1_001]
        assert alice.statistics().bus.subscribers == 0
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"token": "short"}, "token"),
        ({}, "token"),
        ({"token": TOKEN, "burts": 1}, "burts"),
        ({"token": TOKEN, "tls": TlsConfig()}, "tls"),
        ({"token": TOKEN, "tls": 1}, "tls"),
        ({"token": TOKEN, "folder": ""}, "folder"),
        ({"token": TOKEN, "hang_up_on_close": 1}, "hang_up_on_close"),
        *[
            ({"token": TOKEN, name: 0}, name)
            for name in (
                "ring_timeout", "max_connections", "max_unsigned", "max_message", "commands_per_second",
                "burst", "max_running", "max_jobs", "max_conferences", "max_waiting_events", "event_share",
                "login_timeout", "send_timeout", "ping_interval",
            )
        ],
    ],
)  # fmt: skip
def test_bad_configuration_is_told_with_its_field(options: dict[str, Any], field: str) -> None:
    """COO-6: and never with the token."""
    with pytest.raises(ConfigurationError) as caught:
        open_api(None, **options)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert "short" not in str(caught.value)


async def test_configuration_can_be_given_whole(sim: Simulation) -> None:
    """COO-6: single values replace its fields; the token is in no repr."""
    config, phone = ApiConfig(token=TOKEN, burst=7), sim.phone(sim.wire(), "alice", "10.0.0.1")
    assert TOKEN not in repr(config)
    assert open_api(phone, config=config, max_running=3)._config == ApiConfig(
        token=TOKEN, burst=7, max_running=3
    )


async def test_port_that_cannot_be_had_is_an_error(sim: Simulation) -> None:
    """ERR-1, NET-1: at the entrance."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        open_api(alice, port=0, token=TOKEN) as api,
    ):
        with pytest.raises(PortInUseError, match="API"):
            async with open_api(alice, *api.address, token=TOKEN):
                pytest.fail("not reached")
        with pytest.raises(NetworkError, match="API"):
            async with open_api(alice, "192.0.2.1", 0, token=TOKEN):
                pytest.fail("not reached")


@pytest.mark.parametrize("secure", [False, True])
async def test_clients_come_over_real_sockets(tmp_path: Path, secure: bool) -> None:
    """SRV-9, TRN-4: with and without TLS."""
    authority = Authority(tmp_path)
    certificate = str(authority.issue("localhost"))
    tls = TlsConfig(certificate=certificate) if secure else None
    trusting = ssl.create_default_context(cafile=str(authority.file)) if secure else None
    async with open_client("sip:alice@127.0.0.1", bind_host="127.0.0.1", no_media=True) as alice:
        async with open_api(alice, port=0, token=TOKEN, tls=tls) as api, trio.open_nursery() as nursery:
            url = f"{'wss' if secure else 'ws'}://localhost:{api.address[1]}/"
            async with trio_websocket.open_websocket_url(url, trusting, extra_headers=BEARER) as socket:
                client = ApiClient(socket)
                nursery.start_soon(client.read)
                await client.ask("subscribe")
                announce(alice, 3)
                for _ in range(3):
                    await client.event("network_changed")
                number = api.statistics()
                assert (number.connections, number.subscribers, number.events) == (1, 1, 3)
