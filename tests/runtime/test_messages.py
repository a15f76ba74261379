"""Messages, raw requests, and requests that the application answers itself."""

from __future__ import annotations

from typing import Any

import pytest
import trio
import trio.testing

from tests.runtime.presence_server import presence_server
from trio_runtime import (
    Account,
    AutoAnswerHandler,
    CallStateError,
    ConfigurationError,
    InvalidUriError,
    NetworkError,
    RequestsConfig,
    RequestTimedOutError,
    SessionCoordinator,
)
from trio_runtime.events.types import MessageReceived
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
TEXT: Any = {"requests": RequestsConfig(content_types=("text/plain", "application/json"))}
METHODS = RequestsConfig(methods=("NOTIFY", "OPTIONS", "*"), answer_patience=2.0, max_waiting=2)
HANDED: Any = {"requests": METHODS}
BOB = "sip:bob@10.0.0.2"


async def test_message_is_an_event_and_its_answer_the_result(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-4, CLI-6: the whole answer; what came, from whom, and to whom."""
    async with sim.pair(phones=TEXT) as (alice, bob):
        with bob.subscribe(lambda event: isinstance(event, MessageReceived)) as messages:
            response = await alice.send_message(BOB, "Grüße", headers=[("Subject", "hello")])
            assert (response.status_code, response.reason) == (200, "OK")
            assert response.headers["Server"].startswith("sansio-voip/")
            event = await anext(messages)
            assert isinstance(event, MessageReceived)
            assert event == MessageReceived(
                None, "sip:alice@10.0.0.1", BOB, "text/plain", "Grüße".encode(), ""
            )
            assert event.text == "Grüße"
            await alice.send_message(BOB, b"{}", content_type="application/json")
            assert (await anext(messages)).content_type == "application/json"  # type: ignore[union-attr]
            assert alice.statistics().messages_waiting == 0
        await sim.settle()
    sim.assert_quiet()


async def test_messages_to_one_address_keep_their_order(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-4, RFC 3428 §8: the next one waits for the answer to the one before, on a bad network as well."""
    async with sim.pair(3, phones=TEXT, loss=0.2, latency=0.05) as (alice, bob):
        events = bob.subscribe(lambda event: isinstance(event, MessageReceived))
        async with trio.open_nursery() as nursery:
            for number in range(5):
                nursery.start_soon(alice.send_message, BOB, str(number))
                await trio.lowlevel.checkpoint()
        texts = [event.text for event in drained(events)]
        assert sorted(texts) == texts == ["0", "1", "2", "3", "4"]
        await sim.settle()
    sim.assert_quiet()


def drained(events: Any) -> list[Any]:
    found = []
    while True:
        try:
            found.append(events.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return found


async def test_message_that_cannot_be_shown_is_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-4: 415 says what could; a phone that takes none says 405."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", **TEXT) as bob,
    ):
        events = bob.subscribe()
        refused = await alice.send_message(BOB, b"\x89PNG", content_type="image/png")
        assert refused.status_code == 415
        assert refused.headers["Accept"] == "text/plain, application/json"
        assert (await bob.send_message("sip:alice@10.0.0.1", "hi")).status_code == 405
        assert drained(events) == []
        await sim.settle()
    sim.assert_quiet()


