"""Names that have to be resolved, transports that fail, and the end of an agent."""

from __future__ import annotations

import pytest

from sansio_sip.agent import RequestFailed
from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import (
    CallAnswered,
    CallEnded,
    Cancelled,
    IncomingCall,
    LocallyClosed,
    RemoteBye,
    TransportLost,
)
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request
from sansio_sip.resolve import AddressRecord, DnsQuestion, RecordType
from tests.sip.harness import BOB, AgentPair, Peer, media, offer, tables
from tests.sip.names import Zone

NAME = "sip:bob@phone.example:5070"
ADDRESS = Endpoint("UDP", "198.51.100.5", 5070)


def quiet(peer: Peer) -> None:
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


def is_closed(peer: Peer) -> bool:
    return peer.agent.closed


def asked(peer: Peer) -> list[int]:
    """The numbers of the questions, when the agent tells nothing else."""
    events = peer.events()
    assert events
    assert all(isinstance(event, DnsQuestion) for event in events)
    return [event.question for event in events if isinstance(event, DnsQuestion)]


def find_nothing(peer: Peer, questions: list[int], now: float) -> None:
    for question in questions:
        peer.agent.dns_failed(question, now)


def test_name_is_asked_for_and_the_invite_goes_to_the_answer() -> None:
    """TRN-11: the agent knows no DNS."""
    peer = Peer()
    peer.agent.invite(NAME, media(), 0.0)
    four, six = peer.events()
    assert four == DnsQuestion(1, RecordType.A, "phone.example")
    assert six == DnsQuestion(2, RecordType.AAAA, "phone.example")
    assert peer.sent() == []
    assert peer.agent.deadline == 10.0, "no timer of the INVITE runs before there is an address"
    assert peer.agent.statistics().lookups == 1
    peer.agent.receive_dns_answer(2, [], 60.0, 1.0)
    assert peer.sent() == []
    peer.agent.receive_dns_answer(1, [AddressRecord(ADDRESS.host)], 60.0, 1.0)
    transmit = peer.agent.next_transmit()
    assert transmit is not None
    assert transmit.destination == ADDRESS
    assert transmit.data.startswith(b"INVITE sip:bob@phone.example:5070 SIP/2.0\r\n")
    assert peer.agent.deadline == 1.5
    peer.agent.receive_dns_answer(1, [AddressRecord(ADDRESS.host)], 60.0, 1.0)
    assert peer.sent() == [], "a question is answered once"


def test_name_without_address_ends_the_call() -> None:
    """TXN-7: §8.1.3.1."""
    peer = Peer()
    peer.agent.invite(NAME, media(), 0.0)
    questions = asked(peer)
    find_nothing(peer, questions, 1.0)
    assert peer.ends() == [TransportLost("phone.example has no address")]
    find_nothing(peer, questions, 1.0)
    quiet(peer)


def test_name_without_address_fails_a_request() -> None:
    """TXN-7, TXN-10."""
    peer = Peer()
    number = peer.agent.request("OPTIONS", NAME, 0.0)
    find_nothing(peer, asked(peer), 1.0)
    assert peer.events() == [RequestFailed(number, 503, "phone.example has no address")]
    quiet(peer)


def test_hang_up_while_the_name_is_asked_for_sends_nothing_ever() -> None:
    """TXN-4: nobody knows of the INVITE."""
    peer = Peer()
    session = peer.agent.invite(NAME, media(), 0.0)
    questions = asked(peer)
    peer.agent.hang_up(session, 0.5)
    assert peer.ends() == [Cancelled()]
    assert peer.agent.statistics().calls == 0
    assert peer.agent.statistics().lookups == 0
    for question in questions:
        peer.agent.receive_dns_answer(question, [AddressRecord(ADDRESS.host)], 60.0, 1.0)
    assert peer.sent() == []
    quiet(peer)


def test_ack_and_bye_to_a_name_are_asked_for_as_well() -> None:
    """TRN-11, MSG-10."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200, body=offer(), contact="<sip:bob@phone.example>")
    assert peer.sent() == []
    peer.respond(invite, 200, body=offer(), contact="<sip:bob@phone.example>")
    assert peer.agent.statistics().lookups == 2
    zone = Zone({"phone.example": [ADDRESS.host]}, ttl=0.5)
    (_, answered) = peer.look_up(zone, 0.1)
    assert isinstance(answered, CallAnswered)
    first, second = peer.sent()
    assert (first.cseq.method, first.to_bytes()) == ("ACK", second.to_bytes())
    assert len(zone.asked) == len(set(zone.asked)), "both wait for the same questions"
    peer.agent.hang_up(session, 1.0)
    told = peer.events()
    assert [type(event) for event in told] == [DnsQuestion, CallEnded]
    peer.pass_time(20.0)
    assert peer.events() == []
    quiet(peer)


def test_repeated_ack_goes_to_what_is_known_by_now() -> None:
    """TRN-11, TXN-5: the DNS is not asked again, and the ACK keeps its branch."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    for _ in range(2):
        peer.respond(invite, 200, body=offer(), contact="<sip:bob@phone.example>")
        peer.look_up(Zone({"phone.example": [ADDRESS.host]}), 0.1)
    first, second = peer.sent()
    assert (first.cseq.method, first.to_bytes()) == ("ACK", second.to_bytes())


