"""The pytest plugin as a user of the library has it: in a suite of its own."""

from __future__ import annotations

import pytest

CALL = """
import pytest, trio

async def answer(call):
    await call.answer()
    await call.ended()
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty suite that has the plugin."""
    pytester.makeconftest('pytest_plugins = ["trio_runtime.testing.plugin"]')
    return pytester


def run(suite: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    suite.makepyfile(CALL + source)
    quick = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:rerunfailures", "-p", "no:xdist")
    return suite.runpytest_inprocess("--strict-markers", *quick, *arguments)


def test_a_pair_of_phones_calls_in_virtual_time_without_a_word_of_trio(suite: pytest.Pytester) -> None:
    """TST-2: neither a clock nor pytest-trio's mode has to be asked for."""
    result = run(
        suite,
        """
@pytest.mark.simulation(phones={"no_media": True})
async def test_call(phone_pair):
    alice, bob = phone_pair
    async with trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(3_600)
        nursery.cancel_scope.cancel()
""",
    )
    result.assert_outcomes(passed=1)
    assert result.duration < 60


def test_the_network_of_a_test_is_what_its_marker_says(suite: pytest.Pytester) -> None:
    """TST-2: conditions, seed and phones, from the class and the test; and a seed from the command line."""
    source = """
@pytest.mark.simulation(latency=0.5, phones={"user_agent": "ours"})
class TestFar:
    @pytest.mark.simulation(seed=5)
    async def test_far(self, phone_pair, sim):
        start = trio.current_time()
        response = await phone_pair[0].options("sip:bob@10.0.0.2")
        assert trio.current_time() - start == pytest.approx(1.0)
        assert response.headers["User-Agent" if "User-Agent" in response.headers else "Server"] == "ours"
        assert sim.wires[0].seed == SEED

async def test_wire(wire):
    await trio.sleep(1)
    assert wire.in_flight == 0
    assert trio.current_time() == 1
"""
    run(suite, source.replace("SEED", "5")).assert_outcomes(passed=2)
    run(suite, source.replace("SEED", "9"), "--simulation-seed", "9").assert_outcomes(passed=2)


LEAKING = """
MARK
async def test_leak(sim):
    async with sim.wire(seed=42) as wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        alice.start_call("sip:nobody@10.0.0.9")
        await trio.sleep(1)
"""


def test_what_is_left_fails_the_test_and_the_report_has_seed_ladder_and_tables(
    suite: pytest.Pytester,
) -> None:
    """SIM-2, TST-2: after each test, without a word in it."""
    result = run(suite, LEAKING.replace("MARK", ""))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*not quiet: alice: 1 signalled calls; alice: 1 transactions*",
            "*seed 42: * sent, 0 delivered*",
            "*INVITE (SDP) again*",
            "*- simulation -*",
            "*- SIP ladder -*",
        ]
    )


def test_the_check_can_be_left_out(suite: pytest.Pytester) -> None:
    """SIM-2."""
    run(suite, LEAKING.replace("MARK", "@pytest.mark.simulation(quiet=False)")).assert_outcomes(passed=1)


def test_a_test_that_failed_itself_is_not_blamed_for_what_is_left(suite: pytest.Pytester) -> None:
    """TST-2: its own failure is shown, with the ladder."""
    result = run(suite, LEAKING.replace("MARK", "") + "        assert 1 == 2\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "*left: alice: 1 signalled calls*", "*INVITE (SDP)*"])
    result.stdout.no_fnmatch_line("*not quiet*")


def test_a_marker_with_a_mistake_names_it(suite: pytest.Pytester) -> None:
    """TST-2, ERR-1."""
    result = run(
        suite,
        """
@pytest.mark.simulation(loss=5)
async def test_loss(wire):
    pass

@pytest.mark.simulation(5)
async def test_nameless(wire):
    pass
""",
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*loss: must be between 0 and 1, not 5*", "*simulation: takes named values only*"]
    )


def test_the_plugin_tells_of_its_marker_and_its_fixtures(suite: pytest.Pytester) -> None:
    """TST-2."""
    suite.runpytest_inprocess("--markers").stdout.fnmatch_lines(["*simulation(seed=0, quiet=True*"])
    result = suite.runpytest_inprocess("--fixtures", "-p", "no:cacheprovider")
    for name in ("sim", "wire", "phone_pair"):
        result.stdout.fnmatch_lines([f"{name}*"])
