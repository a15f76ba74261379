"""What holds for the jitter buffer whatever comes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.jitter import JitterBuffer, JitterConfig, Slot, SlotKind

wild = st.lists(
    st.tuples(
        st.integers(0, 0xFFFF) | st.integers(0, 40),
        st.integers(0, 0xFFFFFFFF) | st.integers(0, 40).map(lambda n: n * 160),
        st.sampled_from([0, 1, 80, 160, 160, 160, 480, 3200]),
        st.sampled_from([0.0, 0.001, 0.02, 0.02, 0.5, 70.0]),
        st.sampled_from(["push", "push", "push", "pop", "pop", "pass", "restart"]),
    ),
    max_size=120,
)


@given(wild)
@settings(max_examples=150)
def test_no_input_breaks_it(steps: list[tuple[int, int, int, float, str]]) -> None:
    """MED-14: bounded, never an exception, never an empty slot, each packet at most once."""
    buffer = JitterBuffer(JitterConfig(max_packets=8))
    now, pushed, played = 0.0, 0, 0
    for index, (sequence, timestamp, duration, wait, action) in enumerate(steps):
        now += wait
        if action == "push":
            buffer.push(sequence, timestamp, str(index).encode(), 0, duration, now)
            pushed += duration > 0
        elif action == "pass":
            buffer.pass_over(sequence)
        elif action == "restart":
            buffer.restart()
        else:
            slot = buffer.pop(now)
            assert slot.duration > 0
            assert slot.skip >= 0
            played += slot.kind is SlotKind.PACKET
        statistics = buffer.statistics()
        assert statistics.depth <= 8
        assert statistics.lost >= 0
        assert played == statistics.played
        assert played + statistics.depth <= pushed


streams = st.lists(
    st.tuples(st.floats(0, 0.12), st.integers(0, 9), st.integers(0, 9)), min_size=30, max_size=120
)


@given(streams, st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
@settings(max_examples=80)
def test_every_packet_is_accounted_for(
    network: list[tuple[float, int, int]], first: int, timestamp: int
) -> None:
    """MED-14: expected = played + lost + late + discarded; order kept; duplicates counted."""
    arrivals, copies = [], 0
    for index, (delay, loss, copy) in enumerate(network):
        # The first and the last arrive for certain, or the edges of the stream would not be known.
        if loss == 0 and 0 < index < len(network) - 1:
            continue
        arrivals.append((index * 0.02 + delay, index))
        if copy == 0:
            arrivals.append((index * 0.02 + delay + 0.03, index))
            copies += 1
    slots = _play(arrivals, first, timestamp, len(network))
    buffer, popped = slots
    played = [int(slot.payload) for slot in popped if slot.kind is SlotKind.PACKET]
    statistics = buffer.statistics()
    assert played == sorted(set(played))
    assert statistics.duplicates == copies
    assert statistics.depth == 0
    came = len({index for _, index in arrivals})
    assert statistics.played + statistics.late + statistics.discarded == came
    if played and played[-1] == len(network) - 1 and played[0] == 0:
        assert statistics.lost == len(network) - came


@given(streams)
@settings(max_examples=20)
def test_the_same_packets_give_the_same_slots(network: list[tuple[float, int, int]]) -> None:
    """MED-14: deterministic."""
    arrivals = [(index * 0.02 + delay, index) for index, (delay, _, _) in enumerate(network)]
    assert _play(arrivals, 1, 2, len(network))[1] == _play(arrivals, 60_000, 2**32 - 9, len(network))[1]


def _play(
    arrivals: list[tuple[float, int]], first: int, timestamp: int, count: int
) -> tuple[JitterBuffer, list[Slot]]:
    buffer = JitterBuffer(JitterConfig())
    waiting, index, slots = sorted(arrivals), 0, []
    for tick in range(count + 30):
        now = tick * 0.02
        while index < len(waiting) and waiting[index][0] <= now:
            at, number = waiting[index]
            place = (timestamp + 160 * number) % 2**32
            buffer.push((first + number) % 65536, place, str(number).encode(), 0, 160, at)
            index += 1
        slots.append(buffer.pop(now))
    return buffer, slots
