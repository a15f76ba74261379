"""MESSAGE through a whole agent, outside and inside of calls (RFC 3428, CLI-4)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import RequestFailed, ResponseReceived
from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.pager import MessageDelivered, MessageDropped, MessageFailed, MessageReceived, PagerConfig
from tests.sip.agent.net import left_over, peer_of
from tests.sip.harness import Peer

TEXT = PagerConfig(content_types=("text/plain", "text/html"))


def message(peer: Peer, content_type: str = "text/plain", **more: Any) -> None:
    request = peer.request("MESSAGE", extra=[("Content-Type", content_type)], **more)
    request.body = b"hi"
    peer.send(request)


@pytest.mark.parametrize(("relay", "status"), [(False, 200), (True, 202)])
def test_message_is_an_event_and_answered(relay: bool, status: int) -> None:
    """CLI-4."""
    peer = peer_of(pager=PagerConfig(relay=relay))
    message(peer)
    peer.response_from_agent(status)
    (event,) = peer.events()
    assert isinstance(event, MessageReceived)
    assert (event.content_type, event.body, event.session, event.username) == ("text/plain", b"hi", "", "")


def test_message_of_another_type_gets_415_with_what_is_taken() -> None:
    """CLI-4: Accept by configuration."""
    peer = peer_of(pager=TEXT)
    message(peer, "image/png")
    assert peer.response_from_agent(415).get("accept") == "text/plain, text/html"
    assert peer.events() == []
    peer.send(peer.request("OPTIONS"))
    options = peer.response_from_agent(200)
    assert "MESSAGE" in options.allow
    assert "text/html" in (options.get("accept") or "")


@pytest.mark.parametrize(
    ("extra", "uri", "status"), [([("Require", "foo")], "sip:a@b", 420), ([], "http://example.com/", 416)]
)
def test_message_is_inspected_like_everything_else(
    extra: list[tuple[str, str]], uri: str, status: int
) -> None:
    """MSG-12: §8.2.2."""
    peer = peer_of(pager=TEXT)
    peer.send(peer.request("MESSAGE", extra=extra, uri=uri))
    peer.response_from_agent(status)


def test_message_in_a_call_names_it() -> None:
    """CLI-4: RFC 3428 §4."""
    peer = peer_of(pager=TEXT)
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    peer.events()
    request = peer.request_in(invite, "MESSAGE", cseq=7, extra=[("Content-Type", "text/plain")])
    request.body = b"psst"
    peer.send(request)
    peer.response_from_agent(200)
    (event,) = peer.events()
    assert isinstance(event, MessageReceived)
    assert (event.session, event.body) == (session, b"psst")
    number = peer.agent.request_in_call(session, "MESSAGE", 1.0, content_type="text/plain", body=b"hush")
    sent = peer.request_from_agent("MESSAGE")
    assert (sent.to_tag, sent.body, sent.cseq.number) == ("bob", b"hush", invite.cseq.number + 1)
    peer.respond(sent, 202)
    (end,) = peer.events()
    assert isinstance(end, ResponseReceived)
    assert (end.request, end.response.status_code) == (number, 202)


def test_message_is_sent_challenged_and_delivered() -> None:
    """CLI-4, AUTH-1: through the outbound proxy, without Contact, though none is taken."""
    peer = peer_of(credentials=(Credentials("alice", "secret"),), outbound_proxy="sip:192.0.2.99")
    number = peer.agent.send_message(
        "sip:bob@example.com", 0.0, body=b"hi", from_="<sip:me@example.com>", headers=[("Expires", "60")]
    )
    sent = peer.request_from_agent("MESSAGE")
    assert sent.get("route") == "<sip:192.0.2.99;lr>"
    assert (sent.get("contact"), sent.get("expires"), sent.get("user-agent")) == (None, "60", "test")
    assert str(sent.from_.uri) == "sip:me@example.com"
    peer.respond(sent, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    again = peer.request_from_agent("MESSAGE")
    assert again.get("authorization")
    peer.respond(again, 200)
    (event,) = peer.events()
    assert isinstance(event, MessageDelivered)
    assert (event.message, event.stored) == (number, False)


def test_message_without_an_answer_fails_and_the_next_one_goes() -> None:
    """CLI-4, TXN-10: 32 s; one at a time for each address."""
    peer = peer_of()
    first, second = (peer.agent.send_message("sip:bob@192.0.2.2", 0.0, body=b) for b in (b"1", b"2"))
    assert peer.lines() == ["MESSAGE"]
    peer.pass_time(32.0)
    (failed,) = peer.events()
    assert isinstance(failed, MessageFailed)
    assert failed.message == first
    last = [m for m in peer.sent() if m.body == b"2"]
    assert len(last) == 1
    peer.agent.send_message("sip:bob@192.0.2.2", 33.0, body=b"3")
    peer.agent.close(33.0)
    assert [event for event in peer.events() if isinstance(event, MessageDropped)]
    assert second != first
    peer.pass_time(100.0)
    peer.sent()
    assert left_over(peer.agent) == {}
    assert peer.agent.closed


@pytest.mark.parametrize(
    "bad",
    [{"uri": "bob"}, {"from_": "<sip:a"}, {"body": b"x" * 2_000}, {"headers": [("X Y", "1")]}],
)
def test_message_that_cannot_be_sent_is_a_local_mistake(bad: dict[str, Any]) -> None:
    """CLI-4, MSG-9."""
    peer = peer_of()
    with pytest.raises(LocalProtocolError):
        peer.agent.send_message(**{"uri": "sip:bob@192.0.2.2", "now": 0.0, "body": b"hi", **bad})
    assert left_over(peer.agent) == {}


def test_closing_agent_sends_no_message() -> None:
    """SES-22."""
    peer = peer_of()
    peer.agent.close(0.0)
    with pytest.raises(LocalProtocolError, match="closing"):
        peer.agent.send_message("sip:bob@192.0.2.2", 0.0, body=b"hi")


@pytest.mark.parametrize(("status", "ended"), [(None, True), (481, True), (500, False)])
def test_request_in_a_call_that_fails_may_end_it(status: int | None, ended: bool) -> None:
    """MSG-11, DLG-7: RFC 3261 §12.2.1.2."""
    peer = peer_of()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    peer.events()
    number = peer.agent.request_in_call(session, "FOO", 1.0)
    sent = peer.request_from_agent("FOO")
    if status is None:
        peer.pass_time(40.0)
    else:
        peer.respond(sent, status)
    event, *ends = peer.events()
    if status is None:
        assert event == RequestFailed(number, 408, "no response in time")
    else:
        assert isinstance(event, ResponseReceived)
    assert bool(ends) == ended


def test_request_in_a_call_that_ends_meanwhile_is_told_all_the_same() -> None:
    """MSG-11."""
    peer = peer_of()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200)
    peer.lines()
    number = peer.agent.request_in_call(session, "FOO", 1.0)
    sent = peer.request_from_agent("FOO")
    peer.agent.hang_up(session, 1.0)
    peer.events()
    peer.respond(sent, 481)
    (event,) = peer.events()
    assert isinstance(event, ResponseReceived)
    assert event.request == number
    with pytest.raises(LocalProtocolError, match="nothing more"):
        peer.agent.request_in_call(session, "FOO", 2.0)


@pytest.mark.parametrize(
    "bad", [{"method": "BYE"}, {"method": "INFO"}, {"headers": [("X Y", "1")]}, {"body": b"x"}]
)
def test_request_in_a_call_that_cannot_be_sent_changes_nothing(bad: dict[str, Any]) -> None:
    """MSG-9: the next request has the next number."""
    peer = peer_of()
    session, invite = peer.call_from_agent()
    with pytest.raises(LocalProtocolError, match="no dialog"):
        peer.agent.request_in_call(session, "FOO", 0.0)
    peer.respond(invite, 200)
    peer.lines()
    with pytest.raises(LocalProtocolError):
        peer.agent.request_in_call(**{"session": session, "method": "FOO", "now": 0.0, **bad})
    assert peer.agent.request_in_call(session, "FOO", 0.0) == 1
    assert peer.request_from_agent("FOO").cseq.number == invite.cseq.number + 1
