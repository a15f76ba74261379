"""Passages of calls that the tests of the INVITE usage share."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs

from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.auth import Credentials
from sansio_sip.ids import Ids
from sansio_sip.invite import IncomingCall, MediaNegotiated
from sansio_sip.message import Request, Response
from sansio_sip.sdp import (
    Direction,
    LocalMedia,
    NegotiatedMedia,
    SessionDescription,
    build_sdp,
    make_offer,
    parse_sdp,
)
from sansio_sip.transaction import TimerConfig
from tests.sip.harness import ALICE, Peer, media

REL = (("Supported", "100rel"), ("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE"))
"""Fields of a peer that knows PRACK and UPDATE."""


def agent(
    *,
    offer_patience: float | None = None,
    accept_undecided: bool = True,
    require_reliable: bool = False,
    max_redirects: int = 5,
    credentials: tuple[Credentials, ...] = (),
    seed: int = 1,
    t1: float = 0.5,
) -> Agent:
    config = AgentConfig(
        address="<sip:alice@example.com>",
        contact="<sip:alice@192.0.2.1:5060>",
        sent_by={"UDP": (ALICE.host, ALICE.port)},
        offer_patience=offer_patience,
        accept_undecided=accept_undecided,
        require_reliable=require_reliable,
        max_redirects=max_redirects,
        credentials=credentials,
        timers=TimerConfig(t1=t1),
    )
    return Agent(config, now=0.0, ids=Ids(Random(seed).randbytes))


def sdp(
    port: int = 4000, *, version: int = 1, direction: Direction = Direction.SENDRECV, host: str = "192.0.2.2"
) -> bytes:
    """A description of the peer."""
    local = attrs.evolve(media(host, port), direction=direction)
    return build_sdp(make_offer(local, session_id=1, version=version))


def body_of(message: Request | Response) -> SessionDescription:
    """The description in a message."""
    assert message.body
    return parse_sdp(message.body)


def direction_of(message: Request | Response) -> Direction:
    """The direction of the only stream in a message."""
    description = body_of(message)
    return description.direction_of(description.media[0])


def directed(direction: Direction, port: int = 4000) -> LocalMedia:
    """Our side with a direction."""
    return attrs.evolve(media(port=port), direction=direction)


def negotiated(peer: Peer) -> list[NegotiatedMedia | None]:
    """What the agent tells now of media."""
    return [event.media for event in peer.events() if isinstance(event, MediaNegotiated)]


def rseq(response: Response) -> int:
    """The number of a reliable provisional response."""
    return int(response.get("rseq") or "")


class Call(Peer):
    """A peer in a call with the agent that it can send requests in."""

    def __init__(self, agent: Agent | None = None) -> None:
        super().__init__(agent)
        self.session = ""
        self.agent_tag = ""
        self.call_id = "call-1"
        self.tag = "bob"
        self.cseq = 1

    def next(
        self,
        method: str,
        *,
        body: bytes = b"",
        extra: Sequence[tuple[str, str]] = (),
        contact: str = "<sip:bob@192.0.2.2>",
        cseq: int | None = None,
    ) -> Request:
        """Send a request in the call and return it."""
        if cseq is None:
            self.cseq += 1
        fields = [*extra]
        if method == "UPDATE" and contact:
            fields.append(("Contact", contact))
        request = self.request(
            method,
            to_tag=self.agent_tag,
            tag=self.tag,
            call_id=self.call_id,
            cseq=self.cseq if cseq is None else cseq,
            body=body,
            extra=fields,
            contact=contact,
        )
        self.send(request)
        return request

    def outgoing(self, *, extra: Sequence[tuple[str, str]] = REL[1:]) -> Request:
        """Let the agent call, answer it and return the INVITE."""
        self.session, invite = self.call_from_agent()
        self.call_id, self.agent_tag, self.cseq = invite.call_id, invite.from_tag, 0
        self.respond(invite, 200, body=sdp(), extra=extra)
        self.request_from_agent("ACK")
        self.events()
        return invite

    def incoming(self, *, extra: Sequence[tuple[str, str]] = REL) -> Request:
        """Call the agent, let it answer, and acknowledge."""
        invite = self.ringing_for(extra=extra)
        self.agent.answer(self.session, media(), self.now)
        ok = self.response_from_agent(200)
        self.agent_tag = ok.to_tag
        self.next("ACK", cseq=1)
        self.events()
        return invite

    def ringing_for(self, *, body: bytes | None = None, extra: Sequence[tuple[str, str]] = REL) -> Request:
        """Call the agent and leave it undecided."""
        invite = self.request("INVITE", body=sdp() if body is None else body, extra=extra)
        self.send(invite)
        (event,) = self.events()
        assert isinstance(event, IncomingCall)
        self.session = event.session
        return invite

    def prack(self, response: Response, *, body: bytes = b"", rack: str = "") -> Request:
        """Acknowledge a reliable provisional response of the agent."""
        self.agent_tag = response.to_tag
        value = rack or f"{rseq(response)} {response.cseq.number} INVITE"
        return self.next("PRACK", body=body, extra=(("RAck", value),))

    def quiet(self, after: float = 200.0) -> None:
        """Hang up, let time pass, and see that nothing is left."""
        self.agent.hang_up(self.session, self.now)
        self.answer_all(self.now + after)
        assert not len(self.agent._calls), self.log
        assert self.agent.deadline is None

    def answer_all(self, until: float) -> None:
        """Answer each BYE of the agent until a time."""
        while True:
            for message in self.sent():
                if isinstance(message, Request) and message.method != "ACK":
                    self.respond(message, 200 if message.method == "BYE" else 487)
            deadline = self.agent.deadline
            if deadline is None or deadline > until:
                return
            self.pass_time(deadline)
