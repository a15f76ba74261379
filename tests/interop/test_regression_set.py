"""What a foreign program does rarely and must find done right, with SIPp on the other side.

NOTIFY and transfers stand in `test_regression_events`; DTMF, TLS, SRTP, CANCEL and registrations have tests
of their own beside these.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.interop.process import HOST
from tests.interop.scenes import ask, call, hear, maybe, pause, reply, sdp, take, write_scene
from tests.interop.sipp import Sipp, SippResult, sipp
from trio_runtime import Call, IncomingCall, open_client, open_server

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]
UAS_REFRESHES = ("Require: timer", "Session-Expires: 90;refresher=uas")
UAC_REFRESHES = ("Require: timer", "Session-Expires: 90;refresher=uac")
HANGS_UP = (take("BYE"), reply("200 OK"))


@asynccontextmanager
async def called(
    path: str, folder: Path, name: str, *steps: str, session_interval: int = 0
) -> AsyncIterator[tuple[Call, Sipp]]:
    """Call SIPp, which does as a scenario says; the call is answered."""
    scene = write_scene(folder, name, steps)
    async with (
        sipp(path, folder, scene, "-m", "1", trace=True) as answerer,
        open_client(
            "sip:alice@127.0.0.1", bind_host=HOST, no_media=True, session_interval=session_interval
        ) as phone,
        phone.make_call(answerer.uri) as outgoing,
    ):
        with trio.fail_after(10):
            await outgoing.answered()
        yield outgoing, answerer


async def calling(
    path: str, folder: Path, name: str, *steps: str, task: Callable[[IncomingCall], object]
) -> SippResult:
    """Be called by SIPp as a scenario says."""
    scene = write_scene(folder, name, steps)
    async with (
        open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0, no_media=True) as server,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, task)
        target = f"{HOST}:{server.bound_addresses[0][1]}"
        async with sipp(path, folder, scene, "-m", "1", target=target, trace=True) as caller:
            result = await caller.finished(20)
        nursery.cancel_scope.cancel()
    assert server.left_after_drain == 0
    return result


async def ring_and_answer(incoming: IncomingCall) -> None:
    incoming.ring()
    await trio.sleep(0.2)
    await incoming.answer()
    await incoming.ended()


def only(texts: tuple[str, ...], start: str, *parts: str) -> str:
    """Return the one message that begins so and has these parts."""
    (found,) = {text for text in texts if text.startswith(start) and all(part in text for part in parts)}
    return found


async def test_reliable_provisional_response_of_sipp_gets_its_prack(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-4: 183 with 100rel, PRACK with RAck, then 200."""
    reliable = ("Require: 100rel", "RSeq: 7")
    steps = (
        take("INVITE", keep="a"),
        reply("183 Session Progress", kept="a", headers=reliable, body=sdp(), retrans=True),
        take("PRACK"),
        reply("200 OK"),
        reply("200 OK", kept="a", retrans=True),
        take("ACK"),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "prack", *steps) as (outgoing, answerer):
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)
    assert "RAck: 7 1 INVITE" in only(result.received, "PRACK ")


async def test_sipp_that_requires_reliable_responses_gets_them(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-4: our 180 is repeated until PRACK has come, and no further."""
    steps = (
        call("INVITE", 1, headers=["Require: 100rel", "Supported: 100rel"], body=sdp()),
        maybe("100"),
        hear("180", keep="RSeq"),
        call("PRACK", 2, headers=["RAck: [$RSeq] 1 INVITE"]),
        hear("200"),
        hear("200"),
        call("ACK", 1),
        pause(100),
        call("BYE", 3),
        hear("200"),
    )
    result = await calling(peer("sipp"), tmp_path, "required", *steps, task=ring_and_answer)
    ringing = only(result.received, "SIP/2.0 180")
    assert "Require: 100rel" in ringing
    assert "RSeq: " in ringing
    result.assert_perfect(1)


async def test_session_that_sipp_refreshes_goes_on(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-9: we ask for a timer, the callee is the refresher, and its UPDATE is agreed to."""
    steps = (
        take("INVITE", keep="a"),
        reply("200 OK", kept="a", headers=UAS_REFRESHES, body=sdp()),
        take("ACK"),
        ask("UPDATE", 1, headers=["Supported: timer", "Session-Expires: 90;refresher=uac"]),
        hear("200"),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "refreshed", *steps, session_interval=90) as (
        outgoing,
        answerer,
    ):
        await trio.sleep(0.3)
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)
    assert "Session-Expires: 90" in only(result.received, "INVITE ")
    assert "Session-Expires: 90;refresher=uac" in only(result.received, "SIP/2.0 200", "UPDATE")


