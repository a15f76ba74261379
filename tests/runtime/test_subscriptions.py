"""Watching the state of others, and publishing our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from sansio_sip.subscribe import (
    DialogEntry,
    DialogInfo,
    DialogInfoState,
    DialogProgress,
    EventState,
    FixedState,
    MessageCounts,
    MessageSummary,
    PresenceDocument,
    PresenceStatus,
    RequestRefused,
    SubscriberGone,
    SubscriptionClosed,
    SubscriptionRequested,
    TerminatedByNotifier,
    composed_state,
    parse_pidf,
    presence_state,
    resource_of,
)
from sansio_sip.subscribe.conference import (
    CONFERENCE_INFO_TYPE,
    ConferenceInfo,
    ConferenceUser,
    build_conference_info,
)
from sansio_sip.subscribe.reg import (
    REG_INFO_TYPE,
    RegInfo,
    RegisteredAddress,
    RegistrationProgress,
    build_reg_info,
)
from tests.runtime.presence_server import PresenceServer, presence_server
from trio_runtime import (
    Account,
    CallStateError,
    ConfigurationError,
    InvalidUriError,
    LimitExceededError,
    NetworkError,
    Notification,
    RequestTimedOutError,
    SessionCoordinator,
    Subscription,
    SubscriptionEndedError,
    SubscriptionRejected,
    SubscriptionStatus,
)
from trio_runtime.coordinator.subscribing.subscriptions import Subscriptions
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
SERVER = "10.0.0.9"
BOB = "sip:bob@10.0.0.9"
WATCHED = resource_of(BOB)


@asynccontextmanager
async def watching(
    sim: Simulation, *, phone: dict[str, Any] | None = None, wire: Wire | None = None, **settings: Any
) -> AsyncIterator[tuple[SessionCoordinator, PresenceServer]]:
    """Open alice on 10.0.0.1 and a server of events on 10.0.0.9; in the end nothing is left."""
    wire = wire or sim.wire()
    options = {"bind_host": SERVER}
    async with (
        wire,
        presence_server(wire.environment(SERVER), options=options, **settings) as server,
        sim.phone(wire, "alice", "10.0.0.1", **(phone or {})) as alice,
    ):
        yield alice, server
        await sim.settle(100)
        assert alice.leftovers() == []
        assert alice.statistics().dialogs.agent.usages == 0


def presence(status: PresenceStatus) -> FixedState:
    return presence_state(PresenceDocument.of(BOB, status))


async def test_presence_is_watched_changed_refreshed_and_left(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5, SES-29: each state as a value; refreshed for as long as the block lasts; then unsubscribed."""
    async with watching(sim) as (alice, server):
        server.let_in(presence(PresenceStatus.AVAILABLE))
        async with alice.subscribe_to(BOB, expires=600, headers=[("X-Why", "test")]) as notifications:
            first = await anext(notifications)
            assert isinstance(first.state, PresenceDocument)
            assert (first.status, first.state.status) == ("active", PresenceStatus.AVAILABLE)
            assert first.expires is not None
            assert 590 <= first.expires <= 600
            assert first.headers["Event"] == "presence"
            assert (first.problem, first.reason, first.retry_after) == ("", "", None)
            assert notifications.status is SubscriptionStatus.ACTIVE
            assert repr(notifications) == f"<Subscription presence of {BOB} active>"
            assert alice.statistics().subscriptions == 1
            busy = presence(PresenceStatus.BUSY)
            server.do(lambda agent, now: agent.notify(WATCHED, "presence", busy, now))
            second = await anext(notifications)
            assert isinstance(second.state, PresenceDocument)
            assert second.state.status is PresenceStatus.BUSY
            await trio.sleep(2_000)
            assert 3 <= len(server.requests("SUBSCRIBE")) - 1 <= 7
            assert notifications.status is SubscriptionStatus.ACTIVE
        assert await notifications.ended() == SubscriptionClosed()
        assert notifications.end_text == "we ended it"
        assert [each.status async for each in notifications][-1:] in ([], ["active"])
        await trio.sleep(1)
        subscribes = server.requests("SUBSCRIBE")
        assert (subscribes[0].get("x-why"), subscribes[-1].get("expires")) == ("test", "0")
        assert any(isinstance(event, SubscriberGone) for event in server.told)