async def test_message_that_cannot_be_sent_is_an_error(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-4, ERR-1: each has its type."""
    async with sim.pair(icmp=True) as (alice, _):
        for uri, text in (("bob", "hi"), (BOB, "x" * 2_000)):
            with pytest.raises(InvalidUriError):
                await alice.send_message(uri, text)
        with pytest.raises(InvalidUriError, match="CR, LF"):
            await alice.send_message(BOB, "hi", headers=[("X", "a\nb")])
        with pytest.raises(NetworkError, match="cannot be reached"):
            await alice.send_message("sip:bob@10.0.0.2:9", "hi")
        with pytest.raises(ConfigurationError, match="account"):
            await alice.send_message(BOB, "hi", account="sip:nobody@10.0.0.1")
        await sim.settle()
    sim.assert_quiet()


async def test_message_that_nobody_answers_is_waited_for_as_long_as_wanted(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-4, ERR-1: 64·T1, or less by a cancel scope."""
    async with sim.pair() as (alice, _):
        with pytest.raises(RequestTimedOutError):
            await alice.send_message("sip:nobody@10.9.9.9", "hi")
        with trio.move_on_after(0.5) as patience:
            await alice.send_message("sip:nobody@10.9.9.9", "hi")
        assert patience.cancelled_caught
        assert alice.statistics().messages_waiting == 0
        await sim.settle()
    sim.assert_quiet()


async def test_message_is_sent_by_an_account_with_its_password(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-8, CLI-4, AUTH-1: From and password are those of the account."""
    wire = sim.wire()
    account = Account("sip:sales@10.0.0.9", password="secret", outbound_proxy="sip:10.0.0.9")
    async with (
        wire,
        presence_server(
            wire.environment("10.0.0.9"), users={"sales": "secret"}, options={"bind_host": "10.0.0.9"}
        ) as server,
        sim.phone(wire, "alice", "10.0.0.1", accounts=(account,)) as alice,
    ):
        response = await alice.send_message("sip:server@10.0.0.9", "hi", account="sip:sales@10.0.0.9")
        assert response.status_code == 405  # let in, but it takes none
        _, again = server.requests("MESSAGE")
        assert str(again.from_.uri) == "sip:sales@10.0.0.9"
        assert 'username="sales"' in (again.get("authorization") or "")
        await sim.settle()
    sim.assert_quiet()


async def test_message_in_a_call_names_the_call(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-4, SES-17: the event belongs to the call's own stream."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler(), **TEXT) as bob,
    ):
        async with alice.make_call(BOB) as call:
            await call.answered()
            (theirs,) = bob.list_active_sessions()
            with theirs.events as events:
                assert (await call.send_message("psst")).status_code == 200
                found = [event for event in drained(events) if isinstance(event, MessageReceived)]
            assert [(event.session_id, event.text) for event in found] == [(theirs.id, "psst")]
        await sim.settle()
    sim.assert_quiet()


# Raw requests and raw responses


async def test_raw_request_is_answered_by_the_application(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-1, MSG-11: any method, any header, any body; and any answer."""
    async with sim.pair(phones=HANDED) as (alice, bob):

        async def answer(phone: SessionCoordinator) -> None:
            async for request in phone.requests:
                assert (request.method, request.uri) == ("PING", BOB)
                assert (request.headers["X-Mood"], request.body) == ("good", b"<a/>")
                assert (request.content_type, request.session_id) == ("text/xml", None)
                assert request.source == ("10.0.0.1", 5060)
                request.respond(100)
                assert not request.answered
                request.respond(
                    299, "Fine", headers=[("X-Echo", "yes")], content_type="text/plain", body=b"pong"
                )
                with pytest.raises(CallStateError, match="answer already"):
                    request.respond(200)
                return

        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer, bob)
            await trio.testing.wait_all_tasks_blocked()
            response = await alice.request(
                "PING", BOB, headers=[("X-Mood", "good")], content_type="text/xml", body=b"<a/>"
            )
        assert (response.status_code, response.reason, response.body) == (299, "Fine", b"pong")
        assert response.headers["X-Echo"] == "yes"
        assert response.round_trip_s >= 0
        await sim.settle()
    sim.assert_quiet()


async def test_request_that_nobody_answers_gets_an_answer(sim: Simulation, autojump_clock: Clock) -> None:
    """MSG-11: 480 without a reader, 500 after the patience, 503 when too many wait."""
    async with sim.pair(phones=HANDED) as (alice, bob):
        assert (await alice.request("PING", BOB)).status_code == 480
        stream = bob.requests
        assert bob.requests is stream
        statuses: list[int] = []

        async def ping() -> None:
            statuses.append((await alice.request("PING", BOB)).status_code)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(ping)
        assert sorted(statuses) == [500, 500, 503]
        request = await anext(stream)
        with pytest.raises(CallStateError, match="no answer any more"):
            request.respond(200)
        assert repr(request) == f"<IncomingRequest PING {BOB}>"
        stream.close()
        assert (await alice.request("PING", BOB)).status_code == 480
        assert bob.statistics().requests_refused == 2
        with pytest.raises(InvalidUriError, match="only sent in calls"):
            await alice.request("INVITE", BOB)
        await sim.settle()
    sim.assert_quiet()


async def test_options_can_be_answered_by_the_application(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-3, MSG-11: where it is one of the methods; and leaving the coordinator ends the stream."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, trio.open_nursery() as nursery:
        answered: list[str] = []

        async def answer(phone: SessionCoordinator) -> None:
            async for request in phone.requests:
                answered.append(request.method)
                request.respond(486)

        async with sim.phone(wire, "bob", "10.0.0.2", **HANDED) as bob:
            nursery.start_soon(answer, bob)
            await trio.testing.wait_all_tasks_blocked()
            assert (await alice.options(BOB)).status_code == 486
        assert answered == ["OPTIONS"]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"content_types": ("text/plain",), "methods": ("MESSAGE",)}, "methods"),
        ({"methods": ("BYE",)}, "methods"),
        ({"methods": ("a b",)}, "methods"),
        ({"content_types": ("text",)}, "content_types"),
    ],
)
def test_bad_configuration_is_told_with_its_field(settings: dict[str, Any], field: str) -> None:
    """COO-6."""
    with pytest.raises(ConfigurationError) as caught:
        RequestsConfig(**settings)
    assert caught.value.field == field
