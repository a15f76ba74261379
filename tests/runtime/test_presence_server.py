"""A coordinator that is the presence server of its phones, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
import trio
import trio.testing

from sansio_sip.subscribe import (
    DialogProgress,
    PresenceDocument,
    PublicationEnded,
    parse_dialog_info,
    parse_message_summary,
    parse_pidf,
)
from sansio_sip.subscribe.reg import ContactEvent, RegistrationProgress, parse_reg_info
from tests.runtime.registering import DOMAIN, SERVER, USERS, account
from tests.runtime.test_registrar_server import pbx
from tests.runtime.told import told
from tests.runtime.watcher import WatchingPhone, watching_phone
from trio_runtime import (
    AutoAnswerHandler,
    ConfigurationError,
    InvalidUriError,
    LimitExceededError,
    PresenceConfig,
    PresenceStatus,
    RegistrarConfig,
    RequestsConfig,
    SessionCoordinator,
    VoipError,
    WatchRequest,
)
from trio_runtime.events.types import PresenceChanged, WatcherGone, WatcherRefused, WatcherSubscribed
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
EventT = TypeVar("EventT")
ALICE, BOB = f"sip:alice@{DOMAIN}", f"sip:bob@{DOMAIN}"
S = PresenceStatus


@asynccontextmanager
async def office(
    sim: Simulation, *, registrar: dict[str, Any] | None = None, **presence: Any
) -> AsyncIterator[tuple[SessionCoordinator, WatchingPhone, Wire]]:
    """Open the server, and alice who watches on 10.0.0.1."""
    wire = sim.wire(icmp=True)
    phones = RegistrarConfig(**{"domains": (DOMAIN, SERVER), "users": USERS, **(registrar or {})})
    server = sim.phone(
        wire,
        "pbx",
        SERVER,
        registrar=phones,
        presence=PresenceConfig(**presence),
        handler=AutoAnswerHandler(),
    )
    alice = watching_phone(
        wire.environment("10.0.0.1"),
        "alice",
        "10.0.0.1",
        domain=DOMAIN,
        proxy=SERVER,
        password=USERS["alice"],
    )
    async with wire, server, alice as phone:
        yield server, phone, wire


async def test_registered_users_are_a_buddy_list_without_a_word(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-6: offline, available by registering, in a call, available, offline; PIDF to the watcher."""
    async with office(sim) as (server, alice, wire):
        events = server.subscribe()
        watched = alice.subscribe("bob")
        await trio.sleep(1)
        assert alice.seen(watched) == ["offline"]
        async with sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),)) as bob:
            async with bob.registered(BOB):
                await trio.sleep(6)
                assert alice.seen(watched)[-1] == "available"
                assert server.presence.status_of(BOB).status is S.AVAILABLE
                async with bob.make_call(f"sip:x@{SERVER}", account=BOB) as call:
                    await call.answered()
                    await trio.sleep(6)
                    assert alice.seen(watched)[-1] == "in-call"
                    assert server.statistics().presence.in_calls == 1  # type: ignore[union-attr]
                await trio.sleep(6)
            await trio.sleep(6)
        assert alice.seen(watched) == ["offline", "available", "in-call", "available", "offline"]
        document = parse_pidf(alice.bodies(watched)[-1])
        assert document.entity == BOB
        changes = [(each.status, each.watchers) for each in told(events, PresenceChanged)]
        assert changes == [("available", 1), ("in-call", 1), ("available", 1), ("offline", 1)]
        statistics = server.statistics().presence
        assert statistics is not None
        assert (statistics.watchers, statistics.accepted, statistics.in_calls) == (1, 1, 0)
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize("status", list(PresenceStatus))
async def test_application_says_what_is_to_be_seen(
    sim: Simulation, autojump_clock: Clock, status: PresenceStatus
) -> None:
    """SRV-6: each status with its note, whatever phones say, until it is cleared."""
    async with office(sim) as (server, alice, _):
        watched = alice.subscribe("bob")
        await trio.sleep(1)
        server.presence.set(BOB, status, "back at five")
        await trio.sleep(6)
        assert alice.seen(watched)[-1] == status.value
        assert b"back at five" in alice.bodies(watched)[-1]
        seen = server.presence.status_of(BOB)
        assert (seen.status, seen.note, seen.source) == (status, "back at five", "set")
        server.presence.clear(BOB)
        await trio.sleep(6)
        assert alice.seen(watched)[-1] == "offline"
        assert server.presence.status_of(BOB).source == "automatic"


