"""Our proxy and our back-to-back user agent between two SIPp: hundreds of calls, not one message amiss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.process import HOST, until
from tests.interop.sipp import PATIENT, sipp
from trio_runtime import (
    B2buaConfig,
    CallRecord,
    open_b2bua,
    open_proxy,
)

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

CALLS = 500
FLAGS = {"udp": "u1", "tcp": "t1"}


def folders(path: Path, *names: str) -> list[Path]:
    made = [path / name for name in names]
    for folder in made:
        folder.mkdir()
    return made


def load(transport: str) -> list[str]:
    return ["-m", str(CALLS), "-r", "150", "-l", "200", "-t", FLAGS[transport]]


@pytest.mark.parametrize(("near", "far"), [("udp", "udp"), ("tcp", "tcp"), ("udp", "tcp")])
async def test_500_calls_of_sipp_through_the_proxy(peer: Peer, tmp_path: Path, near: str, far: str) -> None:
    """SRV-7, SIPP-1: SIPp on both sides; ACK and BYE by Record-Route; not one unexpected message."""
    ours, theirs = folders(tmp_path, "caller", "callee")
    taker = sipp(peer("sipp"), theirs, "uas", "-m", str(CALLS), "-t", FLAGS[far])
    async with taker as callee:
        target = f"{callee.uri};transport={far}"
        async with open_proxy(
            lambda _: target, bind_host=HOST, sip_port=0, listen=("udp", "tcp"), limits=PATIENT
        ) as proxy:
            port = next(each.port for each in proxy.listening if each.transport == near.upper())
            caller = sipp(peer("sipp"), ours, "routed.xml", *load(near), target=f"{HOST}:{port}")
            async with caller as running:
                (await running.finished(40)).assert_perfect(CALLS)
            (await callee.finished(20)).assert_perfect(CALLS)
            found = proxy.statistics()
        assert (found.proxy.requests, found.proxy.refused) == (2 * CALLS, 0)
        assert found.routing.asked == CALLS
        assert found.proxy.malformed == 0
        assert proxy.left_after_drain == 0


async def test_500_calls_of_sipp_through_the_b2bua(peer: Peer, tmp_path: Path) -> None:
    """SRV-8, SIPP-1: SIPp on both sides, each call two dialogs; each has one record, and none failed."""
    ours, theirs = folders(tmp_path, "caller", "callee")
    async with sipp(peer("sipp"), theirs, "uas", "-m", str(CALLS)) as callee:
        async with open_b2bua(
            lambda _: callee.uri, bind_host=HOST, sip_port=0, no_media=True, limits=PATIENT
        ) as server:
            records = server.subscribe(max_events=CALLS)
            ((host, port),) = server.bound_addresses
            calls = ["-d", "200", *load("udp")]
            async with sipp(peer("sipp"), ours, "uac", *calls, target=f"{host}:{port}") as caller:
                (await caller.finished(40)).assert_perfect(CALLS)
            (await callee.finished(20)).assert_perfect(CALLS)
            await until(lambda: server.statistics().talking == 0, timeout=5, what=lambda: "calls are left")
            found = [await anext(records) for _ in range(CALLS)]
        assert {(each.status_code, each.ended_by) for each in found if isinstance(each, CallRecord)} == {
            (200, "caller")
        }
        assert server.statistics().answered == CALLS
        assert server.phone.left_after_drain == 0


async def test_descriptions_of_sipp_pass_through_the_b2bua(peer: Peer, tmp_path: Path) -> None:
    """SRV-8, SIPP-1: 50 calls; each SIPp is told the media port of the other one, and of none of ours."""
    calls, passing = 50, B2buaConfig(media="pass", transfers="pass")
    ours, theirs = folders(tmp_path, "caller", "callee")
    async with sipp(peer("sipp"), theirs, "uas", "-m", str(calls), trace=True) as callee:
        async with open_b2bua(
            lambda _: callee.uri, policy=passing, bind_host=HOST, sip_port=0, limits=PATIENT
        ) as server:
            ((host, port),) = server.bound_addresses
            more = ["-m", str(calls), "-r", "50", "-d", "200"]
            async with sipp(peer("sipp"), ours, "uac", *more, target=f"{host}:{port}", trace=True) as caller:
                near = await caller.finished(40)
            far = await callee.finished(20)
            near.assert_perfect(calls)
            far.assert_perfect(calls)
            await until(lambda: server.statistics().talking == 0, timeout=5, what=lambda: "calls are left")
        assert server.statistics().answered == calls
        assert server.phone.left_after_drain == 0
    for said, heard, start in (
        (near.sent, far.received, "INVITE "),
        (far.sent, near.received, "SIP/2.0 200"),
    ):
        offered = {description_of(each) for each in said if each.startswith(start)} - {""}
        assert offered
        assert {description_of(each) for each in heard if each.startswith(start)} - {""} == offered


def description_of(message: str) -> str:
    """The body of a message as SIPp has written it down; empty when there is none."""
    return message.replace("\r\n", "\n").partition("\n\n")[2].strip()
