"""Who watches a conference hears who is in it (RFC 4575), and sees that it is one (RFC 4579)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from sansio_sip.agent import AgentEvent
from sansio_sip.headers import EventType
from sansio_sip.message import NameAddr
from sansio_sip.subscribe import NotifyReceived, RequestRefused, SubscribeOrder, SubscriptionEnded
from sansio_sip.subscribe.conference import (
    CONFERENCE_INFO_TYPE,
    ConferenceInfo,
    ConferenceTable,
    ElementState,
    EndpointStatus,
    is_focus,
    parse_conference_info,
)
from tests.runtime.conferring import BRIDGE, conference, member
from trio_runtime import AutoAnswerHandler, ConferenceRole, IncomingCall, PresenceConfig
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.service import ServiceScope
from trio_runtime.dialog.endpoint import SipEndpoint, open_endpoint
from trio_runtime.testing import LinkConditions, Simulation

Clock = trio.testing.MockClock
ROOM = "sip:room@voice.example"
FULL, PARTIAL = ElementState.FULL, ElementState.PARTIAL


class Watcher:
    """An agent that subscribes, and what it knows of the conference."""

    def __init__(self) -> None:
        self.endpoint: SipEndpoint | None = None
        self.documents: list[ConferenceInfo] = []
        self.times: list[float] = []
        self.table = ConferenceTable()
        self.missed = 0
        self.end: SubscriptionEnded | None = None
        self.says: list[str] = []
        self.contacts: list[NameAddr] = []

    def take(self, event: AgentEvent) -> None:
        match event:
            case NotifyReceived():
                self.says.append(event.state.state)
                self.contacts += event.request.contacts
                if event.content_type == CONFERENCE_INFO_TYPE:
                    document = parse_conference_info(event.body)
                    self.documents.append(document)
                    self.times.append(trio.current_time())
                    self.missed += self.table.receive(document)
            case SubscriptionEnded():
                self.end = event
            case _:
                return

    def subscribe(self, uri: str, from_: str = "<sip:watcher@10.0.3.1>", package: str = "conference") -> str:
        assert self.endpoint is not None
        order = SubscribeOrder(uri=uri, event=EventType(package), from_=from_, resubscribe=False)
        name = self.endpoint.agent.subscribe(order, trio.current_time())
        self.endpoint.pump.flush()
        return name

    def drop(self, name: str) -> None:
        assert self.endpoint is not None
        self.endpoint.agent.drop(name, trio.current_time())
        self.endpoint.pump.flush()

    @property
    def known(self) -> dict[str, EndpointStatus | None]:
        """Who is in it, and how, as the documents add up."""
        return {user.entity: user.endpoints[0].status for user in self.table.users}


@asynccontextmanager
async def watcher(sim: Simulation, host: str = "10.0.3.1") -> AsyncIterator[Watcher]:
    """Run an agent on a host of the wire while the block lasts."""
    found = Watcher()
    environment = sim.wires[0].environment(host)
    config = CoordinatorConfig(uri=f"sip:watcher@{host}", bind_host=host)
    endpoint = await open_endpoint(environment, config, on_event=found.take, trace=None)
    found.endpoint = endpoint

    async def drain() -> None:
        await endpoint.drain(trio.current_time(), 4.0)

    try:
        async with ServiceScope(drain) as services:
            endpoint.start(services)
            yield found
    finally:
        endpoint.close()


async def test_watcher_sees_who_comes_is_muted_and_goes(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SRV-6: all of it first, then what has changed, with versions that rise by one."""
    async with conference(sim, 2, uri=ROOM, name="Board", max_members=9) as (room, calls, server, _):
        async with watcher(sim) as seen:
            seen.subscribe("sip:room@10.0.0.1")
            await trio.sleep(1)
            (first,) = seen.documents
            assert (first.state, first.version, first.entity) == (FULL, 0, ROOM)
            assert first.description is not None
            assert (first.description.display_text, first.description.maximum_user_count) == ("Board", 9)
            assert first.status is not None
            assert (first.status.user_count, first.status.active, first.status.locked) == (2, True, False)
            uris = [call.local_uri for call in calls]
            assert {user.entity for user in first.users} == set(uris)
            endpoint = first.users[0].endpoints[0]
            assert endpoint.status is EndpointStatus.CONNECTED
            assert endpoint.joining_method == "dialed-in"
            assert endpoint.joining is not None
            assert endpoint.joining.when.startswith("20")
            assert endpoint.media[0].status == "sendrecv"
            await trio.sleep(6)
            room.mute(member(room, calls[0]))
            await trio.sleep(6)
            room.set_role(member(room, calls[0]), ConferenceRole.LISTENER)
            await trio.sleep(6)
            calls[1].hang_up()
            await trio.sleep(6)
            muted, listens, gone = seen.documents[1:]
            assert [each.version for each in (muted, listens, gone)] == [1, 2, 3]
            assert [each.state for each in (muted, listens, gone)] == [PARTIAL] * 3
            assert [user.entity for user in muted.users] == [uris[0]]
            assert muted.users[0].endpoints[0].status is EndpointStatus.MUTED_VIA_FOCUS
            assert listens.users[0].roles == ("listener",)
            assert [(user.entity, user.state) for user in gone.users] == [(uris[1], ElementState.DELETED)]
            assert gone.status is not None
            assert gone.status.user_count == 1
            assert seen.known == {uris[0]: EndpointStatus.MUTED_VIA_FOCUS}
            room.locked = True
            await trio.sleep(6)
            assert seen.table.status is not None
            assert seen.table.status.locked
            assert seen.missed == 0
            assert server.leftovers()[-1] == "1 watchers"


