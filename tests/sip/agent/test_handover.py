"""Requests that the application answers itself, and its own whole requests (MSG-11)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import AgentConfig, RequestFailed, RequestHandedOver, ResponseReceived
from sansio_sip.errors import LocalProtocolError
from sansio_sip.message import Request
from sansio_sip.pager import PagerConfig
from sansio_sip.register import RegistrarConfig
from sansio_sip.resolve import DnsQuestion
from sansio_sip.subscribe import PRESENCE, CompositorConfig
from tests.sip.agent.net import left_over, peer_of
from tests.sip.harness import BOB, Peer


def handed(peer: Peer) -> RequestHandedOver:
    (event,) = peer.events()
    assert isinstance(event, RequestHandedOver)
    return event


@pytest.mark.parametrize(
    "method", ["REGISTER", "OPTIONS", "MESSAGE", "PUBLISH", "SUBSCRIBE", "NOTIFY", "REFER", "FOO"]
)
def test_application_answers_with_any_status(method: str) -> None:
    """MSG-11, SRV-4, MSG-2: known methods and unknown ones; what it demands and has is the application's."""
    peer = peer_of(handed_over=frozenset({method}))
    request = peer.request(method, extra=[("Require", "anything"), ("Content-Type", "x/y")], body=b"")
    request.body = b"?"
    peer.send(request)
    assert peer.sent() == []
    event = handed(peer)
    assert event == RequestHandedOver(1, event.message, BOB, "", "")
    assert event.message.method == method
    peer.agent.respond(
        1, 299, 0.5, reason="Fine", headers=[("X-Reply", "1")], content_type="text/plain", body=b"ok"
    )
    answer = peer.response_from_agent(299)
    assert (answer.reason, answer.get("x-reply"), answer.body) == ("Fine", "1", b"ok")
    assert answer.to_tag
    peer.send(request)  # a repeat gets the same again
    assert peer.response_from_agent(299).to_tag == answer.to_tag
    with pytest.raises(LocalProtocolError, match="no answer any more"):
        peer.agent.respond(1, 200, 1.0)
    peer.pass_time(40.0)
    assert left_over(peer.agent) == {}
    assert peer.agent.statistics().handed_over == 1


def test_star_stands_for_every_unknown_method() -> None:
    """MSG-2: unknown extension methods are passed through; the known ones stay as they are."""
    peer = peer_of(handed_over=frozenset({"*"}))
    peer.send(peer.request("FOO"))
    peer.agent.respond(handed(peer).request, 100, 0.0)
    assert peer.response_from_agent(100).to_tag == ""
    peer.agent.respond(1, 200, 0.0)
    peer.response_from_agent(200)
    peer.send(peer.request("MESSAGE"))
    assert "*" not in peer.response_from_agent(405).allow


def test_allow_names_what_is_handed_over() -> None:
    """MSG-11: §20.5."""
    peer = peer_of(handed_over=frozenset({"REGISTER", "FOO", "NOTIFY"}))
    peer.send(peer.request("OPTIONS"))
    assert peer.response_from_agent(200).allow[-3:] == ("NOTIFY", "FOO", "REGISTER")


@pytest.mark.parametrize("method", ["MESSAGE", "FOO", "BAR"])
def test_request_in_a_call_is_handed_over_with_its_name(method: str) -> None:
    """MSG-11, MSG-2."""
    peer = peer_of(handed_over=frozenset({"MESSAGE", "FOO", "*"}))
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    peer.events()
    peer.send(peer.request_in(invite, method, cseq=7))
    event = handed(peer)
    assert (event.session, event.source) == (session, None)
    peer.agent.respond(event.request, 200, 1.0)
    assert peer.response_from_agent(200).to_tag == invite.from_tag
    peer.send(peer.request_in(invite, method, cseq=6))
    peer.response_from_agent(500)  # out of order
    peer.agent.hang_up(session, 1.0)
    assert peer.lines() == ["BYE"]
    peer.events()
    peer.send(peer.request_in(invite, method, cseq=8))
    peer.response_from_agent(481)


def test_method_that_nobody_takes_in_a_call_is_refused() -> None:
    """MSG-2."""
    peer = peer_of()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    peer.send(peer.request_in(invite, "MESSAGE", cseq=7))
    peer.response_from_agent(405)
    peer.send(peer.request_in(invite, "FOO", cseq=8))
    peer.response_from_agent(501)


