"""The laws that every machine keeps, for sessions with a relay between them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.relay import RelayPlane
from tests.rtp.relay.legs import PHONE_A, PHONE_B, Legs
from tests.rtp.relay.scene import Scene, address
from tests.rtp.relay.test_batch import N_LEGS, dull


@pytest.mark.parametrize("place", [0, 1])
def test_law_1_before_the_deadline_nothing_changes(place: int) -> None:
    """Law 1."""
    legs = Legs()
    legs.talk(10)
    session = (legs.a, legs.b)[place]
    deadline = session.deadline
    assert deadline is not None
    before = session.statistics(), legs.relay.paths[0].statistics()
    session.handle_timeout(deadline - 1e-6)
    assert (session.statistics(), legs.relay.paths[0].statistics()) == before
    assert session.next_transmit() is None


def test_law_2_at_the_deadline_it_makes_progress() -> None:
    """Law 2: reports of both legs."""
    legs = Legs()
    legs.talk(10)
    for session in (legs.a, legs.b):
        for _ in range(20):
            deadline = session.deadline
            assert deadline is not None
            session.handle_timeout(deadline)
            assert session.deadline is not None
            assert session.deadline > deadline


def test_law_3_a_clock_that_goes_back_stands_still() -> None:
    """Law 3."""
    honest, broken = Legs(), Legs()
    for step in range(200):
        for legs in (honest, broken):
            legs.now = step * 0.02 - (5.0 if step % 2 and legs is broken else 0.0)
            if legs is honest and step % 2:
                legs.now = (step - 1) * 0.02
            legs.from_a(legs.phone.packet())
            legs.from_b(legs.other.packet())
    assert honest.to_a == broken.to_a
    assert honest.to_b == broken.to_b
    assert honest.a.statistics() == broken.a.statistics()


@pytest.mark.parametrize("planned", [False, True])
def test_law_4_same_input_same_octets(planned: bool) -> None:
    """Law 4."""
    script = dull(5, 200, 0.3)
    one, two = (Scene(N_LEGS, RelayPlane(fewest=1) if planned else None).run(script) for _ in range(2))
    assert one == two


@given(st.lists(st.binary(max_size=60), max_size=30))
@settings(max_examples=60, deadline=None)
def test_law_5_bytes_on_either_port(datagrams: list[bytes]) -> None:
    """Law 5: counted, never raised."""
    legs = Legs()
    for data in datagrams:
        for head in (b"", b"\x80", b"\x80\xc8", b"\x80\x65", b"\x80\x00", b"\x90\x00"):
            legs.a.receive_packet(head + data, PHONE_A, 0.0)
            legs.b.receive_packet(head + data, PHONE_B, 0.0)
            legs.a.receive_rtcp(head + data, PHONE_A, 0.0)
        legs.flush()


def mutated(seed: int, count: int) -> None:
    """Good packets of four phones with some octets changed, to sessions and to the batch."""
    rng = random.Random(seed)
    scene = Scene(4, RelayPlane(fewest=1))
    for _ in range(count):
        scene.now += 0.02 * (rng.random() < 0.3)
        arrivals = []
        for place in range(4):
            kind = rng.choice((*["audio"] * 12, "digit", "padded", "extended"))
            data = bytearray(scene.datagram(place, kind, 7, b"") or b"")
            for _ in range(rng.choice((*[0] * 12, 1, 3))):
                data[rng.randrange(min(len(data), rng.choice((16, 400))))] = rng.randrange(256)
            if rng.random() < 0.03:
                del data[rng.randrange(len(data) + 1) :]
            arrivals.append((place, bytes(data), address(place)))
        scene.receive(arrivals)
    assert scene.plane is not None
    assert scene.plane.counters.batched > count / 10
    for path in scene.paths:
        assert path.statistics().packets > count / 10


def test_law_5_mutated_packets() -> None:
    """Law 5."""
    mutated(1, 1_000)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(2, 12))
def test_law_5_mutated_packets_for_long(seed: int) -> None:
    """Law 5: the long form."""
    mutated(seed, 30_000)


def test_law_8_what_is_remembered_is_bounded() -> None:
    """Law 8: events are told once a payload type, whatever comes."""
    legs = Legs()
    legs.a.update(legs.a.config, 0.0)
    for number in range(3_000):
        legs.from_a(legs.phone.packet(payload_type=number % 128))
    assert len(list(iter(legs.relay.next_event, None))) <= 128
    assert legs.b.statistics().dropped_transmits == 0