def test_route_of_the_dialog_is_asked_for_and_not_the_target() -> None:
    """DLG-3: §12.2.1.1."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    route = ("Record-Route", "<sip:proxy.example:5099;lr>")
    peer.respond(invite, 200, body=offer(), extra=[route])
    question = peer.events()[0]
    assert isinstance(question, DnsQuestion)
    assert (question.record_type, question.name) == (RecordType.A, "proxy.example")


# Transports that fail


def test_lost_transport_ends_what_waits_there_and_nothing_else() -> None:
    """TRN-10, TXN-7."""
    peer = Peer()
    calling = peer.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    elsewhere = peer.agent.invite("sip:carol@192.0.2.3", media(), 0.0)
    peer.sent()
    peer.agent.flow_failed(BOB, "refused", 0.1)
    (event,) = peer.events()
    assert getattr(event, "session", "") == calling
    assert peer.agent.call_id(elsewhere)
    peer.agent.flow_failed(BOB, "refused", 0.1)
    assert peer.events() == []


def test_lost_transport_does_not_end_a_call_or_one_that_rings_here() -> None:
    """TRN-10: what comes back may have been an old packet; RFC 6026 §7.1."""
    peer = Peer()
    session, _, _ = peer.established_from_agent()
    waiting, _ = peer.call_agent()
    peer.agent.flow_failed(BOB, "refused", 0.1)
    assert peer.events() == []
    peer.agent.answer(waiting, media(), 0.2)
    assert peer.lines() == ["200"]
    peer.agent.hang_up(session, 0.3)
    assert peer.lines() == ["BYE"]
    peer.agent.flow_failed(BOB, "refused", 0.4)
    peer.agent.hang_up(waiting, 0.5)
    assert peer.ends() == [LocallyClosed(), LocallyClosed()]


# The end


def test_closing_an_idle_agent_closes_it_at_once() -> None:
    """SES-22."""
    peer = Peer()
    assert not is_closed(peer)
    peer.agent.close(1.0)
    assert is_closed(peer)
    peer.agent.close(1.0)
    assert peer.sent() == []


def test_closing_ends_every_call_as_its_state_demands() -> None:
    """SES-11, SES-22: CANCEL, BYE, 480, nothing yet."""
    peer = Peer()
    peer.call_from_agent()
    _, ringing = peer.call_from_agent()
    peer.respond(ringing, 180)
    peer.established_from_agent()
    peer.send(peer.request("INVITE", call_id="in", body=offer()))
    incoming = peer.events()[-1]
    assert isinstance(incoming, IncomingCall)
    peer.agent.close(1.0)
    assert sorted(peer.lines()) == ["480", "BYE", "CANCEL"]
    assert [type(end) for end in peer.ends()] == [Cancelled, Cancelled, LocallyClosed, LocallyClosed]
    assert not is_closed(peer)
    peer.pass_time(300.0)
    assert is_closed(peer)
    quiet(peer)


def test_closing_agent_refuses_new_calls_and_finishes_old_ones() -> None:
    """SES-22, SES-28."""
    peer = Peer()
    peer.established_from_agent()
    peer.agent.close(1.0)
    bye = peer.request_from_agent("BYE")
    for method in ("INVITE", "OPTIONS"):
        peer.send(peer.request(method, call_id=method))
        assert peer.response_from_agent(503).get("retry-after")
    with pytest.raises(LocalProtocolError, match="closing"):
        peer.agent.invite("sip:bob@192.0.2.2", media(), 1.0)
    with pytest.raises(LocalProtocolError, match="closing"):
        peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 1.0)
    peer.respond(bye, 200)
    peer.send(peer.request("ACK", call_id="INVITE", to_tag="x", branch="z9hG4bK1"))
    peer.pass_time(40.0)
    assert is_closed(peer)


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_agent_that_ended_its_calls_closes_without_waiting_for_late_repeats(who: str) -> None:
    """SES-22: what only absorbs repeats is dropped."""
    pair = AgentPair()
    pair.answer_calls()
    pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.run(until=1.0)
    phone = pair.a if who == "caller" else pair.b
    phone.agent.close(pair.now)
    pair.run(until=1.5)
    assert phone.agent.closed, tables(phone.agent)
    other = pair.b if who == "caller" else pair.a
    assert other.ends[0].end == RemoteBye()
    other.agent.close(pair.now)
    assert other.agent.closed, tables(other.agent)
    pair.assert_quiet()


def test_closing_while_the_2xx_waits_for_its_ack_waits_for_it() -> None:
    """SES-11, SES-22: §15."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    peer.agent.close(0.1)
    peer.pass_time(1.0)
    assert peer.lines() == ["200"]
    assert not is_closed(peer)
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    bye = peer.request_from_agent("BYE")
    peer.respond(bye, 200)
    assert is_closed(peer)
    assert isinstance(bye, Request)
    quiet(peer)


def test_closing_with_a_question_open_ends_when_it_is_answered() -> None:
    """SES-22."""
    peer = Peer()
    number = peer.agent.request("OPTIONS", NAME, 0.0)
    questions = asked(peer)
    peer.agent.close(0.1)
    assert not is_closed(peer)
    find_nothing(peer, questions, 0.2)
    assert peer.events() == [RequestFailed(number, 503, "phone.example has no address")]
    assert is_closed(peer)


def test_closing_with_a_dns_that_is_silent_ends_when_the_lookup_times_out() -> None:
    """SES-22, TRN-11: the lookup's deadline is one of the agent's."""
    peer = Peer()
    number = peer.agent.request("OPTIONS", NAME, 0.0, timeout=32.0)
    asked(peer)
    peer.agent.close(0.1)
    peer.pass_time(10.0)
    assert peer.events() == [RequestFailed(number, 503, "the DNS did not answer in time")]
    assert is_closed(peer)
