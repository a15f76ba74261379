"""Calls that programs make, take and change by the WebSocket API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import WavReader, WavWriter
from tests.runtime.api_bench import TOKEN, ApiClient, connected
from trio_runtime import ApiServer, AutoAnswerHandler, RejectAllHandler, RequestsConfig, SessionCoordinator
from trio_runtime.control import open_api
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
BOB, CAROL, US = "sip:bob@10.0.0.2", "sip:carol@10.0.0.3", "sip:alice@10.0.0.1"


@attrs.define
class Scene:
    """Alice with the API, a client of hers that hears everything, and bob who answers, or does not."""

    api: ApiServer
    client: ApiClient
    alice: SessionCoordinator
    bob: SessionCoordinator
    sim: Simulation


@asynccontextmanager
async def scene(
    sim: Simulation, *, bob: dict[str, Any] | None = None, phone: dict[str, Any] | None = None, **config: Any
) -> AsyncIterator[Scene]:
    """Open it; in the end nothing is left."""
    wire = sim.wire(latency=0.01)
    options = {"handler": AutoAnswerHandler(), **(bob or {})}
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", **(phone or {})) as alice,
        sim.phone(wire, "bob", "10.0.0.2", **options) as other,
        open_api(alice, port=0, token=TOKEN, **config) as api,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(alice.serve, api.take)
        async with connected(api) as client:
            await client.ask("subscribe")
            yield Scene(api, client, alice, other, sim)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def answered(client: ApiClient, uri: str = BOB, **fields: Any) -> str:
    """Make a call and wait for the answer."""
    reply = await client.ask("make_call", uri=uri, **fields)
    call: str = reply["call"]["id"]
    await client.event("call_answered", call=call)
    return call


async def test_call_is_made_told_and_hung_up(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, CLI-7: the reply at once, events in their order, each as the schema has it."""
    async with scene(sim) as here:
        reply = await here.client.ask("make_call", uri=BOB, headers={"X-Order": "7"})
        call = reply["call"]
        assert (call["state"], call["remote"], call["direction"]) == ("initiating", BOB, "outgoing")
        await here.client.event("session_created", call=call["id"], remote=BOB)
        media = await here.client.event("media_changed", call=call["id"])
        assert media["media"]["codec"] == "PCMU"
        await here.client.event("call_answered", call=call["id"])
        (theirs,) = here.bob.list_active_sessions()
        assert theirs.headers["X-Order"] == "7"
        await trio.sleep(2)
        now = (await here.client.ask("get_call", call=call["id"]))["call"]
        assert (now["answered"], now["state"], now["codec"]) == (True, "active", "PCMU")
        assert 1 < now["duration_s"] < 3
        assert now["mos"] > 4
        listed = await here.client.ask("list_calls")
        assert ([each["id"] for each in listed["calls"]], listed["total"]) == ([call["id"]], 1)
        listed = await here.client.ask("list_calls", skip=1, limit=5)
        assert (listed["calls"], listed["total"]) == ([], 1)
        assert (await here.client.ask("hang_up", call=call["id"]))["reply"] == "done"
        over = await here.client.event("call_terminated", call=call["id"])
        assert over["end"] == {"kind": "LocallyClosed", "text": "we hung up", "status_code": None}
        assert (await here.client.ask("list_calls"))["calls"] == []
        gone = await here.client.ask("hang_up", call=call["id"])
        assert (gone["error"]["code"], gone["error"]["field"]) == ("not_found", "call")


