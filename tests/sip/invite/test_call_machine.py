"""Calls under random verbs, on wires that lose, double and reorder: none stuck, none leaks (SIM-2, SIM-4)."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.errors import LocalProtocolError, ProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import CallEnded, IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.sdp import Direction, LocalMedia, NegotiationError
from tests.sip.harness import ALICE, BOB, AgentPair, Phone, lossy, media
from tests.sip.invite.scripts import directed


def config(endpoint: Endpoint, random: Random) -> AgentConfig:
    return AgentConfig(
        address=f"<sip:{endpoint.port}@example.com>",
        contact=f"<sip:me@{endpoint.host}:{endpoint.port}>",
        sent_by={"UDP": (endpoint.host, endpoint.port)},
        offer_patience=random.choice([None, 0.0, 1.0]),
        accept_undecided=random.random() < 0.7,
        require_reliable=random.random() < 0.3,
        max_redirects=random.choice([0, 5]),
    )


class RandomCalls:
    """One call between two agents whose users do anything at any time."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        fate = lossy(seed, loss=0.15, duplicate=0.1, reorder=0.3)
        self.pair = AgentPair(seed=seed, fate=fate)
        for phone in (self.pair.a, self.pair.b):
            ids = Ids(Random(f"{seed} {phone.endpoint.host}").randbytes)
            phone.agent = Agent(config(phone.endpoint, random), now=0.0, ids=ids)
        self.sessions = {id(self.pair.a): "", id(self.pair.b): ""}
        self.pair.b.on_event = self._learn

    def _learn(self, event: AgentEvent) -> None:
        if isinstance(event, IncomingCall):
            self.sessions[id(self.pair.b)] = event.session

    def run(self) -> None:
        """Call, do a dozen things at random times, hang up, and look for what is left."""
        random, pair = self.random, self.pair
        late = random.random() < 0.3
        self.sessions[id(pair.a)] = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0, late_offer=late)
        for _ in range(random.randrange(2, 14)):
            phone = random.choice([pair.a, pair.b])
            pair.at(random.random() * random.choice([1, 10, 60]), partial(self._act, phone))
        pair.at(90.0, lambda: self._end(pair.a))
        pair.at(90.0, lambda: self._end(pair.b))
        pair.run()
        pair.assert_quiet()
        for phone in (pair.a, pair.b):
            ends = [event for event in phone.events if isinstance(event, CallEnded)]
            assert len(ends) == bool(self.sessions[id(phone)]), pair.ladder()

    def _end(self, phone: Phone) -> None:
        phone.agent.hang_up(self.sessions[id(phone)], self.pair.now)
        self.pair.pump()

    def _media(self) -> LocalMedia:
        return directed(self.random.choice(list(Direction)), self.random.choice([4000, 4002, 6000]))

    def _act(self, phone: Phone) -> None:
        agent, session, now, random = phone.agent, self.sessions[id(phone)], self.pair.now, self.random
        local = random.choice([None, self._media()])
        verbs = [
            lambda: agent.ring(session, now, random.choice([180, 183]), media=local),
            lambda: agent.ring(session, now, 183, media=local, reliable=random.random() < 0.5),
            lambda: agent.answer(session, self._media(), now),
            lambda: agent.answer(session, self._media(), now),
            lambda: agent.hold(session, now),
            lambda: agent.resume(session, now),
            lambda: agent.update_media(session, self._media(), now, late_offer=random.random() < 0.3),
            lambda: agent.answer_offer(session, self._media(), now),
            lambda: agent.reject_offer(session, 488, now),
        ]
        if random.random() < 0.1:
            verbs = [lambda: agent.reject(session, 486, now), lambda: agent.hang_up(session, now)]
        try:
            random.choice(verbs)()
        except (LocalProtocolError, NegotiationError):
            pass
        except ProtocolError as error:
            raise AssertionError(f"{error!r} is no answer to a verb\n{self.pair.ladder()}") from error
        self.pair.pump()


@pytest.mark.parametrize("block", range(10))
def test_random_calls_end_quiet(block: int) -> None:
    """SIM-2, SES-11, SES-12: law 5, law 8; every run comes again from its seed."""
    for seed in range(40 * block, 40 * (block + 1)):
        RandomCalls(seed).run()


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_many_random_calls_end_quiet() -> None:
    """SIM-2: the long form."""
    for seed in range(400, 5_400):
        RandomCalls(seed).run()


def test_same_seed_gives_the_same_bytes() -> None:
    """SIM-4: law 4."""
    first, second = RandomCalls(7), RandomCalls(7)
    first.run()
    second.run()
    assert first.pair.log == second.pair.log
    assert (ALICE.host, BOB.host) == ("192.0.2.1", "192.0.2.2")
