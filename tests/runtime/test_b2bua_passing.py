"""Session descriptions that pass through the back-to-back user agent as they are, in virtual time."""

from __future__ import annotations

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.agent import AgentConfig
from sansio_sip.invite import (
    AnswerReceived,
    CallAnswered,
    CallConfirmed,
    CallProgress,
    Cancelled,
    OfferReceived,
    OfferWithdrawn,
    ReferEnded,
    ReferReceived,
    Rejected,
    RemoteBye,
    SessionBody,
    SessionTimerConfig,
    UpdateFailed,
)
from tests.runtime.body_phones import ONE, PASSING, TWO, body_phone, plain, sdp, street
from tests.runtime.proxied import Callee, answers
from tests.runtime.test_faults_network import Routes
from tests.sip.harness import offer as plain_offer
from trio_runtime import B2buaConfig, ConfigurationError, Leg
from trio_runtime.b2bua import CallRouteAnswer, CallRouteFailed
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
ALICE = "10.0.0.1"
HERE = "10.0.0.11"
OFFER, ANSWER = sdp("alice"), sdp("bob")
PLAIN = plain_offer("10.0.0.1")


# Offer in the INVITE, answer in the 200


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_descriptions_pass_octet_by_octet_and_no_port_is_taken(
    sim: Simulation, autojump_clock: Clock, who: str
) -> None:
    """SRV-8: audio, video, ICE, whatever it is; BYE of either side ends both."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        (invite,) = s.messages("INVITE", HERE)
        assert (invite.body, invite.get("content-type")) == (OFFER.content, "application/sdp")
        statistics = s.server.statistics()
        assert (statistics.answered, statistics.talking) == (1, 1)
        assert s.media_ports() == 0
        first, second = (s.alice, s.bob) if who == "alice" else (s.bob, s.alice)
        first.do("hang_up")
        assert isinstance((await second.ends()).end, RemoteBye)


async def test_body_of_several_parts_passes_with_what_describes_it(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: a description beside something else, with its boundary."""
    parts = b"--x\r\nContent-Type: application/sdp\r\n\r\n" + OFFER.content + b"\r\n--x\r\n"
    parts += (
        b"Content-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n\r\nhi\r\n--x--\r\n"
    )
    offer = SessionBody(parts, "multipart/mixed;boundary=x", (("MIME-Version", "1.0"),))
    async with street(sim) as s:
        s.alice.invite(offer)
        await s.bob.rings()
        (invite,) = s.messages("INVITE", HERE)
        assert (invite.body, invite.get("mime-version")) == (parts, "1.0")
        assert invite.get("content-type") == "multipart/mixed;boundary=x"
        s.bob.do("answer", ANSWER)
        assert await s.alice.answered_with() == ANSWER.content
        s.bob.do("hang_up")