@pytest.mark.long
async def test_session_that_we_have_to_refresh_is_refreshed_in_time(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-9: half of 90 s after the answer our UPDATE comes."""
    steps = (
        take("INVITE", keep="a"),
        reply(
            "200 OK",
            kept="a",
            headers=[
                "Require: timer",
                "Session-Expires: 90;refresher=uac",
                "Allow: INVITE, ACK, BYE, UPDATE",
            ],
            body=sdp(),
        ),
        take("ACK"),
        take("UPDATE", timeout_ms=50_000),
        reply("200 OK", headers=UAC_REFRESHES),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "refreshing", *steps, session_interval=90) as (
        outgoing,
        answerer,
    ):
        await trio.sleep(47)
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)


async def test_session_timer_of_a_calling_sipp_is_agreed_to_and_too_short_a_one_is_not(
    peer: Peer, tmp_path: Path
) -> None:
    """EX-2, INV-9: 422 with Min-SE; then the timer stands in our 200, and a re-INVITE refreshes it."""
    long = ["Supported: timer", "Session-Expires: 120;refresher=uac"]
    steps = (
        call("INVITE", 1, headers=["Supported: timer", "Session-Expires: 30", "Min-SE: 30"], body=sdp()),
        maybe("100"),
        hear("422"),
        call("ACK", 1),
        call("INVITE", 2, headers=long, body=sdp(), inside=False),
        maybe("100"),
        maybe("180"),
        hear("200"),
        call("ACK", 2),
        pause(100),
        call("INVITE", 3, headers=long, body=sdp()),
        maybe("100"),
        hear("200"),
        call("ACK", 3),
        call("BYE", 4),
        hear("200"),
    )
    result = await calling(peer("sipp"), tmp_path, "timer", *steps, task=ring_and_answer)
    assert "Min-SE: 90" in only(result.received, "SIP/2.0 422")
    for cseq in (2, 3):
        answer = only(result.received, "SIP/2.0 200", f"CSeq: {cseq} INVITE")
        assert "Session-Expires: 120;refresher=uac" in answer
        assert "Require: timer" in answer


async def test_change_that_met_another_is_tried_again(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-6: 491 to our re-INVITE, and after the time of RFC 3261 §14.1 the next one is taken."""
    steps = (
        take("INVITE", keep="a"),
        reply("200 OK", kept="a", body=sdp()),
        take("ACK"),
        take("INVITE"),
        reply("491 Request Pending"),
        take("ACK"),
        take("INVITE", timeout_ms=5_000),
        reply("200 OK", body=sdp(2, "recvonly")),
        take("ACK"),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "glare", *steps) as (outgoing, answerer):
        with trio.fail_after(10):
            await outgoing.hold()
        assert outgoing.on_hold
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)


async def test_change_of_sipp_that_meets_ours_gets_491(peer: Peer, tmp_path: Path) -> None:
    """EX-2, INV-6: both send at once; ours goes on, and theirs comes again later."""
    steps = (
        take("INVITE", keep="a"),
        reply("200 OK", kept="a", body=sdp()),
        take("ACK"),
        take("INVITE", keep="b"),
        ask("INVITE", 1, body=sdp(2)),
        maybe("100"),
        hear("491"),
        ask("ACK", 1),
        reply("200 OK", kept="b", body=sdp(2, "recvonly")),
        take("ACK"),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "crossed", *steps) as (outgoing, answerer):
        with trio.fail_after(10):
            await outgoing.hold()
        assert outgoing.on_hold
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)
