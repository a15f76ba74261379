"""A conference as the focus of its calls: what they know of it, and what they may want of it (RFC 4579)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from sansio_sip.message import NameAddr
from sansio_sip.subscribe.conference import is_focus, parse_conference_info
from tests.runtime.conferring import conference, member
from trio_runtime import (
    Accept,
    AutoAnswerHandler,
    Call,
    CallDecision,
    CallHandler,
    ConferenceRole,
    ConfigurationError,
    IncomingCall,
    InvalidUriError,
    Reject,
    SessionCoordinator,
    SipFailure,
    TransferRequest,
)
from trio_runtime.bridge import Conference
from trio_runtime.events.types import TransferProgressed
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
ROOM = "sip:room@voice.example"
ROOM_AT = "sip:room@10.0.0.1"
AT_SERVER = f"{ROOM_AT}:5060"
CAROL = "sip:carol@10.0.2.1"


class Busy(CallHandler):
    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        return Reject(486)


class Taken(AutoAnswerHandler):
    """Answers, and keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[IncomingCall] = []

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        self.calls.append(call)
        return Accept()


@asynccontextmanager
async def carol(sim: Simulation, handler: CallHandler | None = None) -> AsyncIterator[SessionCoordinator]:
    """Somebody who can be called, and can ask."""
    async with sim.phone(sim.wires[0], "carol", "10.0.2.1", handler=handler or AutoAnswerHandler()) as phone:
        yield phone


def uris(room: Conference) -> list[str]:
    return [call.remote_uri for call in room.members]


def promote(room: Conference, call: Call) -> None:
    room.set_role(member(room, call), ConferenceRole.MODERATOR)


# What a call knows


