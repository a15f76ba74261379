"""Callers and agents on phones: who talks to whom, what is heard meanwhile, and how each wait can end."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Literal

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.invite import Cancelled, RemoteBye
from tests.runtime.call_centre import (
    QUEUE,
    answering,
    call_centre,
    deaf,
    playing,
    refusing,
    tone,
)
from tests.runtime.hearing import tones_at
from trio_runtime import (
    AutoAnswerHandler,
    Call,
    CallEnded,
    CallPriority,
    CallRejected,
    CallState,
    CallStateError,
    ConfigurationError,
    IncomingCall,
    LimitsConfig,
    QueueAgent,
    Reject,
    RejectAllHandler,
)
from trio_runtime.events import queue_types as facts
from trio_runtime.media import Playable
from trio_runtime.queue import (
    AgentState,
    QueueConfig,
    QueueEnd,
    QueueOptions,
    QueuePlace,
    QueueRules,
    RingAll,
)
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
SILENT = {"no_media": True}  # where nothing is heard


async def test_a_caller_hears_music_until_an_agent_answers_and_then_the_agent(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-1, QUE-3: greeting, music, and both hear each other."""
    async with call_centre(
        sim, {"anna": answering(after=4.0, talk=60)}, greeting=tone(1_000, 1.5), music=tone(500)
    ) as desk:
        async with desk.caller.make_call(QUEUE) as call:
            await call.answered()
            assert await tones_at(call) == {1_000}
            await trio.sleep(1)
            assert await tones_at(call) == {500}
            await trio.sleep(2)
            (agent,) = desk.answered["anna"]
            with playing(desk.nursery, agent, 700), playing(desk.nursery, call, 900):
                assert await tones_at(call) == {700}
                assert await tones_at(agent) == {900}
        await trio.sleep(0.5)
        assert isinstance(agent.end, RemoteBye)
        assert [type(event).__name__ for event in desk.told(object)] == [
            "AgentStateChanged",
            "CallerQueued",
            "AgentStateChanged",
            "CallerOffered",
            "AgentStateChanged",
            "CallerConnected",
            "CallerServed",
            "AgentStateChanged",
        ]
        (outcome,) = desk.outcomes
        assert (outcome.end, outcome.agent) == (QueueEnd.SERVED, "anna")
        assert outcome.waited_s == pytest.approx(4.02, abs=0.01)
        seen = desk.queue.statistics()
        assert (seen.offered, seen.answered, seen.service_level) == (1, 1, 1.0)
        assert desk.states("anna") == ["available", "ringing", "busy", "available"]


@pytest.mark.parametrize("way", ["early", "when_served"])
async def test_a_call_need_not_be_answered_before_an_agent_is(
    sim: Simulation, autojump_clock: Clock, way: Literal["early", "when_served"]
) -> None:
    """QUE-3: it rings, or hears music before the answer; the answer comes with the agent's."""
    async with call_centre(sim, {"anna": answering(3.0, 5.0)}, answer=way, music=tone(500)) as desk:
        async with desk.caller.make_call(QUEUE) as call:
            await trio.sleep(1)
            assert call.state is CallState.RINGING
            assert (await tones_at(call) == {500}) is (way == "early")
            await call.answered()
            assert trio.current_time() == pytest.approx(3.05, abs=0.05)
            await trio.sleep(1)
            with playing(desk.nursery, desk.answered["anna"][0], 700):
                assert await tones_at(call) == {700}
            assert isinstance(await call.ended(), RemoteBye)
        assert desk.outcomes[0].end is QueueEnd.SERVED


