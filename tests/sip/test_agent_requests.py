"""What an agent does with requests outside of calls, its own and the peer's (RFC 3261 §8)."""

from __future__ import annotations

import pytest

from sansio_sip.agent import Agent, AgentConfig, MessageRefused, RequestFailed, ResponseReceived
from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from tests.sip.harness import ALICE, BOB, Peer, make_agent, media, offer, tables

BODIES = "application/sdp, multipart/alternative, multipart/mixed, multipart/related"


def quiet(peer: Peer) -> None:
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None


# Requests of the peer


def test_options_tell_what_we_can() -> None:
    """TXN-10, MSG-2: §11.2."""
    peer = Peer()
    peer.send(peer.request("OPTIONS"))
    ok = peer.response_from_agent(200)
    assert set(ok.allow) >= {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO"}
    assert ok.get("accept") == BODIES
    assert ok.get("server") == "test"
    assert ok.to_tag
    assert ok.contacts
    assert peer.events() == []
    quiet(peer)


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("REGISTER", 405),
        ("SUBSCRIBE", 405),
        ("MESSAGE", 405),
        ("REFER", 481),
        ("PUBLISH", 405),
        ("UPDATE", 481),
        ("PRACK", 481),
        ("NOTIFY", 481),
        ("FOO", 501),
        ("invite", 501),
        ("BYE", 481),
        ("INFO", 481),
        ("CANCEL", 481),
    ],
)
def test_method_without_a_call_gets_its_status(method: str, status: int) -> None:
    """MSG-2, DLG-4: §8.2.1; methods are case-sensitive."""
    peer = Peer()
    peer.send(peer.request(method))
    refused = peer.response_from_agent(status)
    assert (status == 405) == ("INVITE" in refused.allow)
    assert peer.events() == []
    quiet(peer)


@pytest.mark.parametrize("method", ["INFO", "INVITE", "BYE", "OPTIONS", "MESSAGE", "FOO"])
def test_request_in_an_unknown_dialog_gets_481(method: str) -> None:
    """DLG-4: §12.2.2."""
    peer = Peer()
    peer.send(peer.request(method, to_tag="unknown"))
    peer.response_from_agent(481)
    assert peer.events() == []


def test_ack_for_nothing_is_never_answered() -> None:
    """MSG-10: §17."""
    peer = Peer()
    peer.send(peer.request("ACK", to_tag="unknown"))
    peer.send(peer.request("ACK"))
    assert peer.sent() == []
    assert peer.events() == []
    assert peer.agent.deadline is None


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
@pytest.mark.parametrize(
    ("extra", "uri", "body", "status", "header", "value"),
    [
        ((), "http://example.com/", b"", 416, "", ""),
        ((("Require", "100rel, foo"),), "sip:a@b", b"", 420, "unsupported", "foo"),
        ((("Content-Type", "text/plain"),), "sip:a@b", b"hi", 415, "accept", BODIES),
        ((), "sip:a@b", b"hi", 415, "accept", BODIES),
        (
            (("Content-Type", "application/sdp"), ("Content-Encoding", "gzip")),
            "sip:a@b",
            b"hi",
            415,
            "accept-encoding",
            "identity",
        ),
    ],
)
def test_request_that_cannot_be_taken_is_refused_with_what_would_help(
    method: str,
    extra: tuple[tuple[str, str], ...],
    uri: str,
    body: bytes,
    status: int,
    header: str,
    value: str,
) -> None:
    """MSG-12: §8.2.2.1, §8.2.2.3, §8.2.3."""
    peer = Peer()
    request = peer.request(method, extra=extra, uri=uri)
    request.body = body
    peer.send(request)
    refused = peer.response_from_agent(status)
    assert not header or refused.get(header) == value
    assert peer.events() == []
    quiet(peer)


def test_optional_body_is_no_reason_to_refuse() -> None:
    """MSG-12: §8.2.3."""
    peer = Peer()
    extra = (("Content-Type", "text/plain"), ("Content-Disposition", "render;handling=optional"))
    request = peer.request("OPTIONS", extra=extra)
    request.body = b"hi"
    peer.send(request)
    peer.response_from_agent(200)


def test_repeated_request_gets_the_same_octets_again() -> None:
    """TXN-5."""
    peer = Peer()
    options = peer.request("OPTIONS")
    peer.send(options)
    first = peer.response_from_agent(200)
    peer.send(options)
    assert peer.response_from_agent(200).to_bytes() == first.to_bytes()
    assert peer.agent.statistics().retransmissions_received == 1


def test_merged_invite_gets_482_and_the_call_lives() -> None:
    """DLG-4: §8.2.2.2."""
    peer = Peer()
    _, invite = peer.call_agent()
    copy = peer.request("INVITE", body=offer())
    assert copy.via.branch != invite.via.branch
    peer.send(copy)
    peer.response_from_agent(482)
    assert peer.events() == []
    assert peer.agent.statistics().calls == 1
    assert peer.agent.statistics().merged == 1


