"""An agent over connections: what it sends by which one, and what becomes of it when one is gone."""

from __future__ import annotations

from random import Random

from sansio_sip.agent import Agent, AgentConfig, MessageRefused
from sansio_sip.framing.stun import is_stun_answer, stun_request
from sansio_sip.ids import Ids
from sansio_sip.invite import IncomingCall
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.outbound import OwnAddress
from tests.sip.harness import offer

FLOW = Endpoint("TCP", "198.51.100.7", 40_000, "tcp-1")


def make_agent(*transports: str) -> Agent:
    own = tuple(OwnAddress(transport=name, host="192.0.2.1", port=5060) for name in transports)
    config = AgentConfig(
        address="<sip:bob@example.com>",
        contact=f"<sip:bob@192.0.2.1:5060;transport={transports[0].lower()}>",
        sent_by=dict.fromkeys(transports, ("192.0.2.1", 5060)),
        own_addresses=own,
    )
    return Agent(config, now=0.0, ids=Ids(Random(1).randbytes))


def sent(agent: Agent) -> list[tuple[Request | Response, Endpoint]]:
    found = []
    while (transmit := agent.next_transmit()) is not None:
        found.append((parse_message(transmit.data), transmit.destination))
    return found


def invite() -> Request:
    request = Request("INVITE", "sip:bob@192.0.2.1", body=offer())
    for name, value in (
        ("Via", "SIP/2.0/TCP 10.0.0.7:5060;branch=z9hG4bK1"),
        ("From", "<sip:carol@example.com>;tag=c"),
        ("To", "<sip:bob@example.com>"),
        ("Call-ID", "one"),
        ("CSeq", "1 INVITE"),
        ("Max-Forwards", "70"),
        ("Contact", "<sip:carol@203.0.113.7;transport=tcp>"),
        ("Content-Type", "application/sdp"),
    ):
        request.add(name, value)
    return request


def called(agent: Agent, source: Endpoint = FLOW) -> str:
    """Let carol call by a flow and answer her; return the name of the call."""
    start = f"SIP/2.0/{source.transport} 10.0.0.7:5060;rport;branch=z9hG4bK"
    target = f"<sip:carol@203.0.113.7;transport={source.transport.lower()}>"
    request, ack = invite(), invite()
    request.set("Via", f"{start}1")
    request.set("Contact", target)
    agent.receive_message(request, source, 0.0)
    event = agent.next_event()
    assert isinstance(event, IncomingCall)
    agent.answer(event.session, None, 0.0)
    (*_, (answer, destination)) = sent(agent)
    assert isinstance(answer, Response)
    assert (answer.status_code, destination) == (200, source)
    assert answer.get("contact") == f"<sip:bob@192.0.2.1:5060;transport={source.transport.lower()}>"
    ack.method = "ACK"
    ack.set("CSeq", "1 ACK")
    ack.set("To", answer.get("to") or "")
    ack.set("Via", f"{start}2")
    agent.receive_message(ack, source, 0.1)
    return event.session


def test_request_of_a_call_goes_by_its_flow_and_without_it_by_its_uri() -> None:
    """TRN-6, TRN-10, NAT-1."""
    for is_gone in (False, True):
        agent = make_agent("TCP")
        session = called(agent)
        if is_gone:
            agent.flow_failed(FLOW, "reset", 1.0)
        agent.hang_up(session, 2.0)
        ((bye, destination),) = sent(agent)
        assert isinstance(bye, Request)
        assert bye.method == "BYE"
        assert destination == (Endpoint("TCP", "203.0.113.7", 5060) if is_gone else FLOW)


def test_datagram_socket_of_a_call_is_kept_and_its_address_is_that_of_the_contact() -> None:
    """TRN-1, TRN-7."""
    agent = make_agent("UDP")
    session = called(agent, Endpoint("UDP", "198.51.100.7", 40_000, "udp-1"))
    agent.hang_up(session, 2.0)
    ((_, destination),) = sent(agent)
    assert destination == Endpoint("UDP", "203.0.113.7", 5060, "udp-1")


def test_name_for_the_certificate_comes_with_the_packet() -> None:
    """TRN-3 (RFC 5922 §7.2): by number with the number, by maddr with the domain of the URI."""
    agent = make_agent("TLS")
    for uri, name in {
        "sips:carol@192.0.2.9": "192.0.2.9",
        "sips:carol@example.com;maddr=192.0.2.9": "example.com",
    }.items():
        agent.request("OPTIONS", uri, 0.0)
        ((_, destination),) = sent(agent)
        assert destination == Endpoint("TLS", "192.0.2.9", 5061, None, name)


def test_what_no_framing_can_read_is_answered_where_it_is_a_request() -> None:
    """SEC-1: and told either way."""
    agent = make_agent("TCP")
    agent.receive_malformed(invite(), "too large", 513, FLOW, 0.0)
    ((answer, destination),) = sent(agent)
    assert isinstance(answer, Response)
    assert (answer.status_code, destination) == (513, FLOW)
    agent.receive_malformed(None, "noise", 400, FLOW, 0.0)
    assert sent(agent) == []
    events = [agent.next_event(), agent.next_event()]
    assert [str(event.error) for event in events if isinstance(event, MessageRefused)] == [
        "too large",
        "noise",
    ]
    assert agent.statistics().malformed == 2


def test_keep_alive_by_stun_is_answered_where_it_came_from() -> None:
    """NAT-1 (RFC 5626 §5.4); other keep-alives are not."""
    agent = make_agent("UDP")
    source = Endpoint("UDP", "198.51.100.7", 40_000)
    agent.receive_datagram(b"\r\n\r\n", source, 0.0)
    assert agent.next_transmit() is None
    agent.receive_datagram(stun_request(bytes(12)), source, 0.0)
    transmit = agent.next_transmit()
    assert isinstance(transmit, Transmit)
    assert transmit.destination == source
    assert is_stun_answer(transmit.data, bytes(12))
    assert agent.statistics().keep_alives == 2
