"""Challenged INVITE, BYE and OPTIONS (RFC 3261 §22)."""

from __future__ import annotations

import pytest

from sansio_sip.agent import ResponseReceived
from sansio_sip.auth import Credentials
from sansio_sip.invite import CallAnswered, LocallyClosed, Rejected
from sansio_sip.message import Request
from sansio_sip.resolve import DnsQuestion
from tests.sip.harness import BOB, Peer, make_agent, media, offer, tables
from tests.sip.names import Zone

PAIRS = [(401, "WWW-Authenticate", "authorization"), (407, "Proxy-Authenticate", "proxy-authorization")]
each_kind = pytest.mark.parametrize(("status", "header", "answer"), PAIRS)


def challenged(nonce: str = "n", realm: str = "example.com", extra: str = "") -> str:
    return f'Digest realm="{realm}", nonce="{nonce}", algorithm=SHA-256, qop="auth"{extra}'


def user(password: str = "secret") -> Peer:
    return Peer(make_agent(credentials=(Credentials("alice", password),)))


def quiet(peer: Peer) -> None:
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


@each_kind
@pytest.mark.parametrize("ringing", [False, True])
def test_challenged_invite_is_sent_again_with_credentials(
    status: int, header: str, answer: str, ringing: bool
) -> None:
    """AUTH-1: §22.2, §8.1.3.5: the same Call-ID, From and To, the next number, a new branch."""
    peer = user()
    _, invite = peer.call_from_agent()
    if ringing:
        peer.respond(invite, 180)
        peer.events()
    peer.respond(invite, status, extra=[(header, challenged())])
    ack, again = peer.sent()
    assert isinstance(ack, Request)
    assert isinstance(again, Request)
    assert (ack.method, again.method) == ("ACK", "INVITE")
    assert again.via.branch != invite.via.branch
    assert again.cseq == (2, "INVITE")
    for key in ("from", "to", "call-id", "contact"):
        assert again.get(key) == invite.get(key)
    assert again.body == invite.body
    assert f'uri="{invite.uri}"' in (again.get(answer) or "")
    assert peer.events() == []
    peer.respond(again, 200, body=offer())
    ack_2xx = peer.request_from_agent("ACK")
    assert ack_2xx.cseq == (2, "ACK")
    assert ack_2xx.get(answer) == again.get(answer)
    assert isinstance(peer.events()[-1], CallAnswered)


@each_kind
def test_wrong_password_ends_the_call_after_one_try(status: int, header: str, answer: str) -> None:
    """AUTH-1: no loop that would lock an account."""
    peer = user("wrong")
    _, invite = peer.call_from_agent()
    peer.respond(invite, status, extra=[(header, challenged("one"))])
    _, again = peer.sent()
    assert isinstance(again, Request)
    peer.respond(again, status, extra=[(header, challenged("two"))])
    assert peer.lines() == ["ACK"]
    (end,) = peer.ends()
    assert isinstance(end, Rejected)
    assert end.status_code == status
    quiet(peer)


def test_stale_nonce_is_tried_again() -> None:
    """AUTH-1: RFC 7616 §3.3."""
    peer = user()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 401, extra=[("WWW-Authenticate", challenged("one"))])
    _, second = peer.sent()
    assert isinstance(second, Request)
    peer.respond(second, 401, extra=[("WWW-Authenticate", challenged("two", extra=", stale=true"))])
    _, third = peer.sent()
    assert isinstance(third, Request)
    assert third.cseq.number == 3
    assert 'nonce="two"' in (third.get("authorization") or "")
    peer.respond(third, 486)
    quiet(peer)


def test_proxy_and_server_may_both_challenge() -> None:
    """AUTH-1: §22.3: both credentials go out in the third try."""
    peer = user()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 407, extra=[("Proxy-Authenticate", challenged(realm="proxy"))])
    _, second = peer.sent()
    assert isinstance(second, Request)
    peer.respond(second, 401, extra=[("WWW-Authenticate", challenged(realm="server"))])
    _, third = peer.sent()
    assert isinstance(third, Request)
    assert third.get("proxy-authorization") is not None
    assert third.get("authorization") is not None


@pytest.mark.parametrize(
    "value", ["Bearer x", "Digest", "Digest realm=", 'Digest realm="r", nonce="n", algorithm=X']
)
def test_challenge_that_cannot_be_answered_ends_the_call(value: str) -> None:
    """AUTH-1, AUTH-2."""
    peer = user()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 401, extra=[("WWW-Authenticate", value)])
    assert peer.lines() == ["ACK"]
    assert isinstance(peer.ends()[0], Rejected)