def test_too_many_calls_get_503_with_retry_after() -> None:
    """SES-28, law 8."""
    peer = Peer(make_agent(max_calls=2))
    for n in range(3):
        peer.send(peer.request("INVITE", call_id=f"c{n}", body=offer()))
    refused = peer.response_from_agent(503)
    assert refused.get("retry-after") == "5"
    assert len(peer.events()) == 2
    statistics = peer.agent.statistics()
    assert (statistics.calls_in, statistics.calls_refused, statistics.calls) == (2, 1, 2)
    peer.send(peer.request("OPTIONS"))
    peer.response_from_agent(200)


def test_too_many_transactions_get_503() -> None:
    """Law 8."""
    peer = Peer(make_agent(max_transactions=3))
    for n in range(5):
        peer.send(peer.request("OPTIONS", call_id=f"c{n}"))
    assert peer.lines() == ["200", "200", "200", "503", "503"]
    assert peer.agent.statistics().refused == 2


@pytest.mark.parametrize(
    ("params", "sent_by", "port"), [(";rport", "10.9.9.9", 40_000), ("", "10.9.9.9:5077", 5077)]
)
@pytest.mark.parametrize("good", [True, False])
def test_via_is_stamped_with_the_source(params: str, sent_by: str, port: int, good: bool) -> None:
    """TRN-9: RFC 3581 §4, RFC 3261 §18.2.1; a refusal of a malformed request as well."""
    peer = Peer()
    options = peer.request("OPTIONS", cseq_method="OPTIONS" if good else "INFO")
    options.set("Via", f"SIP/2.0/UDP {sent_by}{params};branch=z9hG4bKx")
    options.fields.append(("via", "Via", "SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKy"))
    peer.send(options, Endpoint("UDP", "198.51.100.7", 40_000))
    transmit = peer.agent.next_transmit()
    assert transmit is not None
    assert transmit.destination == Endpoint("UDP", "198.51.100.7", port)
    assert b"received=198.51.100.7" in transmit.data
    assert (b"rport=40000" in transmit.data) == bool(params)
    assert b"10.1.1.1;branch=z9hG4bKy" in transmit.data


# Malformed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CSeq: 1 INVITE", b"CSeq: 1 OPTIONS"),
        (b"CSeq: 1 INVITE", b"CSeq: 99999999999 INVITE"),
        (b"CSeq: 1 INVITE", b"CSeq: x INVITE"),
        (b"Call-ID: call-1\r\n", b""),
        (b"To: ", b"X-To: "),
        (b"From: <", b'From: "<'),
        (b"Max-Forwards: 70", b"Max-Forwards: 256"),
        (b"Max-Forwards: 70", b"Max-Forwards: many"),
        (b"Call-ID: call-1\r\n", b"Call-ID: call-1\r\nCall-ID: call-2\r\n"),
        (b"INVITE sip:alice@192.0.2.1 ", b"INVITE sip:alice@192.0.2.1?a=b "),
        (b"INVITE sip:alice@192.0.2.1 ", b"INVITE sip:alice@192.0.2.1:99999 "),
        (b"SIP/2.0\r\n", b"SIP/3.0\r\n"),
        (b"Content-Length: ", b"Content-Length: 9"),
        (b"Contact: <sip:bob@192.0.2.2>\r\n", b""),
        (b"Contact: <sip:bob@192.0.2.2>", b"Contact: <sip:bob@>"),
        (b"Contact: <sip:bob@192.0.2.2>\r\n", b"Contact: *\r\n"),
    ],
)
def test_malformed_invite_gets_400_and_opens_nothing(old: bytes, new: bytes) -> None:
    """MSG-9: §8.2, the status that the rule asks for."""
    peer = Peer()
    data = peer.request("INVITE", body=offer()).to_bytes()
    assert old in data
    peer.send(data.replace(old, new, 1))
    messages = [m for m in peer.sent() if isinstance(m, Response)]
    (response,) = messages
    assert 400 <= response.status_code <= 505
    assert not [e for e in peer.events() if not isinstance(e, MessageRefused)]
    assert peer.agent.statistics().calls == 0


def test_malformed_request_is_counted_and_told() -> None:
    """MSG-9: with the source and the reason."""
    peer = Peer()
    peer.send(peer.request("OPTIONS", cseq_method="INFO"))
    peer.response_from_agent(400)
    (event,) = peer.events()
    assert isinstance(event, MessageRefused)
    assert event.source == BOB
    assert isinstance(event.error, ParseError)
    assert event.error.error_class == "method-mismatch"
    statistics = peer.agent.statistics()
    assert statistics.malformed == 1
    assert statistics.transactions == 0


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"\r\n", b"\0\0\0\0", b"\0\x11\0\0\x21\x12\xa4\x42" + b"x" * 12]
)
def test_keep_alives_are_counted_only(data: bytes) -> None:
    """TRN-1."""
    peer = Peer()
    peer.send(data)
    assert peer.sent() == []
    assert peer.events() == []
    assert peer.agent.statistics().keep_alives == 1
    assert peer.agent.statistics().malformed == 0