async def test_subscription_waits_for_being_let_in(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5: pending is told, and active when somebody decides."""
    async with watching(sim) as (alice, server):
        async with alice.subscribe_to(BOB) as notifications:
            first = await anext(notifications)
            assert (first.status, first.state) == ("pending", None)
            assert notifications.status is SubscriptionStatus.PENDING
            (asked,) = [event for event in server.told if isinstance(event, SubscriptionRequested)]
            state = presence(PresenceStatus.AWAY)
            server.do(lambda agent, now: agent.accept_subscription(asked.subscription, state, now))
            assert (await anext(notifications)).status == "active"


DIALOGS = DialogInfoState(BOB, (DialogEntry(id="a", progress=DialogProgress.CONFIRMED),))
MAILBOX = MessageSummary(True, BOB, {"voice-message": MessageCounts(2, 1)})
REGISTERED = RegisteredAddress(BOB, "r", RegistrationProgress.ACTIVE)
CONFERENCE = ConferenceInfo(entity=BOB, version=0, users=(ConferenceUser(entity="sip:carol@10.0.0.3"),))


@pytest.mark.parametrize(
    ("event", "state", "kind"),
    [
        ("dialog", DIALOGS, DialogInfo),
        ("message-summary", MAILBOX, MessageSummary),
        ("reg", FixedState(REG_INFO_TYPE, build_reg_info(RegInfo(0, True, (REGISTERED,)))), RegInfo),
        ("conference", FixedState(CONFERENCE_INFO_TYPE, build_conference_info(CONFERENCE)), ConferenceInfo),
    ],
)
async def test_each_package_has_its_form(
    sim: Simulation, autojump_clock: Clock, event: str, state: EventState, kind: type
) -> None:
    """CLI-5: calls, mailboxes, registrations and conferences as values."""
    async with watching(sim) as (alice, server):
        server.let_in(state)
        async with alice.subscribe_to(BOB, event=event) as notifications:
            told = (await anext(notifications)).state
            assert isinstance(told, kind)
            match told:
                case DialogInfo():
                    assert told.dialogs == DIALOGS.dialogs
                case MessageSummary():
                    assert told == MAILBOX
                case RegInfo():
                    assert told.registrations == (REGISTERED,)
                case ConferenceInfo():
                    assert told.users == CONFERENCE.users


async def test_changes_are_added_up_and_gaps_filled(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5, RFC 4235 §4.3: what changed, with what was known; after a gap the full state is asked for."""
    entries = tuple([DialogEntry(id=name, progress=DialogProgress.EARLY) for name in "ab"])
    async with watching(sim) as (alice, server):
        server.let_in(DialogInfoState(BOB, entries))
        async with alice.subscribe_to(BOB, event="dialog") as notifications:
            await anext(notifications)
            confirmed = DialogEntry(id="b", progress=DialogProgress.CONFIRMED)
            change = DialogInfoState(BOB, (entries[0], confirmed), frozenset("b"))
            server.do(lambda agent, now: agent.notify(WATCHED, "dialog", change, now))
            told = await anext(notifications)
            assert isinstance(told.state, DialogInfo)
            assert b'id="a"' not in told.body
            assert told.state.dialogs == (entries[0], confirmed)
            before = len(server.requests("SUBSCRIBE"))
            gap = build_gap()
            server.do(lambda agent, now: agent.notify(WATCHED, "dialog", gap, now))
            await trio.sleep(2)
            assert len(server.requests("SUBSCRIBE")) == before + 1
            notifications.refresh()
            await trio.sleep(2)
            assert len(server.requests("SUBSCRIBE")) == before + 2


def build_gap() -> EventState:
    """A change that says that others came before it."""

    class Gap(DialogInfoState):
        def document(self, version: int, *, full: bool) -> bytes:
            return super().document(version + 5, full=full)

    return Gap(BOB, (DialogEntry(id="b", progress=DialogProgress.EARLY),) * 1, frozenset("b"))


async def test_body_that_breaks_its_form_is_told_as_it_came(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5: with what is wrong; a form that is not known has its octets."""
    async with watching(sim) as (alice, server):
        server.let_in(FixedState("application/pidf+xml", b"<presence"))
        async with alice.subscribe_to(BOB) as notifications:
            first = await anext(notifications)
            assert (first.state, first.body) == (None, b"<presence")
            assert first.problem
            odd = FixedState("application/x-mood", b"sunny")
            server.do(lambda agent, now: agent.notify(WATCHED, "presence", odd, now))
            second = await anext(notifications)
            assert (second.state, second.problem, second.body) == (None, "", b"sunny")


async def test_one_look_ends_by_itself(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5, RFC 6665 §4.4.3: Expires 0."""
    async with watching(sim) as (alice, server):
        server.let_in(presence(PresenceStatus.AVAILABLE))
        async with alice.subscribe_to(BOB, expires=0) as notifications:
            seen = [notification async for notification in notifications]
        assert [each.state.status for each in seen if isinstance(each.state, PresenceDocument)] == [
            PresenceStatus.AVAILABLE
        ]
        assert seen[-1].status == "terminated"
        assert await notifications.ended() == SubscriptionClosed()


@pytest.mark.parametrize(
    ("reason", "retry_after", "again"),
    [("noresource", None, None), ("rejected", None, None), ("probation", 30, 30), ("deactivated", None, 0)],
)
async def test_reason_of_the_end_says_whether_it_is_tried_again(
    sim: Simulation, autojump_clock: Clock, reason: str, retry_after: int | None, again: float | None
) -> None:
    """CLI-5, RFC 6665 §4.1.3: the reasons; retry-after is kept to."""
    async with watching(sim) as (alice, server):
        server.let_in(presence(PresenceStatus.AVAILABLE))
        async with alice.subscribe_to(BOB) as notifications:
            await anext(notifications)
            (asked,) = [event for event in server.told if isinstance(event, SubscriptionRequested)]
            server.do(lambda agent, now: agent.end_subscription(asked.subscription, reason, now, retry_after))
            last = await anext(notifications)
            assert (last.status, last.reason, last.retry_after) == ("terminated", reason, retry_after)
            lost_at = trio.current_time()
            if again is None:
                assert await notifications.ended() == TerminatedByNotifier(reason, retry_after)
                assert notifications.end_text == f"ended by the peer: {reason}"
                assert [each async for each in notifications] == []
                with pytest.raises(SubscriptionEndedError, match=reason):
                    await notifications.accepted()
                notifications.refresh()
                notifications.unsubscribe()
                return
            if again:
                assert notifications.status is SubscriptionStatus.WAITING
                assert notifications.retry_in == pytest.approx(again, abs=1)
            await anext(notifications)
            assert trio.current_time() - lost_at == pytest.approx(again, abs=2)
            assert notifications.status is SubscriptionStatus.ACTIVE
            assert notifications.end is None


async def test_refused_subscription_is_an_error_with_its_status(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-5, ERR-1."""
    async with watching(sim) as (alice, server):
        server.decide = lambda event: server.agent.reject_subscription(event.subscription, server.now(), 403)
        with pytest.raises(SubscriptionRejected, match=r"403 .*bob") as refused:
            async with alice.subscribe_to(BOB):
                pytest.fail("not reached")
        assert refused.value.status_code == 403
        with pytest.raises(SubscriptionRejected, match="489"):
            async with alice.subscribe_to(BOB, event="mood"):
                pytest.fail("not reached")


async def test_peer_that_is_not_there_is_an_error_or_tried_again(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-5, ERR-1: at once, or with patience when it comes."""
    wire = sim.wire(icmp=True)
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        with pytest.raises(NetworkError, match="cannot be reached"):
            async with alice.subscribe_to("sip:bob@10.0.0.1:9"):
                pytest.fail("not reached")
        with pytest.raises(NetworkError, match="cannot be reached"):
            async with alice.publish(PresenceStatus.AVAILABLE, uri="sip:bob@10.0.0.1:9"):
                pytest.fail("not reached")
        with trio.move_on_after(3):
            async with alice.subscribe_to(BOB, patient=True):
                pytest.fail("not reached")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(patiently, alice)
            await trio.sleep(20)
            async with presence_server(wire.environment(SERVER), options={"bind_host": SERVER}) as server:
                server.let_in(presence(PresenceStatus.AVAILABLE))
                await trio.sleep(60)
                assert server.requests("SUBSCRIBE")
                assert server.requests("PUBLISH")
        await sim.settle()
    sim.assert_quiet()


async def patiently(alice: SessionCoordinator) -> None:
    async with alice.subscribe_to(BOB, patient=True) as notifications:
        assert (await anext(notifications)).status == "active"
    async with alice.publish(PresenceStatus.AVAILABLE, uri=BOB, patient=True):
        pass


async def test_silent_peer_is_a_timeout(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5, ERR-1: 64·T1, for both; and a subscription that is given up leaves nothing."""
    async with sim.pair() as (alice, _):
        with pytest.raises(RequestTimedOutError):
            async with alice.subscribe_to("sip:bob@10.9.9.9"):
                pytest.fail("not reached")
        with pytest.raises(RequestTimedOutError):
            async with alice.publish(PresenceStatus.BUSY, uri="sip:bob@10.9.9.9"):
                pytest.fail("not reached")
        await sim.settle(100)
    sim.assert_quiet()


async def test_mistakes_are_told_before_anything_is_sent(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-5, ERR-1, COO-6: each with its field."""
    async with watching(sim) as (alice, server):
        for uri in ("bob", "sip:a@b;x=\x00"):
            with pytest.raises(InvalidUriError):
                alice.start_subscription(uri)
        wrong: list[tuple[str, dict[str, Any]]] = [("event", {"event": "a b"}), ("expires", {"expires": -1})]
        for field, values in wrong:
            with pytest.raises(ConfigurationError) as caught:
                alice.start_subscription(BOB, **values)
            assert caught.value.field == field
            with pytest.raises(ConfigurationError) as caught:
                async with alice.publish(PresenceStatus.AWAY, **values):
                    pytest.fail("not reached")
            assert caught.value.field == field
        for state in (FixedState("text/plain", b""), FixedState("", b"x")):
            with pytest.raises(InvalidUriError, match="body"):
                async with alice.publish(state):
                    pytest.fail("not reached")
        with pytest.raises(InvalidUriError):
            async with alice.publish(PresenceStatus.AWAY, uri="bob"):
                pytest.fail("not reached")
        assert server.trace is not None
        assert len(server.trace) == 0


def test_number_of_subscriptions_is_limited() -> None:
    """LIM-1: one more is refused."""
    with pytest.raises(LimitExceededError):
        Subscriptions(None, 0).start(BOB, "presence", 60, (), None)  # type: ignore[arg-type]


async def test_subscription_and_publication_of_an_account(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-8, AUTH-1: its address, its password, its proxy."""
    account = Account("sip:sales@10.0.0.9", password="secret", outbound_proxy="sip:10.0.0.9")
    own: dict[str, Any] = {"accounts": (account,)}
    async with watching(sim, phone=own, users={"sales": "secret"}) as (alice, server):
        server.let_in(presence(PresenceStatus.AVAILABLE))
        async with alice.subscribe_to(BOB, account=account.uri) as notifications:
            await anext(notifications)
            async with alice.publish(PresenceStatus.BUSY, account=account.uri):
                pass
        for method in ("SUBSCRIBE", "PUBLISH"):
            first, second, *_ = server.requests(method)
            assert str(first.from_.uri) == account.uri
            assert first.routes == ["<sip:10.0.0.9;lr>"]
            assert 'username="sales"' in (second.get("authorization") or "")
        assert server.requests("PUBLISH")[0].uri == account.uri
        with pytest.raises(ConfigurationError, match="account"):
            alice.start_subscription(BOB, account="sip:nobody@10.0.0.9")


async def test_many_notifications_that_nobody_reads_keep_the_last(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """LIM-1: a bounded queue; the last state is always there."""
    subscription = Subscription(BOB, "presence", None)  # type: ignore[arg-type]
    told = {"reason": "", "retry_after": None, "state": None, "problem": "", "content_type": "", "body": b""}
    for number in range(300):
        subscription.notified(
            Notification(status="active", expires=number, headers=None, notifier="", **told)  # type: ignore[arg-type]
        )
    assert (await anext(subscription)).expires == 300 - 256
    assert subscription.last is not None
    assert subscription.last.expires == 299


# Publications


async def test_publication_is_kept_changed_and_removed(sim: Simulation, autojump_clock: Clock) -> None:
    """CLI-1, SES-29, RFC 3903: initial, refresh, modify, remove; the compositor sees each state."""
    async with watching(sim) as (alice, server):

        def published() -> list[PresenceStatus]:
            about = server.agent.publications(resource_of("sip:alice@10.0.0.1"), "presence")
            return [parse_pidf(each.body).status for each in about]

        wire_uri = "sip:alice@10.0.0.1"
        async with alice.publish(
            PresenceStatus.AVAILABLE, expires=120, account=proxied(wire_uri), uri=wire_uri
        ) as publication:
            assert publication.expires == 120
            assert published() == [PresenceStatus.AVAILABLE]
            assert alice.statistics().publications == 1
            assert repr(publication) == f"<Publication presence of {wire_uri} published>"
            publication.modify(PresenceDocument.of(wire_uri, PresenceStatus.BUSY, note="in a meeting"))
            await trio.sleep(1)
            assert published() == [PresenceStatus.BUSY]
            await trio.sleep(1_000)
            assert published() == [PresenceStatus.BUSY]
            assert len(server.requests("PUBLISH")) > 8
            with pytest.raises(CallStateError, match="body"):
                publication.modify(FixedState("text/plain", b""))
        assert await publication.ended() == SubscriptionClosed()
        await trio.sleep(1)
        assert published() == []
        with pytest.raises(CallStateError, match="over"):
            publication.modify(PresenceStatus.AWAY)
        with pytest.raises(SubscriptionEndedError):
            await publication.published()
        publication.remove()


def proxied(uri: str) -> Account:
    """Alice, by way of the server."""
    return Account(uri, outbound_proxy=f"sip:{SERVER}")


async def test_refused_publication_is_an_error_with_its_status(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-1, ERR-1."""
    async with watching(sim, compositor=None) as (alice, _):
        with pytest.raises(SubscriptionRejected, match="405") as refused:
            async with alice.publish(PresenceStatus.AWAY, uri=BOB):
                pytest.fail("not reached")
        assert refused.value.status_code == 405


async def test_compositor_that_comes_back_gets_the_latest_state(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-1, RFC 3903 §5: a failure is tried again, with what is to be known by then."""
    wire = sim.wire(icmp=True)
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        options = {"bind_host": SERVER}
        async with presence_server(wire.environment(SERVER), options=options):
            block = alice.publish(PresenceStatus.AVAILABLE, uri=BOB, expires=120)
            publication = await block.__aenter__()
        publication.modify(PresenceStatus.AWAY)
        await trio.sleep(2)
        assert publication.retry_in is not None
        assert publication.end_text.startswith("the peer cannot be reached")
        async with presence_server(wire.environment(SERVER), options=options) as server:
            await trio.sleep(60)
            (state,) = [parse_pidf(each.body) for each in server.agent.publications(WATCHED, "presence")]
            assert state.status is PresenceStatus.AWAY
            assert publication.end is None
            await block.__aexit__(None, None, None)
            await trio.sleep(1)
            assert composed_state(server.agent.publications(WATCHED, "presence")).body == b""
        await sim.settle()
    sim.assert_quiet()


async def test_end_of_the_coordinator_ends_what_waits(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-12: iterations stop, and who waits is told."""
    async with watching(sim) as (_, server):
        server.let_in(presence(PresenceStatus.AVAILABLE))
        wire = sim.wires[0]
        async with trio.open_nursery() as nursery:
            async with sim.phone(wire, "carol", "10.0.0.3") as carol:
                subscription = carol.start_subscription(BOB)
                await subscription.accepted()
                nursery.start_soon(read_to_the_end, subscription)
                await trio.sleep(1)
        assert subscription.status is SubscriptionStatus.ENDED
        assert not isinstance(subscription.end, RequestRefused)


async def read_to_the_end(subscription: Subscription) -> None:
    async for _ in subscription:
        pass
