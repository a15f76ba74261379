"""Asking a caller for keys: prompts, barge-in, limits of time and number."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
import trio
import trio.testing

from trio_runtime import AudioFileError, Call, CallEnded, IncomingCall
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
PROMPT = np.full(16_000, 1_000, np.int16)  # two seconds


async def converse(
    sim: Simulation,
    server: Callable[[IncomingCall], Awaitable[object]],
    caller: Callable[[Call], Awaitable[object]],
) -> list[object]:
    """Let a caller press keys at a server, and return what the server made of them."""
    wire, results = sim.wire(), []

    async def serve(call: IncomingCall) -> None:
        await call.answer()
        try:
            results.append(await server(call))
        except CallEnded:
            results.append(CallEnded)

    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2") as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, serve)
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await caller(call)
            with trio.move_on_after(60):
                await call.ended()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()
    return results


def pressing(keys: str, after: float = 0.0, pause: float = 0.1) -> Callable[[Call], Awaitable[object]]:
    """Return a caller who presses keys."""

    async def press(call: Call) -> None:
        await trio.sleep(after)
        with contextlib.suppress(CallEnded):  # the server hangs up as soon as it knows enough
            for key in keys:
                await call.send_dtmf(key, duration_ms=100)
                await trio.sleep(pause)

    return press


async def nothing(_: Call) -> None:
    await trio.lowlevel.checkpoint()


@pytest.mark.parametrize(
    ("keys", "pause", "options", "answer"),
    [
        ("7", 0.1, {}, "7"),
        ("1234", 0.1, {"digits": 4}, "1234"),
        ("123456", 0.1, {"digits": 4}, "1234"),
        ("12#", 0.1, {"digits": 4}, "12"),
        ("12*", 0.1, {"digits": 4, "end": "*#"}, "12"),
        ("#", 0.1, {"digits": 4}, ""),
        ("12", 0.1, {"digits": 4, "between": 1.0}, "12"),
        ("1234", 2.0, {"digits": 4, "between": 1.0}, "1"),
        ("12#4", 0.1, {"digits": 4, "end": ""}, "12#4"),
        ("", 0.1, {"timeout": 2.0}, ""),
    ],
)
async def test_keys_are_collected_up_to_a_number_an_end_key_or_a_pause(
    sim: Simulation, autojump_clock: Clock, keys: str, pause: float, options: dict[str, object], answer: str
) -> None:
    """SRV-11, SES-15."""
    collect = lambda call: call.collect(**options)  # noqa: E731
    assert await converse(sim, collect, pressing(keys, pause=pause)) == [answer]


async def test_first_key_interrupts_the_prompt(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-11: barge-in; the answer is there before the prompt would be over."""
    took: list[float] = []

    async def ask(call: IncomingCall) -> str:
        begun = trio.current_time()
        answer = await call.ask(PROMPT)
        took.append(trio.current_time() - begun)
        await trio.sleep(0.1)
        return answer

    assert await converse(sim, ask, pressing("5", after=0.5)) == ["5"]
    assert 0.5 < took[0] < 1.0


async def test_patience_begins_when_the_prompt_is_over(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-11: two seconds of prompt and five of patience, three times."""
    begun: list[float] = []

    async def ask(call: IncomingCall) -> float:
        begun.append(trio.current_time())
        assert await call.ask(PROMPT, timeout=5, tries=3) == ""
        return trio.current_time() - begun[0]

    (took,) = await converse(sim, ask, nothing)
    assert took == pytest.approx(21, abs=0.2)


async def test_answers_that_do_not_count_are_asked_for_again(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-11: and what was pressed too early is no answer."""

    async def ask(call: IncomingCall) -> str:
        await trio.sleep(2)  # the first key comes before the question
        return await call.ask(PROMPT, valid={"2", "3"}, timeout=1)

    assert await converse(sim, ask, pressing("292", after=0.5, pause=2.0)) == ["2"]


async def test_caller_who_hangs_up_ends_the_question(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-11, SES-22: in the prompt, in the waiting after it, and in a collection."""

    async def leave(call: Call) -> None:
        await trio.sleep(1)
        call.hang_up()

    for question in (
        lambda call: call.ask(PROMPT),
        lambda call: call.ask(PROMPT[:800], timeout=30),
        lambda call: call.collect(timeout=30),
    ):
        assert await converse(sim, question, leave) == [CallEnded]


async def test_prompt_that_is_no_audio_is_told(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-11."""

    async def ask(call: IncomingCall) -> str:
        with pytest.raises(AudioFileError):
            await call.ask("/nowhere/menu.wav")
        return "told"

    assert await converse(sim, ask, nothing) == ["told"]
