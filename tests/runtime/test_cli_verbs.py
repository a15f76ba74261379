"""The verbs ``message``, ``subscribe``, ``api``, ``conference`` and ``load``, in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.audio import WavWriter
from sansio_sip.subscribe import (
    DialogEntry,
    DialogInfo,
    DialogProgress,
    MessageCounts,
    MessageSummary,
    PresenceDocument,
    PresenceStatus,
    SubscriptionRequested,
    presence_state,
)
from sansio_sip.subscribe.conference import ConferenceInfo, ConferenceUser
from sansio_sip.subscribe.reg import (
    ContactEvent,
    RegInfo,
    RegisteredAddress,
    RegisteredContact,
    RegistrationProgress,
)
from tests.runtime.cli_bench import Run
from tests.runtime.presence_server import presence_server
from tests.runtime.test_cli_live import Terminal
from trio_runtime import (
    AudioFileError,
    AutoAnswerHandler,
    CallHandler,
    ConfigurationError,
    InvalidUriError,
    Reject,
    RejectAllHandler,
    RequestsConfig,
    RequestTimedOutError,
    SubscriptionEndedError,
    SubscriptionRejected,
)
from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.loading import Load, LoadPlan, percentiles
from trio_runtime.cli.loading.plot import PlotError, draw_load
from trio_runtime.cli.loading.result import CallResult, LoadResult
from trio_runtime.cli.printing.state_words import state_words
from trio_runtime.events.types import MessageReceived
from trio_runtime.testing import Simulation

BOB, SERVER = "sip:bob@10.0.0.2", "10.0.0.9"
TOKEN = "a token that nobody guesses"
QUIET: dict[str, Any] = {"no_media": True}


async def test_message_is_sent_and_its_answer_printed(sim: Simulation, autojump_clock: MockClock) -> None:
    """COO-6, CLI-4: exit status by the answer."""
    wire = sim.wire()
    taken = RequestsConfig(content_types=("text/plain",))
    async with wire, sim.phone(wire, "bob", "10.0.0.2", requests=taken) as bob:
        events = bob.subscribe(lambda event: isinstance(event, MessageReceived))
        run = Run(("message", BOB, "hello", "--json", "--from", "sip:alice@example.com"))
        await run.main(wire.environment("10.0.0.1"))
        assert (run.status, run.record("response")["status_code"]) == (0, 200)
        event = events.receive_nowait()
        assert isinstance(event, MessageReceived)
        assert (event.sender, event.text) == ("sip:alice@example.com", "hello")
        run = Run(("message", BOB, "{}", "--type", "application/json"))
        await run.main(wire.environment("10.0.0.1"))
        assert run.status == 1
        assert run.text.startswith("415 Unsupported Media Type, after ")
        run = Run(("message", "sip:x@10.9.9.9", "hello"))
        await run.main(wire.environment("10.0.0.1"))
        assert isinstance(run.error, RequestTimedOutError)
        run = Run(("message", BOB, "x" * 2_000))
        await run.main(wire.environment("10.0.0.1"))
        assert isinstance(run.error, InvalidUriError)
        run = Run(("message", BOB, "x", "--password", "p"))
        await run.main(wire.environment("10.0.0.1"))
        assert isinstance(run.error, UsageError)
        run = Run(("message", "sip:x@10.9.9.9", "hello"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.main, wire.environment("10.0.0.1"))
            await trio.sleep(1)
            run.interrupt.trigger()
        assert run.status == 1


async def test_subscribe_prints_each_state(sim: Simulation, autojump_clock: MockClock) -> None:
    """COO-6, CLI-5: text and JSON; once, until interrupted, refused, and ended by the peer."""
    wire = sim.wire()
    state = presence_state(PresenceDocument.of("sip:bob@10.0.0.9", PresenceStatus.BUSY, note="lunch"))
    options = {"bind_host": SERVER}
    async with wire, presence_server(wire.environment(SERVER), options=options) as server:
        server.let_in(state)
        here = wire.environment("10.0.0.1")
        once = Run(("subscribe", f"sip:bob@{SERVER}", "--once"))
        await once.main(here)
        assert (once.status, once.error) == (0, None)
        assert "presence: busy (lunch)" in once.text
        watched = Run(("subscribe", f"sip:bob@{SERVER}", "--json", "--expires", "600"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watched.main, here)
            await watched.said("notification")
            record = watched.record("notification")
            assert (record["status"], record["state"]["note"], record["type"]) == (
                "active", "lunch", "application/pidf+xml",
            )  # fmt: skip
            watched.interrupt.trigger()
        assert (watched.status, watched.error) == (0, None)
        ended = Run(("subscribe", f"sip:bob@{SERVER}"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ended.main, here)
            await ended.said("busy")
            asked = [event for event in server.told if isinstance(event, SubscriptionRequested)][-1]
            server.do(lambda agent, now: agent.end_subscription(asked.subscription, "noresource", now))
        assert isinstance(ended.error, SubscriptionEndedError)
        refused = Run(("subscribe", f"sip:bob@{SERVER}", "--event", "mood"))
        await refused.main(here)
        assert isinstance(refused.error, SubscriptionRejected)


CONTACT = RegisteredContact(id="c", uri="sip:a@1.2.3.4", active=True, event=ContactEvent.CREATED)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DialogInfo("sip:a@b", 0, True), "calls: none"),
        (
            DialogInfo("sip:a@b", 0, True, (DialogEntry(id="1", progress=DialogProgress.EARLY),)),
            "calls: early ",
        ),
        (
            MessageSummary(True, counts={"voice-message": MessageCounts(2, 1)}),
            "messages wait: 2 new and 1 old voice-message",
        ),
        (
            RegInfo(0, True, (RegisteredAddress("sip:a@b", "r", RegistrationProgress.ACTIVE, (CONTACT,)),)),
            "registered: sip:a@1.2.3.4",
        ),
        (
            ConferenceInfo(entity="sip:r@b", version=0, users=(ConferenceUser(entity="sip:a@b"),)),
            "in the conference: sip:a@b",
        ),
    ],
)
def test_every_state_has_its_words(state: Any, words: str) -> None:
    """COO-6."""
    assert state_words(state) == words


async def test_conference_lets_callers_into_one_room(
    sim: Simulation, autojump_clock: MockClock, tmp_path: Path
) -> None:
    """COO-6, SRV-10: events of members; more than it takes are refused; a table where a person watches."""
    wire = sim.wire()
    run = Run(("conference", "--bind", "10.0.0.2:5060", "--max-members", "2", "--json"))
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment("10.0.0.2"))
        await run.said("ready")
        async with alice.make_call(BOB) as one, alice.make_call(BOB) as two, alice.make_call(BOB) as three:
            await one.answered()
            await two.answered()
            end = await three.ended()
            assert getattr(end, "status_code", 0) == 486
            await trio.sleep(1)
        await trio.sleep(1)
        run.interrupt.trigger()
    assert (run.status, run.error) == (0, None)
    assert run.events().count("joined") == 2
    assert run.record("statistics")["sessions"]["total_sessions"] == 3
    broken = Run(("conference", "--bind", "10.0.0.2:5060", "--music", str(tmp_path / "none.wav")))
    watched = Run(("conference", "--bind", "10.0.0.3:5060", "--quiet"), Terminal())
    async with sim.wire() as other, trio.open_nursery() as nursery:
        await broken.main(other.environment("10.0.0.2"))
        assert isinstance(broken.error, AudioFileError)
        nursery.start_soon(watched.main, other.environment("10.0.0.3"))
        await watched.said("conference [0-9a-z]+: 0 members")
        watched.interrupt.trigger()
    assert watched.status == 0


async def test_api_serves_clients(autojump_clock: MockClock, sim: Simulation, tmp_path: Path) -> None:
    """COO-6, SRV-9: it says where it is; and calls come in by it."""
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    words = ("--token-file", str(token), "--api", "127.0.0.1:0", "--folder", str(tmp_path))
    run = Run(("api", "--json", "--bind", "10.0.0.2:5060", *words))
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment("10.0.0.2"))
        await run.said("ready")
        assert run.record("api")["url"].startswith("ws://127.0.0.1:")
        async with alice.make_call(BOB) as call:
            end = await call.ended()
            assert getattr(end, "status_code", 0) == 480  # no client hears of it
        run.interrupt.trigger()
    assert (run.status, run.error) == (0, None)


@pytest.mark.parametrize("text", ["short", None])
async def test_api_needs_a_token_that_can_be_used(
    autojump_clock: MockClock, sim: Simulation, tmp_path: Path, text: str | None
) -> None:
    """COO-6, SRV-9: the message names the file and never the token."""
    token = tmp_path / "token"
    if text is not None:
        token.write_text(text)
    run = Run(("api", "--token-file", str(token)))
    async with sim.wire() as wire:
        await run.main(wire.environment("10.0.0.2"))
    assert isinstance(run.error, UsageError)
    assert str(run.error).startswith(f"--token-file {token}")
    assert "short" not in str(run.error)


# Load


@pytest.mark.parametrize(
    ("plan", "begins"),
    [
        (LoadPlan(rate=10), [0, 0.1, 0.2, 0.3]),
        (LoadPlan(rate=10, ramp=0.2), [0, 0.2, 0.3, 0.4]),
        (LoadPlan(rate=4, ramp=2), [0, 1, 1.4142, 1.7321, 2, 2.25]),
    ],
)
def test_calls_begin_when_the_plan_says(plan: LoadPlan, begins: list[float]) -> None:
    """COO-6: the rate rises evenly, then stays."""
    assert [plan.begins(number) for number in range(len(begins))] == pytest.approx(begins, abs=1e-3)


@pytest.mark.parametrize("name", ["calls", "rate", "ramp", "hold", "timeout", "max_open"])
def test_bad_plan_names_its_field(name: str) -> None:
    """COO-6."""
    values: dict[str, Any] = {name: -1}
    with pytest.raises(ConfigurationError) as caught:
        LoadPlan(**values)
    assert caught.value.field == name


def test_percentiles_are_those_of_the_values() -> None:
    """COO-6."""
    assert percentiles([]) == {}
    values = percentiles([float(number) for number in range(101)])
    assert values == {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100}


async def test_load_counts_what_becomes_of_its_calls(sim: Simulation, autojump_clock: MockClock) -> None:
    """COO-6: answered, refused, unanswered, ended early, too many at one time; nothing is left."""

    class Moody(CallHandler):
        """Answers, refuses, lets ring, and hangs up early, in turn."""

        def __init__(self) -> None:
            self.count = 0

        async def on_incoming_call(self, call: Any) -> Any:
            self.count += 1
            match self.count % 4:
                case 0:
                    return Reject(603, "No")
                case 1:
                    call.ring()
                    await call.ended()
            return AutoAnswerHandler().on_incoming_call(call)

        async def on_call_established(self, call: Any) -> None:
            if self.count % 4 == 2:
                call.hang_up()

    wire = sim.wire(latency=0.02)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", **QUIET) as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=Moody(), **QUIET),
    ):
        load = Load(alice, BOB, LoadPlan(calls=16, rate=2, hold=3, timeout=5))
        result = await load.run()
        assert len(result.calls) == 16
        assert result.answered == 8
        assert result.failures == {
            "no answer in 5 s": 4,
            "603 No": 4,
            "ended early: the peer hung up": 4,
        }
        assert result.failed == 12
        assert result.rate == pytest.approx(2)
        assert result.set_up["p50"] == pytest.approx(0.06, abs=0.03)
        assert (result.open, result.took > 10) == (0, True)
        assert result.mos is None
        few = Load(alice, "sip:x@10.9.9.9", LoadPlan(calls=5, rate=100, timeout=1, max_open=2))
        assert (await few.run()).failures == {"too many calls are open": 3, "no answer in 1 s": 2}
        assert few.result.most_open == 2
        await sim.settle()
    sim.assert_quiet()


async def test_load_plays_audio_and_knows_how_it_sounds(
    sim: Simulation, autojump_clock: MockClock, tmp_path: Path
) -> None:
    """COO-6, RTP-9: a file again and again; the peer echoes, so that there is something to hear."""
    wav = tmp_path / "tone.wav"
    with wav.open("wb") as file:
        WavWriter(file).write(np.full(2_000, 900, np.int16))

    async def echo(call: Any) -> None:
        await call.answer()
        async for frame in call.audio:
            await call.audio.send(frame)

    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "bob", "10.0.0.2") as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, echo)
        run = Run(
            ("load", BOB, "--calls", "3", "--rate", "5", "--hold", "3", "--json", "--audio", str(wav),
             "--plot", str(tmp_path / "load.png"))
        )  # fmt: skip
        pytest.importorskip("matplotlib")
        await run.main(wire.environment("10.0.0.1"))
        assert (run.status, run.error) == (0, None)
        told = run.record("load")
        assert (told["calls"], told["answered"], told["failed"]) == (3, 3, 0)
        assert told["mos"] > 4
        assert (tmp_path / "load.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        nursery.cancel_scope.cancel()


async def test_exit_status_of_a_load_is_that_of_its_calls(sim: Simulation, autojump_clock: MockClock) -> None:
    """COO-6: failures, unless they are allowed; progress as it goes; interrupted is not done."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "bob", "10.0.0.2", handler=RejectAllHandler(486), **QUIET):
        here = wire.environment("10.0.0.1")
        words = ("load", BOB, "--calls", "8", "--rate", "1", "--no-media")
        run = Run(words)
        await run.main(here)
        assert run.status == 1
        assert "failed     8 times: 486 Busy Here" in run.text
        assert "calls are over" in run.text
        run = Run((*words, "--allow-failed", "1", "--json"))
        await run.main(here)
        assert (run.status, run.record("load")["failures"]) == (0, {"486 Busy Here": 8})
        run = Run(words, Terminal())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.main, here)
            await run.said(r"\[#+ +\] \d of 8 calls")
            run.interrupt.trigger()
        assert (run.status, run.error) == (1, None)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--no-media", "--audio", "x.wav"), "--no-media leaves nothing for --audio"),
        (("--user", "u"), "need --from"),
    ],
)
async def test_load_with_a_mistake_does_not_begin(
    sim: Simulation, autojump_clock: MockClock, words: tuple[str, ...], hint: str
) -> None:
    """COO-6: one line."""
    run = Run(("load", BOB, *words))
    async with sim.wire() as wire:
        await run.main(wire.environment("10.0.0.1"))
        assert wire.trace is not None
    assert isinstance(run.error, UsageError)
    assert hint in str(run.error)


async def test_plot_needs_its_library_and_a_file(
    sim: Simulation, autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COO-6: said before the first call."""
    monkeypatch.setattr("trio_runtime.cli.loading.plot.find_spec", lambda name: None)
    run = Run(("load", BOB, "--plot", str(tmp_path / "x.png")))
    async with sim.wire() as wire:
        await run.main(wire.environment("10.0.0.1"))
    assert isinstance(run.error, UsageError)
    assert "pip install 'sansio-voip[plot]'" in str(run.error)
    pytest.importorskip("matplotlib")
    calls = [CallResult(0.0, 0.1, 2.0), CallResult(1.0, None, 1.5, "486 Busy Here")]
    draw_load(LoadResult(calls), tmp_path / "x.png")
    draw_load(LoadResult(), tmp_path / "empty.png")
    with pytest.raises(PlotError, match="cannot write"):
        draw_load(LoadResult(calls), tmp_path / "none" / "x.png")


def test_number_of_reasons_is_limited(sim: Simulation) -> None:
    """LIM-1: a peer can make up any phrase."""
    load = Load(None, BOB, LoadPlan())  # type: ignore[arg-type]
    reasons = {load._reason(InvalidUriError(str(number))) for number in range(200)}
    assert len(reasons) == 101