async def test_the_place_and_the_expected_wait_are_announced(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3: from files that the application gives, again and again; music goes on where it was."""
    places: list[QueuePlace] = []

    def announce(place: QueuePlace) -> Sequence[Playable]:
        places.append(place)
        return [tone(1_000 + 200 * place.position, 0.5), tone(600, 0.5)]

    async with call_centre(
        sim, {"anna": answering(0.5, 20)}, announce=announce, announce_every=10, music=tone(400)
    ) as desk:
        desk.nursery.start_soon(desk.call)
        await trio.sleep(5)
        async with desk.caller.make_call(QUEUE) as call:
            await call.answered()
            assert await tones_at(call, 0.5) == {1_200}
            await trio.sleep(1)
            assert await tones_at(call) == {400}
            await trio.sleep(25)
        assert [round(place.waited_s) for place in places if place.waited_s > 1] == [11]
        assert places[-1].expected_wait_s is None


async def test_who_does_not_answer_is_passed_over_and_the_caller_stays_first(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-3: deaf, busy, and gone; the next agent gets the first caller."""
    agents = {"anna": deaf, "bert": refusing(486), "cleo": refusing(603, after=2.0), "dora": answering()}
    async with call_centre(sim, agents, phones=SILENT, ring_time=10, penalty=100) as desk:
        desk.centre.add_agent(QueueAgent("emil"))  # has no address
        first = await desk.call()
        assert isinstance(first.end, RemoteBye)
        missed = [(each.agent, each.reason) for each in desk.told(facts.OfferMissed)]
        assert missed == [
            ("anna", "no_answer"),
            ("bert", "call rejected: 486 Busy Here"),
            ("cleo", "call rejected: 603 Decline"),
        ]
        assert isinstance(desk.answered["anna"][0].end, Cancelled)
        assert desk.outcomes[0].agent == "dora"
        states = {each.name: each.state for each in desk.centre.agent_statistics()}
        assert states["anna"] is states["bert"] is states["cleo"] is AgentState.NO_ANSWER
        desk.nursery.start_soon(desk.call)
        await trio.sleep(1)
        assert desk.told(facts.OfferMissed)[-1].reason == "the agent has no address and is not on the line"


@pytest.mark.parametrize("moment", [0.0, 0.005, 0.015, 0.03, 0.5, 0.995, 1.011, 1.02, 1.03, 1.05, 11.5])
@pytest.mark.parametrize("way", ["at_once", "when_served"])
async def test_a_caller_may_hang_up_at_any_moment(
    sim: Simulation, autojump_clock: Clock, moment: float, way: Literal["at_once", "when_served"]
) -> None:
    """QUE-3: the agent's phone stops ringing, nothing is left, and the agent is free for the next one."""
    async with call_centre(sim, {"anna": answering(1.0, 10.0)}, answer=way, phones=SILENT) as desk:
        await desk.call(moment)
        await trio.sleep(2)
        assert all(call.end is not None for call in desk.answered["anna"])
        seen = desk.queue.statistics()
        assert seen.offered == len(desk.outcomes) == seen.abandoned + seen.answered
        if moment < 1.0:
            assert seen.abandoned == seen.offered
        (anna,) = desk.centre.agent_statistics()
        assert (anna.state, anna.calls, seen.waiting) == (AgentState.AVAILABLE, 0, 0)
        assert isinstance((await desk.call()).end, RemoteBye)


async def test_abandoned_while_it_rings_is_a_cancel_for_the_agent(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-3."""
    async with call_centre(sim, {"anna": deaf}) as desk:
        await desk.call(3.0)
        await trio.sleep(0.5)
        assert isinstance(desk.answered["anna"][0].end, Cancelled)
        (abandoned,) = desk.told(facts.CallerAbandoned)
        assert abandoned.waited_s == pytest.approx(3.0, abs=0.05)
        assert [each.reason for each in desk.told(facts.OfferMissed)] == ["abandoned"]
        assert desk.centre.agent_statistics()[0].missed == 0


async def test_callers_are_served_in_the_order_of_priority_and_coming(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-27, QUE-3: who is trusted to say so is urgent; the rest is first come, first served."""
    limits = {**SILENT, "limits": LimitsConfig(priority_from=("10.0.0.2",))}
    async with call_centre(sim, {"anna": answering(0.5, 5.0)}, phones=limits) as desk:
        for word in ("normal", "non-urgent", "normal", "urgent", "emergency"):
            desk.nursery.start_soon(partial(desk.call, headers=[("Priority", word)]))
            await trio.sleep(0.2)
        await trio.sleep(1)
        assert len(desk.queue) == 4
        waiting = [call for call in desk.phone.list_active_sessions() if desk.queue.position(call)]
        by_place = sorted(waiting, key=lambda call: desk.queue.position(call) or 0)
        assert [call.priority for call in by_place] == [
            CallPriority.EMERGENCY,
            CallPriority.HIGH,
            CallPriority.NORMAL,
            CallPriority.LOW,
        ]
        await trio.sleep(40)
        served = [each.session_id for each in desk.told(facts.CallerConnected)]
        assert served[1:] == [call.id for call in by_place]
        assert len(desk.outcomes) == 5


async def test_all_agents_ring_and_the_others_stop(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-4."""
    agents = {"anna": deaf, "bert": answering(2.0), "cleo": deaf}
    async with call_centre(sim, agents, phones=SILENT, strategy=RingAll()) as desk:
        await desk.call(5.0)
        await trio.sleep(0.5)
        assert desk.outcomes[0].agent == "bert"
        assert isinstance(desk.answered["anna"][0].end, Cancelled)
        assert isinstance(desk.answered["cleo"][0].end, Cancelled)
        assert [each.missed for each in desk.centre.agent_statistics()] == [0, 0, 0]


async def test_an_agent_is_called_at_all_addresses_or_where_he_is_registered(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-2: the first to answer counts, one that cannot be called harms nothing."""
    found = {"mobile": ("sip:bert@10.0.1.2",)}
    async with call_centre(sim, {"anna": deaf, "bert": answering(1.0, 5.0)}, phones=SILENT) as desk:
        desk.centre.remove_agent("anna")
        desk.centre.remove_agent("bert")
        desk.centre.add_agent(QueueAgent("both", ("nonsense", "sip:anna@10.0.1.1", "sip:bert@10.0.1.2")))
        await desk.call()
        assert desk.outcomes[0].agent == "both"
        assert isinstance(desk.answered["anna"][0].end, Cancelled)
        async with desk.phone.open_call_centre(
            [QueueAgent("carl", "mobile")], locate=lambda agent: found[agent.addresses[0]]
        ) as other:
            queue = other.open_queue("help")
            async with desk.phone.make_call("sip:bert@10.0.1.2") as call:
                with pytest.raises(CallStateError, match="not answered yet"):
                    await queue.join(call)
                await call.answered()
                with trio.move_on_after(3):
                    await queue.join(call)
            assert len(desk.answered["bert"]) == 3


# Where callers go who wait no more


async def test_the_chain_of_overflow_is_followed_to_its_end(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3: too long, the next queue, that one is full as well, a URI that refuses, and the voicemail."""
    left: list[Call] = []

    async def voicemail(call: Call) -> None:
        left.append(call)
        await call.ended()

    chain = ("help", "sip:carl@10.0.0.7", "nowhere", voicemail)
    async with call_centre(sim, {}, phones=SILENT, max_wait=5.0, overflow=chain) as desk:
        desk.centre.open_queue("help", max_length=1, max_wait=8.0, overflow=("sales",))
        async with sim.phone(desk.wire, "carl", "10.0.0.7", handler=RejectAllHandler(603)):
            desk.nursery.start_soon(desk.call)
            await trio.sleep(1)
            async with desk.caller.make_call(QUEUE) as second:
                await trio.sleep(6)
                assert [call.end for call in left] == [None], "the second one, as help is full"
                await trio.sleep(8)
                assert len(left) == 2, "the first one was in both"
                assert second.end is None
        told = [(each.queue, each.reason) for each in desk.told(facts.CallerOverflowed)]
        assert told == [("sales", "max_wait"), ("sales", "max_wait"), ("help", "full"), ("help", "max_wait")]


async def test_overflow_to_a_uri_connects_and_without_any_the_call_is_refused(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-3: and a refusal says its own status."""
    async with call_centre(
        sim, {}, needs_agents=True, answer="when_served", overflow=("sip:carl@10.0.0.7",), ring_time=5.0
    ) as desk:
        async with sim.phone(desk.wire, "carl", "10.0.0.7", handler=AutoAnswerHandler()):
            async with desk.caller.make_call(QUEUE) as call:
                await call.answered()
        for target, status in (((Reject(503, "Closed"),), 503), ((), 480), (("sip:a b@c",), 480)):
            name = f"q{status}{len(target)}"
            queue = desk.centre.open_queue(name, desk.queue.config, overflow=target)
            desk.queue = queue
            async with desk.caller.make_call(QUEUE) as call:
                with pytest.raises(CallRejected) as refused:
                    await call.answered()
            assert refused.value.status_code == status
        assert {outcome.reason for outcome in desk.outcomes} == {"no_agents"}


async def test_a_key_leads_out_of_the_queue(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3: escape; keys without a meaning change nothing."""
    taken: list[Call] = []

    async def elsewhere(call: Call) -> None:
        taken.append(call)

    async with call_centre(sim, {"anna": deaf}, escape_key="0", overflow=(elsewhere,)) as desk:
        async with desk.caller.make_call(QUEUE) as call:
            await call.answered()
            await trio.sleep(1)
            await call.send_dtmf("12")
            assert taken == []
            with contextlib.suppress(CallEnded):
                await call.send_dtmf("0")
            await call.ended()
        assert (len(taken), desk.outcomes[0].end) == (1, QueueEnd.ESCAPED)
        assert desk.queue.statistics().escaped == 1
        assert isinstance(desk.answered["anna"][0].end, Cancelled)


@pytest.mark.parametrize("reached", [True, False])
async def test_a_caller_may_be_called_back_in_his_turn(
    sim: Simulation, autojump_clock: Clock, reached: bool
) -> None:
    """QUE-3: the place is kept; the agent is rung first, then the caller."""
    rung: list[IncomingCall] = []

    class Customer(AutoAnswerHandler):
        def on_incoming_call(self, call: IncomingCall) -> object:  # type: ignore[override]
            rung.append(call)
            return super().on_incoming_call(call) if reached else Reject(486)

    async with call_centre(
        sim,
        {"anna": answering(1.0, 5.0)},
        callback_key="5",
        callback_prompt=tone(500, 1.0),
        callback_to=lambda call: "sip:customer@10.0.0.7",
    ) as desk:
        async with sim.phone(desk.wire, "customer", "10.0.0.7", handler=Customer()):
            desk.nursery.start_soon(desk.call)
            await trio.sleep(0.2)
            async with desk.caller.make_call(QUEUE) as call:
                await call.answered()
                await trio.sleep(0.2)
                await call.send_dtmf("5")
                await call.ended()
            desk.nursery.start_soon(desk.call)
            await trio.sleep(0.1)
            assert (len(desk.queue), desk.queue.statistics().callbacks_waiting) == (2, 1)
            await trio.sleep(25)
            assert len(rung) == 1
        assert [outcome.end for outcome in desk.outcomes] == [
            QueueEnd.CALLBACK,
            QueueEnd.SERVED,
            QueueEnd.SERVED,
        ]
        seen = desk.queue.statistics()
        assert (seen.callbacks, seen.callbacks_reached, seen.callbacks_failed) == (1, reached, not reached)
        connected = [each.session_id for each in desk.told(facts.CallerConnected)]
        assert connected[1] == desk.told(facts.CallbackWanted)[0].session_id, "in his turn"
        assert len(desk.told(facts.CallerServed)) == 2 + reached
        assert desk.centre.agent_statistics()[0].state is AgentState.AVAILABLE


async def test_hanging_up_after_the_callback_key_counts_as_wanted(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-3: during the prompt; and a callback that nobody can serve ends with the centre."""
    async with call_centre(sim, {}, callback_key="5", callback_prompt=tone(500, 5.0)) as desk:
        async with desk.caller.make_call(QUEUE) as call:
            await call.answered()
            await trio.sleep(0.2)
            await call.send_dtmf("5")
            await trio.sleep(1)
        await trio.sleep(0.5)
        assert desk.outcomes[0].end is QueueEnd.CALLBACK
        assert desk.queue.statistics().callbacks_waiting == 1


# Agents


async def test_an_agent_on_the_line_hears_a_tone_and_then_the_caller(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-2: the line stays open for the next caller; who hangs up it is off duty."""
    async with call_centre(sim, {}, line_tone=tone(1_500, 0.5), music=tone(500)) as desk:
        desk.centre.add_agent(QueueAgent("anna", logged_in=False))

        async def take(call: IncomingCall) -> None:
            if call.called_user == "agents":
                await desk.centre.attend("anna", call)
            else:
                await desk.join(call)

        desk.take = take
        async with sim.phone(desk.wire, "anna", "10.0.1.1") as phone:
            async with phone.make_call("sip:agents@10.0.0.1") as line:
                await line.answered()
                await trio.sleep(0.5)
                for _ in range(2):
                    async with desk.caller.make_call(QUEUE) as call:
                        await call.answered()
                        await trio.sleep(1)
                        with playing(desk.nursery, line, 700), playing(desk.nursery, call, 900):
                            assert await tones_at(call) == {700}
                            assert await tones_at(line) == {900}
                    await trio.sleep(0.5)
                assert line.end is None
                assert desk.centre.agent_statistics()[0].taken == 2
                async with desk.caller.make_call(QUEUE) as call:
                    await call.answered()
                    await trio.sleep(1)
                    line.hang_up()
                    assert isinstance(await call.ended(), RemoteBye)
            await trio.sleep(0.5)
            assert desk.states("anna")[-1] == "offline"


async def test_agents_log_in_and_out_pause_and_wrap_up(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-2: over the names that an application uses."""
    profile = QueueAgent("anna", wrap_up=5.0, logged_in=False)
    async with call_centre(sim, {"anna": answering(0.5, 2.0)}, profiles=[profile], phones=SILENT) as desk:
        centre = desk.centre
        desk.nursery.start_soon(desk.call)
        await trio.sleep(1)
        assert desk.told(facts.CallerOffered) == []
        centre.log_in("anna")
        await trio.sleep(3)
        assert desk.states("anna")[-1] == "wrap_up"
        centre.ready("anna")
        centre.pause("anna", "lunch")
        assert desk.told(facts.AgentStateChanged)[-1].reason == "lunch"
        desk.nursery.start_soon(desk.call)
        await trio.sleep(1)
        centre.resume("anna")
        await trio.sleep(0.1)
        centre.log_out("anna")
        assert desk.states("anna")[-2:] == ["ringing", "offline"]
        await trio.sleep(0.5)
        assert isinstance(desk.answered["anna"][-1].end, Cancelled)
        with pytest.raises(CallStateError):
            centre.pause("anna")
        with pytest.raises(ConfigurationError, match="no agent 'x'"):
            centre.log_in("x")


async def test_a_phone_that_dies_in_the_call_gives_the_agent_back(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-3: session timers end the call, the caller is hung up, and the agent who is back takes the next."""
    phones = {**SILENT, "session_interval": 90}
    async with call_centre(sim, {"anna": answering(0.5, 1_000)}, phones=phones) as desk:
        async with desk.caller.make_call(QUEUE) as call:
            await trio.sleep(5)
            desk.wire.public.kill("10.0.1.1")
            assert isinstance(await call.ended(), RemoteBye)
        await trio.sleep(1)
        assert desk.outcomes[0].end is QueueEnd.SERVED
        assert desk.centre.agent_statistics()[0].state is AgentState.AVAILABLE
        desk.nursery.start_soon(desk.call, 60.0)
        await trio.sleep(25)
        assert desk.states("anna")[-1] == "no_answer"
        desk.wire.public.restart("10.0.1.1")
        await trio.sleep(200)  # until the phone, too, knows that its calls are over


# Blocks


async def test_leaving_the_block_ends_all_that_wait_and_talk(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3: the agents' phones stop ringing; nobody is left in a queue that is no more."""
    async with call_centre(sim, {"anna": answering(0.5, 100), "bert": deaf}, phones=SILENT) as desk:
        calls = [desk.caller.start_call(QUEUE) for _ in range(3)]
        await trio.sleep(2)
        desk.centre.close()
        await trio.sleep(0.5)
        assert all(isinstance(call.end, RemoteBye) for call in calls)
        assert isinstance(desk.answered["bert"][0].end, Cancelled)
        assert isinstance(desk.answered["anna"][0].end, RemoteBye)
        async with desk.caller.make_call(QUEUE) as late:
            with pytest.raises(CallRejected, match="480"):
                await late.answered()
        with pytest.raises(CallStateError, match="not open"):
            desk.centre.open_queue("late")
        assert sorted(outcome.reason for outcome in desk.outcomes) == ["", "closed", "closed", "closed"]


async def test_a_wait_that_is_cancelled_leaves_the_call_alive(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3: structured: the queue forgets the call, a ringing agent is rung no more."""
    async with call_centre(sim, {"anna": deaf}) as desk:

        async def impatient(call: IncomingCall) -> None:
            with trio.move_on_after(3):
                await desk.queue.join(call)
            with pytest.raises(CallStateError, match="not open"):
                desk.phone.open_call_centre().open_queue("x")
            assert call.end is None
            await call.play(tone(800, 2.0))

        desk.take = impatient
        async with desk.caller.make_call(QUEUE) as call:
            await call.answered()
            await trio.sleep(3.2)
            assert await tones_at(call) == {800}
            await call.ended()
        assert isinstance(desk.answered["anna"][0].end, Cancelled)
        assert desk.queue.statistics().left == 1


async def test_what_cannot_be_played_is_logged_and_the_caller_waits_on(
    sim: Simulation, autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """QUE-3: no caller is lost for a file that is missing, or an announcement that breaks."""

    def broken(place: QueuePlace) -> None:
        raise RuntimeError("no file for that")

    async with call_centre(
        sim, {"anna": answering(3.0, 2.0)}, greeting="no.wav", music="neither.wav", announce=broken
    ) as desk:
        assert isinstance((await desk.call()).end, RemoteBye)
        assert desk.outcomes[0].end is QueueEnd.SERVED
    for text in ("no.wav", "neither.wav", "could not be made"):
        assert text in caplog.text


async def test_functions_that_break_cost_nobody_his_place(
    sim: Simulation, autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """QUE-3: who cannot be located is passed over; who cannot be called back waits on, or has given up."""

    def broken(about: object) -> str:
        raise RuntimeError("the database is away")

    async with call_centre(sim, {}, callback_key="5", callback_to=broken) as desk:
        anna = QueueAgent("anna", "sip:anna@10.0.1.1")
        async with desk.phone.open_call_centre([anna], locate=broken) as other:
            queue = other.open_queue("help")
            async with desk.caller.make_call(QUEUE) as call:
                await call.answered()
                await trio.sleep(0.2)
                await call.send_dtmf("5")
                await trio.sleep(1)
                assert call.end is None
            await trio.sleep(0.5)
            assert desk.outcomes[0].end is QueueEnd.ABANDONED
            desk.queue = queue
            await desk.call(3.0)
            await trio.sleep(0.5)
        missed = [event.reason for event in desk.told(facts.OfferMissed)]
        assert missed == ["cannot be called: the agent could not be located: the database is away"]
    assert "could not be told" in caplog.text


async def test_a_call_waits_in_one_queue_at_a_time(sim: Simulation, autojump_clock: Clock) -> None:
    """QUE-3."""
    async with call_centre(sim, {}) as desk:

        async def twice(call: IncomingCall) -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(desk.queue.join, call)
                await trio.sleep(1)
                with pytest.raises(CallStateError, match="waits in a queue already"):
                    await desk.queue.join(call)
                nursery.cancel_scope.cancel()
            assert desk.queue.position(call) is None

        desk.take = twice
        await desk.call(3.0)
        assert desk.queue.statistics().left == 1


BAD = {
    "answer": "never",
    "greeting": 5,
    "music": 5,
    "announce": "file.wav",
    "announce_every": 0,
    "escape_key": "12",
    "callback_key": "x",
    "callback_prompt": 5,
    "callback_to": "sip:x@y",
    "callback_ring": 0,
    "line_tone": 5,
    "overflow": ("",),
    "priority_of": 5,
    "skills_of": 5,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_value_of_a_queue_is_told_with_the_field(name: str) -> None:
    """QUE-3, ERR-1."""
    with pytest.raises(ConfigurationError) as caught:
        QueueConfig(**{name: BAD[name]})  # type: ignore[arg-type]
    assert caught.value.field == name
    with pytest.raises(ConfigurationError, match="callback_key: must not be the escape_key"):
        QueueConfig(escape_key="1", callback_key="1")


def test_every_field_of_a_queue_has_a_bad_value_and_is_an_option() -> None:
    """QUE-3, ERR-1."""
    rules = {field.name for field in attrs.fields(QueueRules)}
    fields = {field.name for field in attrs.fields(QueueConfig)}
    assert fields - rules == set(BAD)
    assert fields == set(QueueOptions.__annotations__)
