"""The laws of every machine over the machines of events; what each law asks is in `tests/laws`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.laws import sip_subjects
from tests.laws import test_sip_laws as laws
from tests.sip.subscribe.subjects import USAGES

SEEDS = range(4)
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
    for name, subject in USAGES.items():
        monkeypatch.setitem(sip_subjects.SUBJECTS, name, subject)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", USAGES)
def test_law_holds(name: str, law: Callable[[str, int], None]) -> None:
    """Laws 1, 2, 3, 4, 7 and closing: CLI-4, CLI-5, SRV-6."""
    for seed in SEEDS:
        law(name, seed)


@pytest.mark.parametrize("name", USAGES)
def test_law_5_no_input_raises(name: str) -> None:
    """Law 5: only a local mistake does, and that changes nothing."""
    for seed in range(100, 130):
        assert len(laws.Play(name, seed).run().log) >= laws.STEPS


@pytest.mark.parametrize("name", USAGES)
def test_law_8_tables_are_bounded(name: str) -> None:
    """Law 8: forks, subscriptions and publications have limits."""

    def watch(play: laws.Play) -> None:
        size = play.subject.size()
        assert size["dialogs"] <= 6
        assert size.get("subscriptions", 0) <= 5
        assert size.get("publications", 0) <= 4

    for seed in SEEDS:
        laws.Play(name, seed, watch=watch).run()