def test_silent_application_is_answered_for() -> None:
    """MSG-11: 500 after `answer_patience`, so that nothing leaks."""
    peer = peer_of(handed_over=frozenset({"REGISTER"}), answer_patience=3.0)
    peer.send(peer.request("REGISTER", call_id="1"))
    peer.now = 1.0
    peer.send(peer.request("REGISTER", call_id="2"))
    peer.events()
    peer.pass_time(3.0)
    peer.response_from_agent(500)
    with pytest.raises(LocalProtocolError):
        peer.agent.respond(1, 200, 3.0)
    peer.agent.respond(2, 200, 3.5)
    peer.response_from_agent(200)
    peer.pass_time(60.0)
    assert left_over(peer.agent) == {}
    assert peer.agent.statistics().unanswered == 1


def test_flood_gets_503_and_is_counted() -> None:
    """Law 8."""
    peer = peer_of(handed_over=frozenset({"REGISTER"}), max_handed_over=3)
    for number in range(5):
        peer.send(peer.request("REGISTER", call_id=str(number)))
    answers = peer.sent()
    assert [str(answer.get("retry-after")) for answer in answers] == ["5", "5"]
    statistics = peer.agent.statistics()
    assert (statistics.handed_over, statistics.not_handed_over) == (3, 2)


def test_closing_answers_what_waits_and_what_still_comes() -> None:
    """SES-22, SIM-2."""
    peer = peer_of(handed_over=frozenset({"REGISTER", "FOO"}))
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    peer.send(peer.request("REGISTER"))
    peer.events()
    peer.agent.close(1.0)
    assert sorted(peer.lines()) == ["503", "BYE"]
    peer.send(peer.request("REGISTER", call_id="2"))
    peer.response_from_agent(503)
    peer.agent._services.handover.receive_in_call(session, *_foo(peer), 1.0)
    assert peer.lines() == ["503"]
    assert len(peer.agent._services.handover) == 0


def _foo(peer: Peer) -> tuple[Any, Request]:
    """A request whose transaction is open, as if its call had not heard of the end yet."""
    core = peer.agent._core
    core.layer.receive_message(peer.request("FOO", call_id="3"), BOB, 1.0)
    event = core.layer.next_event()
    assert event is not None
    return event.key, event.request  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "bad",
    [
        {"status_code": 180},
        {"status_code": 99},
        {"status_code": 700},
        {"status_code": 200, "headers": [("X", "a\r\nb")]},
        {"status_code": 200, "reason": "a\r\nb"},
        {"status_code": 200, "body": b"x"},
    ],
)
def test_answer_that_cannot_be_sent_is_a_local_mistake(bad: dict[str, Any]) -> None:
    """MSG-11: RFC 4320 §4.1; and it changes nothing."""
    peer = peer_of(handed_over=frozenset({"FOO"}))
    peer.send(peer.request("FOO"))
    status = bad.pop("status_code")
    with pytest.raises(LocalProtocolError):
        peer.agent.respond(1, status, 0.0, **bad)
    assert peer.sent() == []
    peer.agent.respond(1, 200, 0.0)
    peer.response_from_agent(200)


@pytest.mark.parametrize(
    ("methods", "more"),
    [
        ({"INVITE"}, {}),
        ({"ACK"}, {}),
        ({"FOO BAR"}, {}),
        ({"REGISTER"}, {"registrar": RegistrarConfig()}),
        ({"PUBLISH"}, {"compositor": CompositorConfig()}),
        ({"MESSAGE"}, {"pager": PagerConfig()}),
        ({"SUBSCRIBE"}, {"event_packages": (PRESENCE,)}),
    ],
)
def test_what_the_agent_answers_is_not_handed_over(methods: set[str], more: dict[str, Any]) -> None:
    """ERR-1: the field is named."""
    with pytest.raises(ValueError, match="handed_over"):
        AgentConfig(
            address="<sip:a@b>",
            contact="<sip:a@192.0.2.1>",
            sent_by={"UDP": ("192.0.2.1", 5060)},
            handed_over=frozenset(methods),
            **more,
        )


# Whole requests of our own