async def test_events_count_up_and_have_the_time(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9: the same number for everybody."""
    async with scene(sim) as here, connected(here.api) as other:
        await other.ask("subscribe", events=["call_answered", "call_terminated"])
        await answered(here.client)
        first = await other.event("call_answered")
        assert [event["event"] for event in other.events] == []
        assert first["time"] == pytest.approx(here.alice.wall_time(), abs=1)
        numbers = [event["seq"] for event in here.client.events]
        assert numbers == sorted(numbers)
        assert first["seq"] not in numbers  # taken out already, as it is the same event


async def test_refused_call_says_why(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, ERR-1: in the event; what cannot be called at all is an error reply."""
    async with scene(sim, bob={"handler": RejectAllHandler(603)}) as here:
        await here.client.ask("make_call", uri=BOB)
        over = await here.client.event("call_terminated")
        assert (over["end"]["kind"], over["end"]["status_code"]) == ("Rejected", 603)
        for fields in (
            {"uri": "bob"},
            {"uri": BOB, "headers": {"A b": "c"}},
            {"uri": BOB, "account": "sip:x@y"},
        ):
            assert (await here.client.ask("make_call", **fields))["error"]["code"] == "invalid"


async def test_call_that_comes_in_is_answered_by_a_client(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, SES-5: it rings until a client decides; answered, it goes on without the connection."""
    async with scene(sim) as here:
        async with here.bob.make_call(US) as call:
            told = await here.client.event("incoming_call_received")
            assert (told["remote"], told["called"]) == (BOB, US)
            await here.client.ask("ring", call=told["call"], status_code=183)
            reply = await here.client.ask("answer", call=told["call"], headers={"X-By": "api"})
            assert reply["call"]["state"] == "active"
            await call.answered()
            assert call.headers["X-By"] == "api"
            again = await here.client.ask("answer", call=told["call"])
            assert (again["error"]["code"], again["error"]["field"]) == ("wrong_state", "call")
            await here.client.socket.aclose()
            await trio.sleep(2)
            assert call.end is None


async def test_call_that_nobody_wants_is_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9: by a client, by redirection, after the time to decide, and at once when nobody listens."""
    async with scene(sim, bob={"max_redirects": 0}, ring_timeout=20) as here:

        async def called() -> tuple[int, float]:
            async with here.bob.make_call(US) as call:
                began = trio.current_time()
                await call.ended()
                assert call.end is not None
                return getattr(call.end, "status_code", 0), trio.current_time() - began

        async def decide(command: str, **fields: Any) -> None:
            told = await here.client.event("incoming_call_received")
            await here.client.ask(command, call=told["call"], **fields)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: decide("reject", status_code=403, reason="No"))
            assert (await called())[0] == 403
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: decide("reject", status_code=302, targets=[CAROL]))
            assert (await called())[0] == 302
        status, seconds = await called()
        assert status == 480
        assert seconds == pytest.approx(20, abs=1)
        await here.client.ask("unsubscribe")
        status, seconds = await called()
        assert (status, seconds < 1) == (480, True)


@pytest.mark.parametrize("by_config", [False, True])
async def test_owned_calls_end_with_their_connection(
    sim: Simulation, autojump_clock: Clock, by_config: bool
) -> None:
    """SRV-9: those that were made or answered so, or all by configuration; others live."""
    owned: dict[str, Any] = {} if by_config else {"owned": True}
    async with scene(sim, hang_up_on_close=by_config) as here:
        async with connected(here.api) as other:
            await other.ask("subscribe")
            mine = await answered(other, **owned)
            async with here.bob.make_call(US) as call:
                told = await other.event("incoming_call_received")
                await other.ask("answer", call=told["call"], **owned)
                await other.socket.aclose()
                await call.ended()
        await here.client.event("call_terminated", call=mine)
        if not by_config:
            kept = await answered(here.client)
            async with connected(here.api) as other:
                await other.ask("get_call", call=kept)
            await trio.sleep(1)
            assert (await here.client.ask("get_call", call=kept))["call"]["state"] == "active"


async def test_call_is_held_muted_and_pressed(sim: Simulation, autojump_clock: Clock, tmp_path: Path) -> None:
    """SRV-9, SES-13, SES-16: each reply has the call as it is then."""
    wav(tmp_path / "music.wav", 1.0)
    async with scene(sim, folder=str(tmp_path)) as here:
        call = await answered(here.client)
        assert (await here.client.ask("hold", call=call, music="music.wav"))["call"]["on_hold"]
        await here.client.event("call_held", call=call)
        assert not (await here.client.ask("resume", call=call))["call"]["on_hold"]
        assert (await here.client.ask("mute", call=call))["call"]["muted"]
        assert not (await here.client.ask("mute", call=call, muted=False))["call"]["muted"]
        (theirs,) = here.bob.list_active_sessions()
        assert (await here.client.ask("send_dtmf", call=call, digits="12#"))["reply"] == "done"
        await trio.sleep(0.5)
        pressed = "".join([(await anext(theirs.digits)).digit for _ in range(3)])
        assert pressed == "12#"
        missing = await here.client.ask("hold", call=call, music="none.wav")
        assert missing["error"]["code"] == "media"


