"""A call centre on sockets: SIPp calls and answers, baresip is an agent who is heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.baresip import baresip
from tests.interop.process import HOST, free_ports, until
from tests.interop.sipp import PATIENT, sipp
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import MediaConfig, QueueAgent, open_client, open_server
from trio_runtime.events import queue_types as facts
from trio_runtime.queue import AgentState

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


async def test_sipp_calls_wait_in_line_for_agents_of_sipp(peer: Peer, tmp_path: Path) -> None:
    """QUE-1, QUE-3, SIPP-2: twenty at once for two agents; each is served in turn, none is lost."""
    path, port = peer("sipp"), free_ports()
    folders = [tmp_path / name for name in ("anna", "bert", "callers")]
    for folder in folders:
        folder.mkdir()
    async with (
        open_server("sip:sales@127.0.0.1", bind_host=HOST, sip_port=port, limits=PATIENT) as server,
        sipp(path, folders[0], "uas") as anna,
        sipp(path, folders[1], "uas") as bert,
        server.open_call_centre([QueueAgent("anna", anna.uri), QueueAgent("bert", bert.uri)]) as centre,
        trio.open_nursery() as nursery,
    ):
        queue = centre.open_queue("sales", answer="when_served")
        events = server.subscribe(lambda event: isinstance(event, facts.CallerQueued | facts.CallerConnected))
        await nursery.start(server.serve, queue.join)
        load = ["-m", "20", "-r", "100", "-d", "150"]
        async with sipp(path, folders[2], "uac", *load, target=f"{HOST}:{port}") as callers:
            result = await callers.finished(60)
        # A machine that stands still for half a second is sent something twice: that is no fault here.
        assert (result.status, result.successful, result.failed) == (0, 20, 0), result
        await until(
            lambda: not any(agent.calls for agent in centre.agent_statistics()),
            timeout=10,
            what=lambda: repr(centre.agent_statistics()),
        )
        seen, agents = queue.statistics(), centre.agent_statistics()
        nursery.cancel_scope.cancel()
    assert (seen.offered, seen.answered, seen.abandoned, seen.missed) == (20, 20, 0, 0)
    assert sum(agent.taken for agent in agents) == 20
    assert min(agent.taken for agent in agents) >= 8
    told = [event async for event in events]
    queued = [event.session_id for event in told if isinstance(event, facts.CallerQueued)]
    connected = [event.session_id for event in told if isinstance(event, facts.CallerConnected)]
    assert connected[2:] == queued[2:], "first come, first served; the first two are rung at one time"


async def test_baresip_is_an_agent_and_the_caller_hears_music_and_then_him(
    peer: Peer, tmp_path: Path
) -> None:
    """QUE-1, QUE-2: on sockets and with sound; the agent's phone is free again when the caller hangs up."""
    media, port = MediaConfig(codecs=("PCMU",)), free_ports()
    source, music = write_tone(tmp_path / "source.wav", 30), write_tone(tmp_path / "music.wav", 0.5)
    (tmp_path / "baresip").mkdir()
    async with (
        baresip(peer("baresip"), tmp_path / "baresip", codec="PCMU", source=f"aufile,{source}") as far,
        open_server("sip:sales@127.0.0.1", bind_host=HOST, sip_port=port, media=media) as server,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as caller,
        server.open_call_centre([QueueAgent("anna", far.uri, logged_in=False)]) as centre,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, centre.open_queue("sales", music=music).join)
        with trio.fail_after(20):
            async with caller.make_call(f"sip:sales@{HOST}:{port}") as call:
                await call.answered()
                async with call.recording(tmp_path / "music-heard.wav", channels="received"):
                    await trio.sleep(1.0)
                with server.subscribe(lambda event: isinstance(event, facts.CallerConnected)) as connected:
                    centre.log_in("anna")
                    assert isinstance(await anext(connected), facts.CallerConnected)
                async with call.recording(tmp_path / "agent-heard.wav", channels="received"):
                    await trio.sleep(1.5)
            with server.subscribe(lambda event: isinstance(event, facts.CallerServed)) as served:
                if centre.agent_statistics()[0].state is AgentState.BUSY:
                    await anext(served)
        assert centre.agent_statistics()[0].state is AgentState.AVAILABLE
        nursery.cancel_scope.cancel()
    for name, least in (("music-heard.wav", 0.4), ("agent-heard.wav", 1.0)):
        assert_tone(
            WavReader((tmp_path / name).read_bytes()).read_all()[:, 0], at_least_s=least, sndr_db=10.0
        )