@pytest.mark.parametrize(
    "data", [b"\xff" * 65_507, b"A" * 65_507, b"\0" + b"A" * 100, b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_garbage_is_counted_and_not_answered(data: bytes) -> None:
    """MSG-9."""
    peer = Peer()
    peer.send(data)
    assert peer.sent() == []
    assert peer.agent.statistics().malformed == 1


def test_malformed_ack_and_malformed_response_are_never_answered() -> None:
    """MSG-9: §17; or two agents would talk for ever."""
    peer = Peer()
    peer.send(peer.request("ACK", cseq_method="BYE"))
    _, invite = peer.call_from_agent()
    response = peer.respond(invite, 180)
    peer.events()
    peer.send(response.to_bytes().replace(b"CSeq: 1", b"CSeq: x"))
    assert peer.sent() == []
    assert peer.agent.statistics().malformed == 2


def test_stray_response_is_counted() -> None:
    """TXN-3."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    stray = invite.copy()
    stray.set("Via", str(invite.get("via")).replace("z9hG4bK", "z9hG4bKx"))
    peer.respond(stray, 200)
    assert peer.sent() == []
    assert peer.events() == []
    assert peer.agent.statistics().stray_responses == 1


# Own requests


def test_own_options_and_their_answer() -> None:
    """TXN-10."""
    peer = Peer()
    number = peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0, headers=[("Accept", "application/sdp")])
    options = peer.request_from_agent("OPTIONS")
    assert options.get("accept") == "application/sdp"
    assert options.get("user-agent") == "test"
    assert options.get("to") == "<sip:bob@192.0.2.2>"
    peer.respond(options, 100, tag="")
    assert peer.events() == []
    peer.respond(options, 404)
    (event,) = peer.events()
    assert isinstance(event, ResponseReceived)
    assert (event.request, event.response.status_code) == (number, 404)
    quiet(peer)


def test_own_request_without_answer_is_a_408() -> None:
    """TXN-7, TXN-10: §8.1.3.1."""
    peer = Peer()
    number = peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    peer.pass_time(5.0)
    (event,) = peer.events()
    assert event == RequestFailed(number, 408, "no response in time")
    quiet(peer)


def test_own_request_that_cannot_be_sent_is_a_503() -> None:
    """TXN-7, TXN-10: §8.1.3.1."""
    peer = Peer()
    first = peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    second = peer.agent.request("MESSAGE", "sip:bob@192.0.2.2", 0.0, content_type="text/plain", body=b"hi")
    assert peer.lines() == ["OPTIONS", "MESSAGE"]
    peer.agent.flow_failed(BOB, "refused", 0.1)
    assert peer.events() == [RequestFailed(first, 503, "refused"), RequestFailed(second, 503, "refused")]
    third = peer.agent.request("OPTIONS", "sips:bob@192.0.2.2", 0.2)
    (event,) = peer.events()
    assert isinstance(event, RequestFailed)
    assert (event.request, event.status_code) == (third, 503)
    assert "TLS" in event.cause
    quiet(peer)


def test_outbound_proxy_is_the_first_hop_of_all_that_is_outside_of_dialogs() -> None:
    """TXN-10, DLG-3: §8.1.2, a pre-loaded route."""
    peer = Peer(make_agent(outbound_proxy="sip:192.0.2.99:5070"))
    peer.agent.request("OPTIONS", "sip:bob@example.com", 0.0)
    peer.agent.invite("sip:bob@example.com", media(), 0.0)
    peer.agent.invite("tel:+15551234", media(), 0.0)
    for _ in range(3):
        transmit = peer.agent.next_transmit()
        assert transmit is not None
        assert transmit.destination == Endpoint("UDP", "192.0.2.99", 5070)
        assert b"Route: <sip:192.0.2.99:5070;lr>\r\n" in transmit.data


@pytest.mark.parametrize(
    ("uri", "host", "port", "transport"),
    [
        ("sip:bob@192.0.2.9:5080", "192.0.2.9", 5080, "UDP"),
        ("sip:bob@192.0.2.9;transport=tcp", "192.0.2.9", 5060, "TCP"),
        ("sip:bob@[2001:db8::9]:5070", "2001:db8::9", 5070, "UDP"),
        ("sip:bob@phone.example;maddr=192.0.2.8", "192.0.2.8", 5060, "UDP"),
    ],
)
def test_next_hop_follows_the_uri(uri: str, host: str, port: int, transport: str) -> None:
    """TRN-5: RFC 3263 §4, as far as no name is asked for."""
    agent = make_agent()
    agent.request("OPTIONS", uri, 0.0)
    transmit = agent.next_transmit()
    assert transmit is not None
    assert transmit.destination == Endpoint(transport, host, port)
    assert f"Via: SIP/2.0/{transport} 192.0.2.1:5060;rport".encode() in transmit.data


# Misuse and configuration


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "bob",
        "sip:",
        "sip:bob@b c",
        "sip:bob@b\r\nX: y",
        "sip:bob@b>",
        "sip:bob@b?Subject=x",
        "tel:+1",
        "mailto:a@b",
    ],
)
def test_uri_that_cannot_be_called_is_a_local_mistake(uri: str) -> None:
    """MSG-9, TXN-10."""
    agent = make_agent()
    for misuse in (lambda: agent.invite(uri, media(), 0.0), lambda: agent.request("OPTIONS", uri, 0.0)):
        with pytest.raises(LocalProtocolError):
            misuse()
    unchanged(agent)


def unchanged(agent: Agent) -> None:
    assert agent.next_transmit() is None
    assert agent.next_event() is None
    assert agent.deadline is None
    assert not any(tables(agent).values())
    assert agent.statistics().calls_out == 0


@pytest.mark.parametrize("method", ["INVITE", "ACK", "CANCEL", "BYE", "FOO BAR", "", "A\r\nB"])
def test_method_that_is_none_or_belongs_to_calls_is_a_local_mistake(method: str) -> None:
    """MSG-9, TXN-10."""
    agent = make_agent()
    with pytest.raises(LocalProtocolError):
        agent.request(method, "sip:bob@192.0.2.2", 0.0)
    unchanged(agent)


def test_header_that_cannot_stand_in_a_message_is_a_local_mistake() -> None:
    """MSG-9."""
    agent = make_agent()
    for headers in ([("X", "a\r\nb")], [("X Y", "a")], [("X", "a\0b")]):
        with pytest.raises(LocalProtocolError):
            agent.invite("sip:bob@192.0.2.2", media(), 0.0, headers=headers)
        with pytest.raises(LocalProtocolError):
            agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0, headers=headers)
    for from_ in ("<sip:a", "<sip:a@b>;tag=x", "<sip:a@b>\r\nX: y"):
        with pytest.raises(LocalProtocolError):
            agent.invite("sip:bob@192.0.2.2", media(), 0.0, from_=from_)
    with pytest.raises(LocalProtocolError):
        agent.request("MESSAGE", "sip:bob@192.0.2.2", 0.0, body=b"hi")
    unchanged(agent)


def test_name_of_a_call_is_taken_once() -> None:
    """SES-1."""
    agent = make_agent()
    assert agent.invite("sip:bob@192.0.2.2", media(), 0.0, session="mine") == "mine"
    with pytest.raises(LocalProtocolError, match="mine"):
        agent.invite("sip:carol@192.0.2.2", media(), 0.0, session="mine")
    assert agent.statistics().calls == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "<sip:a"),
        ("address", "<sip:a@b>;tag=1"),
        ("contact", ""),
        ("sent_by", {}),
        ("sent_by", {"udp": ("192.0.2.1", 5060)}),
        ("outbound_proxy", "no uri"),
        ("max_calls", 0),
        ("max_transactions", 0),
        ("retry_after", -1),
    ],
)
def test_config_is_checked_when_it_is_made_and_names_the_field(field: str, value: object) -> None:
    """ERR-1."""
    values: dict[str, object] = {
        "address": "<sip:a@b>",
        "contact": "<sip:a@192.0.2.1>",
        "sent_by": {"UDP": (ALICE.host, ALICE.port)},
        field: value,
    }
    with pytest.raises(ValueError, match=field):
        AgentConfig(**values)  # type: ignore[arg-type]


def test_requests_have_different_branches_tags_and_call_ids() -> None:
    """TXN-3."""
    peer = Peer()
    for _ in range(20):
        peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    requests = [m for m in peer.sent() if isinstance(m, Request)]
    for values in (
        {r.via.branch for r in requests},
        {r.from_tag for r in requests},
        {r.call_id for r in requests},
    ):
        assert len(values) == 20


def test_user_that_the_application_does_not_know_is_refused() -> None:
    """MSG-12: RFC 3261 §8.2.2.1: who lives here only the application knows; it is asked for each call."""
    peer = Peer()
    session, invite = peer.call_agent()
    assert invite.uri == "sip:alice@192.0.2.1"
    peer.agent.reject(session, 404, 0.0)
    assert peer.response_from_agent(404).reason == "Not Found"
