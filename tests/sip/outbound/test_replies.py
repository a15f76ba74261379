"""Responses whose connection is gone (RFC 3261 §18.2.2, RFC 3263 §5)."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.invite import IncomingCall
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.resolve import DnsQuestion
from tests.sip.harness import media, offer, tables
from tests.sip.names import Zone

CONNECTION = Endpoint("TCP", "198.51.100.7", 49_152, "connection 7")
NAMED = "client.example.com"
ZONE = Zone(
    {NAMED: ["203.0.113.1"], "b1.example.com": ["203.0.113.11"], "b2.example.com": ["203.0.113.12"]},
    {
        "_sip._tcp.farm.example.com": [(1, 1, 5070, "b1.example.com"), (2, 1, 5071, "b2.example.com")],
        "_sips._tcp.farm.example.com": [(1, 1, 5081, "b1.example.com")],
    },
)


class Server:
    """An agent that is asked over a connection."""

    def __init__(self) -> None:
        config = AgentConfig(
            address="<sip:bob@example.com>",
            contact="<sip:bob@192.0.2.1;transport=tcp>",
            sent_by=dict.fromkeys(("UDP", "TCP", "TLS", "WS"), ("192.0.2.1", 5060)),
        )
        self.agent = Agent(config, now=0.0, ids=Ids(Random(1).randbytes))
        self.call = ""
        self.now = 0.0

    def ask(
        self,
        sent_by: str,
        method: str = "OPTIONS",
        *,
        source: Endpoint = CONNECTION,
        branch: str = "z9hG4bK1",
    ) -> Request:
        request = Request(method, "sip:bob@192.0.2.1", body=offer() if method == "INVITE" else b"")
        for name, value in (
            ("Via", f"SIP/2.0/{source.transport} {sent_by};branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", "<sip:alice@example.com>;tag=1"),
            ("To", "<sip:bob@example.com>"),
            ("Call-ID", branch),
            ("CSeq", f"1 {method}"),
            ("Contact", "<sip:alice@198.51.100.7;transport=tcp>"),
        ):
            request.add(name, value)
        if request.body:
            request.add("Content-Type", "application/sdp")
        self.agent.receive_message(request.copy(), source, self.now)
        return request

    def sent(self) -> list[Transmit]:
        found, busy = [], True
        while busy:
            busy = False
            while (transmit := self.agent.next_transmit()) is not None:
                found.append(transmit)
            while (event := self.agent.next_event()) is not None:
                busy = True
                if isinstance(event, DnsQuestion):
                    ZONE.answer(self.agent, event, self.now)
                elif isinstance(event, IncomingCall):
                    self.call = event.session
        return found

    def lost(self, transmit: Transmit) -> list[Transmit]:
        """Tell that a packet did not get out; return what is sent then."""
        self.agent.flow_failed(transmit.destination, "closed", self.now, [transmit.data])
        return self.sent()

    def ways(self, first: Transmit) -> list[tuple[str, int]]:
        """Let every way fail; return all that were tried after the first."""
        ways, lost = [], [first]
        while lost:
            (transmit,) = lost
            lost = self.lost(transmit)
            ways += [each.destination[1:3] for each in lost]
            assert all(
                each.data == first.data and each.destination[0] == first.destination[0] for each in lost
            )
        return ways


def test_answers_go_back_on_the_flow_of_their_request() -> None:
    """TRN-3: RFC 3261 §18.2.2: provisional, final and stateless ones."""
    server = Server()
    server.ask("client.invalid", "INVITE")
    server.sent()
    server.agent.ring(server.call, 0.0)
    server.agent.answer(server.call, media(), 0.0)
    server.ask("client.invalid", branch="z9hG4bK2")
    broken = b"OPTIONS sip:bob@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK3\r\nCSeq: no\r\n\r\n"
    server.agent.receive_datagram(broken, CONNECTION, 0.0)
    sent = server.sent()
    assert [transmit.destination for transmit in sent] == [CONNECTION] * len(sent)
    assert len(sent) >= 3


@pytest.mark.parametrize(
    ("sent_by", "transport", "ways"),
    [
        # By number: the address that it came from, at the port of sent-by, and then sent-by itself.
        ("10.0.0.9:5062", "TCP", [("198.51.100.7", 5062), ("10.0.0.9", 5062)]),
        ("198.51.100.7", "TCP", [("198.51.100.7", 5060)]),
        ("198.51.100.7:5062", "TLS", [("198.51.100.7", 5062)]),
        ("[2001:db8::9]", "TLS", [("198.51.100.7", 5061), ("2001:db8::9", 5061)]),
        # By name with a port: its addresses.
        (f"{NAMED}:5064", "TCP", [("198.51.100.7", 5064), ("203.0.113.1", 5064)]),
        # By name without one: the servers of its service, in order.
        (
            "farm.example.com",
            "TCP",
            [("198.51.100.7", 5060), ("203.0.113.11", 5070), ("203.0.113.12", 5071)],
        ),
        ("farm.example.com", "TLS", [("198.51.100.7", 5061), ("203.0.113.11", 5081)]),
        (NAMED, "TCP", [("198.51.100.7", 5060), ("203.0.113.1", 5060)]),
        ("nobody.example.com", "TCP", [("198.51.100.7", 5060)]),
        # A browser listens nowhere, and over UDP the request comes again.
        ("df7jal23ls0d.invalid", "WS", []),
        (f"{NAMED}:5064", "UDP", []),
    ],
)
def test_response_whose_connection_is_gone_is_sent_by_its_via(
    sent_by: str, transport: str, ways: list[tuple[str, int]]
) -> None:
    """TRN-3, TRN-11: RFC 3261 §18.2.2, then RFC 3263 §5; its transaction is over already (timer J is 0)."""
    server = Server()
    server.ask(sent_by, source=Endpoint(transport, *CONNECTION[1:]))
    (answer,) = server.sent()
    assert server.ways(answer) == ways
    statistics = server.agent.statistics()
    assert statistics.replies_redirected == len(ways)
    assert statistics.replies_lost == bool(ways)
    server.agent.handle_timeout(100.0)
    assert not any(tables(server.agent).values())


def test_connection_that_came_from_the_port_of_sent_by_is_not_opened_again() -> None:
    """TRN-3: it has just been lost; the next one is another."""
    server = Server()
    server.ask("farm.example.com:49152")
    (answer,) = server.sent()
    assert server.ways(answer) == []
    assert server.agent.statistics().replies_lost == 1
    server.ask("198.51.100.7:49152", "INVITE", branch="z9hG4bK2")
    server.sent()
    server.agent.flow_failed(CONNECTION, "closed", 0.0)
    assert server.agent.statistics().replies_lost == 1, "there is no response yet"


def test_unanswered_invite_finds_its_caller_when_it_is_answered() -> None:
    """TRN-3, SES-3: the connection was closed before there was anything to send."""
    server = Server()
    invite = server.ask("10.0.0.9:5062", "INVITE")
    server.sent()
    server.agent.flow_failed(CONNECTION, "closed", 1.0)
    assert server.sent() == []
    server.agent.ring(server.call, 2.0)
    server.agent.answer(server.call, media(), 2.0)
    ringing, ok = server.sent()
    caller = Endpoint("TCP", "198.51.100.7", 5062)
    assert (ringing.destination, ok.destination) == (caller, caller)
    server.agent.receive_message(ack_of(invite, ok), caller, 3.0)
    server.agent.hang_up(server.call, 4.0)
    assert any(transmit.data.startswith(b"BYE") for transmit in server.sent())


def ack_of(invite: Request, ok: Transmit) -> Request:
    answer = parse_message(ok.data)
    assert isinstance(answer, Response)
    ack = invite.copy()
    ack.method, ack.body = "ACK", b""
    ack.set("Via", "SIP/2.0/TCP 10.0.0.9:5062;branch=z9hG4bKack")
    ack.set("CSeq", "1 ACK")
    ack.set("To", answer.get("to") or "")
    return ack


def test_failure_that_waits_for_its_ack_is_sent_again_once() -> None:
    """TRN-3: over a stream nothing repeats it (timer G); the runtime may give the packet back as well."""
    server = Server()
    server.ask(f"{NAMED}:5064", "INVITE")
    server.sent()
    server.agent.reject(server.call, 486, 1.0)
    (busy,) = server.sent()
    server.agent.flow_failed(CONNECTION, "reset", 1.5, [busy.data, b"nonsense", b"\r\n\r\n"])
    (again,) = server.sent()
    assert (again.data, again.destination) == (busy.data, Endpoint("TCP", "198.51.100.7", 5064))
    (by_name,) = server.lost(again)
    assert by_name.destination == Endpoint("TCP", "203.0.113.1", 5064)


def test_repeated_2xx_follows_the_first_one() -> None:
    """TRN-3, SES-5: the call repeats it (§13.3.1.4), and after one detour it goes straight."""
    server = Server()
    server.ask("10.0.0.9:5062", "INVITE")
    server.sent()
    server.agent.answer(server.call, media(), 0.0)
    (ok,) = server.sent()
    (moved,) = server.lost(ok)
    server.agent.handle_timeout(0.5)
    (again,) = server.sent()
    assert again == moved


def test_old_request_without_a_cookie_is_answered_too() -> None:
    """TRN-3, MSG-7: its transaction has another key, and is found by its address."""
    server = Server()
    server.ask("10.0.0.9:5062", "INVITE", branch="1")
    server.sent()
    server.agent.reject(server.call, 486, 1.0)
    (busy,) = server.sent()
    (again,) = server.lost(busy)
    assert again.destination[1:3] == ("198.51.100.7", 5062)


def test_address_that_could_not_be_reached_rests_for_five_minutes() -> None:
    """TRN-3, law 8: no response goes round for ever, and none is kept for it."""
    server = Server()
    server.ask("10.0.0.9:5062")
    (answer,) = server.sent()
    assert len(server.ways(answer)) == 2
    server.ask("10.0.0.9:5062", branch="z9hG4bK2", source=Endpoint("TCP", "198.51.100.7", 49_153))
    (second,) = server.sent()
    server.now = 299.0
    assert server.ways(second) == []
    server.now = 600.0
    assert len(server.ways(second)) == 2


def test_what_is_no_response_is_left_alone() -> None:
    """TRN-3, law 5: requests find another way by themselves."""
    server = Server()
    request = server.ask("10.0.0.9:5062")
    server.sent()
    server.agent.flow_failed(
        CONNECTION, "closed", 0.0, [request.to_bytes(), b"\xff", b"SIP/2.0 200 OK\r\n\r\n"]
    )
    assert server.sent() == []
    assert server.agent.statistics().replies_lost == 0