def test_whole_request_is_sent_as_it_is_given() -> None:
    """MSG-11: what the agent would make is replaced by what is given."""
    peer = peer_of()
    headers = [
        ("f", "<sip:me@example.com>;tag=mine"),
        ("To", "<sip:you@example.com>;tag=yours"),
        ("Call-ID", "own"),
        ("CSeq", "41 FOO"),
        ("Max-Forwards", "3"),
        ("Contact", "<sip:elsewhere@192.0.2.7>"),
        ("User-Agent", "own"),
        ("Content-Type", "text/plain"),
        ("X-One", "1"),
    ]
    number = peer.agent.request("FOO", "sip:bob@192.0.2.2", 0.0, headers=headers, body=b"hi")
    sent = peer.request_from_agent("FOO")
    for name, value in headers[1:]:
        assert sent.get_all(name.lower()) == [value]
    assert (sent.get("from"), sent.body) == ("<sip:me@example.com>;tag=mine", b"hi")
    peer.respond(sent, 299)
    (event,) = peer.events()
    assert isinstance(event, ResponseReceived)
    assert (event.request, event.response.status_code) == (number, 299)


def test_from_without_a_tag_gets_one() -> None:
    """MSG-11: §8.1.1.3."""
    peer = peer_of(software="")
    peer.agent.request("FOO", "sip:bob@192.0.2.2", 0.0, headers=[("From", "<sip:me@example.com>")])
    sent = peer.request_from_agent("FOO")
    assert sent.get("user-agent") is None
    assert sent.from_tag
    assert str(sent.from_.uri) == "sip:me@example.com"


@pytest.mark.parametrize(
    "headers",
    [
        [("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx")],
        [("Content-Length", "3")],
        [("From", "<sip:a")],
        [("To", "<sip:a")],
        [("CSeq", "1 BAR")],
        [("CSeq", "one FOO")],
        [("Call-ID", "")],
        [("To", "<sip:a@b>"), ("To", "<sip:c@d>")],
        [("Call-ID", "1"), ("i", "2")],
    ],
)
def test_whole_request_that_cannot_be_sent_is_a_local_mistake(headers: list[tuple[str, str]]) -> None:
    """MSG-11, MSG-9."""
    peer = peer_of()
    with pytest.raises(LocalProtocolError):
        peer.agent.request("FOO", "sip:bob@192.0.2.2", 0.0, headers=headers)
    assert peer.sent() == []
    assert peer.agent.deadline is None


@pytest.mark.parametrize(
    ("method", "timeout", "end"),
    [("OPTIONS", None, 5.0), ("MESSAGE", None, 32.0), ("SUBSCRIBE", None, 32.0), ("OPTIONS", 9.0, 9.0),
     ("FOO", 1.5, 1.5), ("FOO", 100.0, 32.0)],
)  # fmt: skip
def test_request_waits_as_long_as_its_method_or_its_user_says(
    method: str, timeout: float | None, end: float
) -> None:
    """TXN-10: OPTIONS 5 s, MESSAGE and SUBSCRIBE 32 s."""
    peer = peer_of()
    number = peer.agent.request(method, "sip:bob@192.0.2.2", 0.0, timeout=timeout)
    sent = peer.request_from_agent(method)
    peer.pass_time(end - 0.01)
    assert peer.events() == []
    peer.pass_time(end)
    assert peer.events() == [RequestFailed(number, 408, "no response in time")]
    peer.sent()
    peer.respond(sent, 200)  # too late
    assert peer.events() == []
    peer.pass_time(60.0)
    assert left_over(peer.agent) == {}


def test_request_that_waits_for_the_dns_is_given_up_too() -> None:
    """TXN-10."""
    peer = peer_of()
    number = peer.agent.request("OPTIONS", "sip:bob@phone.example", 0.0)
    (question,) = peer.events()
    assert isinstance(question, DnsQuestion)
    peer.pass_time(5.0)
    assert peer.events() == [RequestFailed(number, 408, "no response in time")]
    peer.agent.receive_dns_answer(question.question, (), 60.0, 6.0)
    assert peer.sent() == []
    assert left_over(peer.agent) == {}
    assert peer.agent.deadline is None


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan")])
def test_timeout_is_above_zero(timeout: float) -> None:
    """TXN-10."""
    with pytest.raises(LocalProtocolError, match="timeout"):
        peer_of().agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0, timeout=timeout)