def test_without_credentials_a_challenge_ends_the_call() -> None:
    """AUTH-1."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 401, extra=[("WWW-Authenticate", challenged())])
    assert peer.lines() == ["ACK"]
    assert isinstance(peer.ends()[0], Rejected)
    quiet(peer)


def test_trouble_with_the_first_invite_does_not_touch_the_second() -> None:
    """AUTH-1, TXN-7: its transaction lives on for timer D."""
    peer = user()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 407, extra=[("Proxy-Authenticate", challenged())])
    _, again = peer.sent()
    assert isinstance(again, Request)
    peer.respond(again, 180)
    peer.events()
    peer.agent.flow_failed(BOB, "refused", 0.5)  # ends the first, whose ACK did not get there
    assert peer.events() == []
    peer.respond(again, 200, body=offer())
    assert peer.lines() == ["ACK"]
    peer.agent.hang_up(session, 1.0)
    peer.respond(peer.request_from_agent("BYE"), 200)
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


@each_kind
def test_challenged_bye_is_sent_again_with_credentials(status: int, header: str, answer: str) -> None:
    """AUTH-1, SES-11."""
    peer = user()
    session, _, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    bye = peer.request_from_agent("BYE")
    peer.respond(bye, status, extra=[(header, challenged())])
    again = peer.request_from_agent("BYE")
    assert again.cseq.number == bye.cseq.number + 1
    assert again.via.branch != bye.via.branch
    assert again.get(answer) is not None
    peer.respond(again, 200)
    quiet(peer)


def test_bye_that_is_refused_for_ever_is_not_sent_for_ever() -> None:
    """AUTH-1: wrong password, or a server that always says stale."""
    for extra in ("", ", stale=true"):
        peer = user()
        session, _, _ = peer.established_from_agent()
        peer.agent.hang_up(session, 1.0)
        tries = 0
        while (messages := peer.sent()) and tries < 50:
            (bye,) = messages
            assert isinstance(bye, Request)
            tries += 1
            peer.respond(bye, 401, extra=[("WWW-Authenticate", challenged(f"n{tries}", extra=extra))])
        assert tries <= 5
        assert peer.ends() == [LocallyClosed()]
        quiet(peer)


@each_kind
def test_challenged_options_are_sent_again_with_credentials(status: int, header: str, answer: str) -> None:
    """AUTH-1, TXN-10."""
    peer = user()
    number = peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    first = peer.request_from_agent("OPTIONS")
    peer.respond(first, status, extra=[(header, challenged())])
    again = peer.request_from_agent("OPTIONS")
    assert again.cseq == (2, "OPTIONS")
    assert again.get(answer) is not None
    assert peer.events() == []
    peer.respond(again, 200)
    (event,) = peer.events()
    assert isinstance(event, ResponseReceived)
    assert (event.request, event.response.status_code) == (number, 200)
    quiet(peer)


def test_refused_options_tell_the_refusal() -> None:
    """AUTH-1, TXN-10."""
    peer = user("wrong")
    peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    for nonce in ("one", "two"):
        peer.respond(peer.request_from_agent("OPTIONS"), 401, extra=[("WWW-Authenticate", challenged(nonce))])
    (event,) = peer.events()
    assert isinstance(event, ResponseReceived)
    assert event.response.status_code == 401
    quiet(peer)


def test_hang_up_while_the_second_invite_waits_for_the_dns() -> None:
    """AUTH-1, TXN-4."""
    peer = user()
    session = peer.agent.invite("sip:bob@phone.example", media(), 0.0)
    peer.look_up(Zone({"phone.example": ["192.0.2.2"]}, ttl=0.0), 0.0)
    invite = peer.request_from_agent("INVITE")
    peer.respond(invite, 407, extra=[("Proxy-Authenticate", challenged())])
    assert peer.lines() == ["ACK"]
    assert [type(event) for event in peer.events()] == [DnsQuestion]
    peer.respond(invite, 407, extra=[("Proxy-Authenticate", challenged())])
    peer.agent.flow_failed(BOB, "refused", 0.5)
    peer.sent()
    assert peer.events() == []
    peer.agent.hang_up(session, 1.0)
    assert len(peer.ends()) == 1
    quiet(peer)