async def test_call_is_transferred(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, SES-14, SES-15: blind and attended; a refusal has its status."""

    class Transferable(AutoAnswerHandler):
        async def on_transfer_requested(self, call: Any, request: Any) -> None:
            async with request.accept() as onward:
                await onward.ended()

    quiet: dict[str, Any] = {"no_media": True}
    async with scene(sim, bob={"handler": Transferable(), **quiet}, phone=quiet) as here:
        wire = sim.wires[0]
        async with sim.phone(wire, "carol", "10.0.0.3", handler=AutoAnswerHandler(), **quiet) as carol:
            call = await answered(here.client)
            assert (await here.client.ask("transfer", call=call, uri=CAROL))["reply"] == "done"
            await here.client.event("transfer_completed", call=call)
            await here.client.event("call_terminated", call=call)
            assert len(carol.list_active_sessions()) == 1
            one, two = await answered(here.client), await answered(here.client, CAROL)
            assert (await here.client.ask("transfer_to_call", call=one, other=two))["reply"] == "done"
            call = await answered(here.client)
            refused = await here.client.ask("transfer", call=call, uri="sip:nobody@10.0.0.9:9")
            assert refused["error"]["code"] == "refused"
            assert refused["error"]["status_code"] >= 400


def wav(path: Path, seconds: float) -> Path:
    with path.open("wb") as file:
        WavWriter(file).write(np.full(int(8_000 * seconds), 1_000, np.int16))
    return path


async def test_files_are_played_and_recorded(sim: Simulation, autojump_clock: Clock, tmp_path: Path) -> None:
    """SRV-9, RTP-9: jobs with a name, which end by themselves, by stop, or with the call."""
    wav(tmp_path / "hello.wav", 0.5)
    async with scene(sim, folder=str(tmp_path)) as here:
        call = await answered(here.client)
        recording = (await here.client.ask("record", call=call, file="out.wav", channels="sent"))["job"]
        playing = (await here.client.ask("play", call=call, file="hello.wav"))["job"]
        assert (await here.client.ask("get_call", call=call))["call"]["jobs"] == [recording, playing]
        over = await here.client.event("job_ended", job=playing)
        assert (over["kind"], over["error"], over["call"]) == ("play", None, call)
        await here.client.ask("stop", job=recording)
        assert (await here.client.event("job_ended", job=recording))["error"] is None
        heard = WavReader((tmp_path / "out.wav").read_bytes()).read_all()
        assert np.count_nonzero(np.abs(heard) > 500) == pytest.approx(4_000, abs=200)
        forever = (await here.client.ask("play", call=call, file="hello.wav", repeat=True))["job"]
        await trio.sleep(2)
        assert not [event for event in here.client.events if event["event"] == "job_ended"]
        await here.client.ask("hang_up", call=call)
        assert (await here.client.event("job_ended", job=forever))["error"] is None
        assert (await here.client.ask("stop", job=forever))["reply"] == "done"


@pytest.mark.parametrize("name", ["../x.wav", "/etc/passwd", "a/b.wav", ".", "", "link.wav", "a\x00b"])
async def test_no_file_outside_of_the_folder_is_reached(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, name: str
) -> None:
    """SRV-9: neither by its name nor by a link."""
    inside, outside = tmp_path / "in", wav(tmp_path / "x.wav", 0.1)
    (inside / "a").mkdir(parents=True)
    wav(inside / "a" / "b.wav", 0.1)
    (inside / "link.wav").symlink_to(outside)
    async with scene(sim, folder=str(inside)) as here:
        call = await answered(here.client)
        for command in ("play", "record"):
            fields = {"id": command, "command": command, "call": call, "file": name}
            await here.client.socket.send_message(json.dumps(fields))
            error = (await here.client.reply(command))["error"]
            assert error["code"] in ("forbidden", "invalid")
            assert error["field"] == "file"
        assert (await here.client.ask("stop", job="none"))["reply"] == "done"


async def test_file_needs_a_folder_and_a_call_with_audio(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """SRV-9, ERR-1: what is wrong is in the reply and not in a later event."""
    (tmp_path / "odd.wav").write_bytes(b"RIFFnothing")
    wav(tmp_path / "good.wav", 0.1)
    async with scene(sim) as here:
        call = await answered(here.client)
        assert (await here.client.ask("play", call=call, file="a.wav"))["error"]["code"] == "forbidden"
    async with scene(Simulation(), phone={"no_media": True}, folder=str(tmp_path)) as here:
        call = await answered(here.client)
        for command in ("play", "record"):
            silent = await here.client.ask(command, call=call, file="good.wav")
            assert silent["error"]["code"] == "media"
    async with scene(Simulation(), folder=str(tmp_path), max_jobs=1) as here:
        call = await answered(here.client)
        for name in ("odd.wav", "none.wav"):
            assert (await here.client.ask("play", call=call, file=name))["error"]["code"] == "media"
        await here.client.ask("record", call=call, file="out.wav")
        assert (await here.client.ask("play", call=call, file="good.wav"))["error"]["code"] == "limit"


async def test_two_calls_are_bridged(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, BRG-1: a caller is answered when the other one is, and both are hung up together."""
    async with scene(sim) as here:
        wire = sim.wires[0]
        async with sim.phone(wire, "carol", "10.0.0.3", handler=AutoAnswerHandler()) as carol:
            async with here.bob.make_call(US) as call:
                told = await here.client.event("incoming_call_received")
                leg = (await here.client.ask("make_call", uri=CAROL))["call"]["id"]
                job = (await here.client.ask("bridge", call=told["call"], other=leg))["job"]
                await call.answered()
                assert len(carol.list_active_sessions()) == 1
                same = await here.client.ask("bridge", call=leg, other=leg)
                assert (same["error"]["code"], same["error"]["field"]) == ("invalid", "other")
            over = await here.client.event("job_ended", job=job)
            assert (over["kind"], over["error"]) == ("bridge", None)
            await here.client.event("call_terminated", call=leg)
            one, two = await answered(here.client), await answered(here.client, CAROL)
            job = (await here.client.ask("bridge", call=one, other=two))["job"]
            await here.client.ask("stop", job=job)
            await here.client.event("call_terminated", call=one)
            await here.client.event("call_terminated", call=two)


async def test_calls_confer(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, BRG-6: in, out, muted, locked, full, and over."""
    async with scene(sim, max_conferences=1) as here:
        room = (await here.client.ask("open_conference", max_members=1))["conference"]["name"]
        full = await here.client.ask("open_conference")
        assert full["error"]["code"] == "limit"
        call = await answered(here.client)
        inside = await here.client.ask("join_conference", conference=room, call=call, muted=True)
        assert (inside["conference"]["members"], inside["conference"]["muted"]) == ([call], [call])
        twice = await here.client.ask("join_conference", conference=room, call=call)
        assert twice["error"]["code"] == "wrong_state"
        fields: dict[str, Any] = {"call": call, "muted": False, "gain": 2.0, "locked": True}
        changed = (await here.client.ask("set_conference", conference=room, **fields))["conference"]
        assert (changed["muted"], changed["locked"]) == ([], True)
        async with here.bob.make_call(US) as other:
            told = await here.client.event("incoming_call_received")
            refused = await here.client.ask("join_conference", conference=room, call=told["call"])
            assert (refused["error"]["code"], refused["error"]["status_code"]) == ("refused", 403)
            await other.ended()
        out = await here.client.ask("leave_conference", conference=room, call=call)
        assert out["conference"]["members"] == []
        assert (await here.client.event("job_ended"))["kind"] == "join_conference"
        await here.client.ask("set_conference", conference=room, locked=False)
        async with here.bob.make_call(US) as other:
            told = await here.client.event("incoming_call_received")
            await here.client.ask("join_conference", conference=room, call=told["call"])
            await other.answered()
            listed = (await here.client.ask("list_conferences"))["conferences"]
            assert [each["members"] for each in listed] == [[told["call"]]]
            await here.client.ask("close_conference", conference=room)
            await other.ended()
        gone = await here.client.ask("close_conference", conference=room)
        assert (gone["error"]["code"], gone["error"]["field"]) == ("not_found", "conference")


async def test_messages_and_questions(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-9, CLI-3, CLI-4: the answer is the reply; messages of others are events; numbers on demand."""
    taken = {"requests": RequestsConfig(content_types=("text/plain", "application/octet-stream"))}
    async with scene(sim, bob=taken, phone=taken) as here:
        reply = await here.client.ask("send_message", uri=BOB, text="hi", headers={"Subject": "s"})
        assert (reply["status_code"], reply["reason"]) == (200, "OK")
        reply = await here.client.ask("send_message", uri=BOB, text="hi", content_type="image/png")
        assert reply["status_code"] == 415
        await here.bob.send_message(US, "hello")
        told = await here.client.event("message_received")
        assert (told["sender"], told["body"]) == (BOB, {"text": "hello", "base64": None})
        await here.bob.send_message(US, b"\xff\x00", content_type="application/octet-stream")
        assert (await here.client.event("message_received"))["body"] == {"text": None, "base64": "/wA="}
        allowed = (await here.client.ask("options", uri=BOB))["headers"]["Allow"]
        assert "MESSAGE" in allowed
        call = await answered(here.client)
        counted = await here.client.ask("statistics")
        assert counted["sessions"]["active_sessions"] == 1
        assert counted["api"]["subscribers"] == counted["api"]["connections"] == 1
        assert counted["coordinator"]["dialogs"]["agent"]["calls"] == 1
        await here.client.ask("hang_up", call=call)
        unreachable = await here.client.ask("send_message", uri="sip:x@10.9.9.9", text="hi")
        assert unreachable["error"]["code"] == "timed_out"
