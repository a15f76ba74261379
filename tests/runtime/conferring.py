"""A conference on a simulated network, and what its members hear."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Unpack

import numpy as np
import trio
import trio.testing

from trio_runtime import Call, CallRejected, Conference, IncomingCall, MediaConfig, SessionCoordinator
from trio_runtime.bridge import ConferenceOptions
from trio_runtime.events.types import SessionEvent
from trio_runtime.media import AudioFrame
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
RATE = 8_000
BRIDGE = "sip:room@10.0.0.1"


@asynccontextmanager
async def opened(
    sim: Simulation, wire: Wire, count: int, media: MediaConfig, no_media: bool = False
) -> AsyncIterator[list[SessionCoordinator]]:
    """Open some phones while the block lasts, one inside of the other."""
    if not count:
        yield []
        return
    async with (
        sim.phone(wire, f"p{count}", f"10.0.1.{count}", media=media, no_media=no_media) as last,
        opened(sim, wire, count - 1, media, no_media) as others,
    ):
        yield [*others, last]


@asynccontextmanager
async def conference(
    sim: Simulation,
    parties: int,
    *,
    media: MediaConfig | None = None,
    seed: int = 0,
    late: float = 0.0,
    no_media: bool = False,
    **options: Unpack[ConferenceOptions],
) -> AsyncIterator[tuple[Conference, list[Call], SessionCoordinator, list[SessionEvent]]]:
    """Let phones call a conference while the block lasts, and check that nothing is left of it.

    They are let in `late` seconds after they were answered; with `no_media` nobody says or hears anything,
    which is enough where only signalling is judged.
    """
    wire, config = sim.wire(seed, latency=0.01), media or MediaConfig()
    told: list[SessionEvent] = []

    def note(event: SessionEvent) -> bool:
        if type(event).__module__.endswith("conference_types"):
            told.append(event)
        return False

    async with (
        wire,
        sim.phone(wire, "room", "10.0.0.1", media=config) as server,
        opened(sim, wire, parties, config, no_media) as phones,
    ):
        server.subscribe(note)
        async with trio.open_nursery() as nursery:
            async with server.open_conference(**options) as room:

                async def come(call: IncomingCall) -> None:
                    if late:
                        await call.answer()
                        await trio.sleep(late)
                    await room.join(call)

                await nursery.start(server.serve, come)
                calls = [phone.start_call(BRIDGE) for phone in phones]
                for call in calls:
                    with trio.move_on_after(2), contextlib.suppress(CallRejected):
                        await call.answered()
                await trio.sleep(0.3)
                yield room, calls, server, told
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        assert [call for call in calls if call.end is None] == []
        await sim.settle()
    sim.assert_quiet()


def tone(hertz: int, amplitude: int, seconds: int = 30, rate: int = RATE) -> AudioFrame:
    """Return a tone as samples."""
    return (amplitude * np.sin(np.arange(seconds * rate) * 2 * np.pi * hertz / rate)).astype(np.int16)


def member(room: Conference, call: Call) -> Call:
    """Return the conference's side of a call."""
    return next(each for each in room.members if each.sip_call_id == call.sip_call_id)
