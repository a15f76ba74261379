"""SIPp against us and we against SIPp: what both sides count must be what was called."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_sip.invite import LocallyClosed
from tests.interop.process import HOST
from tests.interop.serve import serving, serving_here
from tests.interop.sipp import sipp
from trio_runtime import SessionCoordinator, open_client

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


async def test_a_thousand_calls_at_a_hundred_a_second_without_one_unexpected_message(
    peer: Peer, tmp_path: Path
) -> None:
    """SIPP-1, TXN-1, SES-22: the built-in caller of SIPp."""
    async with serving(tmp_path, "--answer", "echo", "--no-media") as server:
        load = ["-m", "1000", "-r", "100", "-d", "200"]
        async with sipp(peer("sipp"), tmp_path, "uac", *load, target=server.target) as caller:
            result = await caller.finished(60)
        result.assert_perfect(1_000)
        assert len(await server.wait_for("ended", 1_000)) == 1_000
        assert {line["end"] for line in server.lines("ended")} == {"RemoteBye"}
        counted = await server.interrupted()
    assert (counted["sessions"]["total_sessions"], counted["sessions"]["failed_sessions"]) == (1_000, 0)
    assert counted["dialogs"]["agent"]["malformed"] == 0
    assert counted["left_after_drain"] == 0


async def test_a_hundred_calls_to_the_built_in_answerer_of_sipp_end_well(peer: Peer, tmp_path: Path) -> None:
    """SIPP-1, SES-7, SES-9, SES-11: up to twenty at a time, with media, hung up by us."""
    ends: list[object] = []

    async def one_call(phone: SessionCoordinator, uri: str, room: trio.CapacityLimiter) -> None:
        async with room:
            async with phone.make_call(uri) as call:
                with trio.fail_after(10):
                    await call.answered()
                await trio.sleep(0.2)
            with trio.fail_after(10):
                ends.append(await call.ended())

    async with sipp(peer("sipp"), tmp_path, "uas", "-m", "100") as answerer:
        async with (
            open_client("sip:alice@127.0.0.1", bind_host=HOST) as phone,
            trio.open_nursery() as nursery,
        ):
            room = trio.CapacityLimiter(20)
            for _ in range(100):
                nursery.start_soon(one_call, phone, answerer.uri, room)
        assert phone.left_after_drain == 0
        result = await answerer.finished(20)
    result.assert_perfect(100)
    assert [type(end) for end in ends] == [LocallyClosed] * 100
    assert phone.get_stats().failed_sessions == 0


async def test_cancel_while_it_rings_ends_the_call_with_487(peer: Peer, tmp_path: Path) -> None:
    """SES-11, TXN-4, EX-2: the caller gives up; 200 to its CANCEL, 487 to its INVITE."""
    async with serving_here("--answer", "ring") as server:
        calls = ["-m", "10", "-r", "20", "-d", "200"]
        async with sipp(peer("sipp"), tmp_path, "cancel.xml", *calls, target=server.target) as caller:
            result = await caller.finished(20)
        result.assert_perfect(10)
        assert result.retransmissions == 0
        assert {line["end"] for line in await server.wait_for("ended", 10)} == {"Cancelled"}
        counted = await server.interrupted()
    assert counted["left_after_drain"] == 0


async def test_cancel_after_the_answer_has_no_effect(peer: Peer, tmp_path: Path) -> None:
    """TXN-4, RFC 3261 section 9.2: the call stands and is ended by the caller's BYE."""
    async with serving_here("--answer", "echo") as server:
        calls = ["-m", "5", "-r", "20", "-d", "300"]
        async with sipp(peer("sipp"), tmp_path, "late_cancel.xml", *calls, target=server.target) as caller:
            result = await caller.finished(20)
        result.assert_perfect(5)
        ended = await server.wait_for("ended", 5)
        assert {line["end"] for line in ended} == {"RemoteBye"}
        assert all(line["duration_s"] > 0.25 for line in ended)
        await server.interrupted()


