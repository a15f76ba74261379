from __future__ import annotations

import numpy as np
import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from trio_runtime.base import CallEnded, MediaError
from trio_runtime.media import AudioFrame, CallAudio
from trio_runtime.media.pcm_queue import PcmQueue

SILENCE = np.zeros(160, np.int16)


def frame(value: int, n_samples: int = 160) -> AudioFrame:
    return np.full(n_samples, value, np.int16)


def make(max_received: int = 5, max_waiting_ms: int = 100) -> CallAudio:
    return CallAudio(
        ended=lambda: CallEnded("bob hung up"), max_received=max_received, max_waiting_ms=max_waiting_ms
    )


async def test_iteration_gives_owned_frames_and_ends_with_the_call() -> None:
    """MED-23."""
    audio, heard = make(), list[AudioFrame]()

    async def listen() -> None:
        async for received in audio:
            received += 1
            heard.append(received)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await wait_all_tasks_blocked()
        original = frame(7)
        audio.take(original, SILENCE)
        await wait_all_tasks_blocked()
        audio.take(original, SILENCE)
        await wait_all_tasks_blocked()
        audio.close()
    assert [int(received[0]) for received in heard] == [8, 8]
    assert original[0] == 7
    assert [received async for received in audio] == []
    assert audio.rate == 8_000


async def test_slow_reader_loses_the_oldest_frames() -> None:
    """MED-23."""
    audio = make(max_received=3)
    for value in range(5):
        audio.take(frame(value), SILENCE)
    assert [int((await anext(audio))[0]) for _ in range(3)] == [2, 3, 4]
    statistics = audio.statistics()
    assert (statistics.received, statistics.dropped_received, statistics.waiting_received) == (3, 2, 0)


async def test_second_reader_gets_a_clear_error() -> None:
    """MED-23."""
    audio = make()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(anext, audio)
        await wait_all_tasks_blocked()
        with pytest.raises(MediaError, match="has a reader already"):
            await anext(audio)
        nursery.cancel_scope.cancel()


async def test_reader_that_was_woken_for_nothing_waits_on() -> None:
    """MED-23: another task may have taken the frame between the wake-up and the run."""
    audio, heard = make(), list[int]()

    async def listen() -> None:
        heard.append(int((await anext(audio))[0]))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await wait_all_tasks_blocked()
        audio.take(frame(1), SILENCE)
        audio._received.clear()
        await wait_all_tasks_blocked()
        assert heard == []
        audio.take(frame(2), SILENCE)
    assert heard == [2]


async def test_cancelled_reader_loses_no_frame() -> None:
    """MED-23."""
    audio = make()
    with trio.CancelScope() as scope:
        scope.cancel()
        audio.take(frame(1), SILENCE)
        await anext(audio)
    assert scope.cancelled_caught
    assert int((await anext(audio))[0]) == 1


async def test_send_waits_for_room_and_any_length_is_cut_to_frames(autojump_clock: MockClock) -> None:
    """MED-23."""
    audio = make(max_waiting_ms=40)
    samples = np.arange(1_000).astype(np.int16)
    parts: list[AudioFrame] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(audio.send, samples)
        await wait_all_tasks_blocked()
        assert audio.statistics().waiting_sent_ms == 40
        while sum(part.size for part in parts) < 1_000:
            parts.append(audio.read(160))
            await wait_all_tasks_blocked()
    assert [part.size for part in parts] == [160] * 6 + [40]
    assert np.array_equal(np.concatenate(parts), samples)
    assert audio.read(160).size == 0
    assert audio.statistics().sent_ms == 125


async def test_senders_take_turns() -> None:
    """MED-23."""
    audio = make(max_waiting_ms=20)
    async with trio.open_nursery() as nursery:
        for value in (1, 2):
            nursery.start_soon(audio.send, frame(value, 320))
            await wait_all_tasks_blocked()
        values: list[int] = []
        while len(values) < 4:
            values.append(int(audio.read(160)[0]))
            await wait_all_tasks_blocked()
    assert values == [1, 1, 2, 2]


async def test_send_nowait_drops_the_oldest() -> None:
    """MED-23."""
    audio = make(max_waiting_ms=40)
    for value in range(3):
        audio.send_nowait(frame(value))
    assert [int(audio.read(160)[0]) for _ in range(2)] == [1, 2]
    audio.send_nowait(np.arange(500).astype(np.int16))
    assert audio.statistics().dropped_sent_ms == 20 + 22.5
    assert int(audio.read(1)[0]) == 180


async def test_clear_throws_away_what_waits() -> None:
    """MED-23: barge-in."""
    audio = make()
    audio.send_nowait(frame(1, 400))
    audio.clear()
    assert audio.read(160).size == 0
    assert audio.statistics().dropped_sent_ms == 50


async def test_sending_after_the_end_tells_how_the_call_ended() -> None:
    """MED-23."""
    audio = make(max_waiting_ms=20)

    async def talk() -> None:
        with pytest.raises(CallEnded, match="bob hung up"):
            await audio.send(frame(1, 800))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(talk)
        await wait_all_tasks_blocked()
        assert "20 ms to send" in repr(audio)
        audio.close()
        audio.close()
    with pytest.raises(CallEnded):
        await audio.send(SILENCE)
    with pytest.raises(CallEnded):
        audio.send_nowait(SILENCE)
    assert "ended" in repr(audio)


@pytest.mark.parametrize("samples", [np.zeros(160, np.int32), np.zeros((160, 2), np.int16)])
async def test_other_arrays_are_refused(samples: AudioFrame) -> None:
    """MED-23."""
    audio = make()
    with pytest.raises(MediaError, match="int16"):
        await audio.send(samples)
    with pytest.raises(MediaError, match="int16"):
        audio.send_nowait(samples)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["put", "force", "take", "clear"]), st.integers(0, 250)), max_size=20)
)
def test_queue_of_samples_equals_a_list(steps: list[tuple[str, int]]) -> None:
    """MED-23."""
    queue, model, dropped, serial = PcmQueue(200), list[int](), 0, 0
    for action, size in steps:
        samples = np.arange(serial, serial + size).astype(np.int16)
        serial += size
        if action == "put":
            rest = queue.put(samples)
            fits = min(size, 200 - len(model))
            model += samples[:fits].tolist()
            assert rest.tolist() == samples[fits:].tolist()
        elif action == "force":
            model += samples.tolist()
            surplus = max(0, len(model) - 200)
            dropped += surplus
            model = model[surplus:]
            queue.force(samples)
        elif action == "take":
            assert queue.take(size).tolist() == model[:size]
            model = model[size:]
        else:
            dropped += len(model)
            model = []
            queue.clear()
        assert (queue.waiting, queue.dropped) == (len(model), dropped)
