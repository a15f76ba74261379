"""Two agents in a call under any order of verbs, losses and time: one end each, quiet at the end."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sansio_sip.agent import Agent, AgentEvent
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallEnded,
    IncomingCall,
    MediaNegotiated,
    RecoveryConfig,
    ReferEnded,
    ReferReceived,
    SessionTimerConfig,
)
from tests.sip.harness import AgentPair, Phone, make_agent, media, tables

SIDES = st.sampled_from("ab")


class CallMachine(RuleBasedStateMachine):
    """A call between two agents, whose users and whose wire do anything."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0  # how many of the next datagrams get lost
        self.pair = AgentPair(fate=self._fate)

    def _fate(self, _number: int, _data: bytes) -> tuple[float, ...]:
        if self.lost:
            self.lost -= 1
            return ()
        return (0.01,)

    @initialize(
        late_offer=st.booleans(),
        interval=st.sampled_from([0, 90]),
        patience=st.sampled_from([None, 5.0]),
        recovers=st.booleans(),
    )
    def begin(self, late_offer: bool, interval: int, patience: float | None, recovers: bool) -> None:
        self.sessions: dict[str, str] = {}
        self.refers: list[tuple[str, int]] = []
        for side in "ab":
            phone = self.phone(side)
            config = attrs.evolve(
                make_agent(phone.endpoint.host, phone.endpoint)._core.config,
                session_timer=SessionTimerConfig(interval=interval, prefer_local=side == "b"),
                offer_patience=patience,
                recovery=RecoveryConfig(probes=2) if recovers else None,
            )
            phone.agent = Agent(config, now=0.0, ids=Ids(Random(side).randbytes))
            phone.on_event = self._listener(side)
        self.sessions["a"] = self.pair.a.agent.invite(
            "sip:bob@192.0.2.2", media(), 0.0, late_offer=late_offer
        )
        self.pair.run(0.1)

    def _listener(self, side: str) -> Any:
        def hear(event: AgentEvent) -> None:
            if isinstance(event, IncomingCall):
                self.sessions[side] = event.session
            elif isinstance(event, ReferReceived):
                self.refers.append((side, event.refer))

        return hear

    def phone(self, side: str) -> Phone:
        return self.pair.a if side == "a" else self.pair.b

    def do(self, side: str, verb: str, *arguments: Any, **named: Any) -> None:
        """Let a user do something; what he may not do changes nothing."""
        phone, session = self.phone(side), self.sessions.get(side, "none")
        before = tables(phone.agent), phone.agent.deadline
        try:
            getattr(phone.agent, verb)(session, *arguments, **named)
        except LocalProtocolError:
            assert (tables(phone.agent), phone.agent.deadline) == before
        self.pair.pump()

    @rule(seconds=st.sampled_from([0.005, 0.02, 0.3, 2.0, 40.0, 100.0]))
    def wait(self, seconds: float) -> None:
        self.pair.run(self.pair.now + seconds)

    @rule(count=st.integers(1, 4))
    def lose(self, count: int) -> None:
        self.lost = count

    @rule(status=st.sampled_from([180, 183]), early=st.booleans(), reliable=st.sampled_from([None, True]))
    def ring(self, status: int, early: bool, reliable: bool | None) -> None:
        local = media("192.0.2.2") if early else None
        self.do("b", "ring", self.pair.now, status, media=local, reliable=reliable)

    @rule()
    def answer(self) -> None:
        self.do("b", "answer", media("192.0.2.2"), self.pair.now)

    @rule()
    def reject(self) -> None:
        self.do("b", "reject", 486, self.pair.now)

    @rule(side=SIDES)
    def hang_up(self, side: str) -> None:
        self.do(side, "hang_up", self.pair.now)

    @rule(side=SIDES, verb=st.sampled_from(["hold", "resume", "check_call"]))
    def change(self, side: str, verb: str) -> None:
        self.do(side, verb, self.pair.now)

    @rule(side=SIDES)
    def leave_the_offer_to_the_peer(self, side: str) -> None:
        local = media(self.phone(side).endpoint.host)
        self.do(side, "update_media", local, self.pair.now, late_offer=True)

    @rule(side=SIDES, accept=st.booleans())
    def decide_about_an_offer(self, side: str, accept: bool) -> None:
        if accept:
            self.do(side, "answer_offer", media(self.phone(side).endpoint.host), self.pair.now)
        else:
            self.do(side, "reject_offer", 488, self.pair.now)

    @rule(side=SIDES)
    def refer(self, side: str) -> None:
        self.do(side, "refer", "sip:carol@192.0.2.3", self.pair.now)

    @rule(verb=st.sampled_from(["accept_refer", "reject_refer", "ringing", "done"]))
    def follow(self, verb: str) -> None:
        if self.refers:
            side, refer = self.refers[-1]
            if verb.endswith("_refer"):
                more = () if verb == "accept_refer" else (603,)
                self.do(side, verb, refer, *more, self.pair.now)
            else:
                self.do(side, "notify_progress", refer, 180 if verb == "ringing" else 200, self.pair.now)

    @invariant()
    def everything_ends_once(self) -> None:
        for phone in (self.pair.a, self.pair.b):
            assert len(phone.ends) <= 1
            refers = [event.refer for event in phone.events if isinstance(event, ReferEnded)]
            assert len(refers) == len(set(refers))

    @invariant()
    def nothing_is_told_of_media_after_the_end(self) -> None:
        for phone in (self.pair.a, self.pair.b):
            kinds = [type(event) for event in phone.events]
            if CallEnded in kinds:
                assert MediaNegotiated not in kinds[kinds.index(CallEnded) :]

    @invariant()
    def time_is_never_stuck(self) -> None:
        for phone in (self.pair.a, self.pair.b):
            deadline = phone.agent.deadline
            assert deadline is None or deadline > self.pair.now or self.pair._queue

    def teardown(self) -> None:
        self.lost = 0
        for side in "ab":
            self.do(side, "hang_up", self.pair.now)
        self.pair.run(self.pair.now + 1_000.0)
        self.pair.assert_quiet()
        for side in "ab":
            assert len(self.phone(side).ends) == (side in self.sessions), self.pair.ladder()
            assert self.phone(side).agent.statistics().malformed == 0


CallMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestCall = CallMachine.TestCase
TestCall.__doc__ = "DLG-1, DLG-3, DLG-14, DLG-15, DLG-16, DLG-17, SES-11, SES-12, SES-13, laws 2, 5, 8."
