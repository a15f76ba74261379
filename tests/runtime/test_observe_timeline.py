"""The timeline: messages and states of a coordinator in one row."""

from __future__ import annotations

import json

import pytest
import trio
import trio.testing

from trio_runtime import Call, MediaConfig
from trio_runtime.events.types import CallStateChanged, CallTerminated, IncomingCallReceived, MediaChanged
from trio_runtime.handlers import AutoAnswerHandler
from trio_runtime.observe import LadderNote, Timeline, TraceEntry, headline, render_ladder
from trio_runtime.testing import Simulation

ALICE, BOB = ("10.0.0.1", 5060), ("10.0.0.2", 5060)


def words(timeline: Timeline) -> list[str]:
    return [
        headline(fact.data) if isinstance(fact, TraceEntry) else type(fact).__name__ for _, fact in timeline
    ]


async def followed_call(sim: Simulation) -> tuple[Timeline, Call]:
    """Return what alice saw of a short call of hers, and the call."""
    wire = sim.wire(latency=0.1)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()),
    ):
        timeline = Timeline(alice)
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
        await sim.settle()
    return timeline, call


async def test_messages_and_states_stand_in_the_order_in_which_they_happened(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """OBS-1, MET-2: each entry is typed, with its time."""
    timeline, call = await followed_call(sim)
    assert words(timeline) == [
        "SessionCreated",
        "INVITE (SDP)",
        "200 OK (INVITE) (SDP)",
        "ACK",  # what is owed to the peer comes first, what the application hears next
        "MediaChanged",
        "CallStateChanged",
        "CallAnswered",
        "CallStateChanged",
        "BYE",
        "CallStateChanged",
        "CallTerminated",
        "200 OK (BYE)",
    ]
    times = [entry.time for entry in timeline]
    assert times == sorted(times)
    assert {entry.session_id for entry in timeline if not isinstance(entry.fact, TraceEntry)} == {call.id}
    assert [entry.time for entry in timeline if isinstance(entry.fact, CallTerminated)] == [
        pytest.approx(times[0] + 0.2)
    ]


async def test_ladder_shows_the_states_beside_the_messages(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """OBS-1."""
    timeline, call = await followed_call(sim)
    lines = timeline.ladder({ALICE: "alice", BOB: "bob"}).split("\n")
    assert [line.split("|")[1].strip() for line in lines if "*" in line] == [
        f"* {call.id}: active",
        f"* {call.id}: terminating",
        f"* {call.id}: over (LocallyClosed)",
    ]


def test_note_stands_at_its_own_life_line() -> None:
    """OBS-1."""
    invite = TraceEntry(5.0, ALICE, BOB, b"INVITE sip:b SIP/2.0\r\n\r\n")
    lines = render_ladder(
        [invite, LadderNote(5.25, BOB, "rings")], {ALICE: "alice", BOB: "bob"}, width=50
    ).split("\n")
    first, second = [place for place, character in enumerate(lines[1]) if character == "|"]
    assert lines[2][first] == "|"
    assert lines[2][second:] == "| * rings"
    assert lines[2].startswith("  250 ms")


async def test_records_are_json_without_secrets(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MET-2: neither keys in descriptions nor those in events are written."""
    options = MediaConfig(srtp="required")
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", media=options) as alice,
        sim.phone(wire, "bob", "10.0.0.2", media=options, handler=AutoAnswerHandler()),
    ):
        timeline = Timeline(alice)
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
        await sim.settle()
    keys = {
        line.split("inline:")[1].split("|")[0].strip()
        for entry in timeline
        if isinstance(entry.fact, TraceEntry)
        for line in entry.fact.data.decode().split("\r\n")
        if line.startswith("a=crypto:")
    }
    assert len(keys) >= 2
    assert any(isinstance(entry.fact, MediaChanged) for entry in timeline)
    written = "\n".join(json.dumps(record) for record in timeline.records())
    assert not [key for key in keys if key in written]
    first = json.loads(written.split("\n")[0])
    assert first["event"] == "SessionCreated"
    assert first["direction"] == "outgoing"
    invite = json.loads(written.split("\n")[1])
    assert (invite["message"], invite["source"]) == ("INVITE (SDP)", "10.0.0.1:5060")


async def test_old_entries_fall_out_and_are_counted(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """COO-13, OBS-1: it is bounded; closed, it follows no more; and without a trace it has states only."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", trace_messages=0) as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob,
    ):
        timeline, small = Timeline(alice), Timeline(bob, max_entries=3)
        for number in range(2):
            async with alice.make_call("sip:bob@10.0.0.2") as call:
                await call.answered()
            await sim.settle()
            if number == 0:
                timeline.close()
                timeline.close()
                kept = len(timeline)
    assert not [entry for entry in timeline if isinstance(entry.fact, TraceEntry)]
    assert [type(entry.fact) for entry in timeline].count(CallStateChanged) == 3
    assert len(timeline) == kept
    assert (len(small), small.dropped > 10) == (3, True)
    assert not [entry for entry in small if isinstance(entry.fact, IncomingCallReceived)]
