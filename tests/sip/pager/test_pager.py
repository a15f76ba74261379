"""Pager-mode messages (RFC 3428)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.pager import (
    MessageDelivered,
    MessageDropped,
    MessageFailed,
    MessageReceived,
    Pager,
    PagerConfig,
    PagerEvent,
    answer_message,
)
from sansio_sip.subscribe import RequestRefused, RequestTimedOut, RequestUnreachable
from tests.sip.subscribe.wire import ALICE, Script, Side
from tests.sip.vectors import EXAMPLES, octets

BOB = "sip:bob@192.0.2.2"


class Paging(Script):
    """A script with the pager that it plays against."""

    def __init__(self, **config: Any) -> None:
        super().__init__(Side("alice", ALICE))
        side = self.side
        self.pager = Pager(PagerConfig(**config), now=0.0, ids=side.ids, outbound=side.outbound)
        side.usages.append(self.pager)  # type: ignore[arg-type]
        side.on_request = lambda key, request: self.pager.receive_request(key, request, side.now)

    def page(self, body: bytes = b"hello", uri: str = BOB, **more: Any) -> int:
        return self.pager.send(uri, from_="<sip:alice@example.com>", now=self.now, body=body, **more)

    def told(self) -> list[PagerEvent]:
        events: list[PagerEvent] = []
        while (event := self.pager.next_event()) is not None:
            events.append(event)
        return events


# Sending


def test_message_has_a_body_and_neither_contact_nor_dialog() -> None:
    """CLI-4: RFC 3428 §4."""
    play = Paging(software="test")
    play.page(fields=[("Subject", "x")])
    message = play.request("MESSAGE")
    assert (message.uri, message.body, message.content_type) == (BOB, b"hello", "text/plain")
    assert message.get("to") == f"<{BOB}>"
    assert message.contacts == []
    assert not message.to_tag
    assert (message.get("subject"), message.get("user-agent")) == ("x", "test")


@pytest.mark.parametrize(("status", "stored"), [(200, False), (202, True)])
def test_2xx_is_a_delivery_and_202_only_a_store(status: int, stored: bool) -> None:
    """CLI-4: RFC 3428 §4."""
    play = Paging()
    number = play.page()
    play.respond(play.request("MESSAGE"), status)
    (event,) = play.told()
    assert isinstance(event, MessageDelivered)
    assert (event.message, event.stored, event.response.status_code) == (number, stored, status)


@pytest.mark.parametrize("status", [302, 404, 415, 480, 500, 603])
def test_failure_is_told_with_its_response(status: int) -> None:
    """CLI-4: RFC 3428 §7."""
    play = Paging()
    number = play.page()
    play.respond(play.request("MESSAGE"), status)
    (event,) = play.told()
    assert isinstance(event, MessageFailed)
    assert event.message == number
    assert isinstance(event.failure, RequestRefused)
    assert event.failure.status_code == status
    assert event.response is not None


def test_no_answer_and_no_way_are_told() -> None:
    """CLI-4: RFC 3261 §8.1.3.1."""
    play = Paging()
    play.page()
    play.pass_time(32.0)
    play.sent()
    (event,) = play.told()
    assert isinstance(event, MessageFailed)
    assert event.failure == RequestTimedOut()
    play.page(uri=f"{BOB};transport=tcp")
    (event,) = play.told()
    assert isinstance(event, MessageFailed)
    assert isinstance(event.failure, RequestUnreachable)


def test_there_is_one_message_at_a_time_for_each_uri() -> None:
    """CLI-4: RFC 3428 §8: no new MESSAGE to a URI while one is pending."""
    play = Paging()
    numbers = [play.page(body) for body in (b"1", b"2", b"3")]
    play.page(b"other", uri="sip:carol@192.0.2.2")
    sent = play.sent()
    assert [m.body for m in sent] == [b"1", b"other"]
    first = sent[0]
    assert isinstance(first, Request)
    play.respond(first, 200)
    second = play.request("MESSAGE")
    assert second.body == b"2"
    assert second.call_id != first.call_id
    play.respond(second, 500)
    third = play.request("MESSAGE")
    play.respond(third, 200)
    told = play.told()
    assert [event.message for event in told if not isinstance(event, MessageReceived)] == numbers
    assert [type(event) for event in told] == [MessageDelivered, MessageFailed, MessageDelivered]


def test_challenge_is_answered_before_the_next_message() -> None:
    """CLI-4, AUTH-1: RFC 3428 §11."""
    play = Paging(credentials=(Credentials("alice", "secret"),))
    play.page(b"1")
    play.page(b"2")
    play.respond(play.request("MESSAGE"), 407, extra=[("Proxy-Authenticate", 'Digest realm="r", nonce="n"')])
    again = play.request("MESSAGE")
    assert again.body == b"1"
    assert again.get("proxy-authorization")


@pytest.mark.parametrize("size", [900, 1_300])
def test_message_above_1300_octets_is_refused(size: int) -> None:
    """CLI-4: RFC 3428 §8: with all its headers."""
    play = Paging()
    if size == 900:
        play.page(b"x" * size)
        assert len(play.request("MESSAGE").to_bytes()) <= 1_300
        return
    with pytest.raises(LocalProtocolError, match="1300"):
        play.page(b"x" * size)
    assert play.sent() == []
    Paging(max_size=60_000).page(b"x" * size)


@pytest.mark.parametrize("bad", [{"content_type": ""}, {"to": "a\r\nb"}, {"fields": [("a b", "c")]}])
def test_message_that_cannot_be_sent_is_the_callers_mistake(bad: dict[str, Any]) -> None:
    """CLI-4, MSG-9."""
    play = Paging()
    with pytest.raises(LocalProtocolError):
        play.page(**bad)
    assert play.told() == []


def test_queue_is_bounded() -> None:
    """CLI-4, law 8."""
    play = Paging(max_waiting=2)
    for _ in range(3):
        play.page()
    with pytest.raises(LocalProtocolError):
        play.page()
    play.page(uri="sip:carol@192.0.2.2")


def test_close_drops_what_waits_and_hears_what_is_on_its_way() -> None:
    """CLI-4."""
    play = Paging()
    first, second, third = play.page(b"1"), play.page(b"2"), play.page(b"3")
    message = play.request("MESSAGE")
    play.pager.close(0.0)
    play.pager.close(0.0)
    assert play.told() == [MessageDropped(second), MessageDropped(third)]
    with pytest.raises(LocalProtocolError):
        play.page()
    assert play.pager.closed is False
    play.respond(message, 200)
    (event,) = play.told()
    assert isinstance(event, MessageDelivered)
    assert event.message == first
    play.pass_time(100.0)
    play.side.assert_quiet()
    assert play.pager.next_transmit() is None
    assert play.pager.deadline is None


# Receiving


@pytest.mark.parametrize(("relay", "status"), [(False, 200), (True, 202)])
def test_message_is_answered_at_once_without_body_and_contact(relay: bool, status: int) -> None:
    """CLI-4: RFC 3428 §7."""
    play = Paging(relay=relay, software="test")
    play.send(play.build("MESSAGE", body=b"hello", content_type="text/plain;charset=utf-8", contact="",
                         extra=[("Expires", "60")]))  # fmt: skip
    response = play.response(status)
    assert response.body == b""
    assert response.contacts == []
    assert response.to_tag
    assert response.get("server") == "test"
    (event,) = play.told()
    assert isinstance(event, MessageReceived)
    assert (event.content_type, event.body, event.expires) == ("text/plain", b"hello", 60)
    assert event.request.from_.uri is not None


@pytest.mark.parametrize("extra", [[], [("Content-Encoding", "gzip")]])
def test_message_that_cannot_be_shown_gets_415(extra: list[tuple[str, str]]) -> None:
    """CLI-4: RFC 3428 §9, RFC 3261 §8.2.3."""
    play = Paging(content_types=("text/plain", "message/cpim"))
    content_type = "text/plain" if extra else "text/html"
    play.send(play.build("MESSAGE", body=b"<b>", content_type=content_type, extra=extra))
    response = play.response(415)
    assert response.get("accept") == "text/plain, message/cpim"
    assert response.get("accept-encoding") == "identity"
    assert play.told() == []


def test_message_with_a_damaged_expires_gets_400() -> None:
    """CLI-4."""
    play = Paging()
    play.send(play.build("MESSAGE", extra=[("Expires", "soon")]))
    play.response(400)


def test_message_in_a_call_keeps_its_tag() -> None:
    """CLI-4: RFC 3428 §4: a MESSAGE may belong to a dialog; `answer_message` says how it is answered."""
    play = Paging()
    request = play.build("MESSAGE", to_tag="mine", body=b"hi", content_type="text/plain")
    assert answer_message(request, PagerConfig()).status_code == 200
    play.side._request = lambda key, request: play.pager.receive_request(key, request, 0.0)  # type: ignore[method-assign]
    play.send(request)
    assert play.response(200).to_tag == "mine"


def test_messages_of_the_rfc() -> None:
    """CLI-4: RFC 3428 §10."""
    play = Paging()
    requests = [parse_message(octets(v)) for v in EXAMPLES if v["id"].startswith("rfc3428/")]
    sent = [message for message in requests if isinstance(message, Request)]
    assert len(sent) == 2
    for message in sent:
        play.send(message)
        (response,) = play.sent()
        assert isinstance(response, Response)
        assert response.status_code == 200
    assert [event.body for event in play.told() if isinstance(event, MessageReceived)] == [
        b"Watson, come here."
    ] * 2


def test_configuration_names_the_field_at_fault() -> None:
    """CLI-4."""
    with pytest.raises(ValueError, match="max_size"):
        PagerConfig(max_size=10)
    with pytest.raises(ValueError, match="max_waiting"):
        PagerConfig(max_waiting=-1)
    assert Ids(lambda count: bytes(count)).tag() == "0" * 16
