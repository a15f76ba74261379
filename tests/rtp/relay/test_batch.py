"""The batch sends to the octet what paths send by themselves (BRG-8, MED-26)."""

from __future__ import annotations

import random
from typing import Any

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


def both(script: Script, n_legs: int = N_LEGS) -> RelayPlane:
    """Run a script with and without a plane; everything seen must be the same."""
    alone = Scene(n_legs, None).run(script)
    plane = RelayPlane(fewest=1)
    batched = Scene(n_legs, plane).run(script)
    assert sorted(map(repr, batched)) == sorted(map(repr, alone))
    for place in range(n_legs):  # and each phone gets its packets in the same order
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
@given(st.lists(steps, min_size=10, max_size=60))
def test_a_plane_sends_what_paths_send(script: Script) -> None:
    """BRG-8, MED-26: datagrams, events and statistics, under any script."""
    both(script)


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
    plane = both(dull(seed, 500, 0.05))
    assert plane.counters.lent > 10


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(100, 180))
def test_a_plane_runs_through_a_minute(seed: int) -> None:
    """BRG-8, MED-26: the long form."""
    both(dull(seed, 3_000, 0.02 + 0.002 * (seed - 100)))


def test_on_a_clear_day_nearly_all_is_batched() -> None:
    """BRG-8, MED-26: the batch is there for what nearly always happens, and does it."""
    plane = both(dull(1, 500, 0.0))
    assert plane.counters.batched >= N_LEGS * (500 - 9)
    assert plane.counters.lent == N_LEGS


def test_few_paths_are_not_lent() -> None:
    """BRG-8: what is cheaper by itself is left alone, and given back when only a few are left."""
    plane = RelayPlane(fewest=3)
    scene = Scene(4, plane)
    scene.run(dull(2, 20, 0.0))
    assert plane.counters.batched > 0
    scene.receive([(place, scene.datagram(place, "audio", 0, b"") or b"", ("192.0.2.9", 4_000 + 2 * place))
                   for place in range(4)])  # fmt: skip
    for row in scene.rows[:2]:
        plane.remove(row)
    before = plane.counters.batched
    scene.rows[:2] = scene.rows[2:]
    taken = plane.receive_batch(
        np.array(scene.rows[2:]), scene.buffer[:2], np.array([172, 172]), np.array([9.0, 9.0])
    )
    assert not taken.any()
    assert plane.counters.batched == before
    assert plane.heard_at(scene.rows[2]) == scene.paths[2].receive.heard_at


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