async def test_what_phones_publish_is_seen_until_its_time_is_over(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-6: PUBLISH, composed; not for somebody else (403); a word of the application goes before it."""
    async with office(sim) as (server, alice, wire):
        watched = alice.subscribe("bob")
        phone = watching_phone(
            wire.environment("10.0.0.2"),
            "bob",
            "10.0.0.2",
            domain=DOMAIN,
            proxy=SERVER,
            password=USERS["bob"],
        )
        async with phone as bob:
            bob.publish(S.AWAY, "lunch")
            await trio.sleep(6)
            assert alice.seen(watched)[-1] == "away"
            seen = server.presence.status_of(BOB)
            assert (seen.status, seen.note, seen.source) == (S.AWAY, "lunch", "published")
            server.presence.set(BOB, S.BUSY)
            await trio.sleep(6)
            server.presence.clear(BOB)
            await trio.sleep(6)
            assert alice.seen(watched)[-2:] == ["busy", "away"]
            assert server.statistics().presence.published == 1  # type: ignore[union-attr]
            bob.publish(S.OFFLINE, target="alice")
            await trio.sleep(1)
            (refused,) = [each for each in bob.events if isinstance(each, PublicationEnded)]
            assert refused.response is not None
            assert refused.response.status_code == 403
        await trio.sleep(6)  # it has removed what it published when it left
        assert alice.seen(watched)[-1] == "offline"


async def test_lamp_of_a_user_shows_his_calls(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, RFC 4235: trying, early, confirmed, over; from the side of the user."""
    async with office(sim) as (server, alice, wire):
        lamp = alice.subscribe("bob", "dialog")
        bob = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with bob, bob.registered(BOB):
            await trio.sleep(1)
            async with server.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(2)
            await trio.sleep(2)
            async with bob.make_call(f"sip:x@{SERVER}", account=BOB) as call:
                await call.answered()
                await trio.sleep(2)
            await trio.sleep(2)
        documents = [parse_dialog_info(body) for body in alice.bodies(lamp)]
        assert documents[0].full
        assert documents[0].dialogs == ()
        entries = [entry for document in documents for entry in document.dialogs]
        confirmed = [entry for entry in entries if entry.progress is DialogProgress.CONFIRMED]
        assert [entry.direction for entry in confirmed] == ["recipient", "initiator"]
        assert confirmed[0].local.identity == BOB
        ends = [entry for entry in entries if entry.progress is DialogProgress.TERMINATED]
        assert len(ends) == 2
    await sim.settle()
    sim.assert_quiet()


async def test_registrations_are_watched_by_their_user_only(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, RFC 3680: created, refreshed, gone; another user is refused with 403."""
    async with office(sim) as (server, alice, wire):
        events = server.subscribe()
        own, others = alice.subscribe("alice", "reg"), alice.subscribe("bob", "reg")
        await trio.sleep(1)
        assert alice.refused(others) == 403
        (refusal,) = told(events, WatcherRefused)
        assert (refusal.resource, refusal.package, refusal.status_code) == (f"bob@{DOMAIN}", "reg", 403)
        desk = sim.phone(wire, "alice", "10.0.0.3", accounts=(account("alice"),))
        async with desk:
            async with desk.registered(ALICE, expires=200):
                await trio.sleep(180)
            await trio.sleep(6)
        first, *changes = [parse_reg_info(body).registrations[0] for body in alice.bodies(own)]
        assert (first.aor, first.contacts) == (ALICE, ())
        contacts = [each.contacts[0] for each in changes]
        assert [each.event for each in contacts] == [
            ContactEvent.CREATED,
            ContactEvent.REFRESHED,
            ContactEvent.UNREGISTERED,
        ]
        assert len({each.id for each in contacts}) == 1
        assert changes[-1].progress is RegistrationProgress.TERMINATED
        assert contacts[0].uri == "sip:alice@10.0.0.3:5060"


async def test_mailbox_tells_how_many_messages_wait(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, RFC 3842: the lamp of the own mailbox."""
    async with office(sim) as (server, alice, _):
        box = alice.subscribe("alice", "message-summary")
        await trio.sleep(1)
        server.presence.set_messages(ALICE, new=2, old=8)
        await trio.sleep(3)
        before, after = [parse_message_summary(body) for body in alice.bodies(box)]
        assert (before.waiting, before.counts["voice-message"].new) == (False, 0)
        assert after.waiting
        assert (after.counts["voice-message"].new, after.counts["voice-message"].old) == (2, 8)
        with pytest.raises(VoipError, match="0 messages"):
            server.presence.set_messages(ALICE, new=-1)


@pytest.mark.parametrize("later", [False, True])
async def test_function_of_the_application_says_who_may_watch(
    sim: Simulation, autojump_clock: Clock, later: bool
) -> None:
    """SRV-6: at once, or after it has asked somebody, while the watcher is told nothing."""
    asked: list[WatchRequest] = []

    def at_once(request: WatchRequest) -> bool:
        asked.append(request)
        return request.resource.startswith("bob@")

    async def slowly(request: WatchRequest) -> bool:
        await trio.sleep(5)
        return at_once(request)

    async with office(sim, may_watch=slowly if later else at_once) as (server, alice, _):
        events = server.subscribe()
        server.presence.set(BOB, S.BUSY)
        server.presence.set(f"sip:carol@{DOMAIN}", S.BUSY)
        good, bad = alice.subscribe("bob"), alice.subscribe("carol")
        await trio.sleep(3)
        assert alice.seen(good) == ([] if later else ["busy"])
        await trio.sleep(10)
        assert alice.seen(good) == ["busy"]
        assert alice.seen(bad) == []
        wanted = {"package": "presence", "watcher": ALICE, "username": "alice"}
        assert WatchRequest(resource=f"bob@{DOMAIN}", **wanted) in asked
        (watcher,) = server.presence.watchers(BOB)
        assert (watcher.uri, watcher.username, watcher.package) == (ALICE, "alice", "presence")
        assert server.presence.watchers(f"sip:carol@{DOMAIN}") == []
        alice.drop(good)
        await trio.sleep(1)
        assert server.presence.watchers(BOB) == []
        kinds = [type(each) for each in list_of(events)]
        assert [kinds.count(kind) for kind in (WatcherSubscribed, WatcherRefused, WatcherGone)] == [1, 1, 1]


@pytest.mark.parametrize("later", [False, True])
async def test_decision_about_a_watcher_that_fails_is_a_500(
    sim: Simulation, autojump_clock: Clock, later: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-6, ERR-1: others are served on; counted and logged."""

    def at_once(request: WatchRequest) -> bool:
        if request.resource.startswith("bob@"):
            raise RuntimeError("oops")
        return True

    async def slowly(request: WatchRequest) -> bool:
        await trio.sleep(0.1)
        return at_once(request)

    async with office(sim, may_watch=slowly if later else at_once) as (server, alice, _):
        bad, good = alice.subscribe("bob"), alice.subscribe("carol")
        await trio.sleep(2)  # then it tries again
        assert alice.seen(bad) == []
        assert alice.seen(good) == ["offline"]
        statistics = server.statistics().presence
        assert statistics is not None
        assert (statistics.decisions_failed, statistics.refused, statistics.accepted) == (1, 1, 1)
    assert "the decision about a watcher" in caplog.text


async def test_single_look_and_a_user_of_another_domain(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, RFC 6665 §4.4.3: Expires 0 is answered once; 404 for who is not ours."""
    async with office(sim, domains=(DOMAIN,)) as (server, alice, _):
        events = server.subscribe()
        server.presence.set(BOB, S.DO_NOT_DISTURB)
        look = alice.subscribe("bob", expires=0)
        await trio.sleep(2)
        assert alice.seen(look) == ["do-not-disturb"]
        assert server.presence.watchers(BOB) == []
        kinds = [type(each) for each in list_of(events)]
        assert kinds.index(WatcherSubscribed) < kinds.index(WatcherGone)
        alice.domain = "other.test"
        stranger = alice.subscribe("bob")
        await trio.sleep(1)
        assert alice.refused(stranger) == 404


def list_of(events: Any) -> list[object]:
    found: list[object] = []
    while True:
        try:
            found.append(events.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return found


async def test_conferences_and_users_are_watched_side_by_side(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, CNF-9: each package has its own answers."""
    async with office(sim) as (server, alice, _):
        async with server.open_conference(uri=f"sip:room@{DOMAIN}") as _room:
            room, nobody = alice.subscribe("room", "conference"), alice.subscribe("bob", "conference")
            bob = alice.subscribe("bob")
            await trio.sleep(1)
            assert len(alice.bodies(room)) == 1
            assert alice.refused(nobody) == 404
            assert alice.seen(bob) == ["offline"]
            assert [each.package for each in server.presence.watchers(BOB)] == ["presence"]


@pytest.mark.parametrize("method", ["REGISTER", "PUBLISH"])
async def test_what_the_agent_answers_is_not_for_the_application(
    sim: Simulation, autojump_clock: Clock, method: str
) -> None:
    """COO-6, ERR-1: one of both has to be told otherwise."""
    with pytest.raises(ConfigurationError, match=method):
        async with pbx(sim, presence=PresenceConfig(), requests=RequestsConfig(methods=(method,))):
            pytest.fail("not reached")


async def test_without_a_registrar_only_words_count_and_limits_hold(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-6, law 8, ERR-1: anybody may look; what cannot be said is refused and changes nothing."""
    wire = sim.wire()
    server = sim.phone(wire, "pbx", SERVER, presence=PresenceConfig(max_states=1, publish=False))
    plain = sim.phone(wire, "plain", "10.0.0.3")
    alice = watching_phone(wire.environment("10.0.0.1"), "alice", "10.0.0.1", domain=SERVER, proxy=SERVER)
    async with wire, server, plain, alice as phone:
        watched = phone.subscribe("bob", "reg")
        server.presence.set(f"sip:bob@{SERVER}", S.CUSTOM, "out")
        seen = phone.subscribe("bob")
        await trio.sleep(1)
        assert phone.seen(seen) == ["custom"]
        assert parse_reg_info(phone.bodies(watched)[0]).registrations[0].contacts == ()
        with pytest.raises(LimitExceededError):
            server.presence.set(f"sip:carol@{SERVER}", S.BUSY)
        server.presence.set_messages(f"sip:bob@{SERVER}", new=1)
        with pytest.raises(LimitExceededError):
            server.presence.set_messages(f"sip:carol@{SERVER}", new=1)
        with pytest.raises(VoipError, match="note"):
            server.presence.set(f"sip:bob@{SERVER}", S.BUSY, "\0")
        with pytest.raises(InvalidUriError):
            server.presence.set("no uri", S.BUSY)
        assert server.presence.status_of(f"sip:bob@{SERVER}").note == "out"
        phone.publish(S.BUSY)
        await trio.sleep(1)
        (refused,) = [each for each in phone.events if isinstance(each, PublicationEnded)]
        assert refused.response is not None
        assert refused.response.status_code == 405
        with pytest.raises(VoipError, match="no presence server"):
            _ = plain.presence
    await sim.settle()
    sim.assert_quiet()


async def test_our_own_phones_watch_and_publish(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-6, CLI-5: the verbs of a phone at this server; values come out, not documents."""
    async with office(sim) as (server, _, wire):
        watcher = sim.phone(wire, "alice", "10.0.0.3", accounts=(account("alice"),))
        desk = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),))
        seen: list[PresenceStatus] = []
        async with watcher, desk, trio.open_nursery() as nursery:

            async def watch() -> None:
                async with watcher.subscribe_to(BOB, event="presence", account=ALICE) as notifications:
                    async for notification in notifications:
                        assert isinstance(notification.state, PresenceDocument)
                        seen.append(notification.state.status)

            nursery.start_soon(watch)
            await trio.sleep(6)
            async with desk.registered(BOB):
                await trio.sleep(6)
                async with desk.publish(S.DO_NOT_DISTURB, account=BOB):
                    await trio.sleep(6)
                    assert server.presence.status_of(BOB).source == "published"
                await trio.sleep(6)
            await trio.sleep(6)
            nursery.cancel_scope.cancel()
        assert seen == [S.OFFLINE, S.AVAILABLE, S.DO_NOT_DISTURB, S.AVAILABLE, S.OFFLINE]
