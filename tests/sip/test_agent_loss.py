"""A call over a wire that loses, doubles and reorders: it always ends, on both sides, exactly once."""

from __future__ import annotations

import pytest

from sansio_sip.invite import LocallyClosed, RemoteBye, TimedOut
from tests.sip.harness import AgentPair, Fate, lossy, media

# INVITE, 180, 200, ACK, BYE and 200 are six; with what is repeated eight are the interesting ones.
FIRST = 8


def losing(bits: int) -> Fate:
    return lambda number, _: () if number < FIRST and bits >> number & 1 else (0.01,)


def call_over(fate: Fate, *, hang_up: str, seed: int = 1, at: float = 5.0) -> AgentPair:
    """One call from `a` to `b`; the side named hangs up, and so does who is left when nothing ends it."""
    pair = AgentPair(seed=seed, fate=fate)
    pair.answer_calls()
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)

    def callee_hangs_up() -> None:
        for name in list(pair.b.agent._calls._sessions):
            pair.b.agent.hang_up(name, pair.now)

    def caller_hangs_up() -> None:
        pair.a.agent.hang_up(session, pair.now)

    pair.at(at, callee_hangs_up if hang_up == "callee" else caller_hangs_up)
    # A phone that rings, or talks, goes on for ever: its user gives up after a while.
    pair.at(120.0, callee_hangs_up)
    pair.at(120.0, caller_hangs_up)
    pair.run()
    return pair


@pytest.mark.parametrize("hang_up", ["caller", "callee"])
@pytest.mark.parametrize("low", range(16))
def test_call_ends_quietly_whatever_of_its_first_eight_datagrams_is_lost(low: int, hang_up: str) -> None:
    """TXN-5, TXN-7, DLG-3, SIM-2: every subset of the first eight datagrams."""
    for high in range(2 ** (FIRST - 4)):
        lost = high << 4 | low
        pair = call_over(losing(lost), hang_up=hang_up)
        case = f"lost {lost:08b}\n{pair.ladder()}"
        pair.assert_quiet()
        assert len(pair.a.ends) == 1, case
        assert len(pair.b.ends) == pair.b.agent.statistics().calls_in, case
        assert pair.b.agent.statistics().calls_in <= 1, case
        for phone in (pair.a, pair.b):
            assert phone.agent.statistics().malformed == 0, case


def test_nothing_lost_takes_six_datagrams() -> None:
    """TXN-1, DLG-3."""
    pair = call_over(lambda n, _: (0.01,), hang_up="caller")
    assert [str(sent).split(maxsplit=2)[2] for sent in pair.log] == [
        "INVITE sip:bob@192.0.2.2 SIP/2.0",
        "SIP/2.0 180 Ringing",
        "SIP/2.0 200 OK",
        "ACK sip:bob@192.0.2.2:5060 SIP/2.0",
        "BYE sip:bob@192.0.2.2:5060 SIP/2.0",
        "SIP/2.0 200 OK",
    ]
    assert pair.a.ends[0].end == LocallyClosed()
    assert pair.b.ends[0].end == RemoteBye()


def test_dead_callee_times_the_call_out_at_64_t1() -> None:
    """TXN-7: timer B."""
    pair = call_over(lambda n, _: (), hang_up="caller", at=100.0)
    assert [sent.time for sent in pair.log] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert pair.a.ends[0].end == TimedOut("response")


def test_caller_that_dies_after_the_invite_is_given_up_at_64_t1() -> None:
    """TXN-5: the 200 is repeated until 64·T1, then BYE."""
    pair = call_over(lambda n, d: (0.0,) if d.startswith(b"INVITE") else (), hang_up="caller", at=1_000.0)
    answers = [sent.time for sent in pair.log if b"200 OK" in sent.data[:20] and b"INVITE" in sent.data]
    byes = [sent.time for sent in pair.log if sent.data.startswith(b"BYE")]
    assert [answers[1], *answers[2:5]] == [0.5, 1.5, 3.5, 7.5]
    assert max(answers) < 32.0 <= min(byes)
    assert pair.b.ends[0].end == TimedOut("ACK")


@pytest.mark.parametrize("block", range(10))
def test_seeded_runs_with_loss_duplicates_and_reordering_all_end(block: int) -> None:
    """SIM-1, SIM-2: 200 runs at 10 % loss, none stuck."""
    for seed in range(block * 20, block * 20 + 20):
        fate = lossy(seed, loss=0.1, duplicate=0.1, reorder=0.2)
        pair = call_over(fate, hang_up="callee" if seed % 2 else "caller", seed=seed, at=seed % 7)
        pair.assert_quiet()
        assert len(pair.a.ends) == 1, pair.ladder()
        assert len(pair.b.ends) == pair.b.agent.statistics().calls_in, pair.ladder()


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_same_seed_gives_the_same_bytes(seed: int) -> None:
    """SIM-1."""
    runs = [
        call_over(lossy(seed, loss=0.3, duplicate=0.2, reorder=0.3), hang_up="caller", seed=seed)
        for _ in range(2)
    ]
    assert runs[0].log == runs[1].log
    assert runs[0].a.events == runs[1].a.events or list(map(repr, runs[0].a.events)) == list(
        map(repr, runs[1].a.events)
    )


def test_another_seed_gives_other_bytes() -> None:
    """SIM-1."""
    one = call_over(lambda n, _: (0.01,), hang_up="caller", seed=1)
    two = call_over(lambda n, _: (0.01,), hang_up="caller", seed=2)
    assert one.log != two.log
