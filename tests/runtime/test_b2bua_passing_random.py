"""Two phones that change their session at random, with the back-to-back user agent between, on a bad wire."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

import pytest
import trio
import trio.testing

from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import CallEnded, OfferReceived, SessionBody
from tests.runtime.body_phones import BodyPhone, sdp, street
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock


class Restless:
    """Makes offers, takes some back, and answers or refuses those of the other, after a while or at once."""

    def __init__(self, phone: BodyPhone, name: str, random: Random) -> None:
        self.phone = phone
        self.name = name
        self.random = random
        self.versions = itertools.count(2)
        self.quiet = False
        self.answered = 0

    def body(self) -> SessionBody:
        return sdp(self.name, next(self.versions))

    def attempt(self, verb: Callable[[], object]) -> bool:
        try:
            verb()
        except LocalProtocolError:
            return False
        return True

    def offer(self) -> None:
        self.phone.do("update_media", self.body(), by_update=self.random.random() < 0.4)

    async def answer(self) -> None:
        """Answer what comes in, for ever."""
        while True:
            await self.phone.hears(OfferReceived, within=10_000)
            await trio.sleep(self.random.choice([0.0, 0.0, 0.3, 2.0]))
            if self.random.random() < 0.2 and not self.quiet:
                self.attempt(lambda: self.phone.do("reject_offer", 491))
            else:
                self.answered += self.attempt(lambda: self.phone.do("answer_offer", self.body()))

    async def change(self, times: int) -> None:
        """Want something else, again and again."""
        for _ in range(times):
            await trio.sleep(self.random.uniform(0.0, 4.0))
            what = self.random.randrange(5)
            if what == 0:
                self.attempt(lambda: self.phone.do("update_media", None, late_offer=True))
            elif what == 1:
                self.attempt(lambda: self.phone.do("withdraw_update"))
            else:
                self.attempt(self.offer)

    def agreed(self) -> tuple[SessionBody | None, SessionBody | None]:
        """What it said last, and what it was told."""
        assert self.phone.end is not None
        negotiation = self.phone.end.agent._calls.find(self.phone.call).negotiation
        assert not negotiation.is_open
        return negotiation.said, negotiation.peer_body  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(6))
async def test_both_mean_the_same_in_the_end_whatever_they_did(
    sim: Simulation, autojump_clock: Clock, seed: int
) -> None:
    """SRV-8, SIM-2: glare, refusals, CANCEL at any time, loss: each has what the other said last."""
    await restless(sim, seed, times=12)


async def restless(sim: Simulation, seed: int, times: int) -> None:
    random = Random(seed)
    wire = sim.wire(seed, latency=0.01, loss=0.05)
    async with street(sim, wire=wire) as s, trio.open_nursery() as nursery:
        await s.talk(sdp("alice"), sdp("bob"))
        alice, bob = Restless(s.alice, "alice", random), Restless(s.bob, "bob", random)
        for each in (alice, bob):
            nursery.start_soon(each.answer)
        async with trio.open_nursery() as both:
            for each in (alice, bob):
                both.start_soon(each.change, times)
        alice.quiet = bob.quiet = True
        await trio.sleep(300)  # what waits has been answered, or was given up
        assert not s.alice.heard_any(CallEnded)
        assert not s.bob.heard_any(CallEnded)
        assert alice.answered + bob.answered > 3
        assert alice.agreed() == bob.agreed()[::-1]
        assert s.server.statistics().talking == 1
        s.alice.do("hang_up")
        await trio.sleep(40)
        nursery.cancel_scope.cancel()
