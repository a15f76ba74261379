"""Calls through proxies over a wire that loses, doubles and reorders: all of them end, on all sides."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.proxy import Target
from tests.sip.proxy.phone import Phone
from tests.sip.proxy.setups import House, make_config
from tests.sip.proxy.wire import ProxyNode, Wire, lossy

STATUSES = (200, 200, 200, 302, 404, 486, 503, 603)


def run(seed: int) -> House:
    """One call from one seed: how many phones, in which order, what they say, who hangs up, when."""
    random = Random(seed)
    scripts = []
    routing = []
    for number in range(1, random.randint(2, 4)):
        ring = random.random()
        final = (ring + random.random() * 8, random.choice(STATUSES))
        scripts.append([(ring, 180), final] if random.random() < 0.9 else [(ring, 180)])
        q = random.choice((1.0, 1.0, 0.5))
        ring_time = random.choice((None, None, 5.0))
        routing.append(Target(uri=f"sip:bob@192.0.2.{100 + number}", q=q, ring_time=ring_time))
    fate = lossy(seed, loss=0.1, duplicate=0.1, reorder=0.2)
    breadth = [("Max-Breadth", "1")] if random.random() < 0.3 else []
    house = House(routing, *scripts, fate=fate, seed=seed, record_route=random.random() < 0.8)
    house.call(breadth)
    if random.random() < 0.3:
        # An INVITE is not cancelled before its first answer (§9.1).
        house.wire.at(0.6 + random.random() * 9, lambda: house.alice.cancel() if house.alice.heard else None)
    house.wire.at(60, house.alice.hang_up)
    for bob in house.bobs:
        house.wire.at(70 + random.random(), bob.hang_up)
    house.run()
    return house


@pytest.mark.parametrize("block", range(10))
def test_seeded_runs_all_end_quietly(block: int) -> None:
    """SRV-7, SIM-2: 300 forked calls at 10 % loss: nothing is left, the caller has one outcome."""
    for seed in range(block * 30, block * 30 + 30):
        house = run(seed)
        house.wire.assert_quiet()
        finals = house.finals()
        case = f"seed {seed}: {finals}\n{house.wire.ladder()}"
        # One failure, or one or more 2xx; nothing at all when the INVITE timed out before it came through.
        assert set(finals) == {200} or len(finals) <= 1, case
        assert finals or ("INVITE", 0) in house.alice.heard, case


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    """SRV-7, SIM-1, law 4."""
    first, second = run(seed), run(seed)
    assert first.wire.log == second.wire.log
    assert first.node.events == second.node.events
    assert run(seed + 1).wire.log != first.wire.log


def through_two(seed: int) -> tuple[Wire, Phone, Phone]:
    """A call through two proxies that both stay on the path."""
    wire = Wire(lossy(seed, loss=0.1, duplicate=0.1, reorder=0.2))
    to_second = [Target(uri="sip:bob@example.net", routes=("<sip:192.0.2.20;lr>",))]
    ProxyNode(wire, "p1", make_config(), lambda request, source: to_second, seed=seed)
    config = make_config(sent_by={"UDP": ("192.0.2.20", 5060)}, domains=frozenset({"example.net"}))
    to_bob = [Target(uri="sip:bob@192.0.2.101")]
    ProxyNode(wire, "p2", config, lambda request, source: to_bob, seed=seed)
    alice = Phone(wire, "alice", "192.0.2.1", seed=seed)
    bob = Phone(wire, "bob", "192.0.2.101", script=[(0.3, 180), (1 + seed % 3, 200)], seed=seed)
    alice.call("sip:bob@example.com", routes=["<sip:192.0.2.10;lr>"])
    wire.at(40, bob.hang_up if seed % 2 else alice.hang_up)
    wire.at(80, alice.hang_up)
    wire.at(85, bob.hang_up)
    wire.run()
    return wire, alice, bob


@pytest.mark.parametrize("block", range(4))
def test_seeded_runs_through_two_proxies_all_end_quietly(block: int) -> None:
    """SRV-7, SIM-2: 100 calls, whose BYE comes from either side."""
    for seed in range(block * 25, block * 25 + 25):
        wire, alice, bob = through_two(seed)
        wire.assert_quiet()
        assert not alice.dialogs, wire.ladder()
        assert not bob.dialogs, wire.ladder()
        through = {
            entry.source for entry in wire.log if entry.destination == Endpoint("UDP", "192.0.2.101", 5060)
        }
        assert through <= {"p2"}, wire.ladder()