async def test_refusal_and_cancel_pass(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: a status of the callee; the caller that gives up; a callee that answers at that moment."""
    async with street(sim) as s:
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.do("reject", 606)
        assert (await s.alice.ends()).end == Rejected(606, "Not Acceptable")
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.do("ring")
        await s.alice.hears(CallProgress)
        s.alice.do("hang_up")
        assert isinstance((await s.bob.ends()).end, Cancelled)
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.do("ring")
        await s.alice.hears(CallProgress)
        s.alice.do("hang_up")
        s.bob.do("answer", ANSWER)  # both are under way
        assert isinstance((await s.bob.ends()).end, RemoteBye)


# Early


@pytest.mark.parametrize("reliable", [True, False])
async def test_early_description_passes_as_reliably_as_it_came(
    sim: Simulation, autojump_clock: Clock, reliable: bool
) -> None:
    """SRV-8, SDP-9: the answer in a 183; the 200 after a reliable one says nothing more (RFC 6337 §3.1.1)."""
    async with street(sim) as s:
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=reliable))
        told = await s.alice.hears(AnswerReceived)
        assert (told.body, told.early, told.settled) == (ANSWER, True, reliable)
        assert (await s.alice.hears(CallProgress)).status_code == 183
        assert len(s.messages("SIP/2.0 183", ALICE)) == 1
        assert len(s.messages("PRACK", HERE)) == reliable
        await trio.sleep(1)
        s.bob.do("answer", ANSWER)
        await s.alice.hears(CallAnswered)
        (answer,) = [each for each in s.messages("SIP/2.0 200", ALICE) if each.cseq.method == "INVITE"]
        assert answer.body == (b"" if reliable else ANSWER.content)
        s.alice.do("hang_up")


async def test_caller_without_100rel_is_told_unreliably(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the callee is not let ring reliably where the caller cannot take that."""
    async with street(sim) as s:
        s.alice.invite(OFFER, reliable=False)
        await s.bob.rings()
        (invite,) = s.messages("INVITE", HERE)
        assert "100rel" not in invite.supported
        s.bob.do("answer", ANSWER)
        await s.alice.hears(CallAnswered)
        s.alice.do("hang_up")


async def test_early_update_passes_both_ways(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, RFC 3311: offers in UPDATE before the answer, such as of preconditions (RFC 3312)."""
    async with street(sim) as s:
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        assert await s.alice.answered_with() == ANSWER.content
        await trio.sleep(1)
        for asks, takes in ((s.alice, s.bob), (s.bob, s.alice)):
            second, third = sdp("a", 2), sdp("b", 2)
            asks.do("update_media", second)
            event = await takes.offered()
            assert (event.body, event.method) == (second, "UPDATE")
            takes.do("answer_offer", third)
            assert await asks.answered_with() == third.content
            await trio.sleep(1)
        s.bob.do("answer", ANSWER)
        await s.alice.hears(CallAnswered)
        s.alice.do("hang_up")


# The callee makes the offer


async def test_delayed_offer_passes_and_its_answer_in_the_ack(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: INVITE without a description: offer in the 200, answer in the ACK (RFC 3261 §13.2.1)."""
    async with street(sim) as s:
        s.alice.invite(None)
        assert await s.bob.rings() is None
        s.bob.do("answer", ANSWER)
        event = await s.alice.offered()
        assert (event.body, event.in_response) == (ANSWER, True)
        await trio.sleep(3)  # the 200 is repeated meanwhile, on both sides
        assert not s.bob.heard_any(CallConfirmed)
        s.alice.do("answer_offer", OFFER)
        assert await s.bob.answered_with() == OFFER.content
        await s.bob.hears(CallConfirmed)
        (ack,) = {each.body for each in s.messages("ACK", HERE)}
        assert ack == OFFER.content
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_delayed_offer_in_a_reliable_response(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, RFC 3262 §5: offer in the 183, answer in the PRACK, on both sides."""
    async with street(sim) as s:
        s.alice.invite(None)
        await s.bob.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        event = await s.alice.offered()
        assert (event.body, event.in_response) == (ANSWER, True)
        await trio.sleep(2)
        s.alice.do("answer_offer", OFFER)
        assert await s.bob.answered_with() == OFFER.content
        (prack,) = {each.body for each in s.messages("PRACK", HERE)}
        assert prack == OFFER.content
        s.bob.do("answer", None)
        await s.alice.hears(CallAnswered)
        s.alice.do("hang_up")


async def test_early_offer_waits_for_the_answer_where_the_caller_takes_none(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: the callee rings reliably although nobody said that it may: its offer goes with the 200."""
    async with street(sim) as s:
        s.alice.invite(None, reliable=False)
        await s.bob.rings()
        assert s.bob.end is not None
        call = s.bob.end.agent._calls.find_server(s.bob.call)
        call._known = True
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        progress = await s.alice.hears(CallProgress)
        assert (progress.status_code, progress.response.body) == (183, b"")
        await trio.sleep(1)
        s.bob.do("answer", None)
        await trio.sleep(1)
        s.alice.do("hang_up")


async def test_delayed_offer_that_nobody_answers_leaves_no_stream(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RFC 6337 §2.3: an ACK without an answer goes on as one that refuses each stream."""
    async with street(sim) as s:
        s.alice.invite(None)
        await s.bob.rings()
        s.bob.do("answer", ANSWER)
        await s.alice.offered()
        s.alice.do("reject_offer", 488)
        assert b"m=audio 0 " in await s.bob.answered_with()
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_delayed_offer_and_an_end_before_its_answer(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the callee hangs up, or the caller, while the offer waits: the 200 gets its ACK all the same."""
    async with street(sim) as s:
        for who in ("bob", "alice"):
            s.alice.invite(None)
            await s.bob.rings()
            s.bob.do("answer", ANSWER)
            await s.alice.offered()
            first, second = (s.bob, s.alice) if who == "bob" else (s.alice, s.bob)
            first.do("hang_up")
            await second.ends()
            await trio.sleep(40)
            assert s.messages("ACK", HERE)


# Changes


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_change_passes_and_its_answer(sim: Simulation, autojump_clock: Clock, who: str) -> None:
    """SRV-8: re-INVITE of either side, hold for one; UPDATE where it was one."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        asks, takes = (s.alice, s.bob) if who == "alice" else (s.bob, s.alice)
        for version, by_update in ((2, False), (3, True)):
            held, taken = sdp(who, version, "a=sendonly"), sdp("b", version, "a=recvonly")
            asks.do("update_media", held, by_update=by_update)
            event = await takes.offered()
            assert (event.body, event.method) == (held, "UPDATE" if by_update else "INVITE")
            takes.do("answer_offer", taken)
            told = await asks.hears(AnswerReceived)
            assert (told.body, told.ours, told.early) == (taken, True, False)
            await trio.sleep(1)
        s.alice.do("hang_up")
        await s.bob.ends()


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_wish_for_an_offer_passes(sim: Simulation, autojump_clock: Clock, who: str) -> None:
    """SRV-8: a re-INVITE without a description; offer in the 200, answer in the ACK."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        asks, takes = (s.alice, s.bob) if who == "alice" else (s.bob, s.alice)
        asks.do("update_media", None, late_offer=True)
        event = await takes.offered()
        assert (event.body, event.method) == (None, "INVITE")
        takes.do("answer_offer", sdp("new", 2))
        event = await asks.offered()
        assert (event.body, event.in_response) == (sdp("new", 2), True)
        await trio.sleep(2)
        asks.do("answer_offer", sdp("newer", 2))
        assert await takes.answered_with() == sdp("newer", 2).content
        await trio.sleep(1)
        asks.do("update_media", sdp("asks", 3))  # and nothing is in the way of the next one
        assert (await takes.offered()).body == sdp("asks", 3)
        takes.do("answer_offer", sdp("takes", 3))
        await asks.answered_with()
        s.alice.do("hang_up")
        await s.bob.ends()


@pytest.mark.parametrize(
    ("status", "fields"), [(488, [("Warning", '399 bob "no"')]), (491, []), (500, [("Retry-After", "7")])]
)
async def test_refused_change_leaves_the_call(
    sim: Simulation, autojump_clock: Clock, status: int, fields: list[tuple[str, str]]
) -> None:
    """SRV-8: 488, 491 and 500 mean to who has asked what they meant to us; nobody here tries again."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        s.alice.do("update_media", sdp("alice", 2))
        await s.bob.offered()
        s.bob.do("reject_offer", status, headers=fields)
        failed = await s.alice.hears(UpdateFailed)
        assert failed.status_code == status
        assert failed.response is not None
        for name, value in fields:
            assert failed.response.get(name.lower()) == value
        await trio.sleep(20)
        assert len(s.messages("INVITE", HERE)) == 2
        s.alice.do("update_media", sdp("alice", 3))
        await s.bob.offered()
        s.bob.do("answer_offer", sdp("bob", 3))
        assert await s.alice.answered_with() == sdp("bob", 3).content
        assert s.server.statistics().talking == 1
        s.bob.do("hang_up")
        await s.alice.ends()


async def test_glare_is_491_for_both_and_each_may_try_again(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, RFC 3261 §14.1: two changes that meet in the middle."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        s.alice.do("update_media", sdp("alice", 2))
        s.bob.do("update_media", sdp("bob", 2))
        assert (await s.alice.hears(UpdateFailed)).status_code == 491
        assert (await s.bob.hears(UpdateFailed)).status_code == 491
        await trio.sleep(1)
        s.bob.do("update_media", sdp("bob", 3))
        await s.alice.offered()
        s.alice.do("answer_offer", sdp("alice", 3))
        assert await s.bob.answered_with() == sdp("alice", 3).content
        s.bob.do("hang_up")
        await s.alice.ends()


async def test_change_that_is_cancelled_is_cancelled_on_the_other_side(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: CANCEL of a re-INVITE passes; both go on with what they had."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        s.alice.do("update_media", sdp("alice", 2))
        await s.bob.offered()
        s.alice.do("withdraw_update")
        await s.bob.hears(OfferWithdrawn)
        assert (await s.alice.hears(UpdateFailed)).status_code == 487
        await trio.sleep(1)
        assert s.server.statistics().talking == 1
        s.bob.do("hang_up")
        await s.alice.ends()


async def test_change_that_was_taken_while_it_was_cancelled_is_agreed_on_anew(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: the callee has taken what the caller took back: the caller is asked for what it wants now."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        s.alice.do("update_media", sdp("alice", 2))
        await s.bob.offered()
        await trio.sleep(0.5)  # there is a 100 by now, so that a CANCEL may be sent
        s.alice.do("withdraw_update")
        await trio.sleep(0.015)
        s.bob.do("answer_offer", sdp("bob", 2))  # the CANCEL has come to the server, but not to bob
        assert (await s.alice.hears(UpdateFailed)).status_code == 487
        assert (await s.alice.offered()).body is None
        s.alice.do("answer_offer", sdp("alice", 3))
        assert (await s.bob.offered()).body == sdp("alice", 3)
        s.bob.do("answer_offer", sdp("bob", 3))
        assert await s.alice.answered_with() == sdp("bob", 3).content
        await trio.sleep(1)
        s.bob.do("hang_up")
        await s.alice.ends()


# Session timers


@pytest.mark.parametrize("update", [True, False])
async def test_refresh_of_one_side_says_nothing_new_to_the_other(
    sim: Simulation, autojump_clock: Clock, update: bool
) -> None:
    """SRV-8, RFC 4028 §7.4: each side by itself; UPDATE without, or re-INVITE with, the last word."""

    def allow(config: AgentConfig) -> AgentConfig:
        return attrs.evolve(config, session_timer=SessionTimerConfig(interval=90))

    async with street(sim, alice=allow, server={"session_interval": 90}) as s:
        if not update:
            for phone in (s.alice, s.bob):
                assert phone.end is not None
                core = phone.end.agent._core
                allowed = core.invite_config.allow.replace(", UPDATE", "")
                core.invite_config = attrs.evolve(core.invite_config, allow=allowed)
        await s.talk(OFFER, ANSWER)
        await trio.sleep(400)
        assert s.server.statistics().talking == 1
        refreshes = s.messages("UPDATE" if update else "INVITE", HERE)
        assert len(refreshes) > 3
        assert {each.body for each in refreshes[1:]} == {b"" if update else OFFER.content}
        assert len(s.messages("UPDATE", "10.0.0.9")) > 3  # by alice, whom the server lets do that
        assert not s.bob.heard_any(OfferReceived)
        assert not s.alice.heard_any(OfferReceived)
        s.alice.do("hang_up")
        await s.bob.ends()


# The network


async def test_both_peers_are_told_of_a_new_address_and_of_nothing_else(
    sim: Simulation, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SRV-8, TRN-10: UPDATE without a body; the media is not ours to move."""
    routes = Routes(monkeypatch, "10.0.0.9")
    async with street(sim, server={"bind_host": "0.0.0.0"}) as s:
        await s.talk(OFFER, ANSWER)
        routes.now = "10.0.0.77"
        assert s.server.phone.network_changed()
        await trio.sleep(1)
        for host in (HERE, ALICE):
            (update,) = s.messages("UPDATE", host)
            assert update.body == b""
            assert "10.0.0.77" in (update.get("contact") or "")
        routes.now = "10.0.0.9"
        assert s.server.phone.network_changed()
        await trio.sleep(1)
        s.alice.do("hang_up")
        await s.bob.ends()


# Several targets


async def test_all_ring_without_a_description_and_the_first_answer_passes(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: several targets: 180 without description from the first; the answer of who takes it."""
    async with street(sim, route=lambda _: [ONE, "sip:nobody@10.0.0.77"]) as s:
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER))
        assert (await s.alice.hears(CallProgress)).response.body == b""
        await trio.sleep(1)
        s.bob.do("answer", ANSWER)
        assert await s.alice.answered_with() == ANSWER.content
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_next_group_goes_on_with_the_same_offer(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the first target is silent; the second one is offered the same."""
    route = [[Leg("sip:nobody@10.0.0.77", ring_time=3)], [Leg(ONE)]]
    async with street(sim, route=lambda _: route) as s:
        s.alice.invite(OFFER)
        assert await s.bob.rings() == OFFER
        s.bob.do("answer", ANSWER)
        assert await s.alice.answered_with() == ANSWER.content
        s.alice.do("hang_up")
        await s.bob.ends()


async def test_branch_that_answers_otherwise_than_the_caller_was_told(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RFC 3261 §13.2.2.4: one phone behind a proxy was heard early, another one takes the call."""
    wire = sim.wire(latency=0.01)
    async with (
        street(sim, wire=wire, route=lambda _: "sip:bob@10.0.0.8") as s,
        sim.proxy(wire, "10.0.0.8", lambda _: [ONE, TWO]),
        body_phone(wire, "bob", "10.0.0.12", plain) as other,
    ):
        s.alice.invite(OFFER)
        assert await s.bob.rings() == OFFER
        assert await other.rings() == OFFER
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        assert await s.alice.answered_with() == ANSWER.content
        await trio.sleep(1)
        other.do("answer", sdp("other"))
        assert (await s.alice.offered()).body is None  # so that both can agree anew
        s.alice.do("answer_offer", sdp("alice", 2))
        assert (await other.offered()).body == sdp("alice", 2)
        other.do("answer_offer", sdp("other", 2))
        assert await s.alice.answered_with() == sdp("other", 2).content
        assert s.server.statistics().talking == 1
        s.alice.do("hang_up")
        await other.ends()
        await sim.settle(40)


async def test_both_are_hung_up_when_they_cannot_agree_anew(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the same, and the caller refuses: nothing they have said would fit."""
    wire = sim.wire(latency=0.01)
    async with (
        street(sim, wire=wire, route=lambda _: "sip:bob@10.0.0.8") as s,
        sim.proxy(wire, "10.0.0.8", lambda _: [ONE, TWO]),
        body_phone(wire, "bob", "10.0.0.12", plain) as other,
    ):
        s.alice.invite(OFFER)
        await s.bob.rings()
        await other.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        await s.alice.answered_with()
        await trio.sleep(1)
        other.do("answer", sdp("other"))
        await s.alice.offered()
        s.alice.do("reject_offer", 488)
        await s.alice.ends()
        await other.ends()
        await sim.settle(40)


# One target passes, another one is anchored


async def test_targets_of_both_kinds_one_after_the_other(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: the first target passes and refuses; the second one talks to us."""
    route = [[Leg(ONE, media="pass")], [Leg(TWO, media="anchor")]]
    policy = attrs.evolve(PASSING, media="anchor")
    wire = sim.wire(latency=0.01)
    offer = SessionBody(PLAIN)
    async with (
        street(sim, wire=wire, policy=policy, route=lambda _: route) as s,
        sim.phone(wire, "bob", "10.0.0.12", handler=Callee(answers)),
    ):
        s.alice.invite(offer)
        assert await s.bob.rings() == offer
        s.bob.do("reject", 486)
        answer = await s.alice.answered_with()
        assert b"IN IP4 10.0.0.9" in answer  # the server
        assert s.media_ports() > 0
        s.alice.do("hang_up")
        await sim.settle(40)


async def test_target_of_the_other_kind_comes_too_late_once_media_was_told(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: the caller has an early answer of the first phone: media of ours cannot follow it."""
    route = [[Leg(ONE, media="pass", ring_time=3)], [Leg(TWO, media="anchor")]]
    policy = attrs.evolve(PASSING, media="anchor")
    async with street(sim, policy=policy, route=lambda _: route) as s:
        s.alice.invite(OFFER)
        await s.bob.rings()
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER))
        await s.alice.answered_with()
        end = (await s.alice.ends()).end
        assert isinstance(end, Rejected)
        assert end.status_code == 488


@pytest.mark.parametrize(
    ("route", "transfers", "field"),
    [([Leg(ONE, media="pass"), TWO], "pass", "media"), ([Leg(ONE, media="pass")], "follow", "transfers")],
)
async def test_route_that_cannot_be_is_a_failure_of_the_route(
    sim: Simulation, autojump_clock: Clock, route: CallRouteAnswer, transfers: str, field: str
) -> None:
    """SRV-8, ERR-1: kinds that ring together, or transfers that would be followed: 500, and an event."""
    policy = B2buaConfig(transfers=transfers)
    async with street(sim, policy=policy, route=lambda _: route) as s:
        with s.server.subscribe(lambda event: isinstance(event, CallRouteFailed)) as events:
            s.alice.invite(OFFER)
            assert (await s.alice.ends()).end == Rejected(500, "Server Internal Error")
            failed = events.receive_nowait()
            assert isinstance(failed, CallRouteFailed)
            assert isinstance(failed.error, ConfigurationError)
            assert failed.error.field == field


# Transfers


async def test_blind_transfer_goes_to_the_other_phone_and_no_other_one(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: REFER passes; one that names a call of ours is refused, and who would take its place too."""
    wire = sim.wire(latency=0.01)
    async with (
        street(sim, wire=wire) as s,
        body_phone(wire, "carol", "10.0.0.12", plain) as carol,
    ):
        await s.talk(OFFER, ANSWER)
        s.alice.run(lambda agent, now: agent.refer(s.alice.call, "sip:carol@10.0.0.12", now))
        asked = await s.bob.hears(ReferReceived)
        assert asked.refer_to.target == "sip:carol@10.0.0.12"
        s.bob.run(lambda agent, now: agent.reject_refer(s.bob.call, asked.refer, 603, now))
        await trio.sleep(5)
        first = s.alice.call
        s.alice.heard.clear()
        s.alice.invite(OFFER)
        second = s.alice.call
        assert await s.bob.rings() == OFFER
        s.bob.do("answer", ANSWER)
        await s.alice.hears(CallAnswered)
        await trio.sleep(1)
        s.alice.run(lambda agent, now: agent.refer_to_call(first, second, now))
        refused = await s.alice.hears(ReferEnded)
        assert getattr(refused.end, "status_code", 0) == 603
        s.alice.run(lambda agent, now: agent.hang_up(first, now))
        s.alice.run(lambda agent, now: agent.hang_up(second, now))
        await trio.sleep(40)
        assert carol.heard == []


async def test_call_that_wants_the_place_of_another_one_is_refused(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, RFC 3891: it could not go on with what two phones have agreed on."""
    async with street(sim) as s:
        await s.talk(OFFER, ANSWER)
        ok = next(each for each in s.messages("SIP/2.0 200", ALICE) if each.cseq.method == "INVITE")
        replaces = f"{ok.call_id};to-tag={ok.to_tag};from-tag={ok.from_tag}"
        first = s.alice.call
        s.alice.invite(OFFER, headers=[("Replaces", replaces)])
        assert (await s.alice.ends()).end == Rejected(403, "Forbidden")
        s.alice.run(lambda agent, now: agent.hang_up(first, now))
        await s.bob.ends()


# Loss


@pytest.mark.parametrize("seed", range(3))
async def test_everything_passes_over_a_lossy_wire(sim: Simulation, autojump_clock: Clock, seed: int) -> None:
    """SRV-8: 5 % of the datagrams are lost; a call with early media, a change of each side, and its end."""
    wire = sim.wire(seed, latency=0.01, loss=0.05)
    async with street(sim, wire=wire) as s:
        s.alice.invite(OFFER)
        assert await s.bob.rings() == OFFER
        s.bob.run(lambda agent, now: agent.ring(s.bob.call, now, 183, media=ANSWER, reliable=True))
        assert await s.alice.answered_with() == ANSWER.content
        await trio.sleep(10)
        s.bob.do("answer", ANSWER)
        await s.alice.hears(CallAnswered)
        await trio.sleep(10)
        for asks, takes in ((s.alice, s.bob), (s.bob, s.alice)):
            asks.do("update_media", sdp("asks", 2))
            assert (await takes.offered()).body == sdp("asks", 2)
            takes.do("answer_offer", sdp("takes", 2))
            assert await asks.answered_with() == sdp("takes", 2).content
            await trio.sleep(10)
        s.alice.do("hang_up")
        await s.bob.ends()


# Configuration


def test_transfers_are_not_followed_where_media_passes() -> None:
    """SRV-8: who takes part in no media cannot put another phone into what two have agreed on."""
    with pytest.raises(ConfigurationError) as caught:
        B2buaConfig(media="pass")
    assert caught.value.field == "transfers"
    for transfers in ("pass", "refuse"):
        assert B2buaConfig(media="pass", transfers=transfers).media == "pass"
