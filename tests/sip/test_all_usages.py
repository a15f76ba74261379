"""Two agents over all usages on a bad wire: none gets stuck, none leaks, each run comes again (SIM-2)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sip.town import Town

METHODS = {
    "ACK", "BYE", "CANCEL", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
    "SUBSCRIBE", "UPDATE",
}  # fmt: skip

SHORT, LONG = range(150), range(1_000, 6_000)


def live(seed: int, *, again: bool) -> Town:
    town = Town(seed).run()
    town.check()
    if again:
        assert Town(seed).run().log == town.log
    return town


@pytest.mark.parametrize("block", range(5))
def test_random_lives_end_quiet_and_come_again_from_their_seed(block: int) -> None:
    """SIM-1, SIM-2, laws 4, 5, 8: 150 runs, every fourth of them twice."""
    for seed in SHORT[block::5]:
        live(seed, again=seed % 4 == 0)


def test_lives_have_everything_in_them() -> None:
    """SIM-2: a run in which nobody does a thing proves nothing of it."""
    said: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    for seed in range(40):
        town = Town(seed).run()
        requests = [sent.data for sent in town.log if not sent.data.startswith(b"SIP/2.0")]
        said.update({data.partition(b" ")[0].decode() for data in requests})
        said["re-INVITE"] += any(
            d.startswith(b"INVITE") and b";tag=" in d.partition(b"\r\nTo:")[2][:60] for d in requests
        )
        said["lost"] += any(not sent.copies for sent in town.log)
        said["doubled"] += any(sent.copies == 2 for sent in town.log)
        heard.update({type(event).__name__ for resident in town.residents for event in resident.events})
    assert {*METHODS, "re-INVITE", "lost", "doubled"} <= said.keys()
    assert set(said) - {"re-INVITE", "lost", "doubled"} == METHODS
    assert min(said.values()) >= 3, said
    assert {
        "CallConfirmed", "MediaNegotiated", "NotifyReceived", "OfferReceived", "PublicationUpdated",
        "ReferEnded", "Registered", "SubscriberGone", "SubscriptionEnded", "Unregistered", "UpdateFailed",
    } <= heard.keys()  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("block", range(20))
def test_five_thousand_random_lives_end_quiet_and_come_again_from_their_seed(block: int) -> None:
    """SIM-1, SIM-2: each twice."""
    for seed in LONG[block::20]:
        live(seed, again=True)