async def test_many_changes_are_told_together_and_none_is_lost(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: at most one notification in five seconds (RFC 4575 §3.9), and the last one has it all."""
    async with conference(sim, 4, uri=ROOM, no_media=True) as (room, calls, _, _), watcher(sim) as seen:
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(1)
        for call in calls[:3]:
            room.mute(member(room, call))
            await trio.sleep(0.7)
        room.mute(member(room, calls[1]), False)
        await trio.sleep(15)
        muted, connected = EndpointStatus.MUTED_VIA_FOCUS, EndpointStatus.CONNECTED
        wanted = [muted, connected, muted, connected]
        assert seen.known == {call.local_uri: how for call, how in zip(calls, wanted, strict=True)}
        gaps = [later - earlier for earlier, later in zip(seen.times, seen.times[1:], strict=False)]
        assert gaps
        assert min(gaps) >= 4.9
        assert [each.version for each in seen.documents] == list(range(len(seen.documents)))


@pytest.mark.parametrize("seed", [1, *[pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 8)]])
async def test_watcher_knows_the_truth_over_a_wire_that_loses(
    sim: Simulation, autojump_clock: Clock, seed: int
) -> None:
    """BRG-6, SIM-1: with 40 % loss between it and the conference, each way."""
    async with (
        conference(sim, 2, seed=seed, uri=ROOM, no_media=True) as (room, calls, _, _),
        watcher(sim) as seen,
    ):
        wire = sim.wires[0]
        wire.set_link("10.0.3.1", "*", LinkConditions(latency=0.03, loss=0.4))
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(15)
        for number in range(4):
            room.mute(member(room, calls[number % 2]), number < 2)
            await trio.sleep(8)
        calls[0].hang_up()
        await trio.sleep(20)
        assert seen.known == {calls[1].local_uri: EndpointStatus.CONNECTED}
        users = [user for document in seen.documents for user in document.users]
        muted = EndpointStatus.MUTED_VIA_FOCUS
        assert muted in {endpoint.status for user in users for endpoint in user.endpoints}
        assert seen.missed == 0
        assert wire.statistics().lost
        wire.set_link("10.0.3.1", "*", LinkConditions(latency=0.03))
        room.close()
        await trio.sleep(5)
        assert seen.table.over


async def test_end_of_the_conference_ends_the_subscription(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-4, BRG-6: its document says deleted, the subscription that there is nothing more to watch."""
    async with conference(sim, 1, uri=ROOM) as (room, _, server, _), watcher(sim) as seen:
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(1)
        room.close()
        await trio.sleep(1)
        assert seen.table.over
        assert seen.documents[-1].state is ElementState.DELETED
        assert seen.says == ["active", "terminated"]
        assert seen.end is not None
        assert "noresource" in repr(seen.end.end)
        assert not [what for what in server.leftovers() if "watcher" in what]


@pytest.mark.parametrize(
    ("uri", "package", "status"),
    [
        ("sip:other@10.0.0.1", "conference", 404),
        ("sip:10.0.0.1", "conference", 404),
        ("sip:room@10.0.0.1", "presence", 489),
    ],
)
async def test_what_is_no_conference_cannot_be_watched(
    sim: Simulation, autojump_clock: Clock, uri: str, package: str, status: int
) -> None:
    """BRG-6."""
    async with conference(sim, 1, uri=ROOM), watcher(sim) as seen:
        seen.subscribe(uri, package=package)
        await trio.sleep(1)
        assert seen.end is not None
        assert isinstance(seen.end.end, RequestRefused)
        assert seen.end.end.status_code == status


async def test_conference_without_a_uri_shows_nobody_its_state(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: whatever name somebody guesses."""
    async with conference(sim, 1, name="room"), watcher(sim) as seen:
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(1)
        assert seen.end is not None
        assert seen.documents == []


async def test_only_members_may_watch_where_that_is_wanted(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: 403 for anybody else."""
    async with conference(sim, 1, uri=ROOM, watchers="members") as (_, calls, _, _):
        async with watcher(sim) as seen, watcher(sim, "10.0.3.2") as stranger:
            stranger.subscribe("sip:room@10.0.0.1")
            name = seen.subscribe("sip:room@10.0.0.1", f"<{calls[0].local_uri}>")
            await trio.sleep(1)
            assert len(seen.documents) == 1
            assert stranger.end is not None
            assert isinstance(stranger.end.end, RequestRefused)
            assert stranger.end.end.status_code == 403
            seen.drop(name)
            await trio.sleep(1)
            assert seen.end is not None


async def test_calls_of_a_conference_say_that_it_is_one(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: RFC 4579 §5.1, §5.2: in the answer, in the INVITE to who is called; Allow-Events names it."""
    taken: list[IncomingCall] = []

    class Bob(AutoAnswerHandler):
        def on_incoming_call(self, call: IncomingCall):  # type: ignore[no-untyped-def]
            taken.append(call)
            return super().on_incoming_call(call)

    async with conference(sim, 1, uri=ROOM) as (room, calls, _, _):
        contact = NameAddr.parse(calls[0].headers["Contact"])
        assert is_focus(contact)
        assert str(contact.uri) == "sip:room@10.0.0.1:5060"
        async with sim.phone(sim.wires[0], "bob", "10.0.2.1", handler=Bob()) as bob:
            assert (await room.dial_out("sip:bob@10.0.2.1")).joined
            (call,) = taken
            assert is_focus(NameAddr.parse(call.headers["Contact"]))
            assert call.remote_uri == ROOM
            response = await bob.options(BRIDGE)
            assert response.headers["Allow-Events"] == "conference"
            async with watcher(sim) as seen:
                seen.subscribe(str(NameAddr.parse(call.headers["Contact"]).uri))
                await trio.sleep(1)
                methods = {user.entity: user.endpoints[0].joining_method for user in seen.table.users}
                assert methods == {calls[0].local_uri: "dialed-in", "sip:bob@10.0.2.1": "dialed-out"}


async def test_calls_of_one_user_are_endpoints_of_one_user(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: the user goes with the last of them."""
    async with conference(sim, 1, uri=ROOM, no_media=True) as (_, _, server, _), watcher(sim) as seen:
        two = [server.start_call(BRIDGE) for _ in range(2)]
        await trio.sleep(0.5)
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(1)
        counts = {user.entity: len(user.endpoints) for user in seen.table.users}
        assert counts[two[0].local_uri] == 2
        for number, call in enumerate(two):
            call.hang_up()
            await trio.sleep(6)
            counts = {user.entity: len(user.endpoints) for user in seen.table.users}
            assert counts.get(two[0].local_uri, 0) == 1 - number


async def test_names_that_no_document_can_hold_harm_nobody(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, ERR-1: characters that XML does not have, from an attacker's phone."""
    async with conference(sim, 1, uri=ROOM, no_media=True) as (room, calls, server, _), watcher(sim) as seen:
        seen.subscribe("sip:room@10.0.0.1")
        await trio.sleep(6)
        evil = sim.phone(
            sim.wires[0], "mallory", "10.0.2.1", display_name="Mal\x01lo\ufffery \N{BLACK SUN WITH RAYS}"
        )
        async with evil, evil.make_call("sip:room@10.0.0.1") as call:
            await call.answered()
            await trio.sleep(6)
            assert len(room.members) == 2
            names = {user.entity: user.display_text for user in seen.table.users}
            assert names["sip:mallory@10.0.2.1"] == "Mallory \N{BLACK SUN WITH RAYS}"
            async with watcher(sim, "10.0.3.2") as other:
                other.subscribe("sip:room@10.0.0.1")
                await trio.sleep(1)
                assert len(other.table.users) == 2
        await trio.sleep(6)
        assert seen.known == {calls[0].local_uri: EndpointStatus.CONNECTED}
        assert server.statistics().handlers.failed == 0


async def test_presence_server_shows_its_conferences_as_well(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SRV-6: each package has its own notifier, in one coordinator."""
    wire = sim.wire(latency=0.01)
    presence = PresenceConfig(domains=("10.0.0.1",))
    async with (
        wire,
        sim.phone(wire, "s", "10.0.0.1", presence=presence) as server,
        sim.phone(wire, "a", "10.0.0.2") as alice,
        trio.open_nursery() as nursery,
        server.open_conference(uri="sip:room@10.0.0.1") as room,
    ):
        await nursery.start(server.serve, room.join)
        async with watcher(sim) as one, watcher(sim, "10.0.3.2") as two, watcher(sim, "10.0.3.3") as three:
            one.subscribe("sip:room@10.0.0.1")
            name = two.subscribe("sip:alice@10.0.0.1", package="presence")
            three.subscribe("sip:nowhere@10.0.0.1")
            await trio.sleep(1)
            assert [document.state for document in one.documents] == [FULL]
            assert two.says == ["active"]
            assert two.documents == []
            assert three.end is not None
            allowed = (await alice.options("sip:s@10.0.0.1")).headers["Allow-Events"]
            assert {"conference", "presence"} <= set(allowed.split(", "))
            call = alice.start_call("sip:room@10.0.0.1")
            await call.answered()
            await trio.sleep(6)
            assert len(one.known) == 1
            two.drop(name)
            await trio.sleep(1)
            assert two.end is not None
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()
