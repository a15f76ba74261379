"""The batch sends to the octet what paths send by themselves (BRG-8, MED-26)."""

from __future__ import annotations

import random
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp import LocalProtocolError
from sansio_rtp.machine import Component
from sansio_rtp.relay import RelayPlane
from tests.rtp.relay.legs import Legs, leg
from tests.rtp.relay.scene import KINDS, VERBS, Scene, Script, Step

N_LEGS = 4
COLUMNS, LANES = 1, 99
"""Paths from which on a plane has them as columns."""


def both(script: Script, fewest: int = 1) -> RelayPlane:
    """Run a script with and without a plane; everything seen must be the same."""
    alone = Scene(N_LEGS, None).run(script)
    plane = RelayPlane(fewest=fewest)
    batched = Scene(N_LEGS, plane).run(script)
    assert sorted(map(repr, batched)) == sorted(map(repr, alone))
    for place in range(N_LEGS):  # and each phone gets its packets in the same order
        assert sent_to(place, batched) == sent_to(place, alone)
    return plane


def sent_to(place: int, seen: list[Any]) -> list[Any]:
    return [item for item in seen if isinstance(item, tuple) and len(item) == 4 and item[1] == place]


steps = st.builds(
    Step,
    st.integers(0, N_LEGS - 1),
    st.sampled_from(("audio", *KINDS, *VERBS)),
    st.integers(0, 200),
    st.sampled_from((0.0, 0.02, 0.02, 0.02, 0.021, 0.04, 0.3)),
    st.binary(max_size=40),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(steps, min_size=10, max_size=60), st.sampled_from((COLUMNS, LANES)))
def test_a_plane_sends_what_paths_send(script: Script, fewest: int) -> None:
    """BRG-8, MED-26: datagrams, events and statistics, under any script, as columns and one by one."""
    both(script, fewest)


def dull(seed: int, count: int, odd: float) -> Script:
    rng = random.Random(seed)
    return [
        Step(
            rng.randrange(N_LEGS),
            rng.choice((*KINDS, *VERBS)) if rng.random() < odd else "audio",
            rng.randrange(200),
            0.02 + rng.random() * 0.002,
            rng.randbytes(rng.randrange(40)),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_plane_runs_through_rare_oddities(seed: int) -> None:
    """BRG-8, MED-26: mostly audio, so that paths are lent for long; with reports."""
    for fewest in (COLUMNS, LANES):
        plane = both(dull(seed, 500, 0.05), fewest)
        assert plane.counters.lent > 10


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(100, 180))
def test_a_plane_runs_through_a_minute(seed: int) -> None:
    """BRG-8, MED-26: the long form."""
    both(dull(seed, 3_000, 0.02 + 0.002 * (seed - 100)), (COLUMNS, LANES)[seed % 2])


def test_on_a_clear_day_nearly_all_is_batched() -> None:
    """BRG-8, MED-26: the batch is there for what nearly always happens, and does it."""
    for fewest in (COLUMNS, LANES):
        counters = both(dull(1, 500, 0.0), fewest).counters
        assert counters.batched + counters.single >= N_LEGS * (500 - 9)
        assert (counters.batched > 0, counters.single > 0) == (fewest == COLUMNS, fewest == LANES)
        assert counters.lent == N_LEGS


def test_columns_and_back() -> None:
    """BRG-8: a fifth path makes columns of the four others, and its end turns them one by one again."""
    script = dull(2, 90, 0.05)
    plane, alone = RelayPlane(fewest=N_LEGS + 1), Scene(N_LEGS, None)
    scene = Scene(N_LEGS, plane)
    counts: list[tuple[int, int]] = []
    for part in range(3):
        fifth = plane.add(Legs().relay.paths[0]) if part == 1 else None
        before = attrs.evolve(plane.counters)
        for each in (alone, scene):
            each.run(script[30 * part : 30 * part + 30])
        counts.append((plane.counters.batched - before.batched, plane.counters.single - before.single))
        assert plane.busy == (part == 1)
        if fifth is not None:
            plane.remove(fifth)
    assert sorted(map(repr, scene.seen)) == sorted(map(repr, alone.seen))
    assert [(batched > 0, single > 0) for batched, single in counts] == [
        (False, True),
        (True, False),
        (False, True),
    ]


def test_a_row_without_a_path_says_so() -> None:
    """BRG-8: a mistake of the user is a typed error."""
    plane = RelayPlane(fewest=1)
    row = plane.add(Legs().relay.paths[0])
    plane.remove(row)
    with pytest.raises(LocalProtocolError, match="no path in row 0"):
        plane.path(row)
    assert plane.heard_at(row) == float("-inf")


def test_rows_grow_and_shrink() -> None:
    """BRG-8, MED-26: what comes and goes disturbs no other row."""
    script = dull(3, 120, 0.02)
    plane = RelayPlane(fewest=1)
    scene, alone = Scene(N_LEGS, plane), Scene(N_LEGS, None)
    others = [plane.add(Legs(leg(None, 7), leg(None, 8)).relay.paths[0]) for _ in range(200)]
    alone.run(script[:60])
    scene.run(script[:60])
    for row in others:
        plane.remove(row)
    assert sorted(map(repr, scene.run(script[60:]))) == sorted(map(repr, alone.run(script[60:])))


def test_octets_beyond_the_length_do_not_matter() -> None:
    """BRG-8: a row of the buffer holds what was there before."""
    plane = RelayPlane(fewest=1)
    legs = Legs()
    legs.talk(5)
    row = plane.add(legs.relay.paths[0])
    packet = legs.phone.packet().to_bytes()
    buffer = np.full((1, 400), 0xAB, np.uint8)
    buffer[0, : len(packet)] = np.frombuffer(packet, np.uint8)
    assert plane.receive_batch(np.array([row]), buffer, np.array([len(packet)]), np.array([1.0])).all()
    assert (buffer[0, len(packet) :] == 0xAB).all()
    assert buffer[0, 12 : len(packet)].tobytes() == packet[12:]
    for length in (0, 11, 12):
        assert not plane.receive_batch(np.array([row]), buffer, np.array([length]), np.array([1.0])).any()
    plane.path(row)
    assert [item.flow for item in iter(legs.b.next_transmit, None)] == []
    assert legs.b.statistics().packets_sent == 6
    assert Component.RTP in {item.flow for item in legs.to_b}
