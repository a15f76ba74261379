"""No machine of the SIP core is left out of the laws: neither those that stand alone nor their parts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from sansio_sip.invite.refer_notify import NotifyQueue
from sansio_sip.machine import Outbox
from sansio_sip.table import TableMachine
from tests.laws import sip_subjects
from tests.laws import test_sip_laws as laws
from tests.laws.sip_machines import MORE, PARTS, PLAYED, inside, machine_classes, waits_for_its_transaction
from tests.sip.subscribe.subjects import USAGES
from tests.sip.town import Resident, Town

SEEDS = range(4)
VARIANTS = {"HoldingRegistrar": "Registrar", "RegisteringProxy": "Proxy", "ServingAgent": "Agent"}
LAWS: list[Callable[[str, int], None]] = [
    laws.test_law_1_handle_timeout_before_the_deadline_changes_nothing,
    laws.test_law_2_handle_timeout_at_the_deadline_makes_progress,
    laws.test_law_3_time_that_goes_back_counts_as_the_last_one_seen,
    laws.test_law_4_same_seed_and_inputs_give_the_same_bytes,
    laws.test_law_7_state_without_a_deadline_belongs_to_its_parent,
    laws.test_close_is_idempotent_and_leads_to_closed,
]


@pytest.fixture(autouse=True)
def subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, subject in {**USAGES, **MORE}.items():
        monkeypatch.setitem(sip_subjects.SUBJECTS, name, subject)


def test_every_machine_is_played_or_is_part_of_one_that_is() -> None:
    """Architecture, section 2: a new machine has to be given a player, or a place where it is met."""
    assert machine_classes() == (PLAYED.keys() - VARIANTS.keys()) | PARTS.keys()
    assert not PLAYED.keys() & PARTS.keys()
    assert set(PARTS.values()) - {"Town"} <= PLAYED.keys()


def test_machine_is_what_it_is_called() -> None:
    """Architecture, section 2: a subject of one name does not play another machine."""
    for name, subject in PLAYED.items():
        assert type(subject(Random(1)).machine).__name__ == VARIANTS.get(name, name)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", MORE)
def test_law_holds(name: str, law: Callable[[str, int], None]) -> None:
    """Laws 1, 2, 3, 4, 7 and closing: CLI-2, SRV-5, SRV-7, TRN-11, DLG-17, SIM-4."""
    for seed in SEEDS:
        law(name, seed)


@pytest.mark.parametrize("name", MORE)
def test_law_5_no_input_raises(name: str) -> None:
    """Law 5: only a local mistake does, and that changes nothing."""
    for seed in range(100, 115):
        assert len(laws.Play(name, seed).run().log) >= laws.STEPS


@pytest.mark.parametrize("name", PLAYED)
def test_law_6_idle_next_costs_the_same_whatever_happened_before(name: str) -> None:
    """Law 6: nothing is searched for something to say."""
    play = laws.Play(name, 1).run()
    play.subject.drain()
    assert laws.calls_of(play.subject.machine.next_transmit) <= 4
    assert laws.calls_of(play.subject.machine.next_event) <= 4


LARGEST = {
    "addresses": 3, "bad": 4, "cached": 6, "calls": 10, "contexts": 8, "invites": 10, "lookups": 4,
    "held": 4, "transactions": 4_000,
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_law_8_tables_are_bounded(name: str) -> None:
    """Law 8: addresses, names, lookups and contexts have limits."""

    def watch(play: laws.Play) -> None:
        size = play.subject.size()
        assert all(size[what] <= limit for what, limit in LARGEST.items() if what in size), size

    for seed in SEEDS:
        laws.Play(name, seed, watch=watch).run()


# Machines that live in others


def check_parts(root: Any, now: float, met: Counter[str]) -> None:
    """See that a parent wakes in time for each of its parts, and that none acts before its time."""
    everything = list(inside(root))
    boxes = [item for item in everything if isinstance(item, Outbox)]
    parts: list[Any] = [item for item in everything if type(item).__name__ in machine_classes()]
    earliest, own = root.deadline, type(root).__name__
    for part in parts:
        deadline, name = part.deadline, type(part).__name__
        met[name] += 1
        if own != "Agent" and PARTS.get(name) != own:
            continue  # the transactions of a usage are its parent's
        if (isinstance(part, NotifyQueue) and part.idle) or waits_for_its_transaction(part):
            continue  # nobody waits for the end of a pause with nothing to say
        if isinstance(part, TableMachine):
            owned = part.state in part.table.user_owned or part.state == part.table.final
            assert deadline is not None or owned, part
        if deadline is not None:
            assert earliest is not None, part
            assert earliest <= deadline, (part, earliest, deadline)
        if deadline is None or now < deadline:
            before = repr(part), sizes(boxes)
            part.handle_timeout(now)
            assert (repr(part), sizes(boxes)) == before
            assert (part.deadline, root.deadline) == (deadline, earliest)


def sizes(boxes: list[Outbox[Any]]) -> list[int]:
    """How much is waiting to be taken."""
    return [len(box.transmits) + len(box.events) for box in boxes]


@pytest.mark.parametrize("name", sorted({parent for parent in PARTS.values() if parent != "Town"}))
def test_laws_hold_for_what_lives_in_a_machine(name: str) -> None:
    """Laws 1, 2 and 7: SRV-7, TRN-11, CLI-5."""
    met: Counter[str] = Counter()
    for seed in SEEDS:
        laws.Play(name, seed, watch=lambda play: check_parts(play.subject.machine, play.now, met)).run()
    assert {part for part, parent in PARTS.items() if parent == name} <= met.keys()


def test_laws_hold_for_what_lives_in_an_agent() -> None:
    """Laws 1, 2 and 7: DLG-14, DLG-15, DLG-16, SES-12, SES-13: every concern of a call, met on a bad wire."""
    met: Counter[str] = Counter()
    for seed in range(10):
        town, count = Town(seed), itertools.count()

        def watch(resident: Resident, town: Town = town, count: Iterator[int] = count) -> None:
            if next(count) % 4 == 0:
                check_parts(resident.agent, town.now, met)

        town.watch = watch
        town.run()
    assert {part for part, parent in PARTS.items() if parent == "Town"} <= met.keys()
    assert min(met[part] for part, parent in PARTS.items() if parent == "Town") >= 2, met