async def test_call_that_is_put_into_a_conference_learns_it(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SES-18: RFC 4579 §4.2: an UPDATE tells it; and another one when the call is let out."""
    taken = Taken()
    async with conference(sim, 2, late=0.2, uri=ROOM) as (room, calls, server, _), carol(sim, taken):
        assert [call.remote_focus for call in calls] == [AT_SERVER, AT_SERVER]
        async with server.make_call(CAROL) as call:
            await call.answered()
            (hers,) = taken.calls
            known = [hers.remote_focus]
            room.add(call)
            await trio.sleep(0.2)
            known.append(hers.remote_focus)
            room.remove(call)
            await trio.sleep(0.2)
            known.append(hers.remote_focus)
            assert known == [None, AT_SERVER, None]
            assert call.is_active
            room.add(call)
            await trio.sleep(0.2)
        assert await hers.ended() is not None
        assert hers.remote_focus is None


async def test_whoever_is_in_a_conference_can_see_who_else_is(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, CLI-5: RFC 4579 §3.4: a subscription to what the call says it leads into."""
    async with conference(sim, 2, uri=ROOM) as (room, calls, _, _), carol(sim) as watcher:
        assert calls[0].remote_focus == AT_SERVER
        async with watcher.subscribe_to(calls[0].remote_focus, event="conference") as state:
            told = parse_conference_info((await anext(state)).body)
        assert {user.entity for user in told.users} == set(uris(room))


async def test_conference_without_a_uri_is_no_focus(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: its calls are told nothing."""
    async with conference(sim, 1, late=0.2) as (_, calls, _, _):
        assert calls[0].remote_focus is None


async def test_options_at_the_address_of_a_conference_says_that_it_is_one(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6, CLI-3: RFC 4579 §5.13: while it is open."""
    async with conference(sim, 1, uri=ROOM) as (room, _, server, _), carol(sim) as phone:
        with pytest.raises(ConfigurationError, match="already"):
            server.open_conference(uri="sip:room@VOICE.example")

        async def asked(uri: str) -> NameAddr:
            return NameAddr.parse((await phone.options(uri)).headers["Contact"])

        assert str(await asked("sip:room@10.0.0.1")) == f"<{AT_SERVER}>;isfocus"
        assert not is_focus(await asked("sip:other@10.0.0.1"))
        room.close()
        assert not is_focus(await asked("sip:room@10.0.0.1"))


# What a member may want


async def test_moderator_has_somebody_called_in_and_hung_up(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SES-13: RFC 4579 §5.5, §5.11: REFER in the call, NOTIFY of how it goes; the call goes on."""
    taken = Taken()
    async with conference(sim, 2, uri=ROOM) as (room, calls, _, _), carol(sim, taken):
        chair = calls[0]
        promote(room, chair)
        events = chair.events
        await chair.refer(CAROL)
        assert uris(room)[2:] == [CAROL]
        assert [info.dialled_out for info in room.info().details] == [False, False, True]
        (call,) = taken.calls
        assert (call.remote_uri, call.remote_focus) == (ROOM, AT_SERVER)
        assert chair.local_uri.partition("@")[0] in call.headers["Referred-By"]
        told = events.receive_nowait()
        assert isinstance(told, TransferProgressed)
        assert (told.status_code, chair.is_active) == (100, True)
        await chair.refer(CAROL, method="BYE")
        assert call.end is not None
        assert len(room.members) == 2
        await chair.refer(calls[1].local_uri, method="BYE")
        await trio.sleep(0.1)
        assert calls[1].end is not None
        assert uris(room) == [chair.local_uri]


@pytest.mark.parametrize("referrers", ["moderators", "members"])
async def test_role_decides_who_may_refer(sim: Simulation, autojump_clock: Clock, referrers: str) -> None:
    """BRG-6: 403 for a speaker, unless all members may."""
    async with conference(sim, 1, uri=ROOM, referrers=referrers) as (room, calls, _, _), carol(sim):
        if referrers == "members":
            await calls[0].refer(CAROL)
        else:
            with pytest.raises(SipFailure) as refused:
                await calls[0].refer(CAROL)
            assert refused.value.status_code == 403
        assert (CAROL in uris(room)) is (referrers == "members")


async def test_application_can_keep_refers_for_itself(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SES-13: ``referrers="none"``: it hears of each, as of those in other calls."""
    async with conference(sim, 1, uri=ROOM, referrers="none") as (room, calls, _, _), carol(sim) as phone:
        promote(room, calls[0])
        requests = member(room, calls[0]).transfer_requests
        async with trio.open_nursery() as nursery:

            async def decide() -> None:
                request: TransferRequest[Call] = await anext(requests)
                assert request.target == CAROL
                request.reject(488)

            nursery.start_soon(decide)
            with pytest.raises(SipFailure) as refused:
                await calls[0].refer(CAROL)
        assert refused.value.status_code == 488
        outside = await phone.request("REFER", ROOM_AT, headers=[("Refer-To", f"<{CAROL}>")])
        assert outside.status_code == 603


@pytest.mark.parametrize(
    ("what", "target", "method", "status"),
    [
        ("locked", CAROL, "INVITE", 403),
        ("full", CAROL, "INVITE", 486),
        ("busy", CAROL, "INVITE", 486),
        ("no phone", "tel:+1", "INVITE", 400),
        ("no such request", CAROL, "MESSAGE", 501),
        ("nobody", CAROL, "BYE", 404),
    ],
)
async def test_moderator_hears_what_cannot_be_done(
    sim: Simulation, autojump_clock: Clock, what: str, target: str, method: str, status: int
) -> None:
    """BRG-6, ERR-1: with the status; nobody is in it more or less than before."""
    async with conference(sim, 1, uri=ROOM) as (room, calls, server, _), carol(sim, Busy()):
        promote(room, calls[0])
        room.locked = what == "locked"
        if what == "full":
            room.max_members = 1
        with pytest.raises(SipFailure) as refused:
            await calls[0].refer(target, method=method)
        assert refused.value.status_code == status
        assert len(room.members) == 1
        assert server.find_session(room.members[0].id) is not None
        with pytest.raises(InvalidUriError):
            await calls[0].refer("no uri")


# What is wanted outside of calls


async def test_moderator_may_refer_outside_of_the_call(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: RFC 4579 §5.5: a REFER to the URI, with who it is from in From; others decline it."""
    async with conference(sim, 1, uri=ROOM) as (room, calls, _, _), carol(sim) as phone:

        async def refer(uri: str, from_: str, *extra: tuple[str, str]) -> tuple[int, str]:
            fields = [("From", f"<{from_}>"), *(extra or [("Refer-To", f"<{CAROL}>")])]
            response = await phone.request("REFER", uri, headers=[*fields, ("Refer-Sub", "false")])
            await trio.sleep(0.5)
            return response.status_code, response.headers.get("Refer-Sub", "")

        chair = calls[0].local_uri
        assert await refer(ROOM_AT, chair) == (403, "")
        promote(room, calls[0])
        assert await refer(ROOM_AT, "sip:stranger@10.0.9.9") == (403, "")
        assert await refer("sip:other@10.0.0.1", chair) == (603, "")
        assert len(room.members) == 1
        assert await refer(ROOM_AT, chair) == (202, "false")
        assert uris(room) == [chair, CAROL]
        assert await refer(ROOM_AT, chair, ("Refer-To", f"<{CAROL};method=BYE>")) == (202, "false")
        assert uris(room) == [chair]


async def test_reports_to_who_does_not_hear_them_end(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: RFC 6665 §4.2.2: 481 to the first NOTIFY; who was called in stays."""
    async with conference(sim, 1, uri=ROOM) as (room, calls, server, _), carol(sim) as phone:
        promote(room, calls[0])
        fields = [("From", f"<{calls[0].local_uri}>"), ("Refer-To", f"<{CAROL}>")]
        assert (await phone.request("REFER", ROOM_AT, headers=fields)).status_code == 202
        await trio.sleep(0.5)
        assert uris(room)[1:] == [CAROL]
        assert not [left for left in server.leftovers() if "watch" in left or "transfer" in left]
