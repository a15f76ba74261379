"""The edges of the INVITE usage: what is rare, forged or misused."""

from __future__ import annotations

import attrs
import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallBase,
    CallConfirmed,
    IncomingCall,
    InviteClient,
    InviteConfig,
    InviteServer,
    MediaNegotiated,
    UpdateFailed,
)
from sansio_sip.machine import Endpoint
from sansio_sip.message import parse_message
from sansio_sip.outbound import Outbound
from sansio_sip.transaction import LayerConfig, RequestReceived, TransactionLayer, TransactionTimedOut
from tests.sip.harness import BOB, Peer, media
from tests.sip.invite.scripts import REL, Call, agent, negotiated, sdp


class Desk:
    """A call without an agent: its layer, its outbound and its registry."""

    def __init__(self) -> None:
        self.ids = Ids(lambda count: bytes(range(count)))
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        self.questions: list[object] = []
        self.outbound = Outbound(
            self.layer,
            ids=self.ids,
            sent_by={"UDP": ("192.0.2.1", 5060)},
            questions=self.questions,  # type: ignore[arg-type]
        )
        self.registry: dict[tuple[str, str, str], CallBase] = {}
        self.config = InviteConfig(contact="<sip:a@192.0.2.1>")

    def client(self) -> InviteClient:
        return InviteClient(
            "one", self.config, now=0.0, ids=self.ids, outbound=self.outbound, registry=self.registry
        )

    def server(self) -> InviteServer:
        return InviteServer(
            "two", self.config, now=0.0, ids=self.ids, outbound=self.outbound, registry=self.registry
        )


def test_call_is_a_machine_without_an_agent() -> None:
    """PRJ-2: it pops its own packets and events."""
    desk = Desk()
    call = desk.client()
    assert call.dialog is None
    assert "one" in repr(call)
    with pytest.raises(LocalProtocolError):
        call.require_leg()
    call.invite("sip:b@192.0.2.2", from_="<sip:a@x>", to="<sip:b@x>", media=media(), now=0.0)
    transmit = call.next_transmit()
    assert transmit is not None
    invite = parse_message(transmit.data)
    assert call.call_id == invite.call_id
    answering = desk.server()
    desk.layer.receive_message(invite, Endpoint("UDP", "192.0.2.2", 5060), 0.0)
    event = desk.layer.next_event()
    assert isinstance(event, RequestReceived)
    answering.receive_invite(event.key, event.request, 0.0)
    assert isinstance(answering.next_event(), IncomingCall)
    assert answering.next_event() is None
    assert "EARLY" in repr(answering.leg)
    answering.transaction_event(TransactionTimedOut(("of", "somebody else")), 0.0)
    assert answering.next_event() is None
    with pytest.raises(LocalProtocolError):
        call.invite("sip:b@192.0.2.2", from_="<sip:a@x>", to="<sip:b@x>", media=media(), now=0.0)


def test_reinvite_is_not_cancelled_before_a_provisional_response() -> None:
    """RFC 3261 §9.1: MUST NOT; a short patience only waits for the end of the transaction."""
    call = Call()
    core = call.agent._core
    core.invite_config = attrs.evolve(core.invite_config, reinvite_patience=1.0)
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.request_from_agent("INVITE")
    call.pass_time(31.0)
    assert set(call.lines()) == {"INVITE"}


def test_reinvite_can_be_cancelled_by_who_called() -> None:
    """RFC 3261 §9.2: a CANCEL of a re-INVITE is none of the first INVITE."""
    call = Call(agent(offer_patience=30.0))
    call.incoming()
    again = call.next("INVITE", body=sdp(version=2))
    call.send(call.request("CANCEL", to_tag=call.agent_tag, cseq=call.cseq, branch=again.via.branch or ""))
    assert call.lines() == ["200", "487"]
    assert call.ends() == []


def test_cancel_of_a_first_invite_ends_nothing_in_its_established_call() -> None:
    """RFC 3261 §9.2."""
    call = Call()
    invite = call.incoming()
    call.send(call.request("CANCEL", branch=invite.via.branch or ""))
    call.response_from_agent(200)
    assert call.ends() == []