async def test_a_retransmitted_invite_is_one_call_with_one_answer(peer: Peer, tmp_path: Path) -> None:
    """TXN-5, DLG-4: the same INVITE comes again after the 200: RFC 6026 has it absorbed.

    The 200 comes again only because the ACK is slow, and then octet for octet.
    """
    async with serving_here("--answer", "echo") as server:
        calls = ["-m", "1", "-d", "200", "-nr"]
        caller = sipp(peer("sipp"), tmp_path, "retransmit.xml", *calls, target=server.target, trace=True)
        async with caller as run:
            result = await run.finished(20)
        result.assert_perfect(1)
        answers = [
            text for text in result.received if text.startswith("SIP/2.0 200") and "CSeq: 1 INVITE" in text
        ]
        assert len(answers) == 2  # at once, and 500 ms later because no ACK came
        assert len(set(answers)) == 1
        assert len(await server.wait_for("ended")) == len(server.lines("incoming")) == 1
        counted = await server.interrupted()
    assert counted["dialogs"]["agent"]["calls_in"] == 1
    assert counted["dialogs"]["agent"]["retransmissions_received"] == 2


async def test_a_retransmitted_invite_gets_the_last_provisional_answer_again(
    peer: Peer, tmp_path: Path
) -> None:
    """TXN-5: while it rings, the same INVITE gets the same 180."""
    async with serving_here("--answer", "ring") as server:
        calls = ["-m", "1", "-d", "200", "-nr"]
        async with sipp(
            peer("sipp"), tmp_path, "retransmit_ringing.xml", *calls, target=server.target, trace=True
        ) as run:
            result = await run.finished(20)
        result.assert_perfect(1)
        answers = [text for text in result.received if text.startswith("SIP/2.0 180")]
        assert len(answers) == 2
        assert len(set(answers)) == 1
        assert len(await server.wait_for("ended")) == len(server.lines("incoming")) == 1
        await server.interrupted()


async def test_keys_that_come_as_info_are_digits(peer: Peer, tmp_path: Path) -> None:
    """SES-15, MED-13: both forms in use, application/dtmf-relay and application/dtmf."""
    async with serving_here("--answer", "echo") as server:
        async with sipp(peer("sipp"), tmp_path, "info_digits.xml", "-m", "1", target=server.target) as caller:
            (await caller.finished(20)).assert_perfect(1)
        digits = await server.wait_for("digit", 2)
        await server.interrupted()
    assert [(line["digit"], line["source"]) for line in digits] == [("1", "info"), ("#", "info")]


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_with_five_percent_of_packets_lost_no_call_is_stuck(peer: Peer, tmp_path: Path) -> None:
    """TXN-5, TXN-8, SES-22: SIPp drops 5 % of what it sends and repeats it; every call ends on our side."""
    async with serving(tmp_path, "--answer", "echo", "--no-media") as server:
        load = ["-m", "200", "-r", "20", "-d", "500", "-lost", "5"]
        async with sipp(peer("sipp"), tmp_path, "uac", *load, target=server.target) as caller:
            result = await caller.finished(120)
        calls = len(server.lines("incoming"))
        # A call whose ACK or BYE never comes is over at 64 T1 (32 s); no later than that.
        await server.wait_for("ended", calls, timeout=75)
        counted = await server.interrupted()
    assert result.created == 200
    assert result.retransmissions > 0
    assert calls >= 195  # an INVITE that SIPp lost six times in a row never reaches us
    assert counted["sessions"]["active_sessions"] == 0
    assert counted["left_after_drain"] == 0


async def test_load_of_our_own_goes_through_sipp_whole(peer: Peer, tmp_path: Path) -> None:
    """COO-6, SIPP-1: both sides count the same, and the percentiles are those of a machine that is near."""
    async with sipp(peer("sipp"), tmp_path, "uas", "-m", "200") as answerer:
        words = ["--calls", "200", "--rate", "200", "--hold", "0.1", "--no-media", "--json", "--bind", HOST]
        command = [sys.executable, "-m", "trio_runtime", "load", answerer.uri, *words]
        with trio.fail_after(60):
            run = await trio.run_process(command, capture_stdout=True)
        (told,) = [line for line in map(json.loads, run.stdout.splitlines()) if line["event"] == "load"]
        result = await answerer.finished(20)
    result.assert_perfect(200)
    assert (told["calls"], told["answered"], told["failed"]) == (200, 200, 0)
    assert 0 < told["set_up_s"]["p50"] <= told["set_up_s"]["p99"] <= told["set_up_s"]["max"]