def test_ack_without_answer_leaves_a_call_without_media() -> None:
    """RFC 3261 §13.2.2.4: the peer breaks a MUST; there is nothing to send media to."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.answer(call.session, media(), 0.0)
    call.agent_tag = call.response_from_agent(200).to_tag
    call.next("ACK", cseq=1)
    assert [type(event) for event in call.events()] == [CallConfirmed]
    call.agent.update_media(call.session, media(), 0.0)
    call.request_from_agent("INVITE")


def test_damaged_contact_in_a_reliable_response_keeps_the_target() -> None:
    """RFC 6141 §4.7: the PRACK goes where the last one went."""
    call = Call()
    _, invite = call.call_from_agent()
    fields = (("Require", "100rel"), REL[1])
    call.respond(invite, 183, extra=(*fields, ("RSeq", "1")))
    first = call.request_from_agent("PRACK")
    call.respond(invite, 183, extra=(*fields, ("RSeq", "2")), contact="<sip:>")
    assert call.request_from_agent("PRACK").uri == first.uri


def test_early_answer_that_fits_nothing_is_only_progress() -> None:
    """RFC 3261 §13.2.1: the final answer decides."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 183, body=sdp().replace(b" 0 101", b" 99"))
    assert negotiated(call) == []
    call.respond(invite, 200, body=sdp())
    call.request_from_agent("ACK")
    assert len(negotiated(call)) == 1


def test_answer_in_183_only_is_the_answer() -> None:
    """RFC 6337 §3.1.1: peers that leave the description out of the 200."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 183, body=sdp(5000))
    call.respond(invite, 200)
    call.request_from_agent("ACK")
    agreed = [event for event in call.events() if isinstance(event, MediaNegotiated)]
    assert [event.early for event in agreed] == [True, False]
    assert all(event.media is not None and event.media.remote_port == 5000 for event in agreed)
    call.agent.hold(call.session, 0.0)
    call.request_from_agent("INVITE")


def test_late_offer_that_fits_nothing_is_declined_and_the_call_ended() -> None:
    """RFC 3261 §14.2, RFC 6337 §2.3: a valid answer, and then BYE."""
    call = Call()
    call.session, invite = call.call_from_agent(late_offer=True)
    call.respond(invite, 200, body=sdp().replace(b" 0 101", b" 99"))
    ack, bye = call.sent()
    assert b"m=audio 0" in ack.body
    assert bye.cseq.method == "BYE"


def test_transport_that_fails_refuses_a_change() -> None:
    """RFC 3261 §8.1.3.1: counts as 503; the call goes on."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.agent.flow_failed(BOB, "unreachable", 0.0)
    (failed,) = [event for event in call.events() if isinstance(event, UpdateFailed)]
    assert (failed.status_code, failed.reason) == (503, "unreachable")
    assert call.ends() == []


@pytest.mark.parametrize("name", ["Supported", "Require", "Allow"])
def test_damaged_list_of_abilities_is_refused_at_once(name: str) -> None:
    """Law 5: RFC 3261 §8.2: no verb meets it later."""
    peer = Peer()
    peer.send(peer.request("INVITE", body=sdp(), extra=((name, '100rel, "x'),)))
    peer.response_from_agent(400)
    assert [event for event in peer.events() if isinstance(event, IncomingCall)] == []


def test_verbs_of_unknown_calls_are_mistakes() -> None:
    """API-1."""
    peer = Peer()
    for verb in (peer.agent.hold, peer.agent.resume):
        with pytest.raises(LocalProtocolError):
            verb("nobody", 0.0)
    with pytest.raises(LocalProtocolError):
        peer.agent.answer_offer("nobody", media(), 0.0)
    with pytest.raises(LocalProtocolError):
        peer.agent.reject_offer("nobody", 488, 0.0)
    with pytest.raises(LocalProtocolError):
        peer.agent.update_media("nobody", media(), 0.0)


@pytest.mark.parametrize("field", ["ring_interval", "max_forks", "reinvite_patience", "offer_patience"])
def test_configuration_names_the_wrong_field(field: str) -> None:
    """CFG-1."""
    with pytest.raises(ValueError, match=field):
        InviteConfig(contact="<sip:a@b>", **{field: -1})  # type: ignore[arg-type]


def test_what_a_call_says_of_itself_is_put_together_once() -> None:
    """SES-1: no Supported without an extension, and the software under its name for each direction."""
    plain = InviteConfig(contact="<sip:a@b>", allow="INVITE", supported=())
    assert plain.target_fields == plain.answer_fields == (("Contact", "<sip:a@b>"), ("Allow", "INVITE"))
    named = InviteConfig(contact="<sip:a@b>", allow="INVITE", supported=("timer",), software="bench/1")
    assert named.target_fields[-2:] == (("Supported", "timer"), ("User-Agent", "bench/1"))
    assert named.answer_fields[-2:] == (("Supported", "timer"), ("Server", "bench/1"))
