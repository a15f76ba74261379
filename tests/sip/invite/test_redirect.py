"""Redirections and refusals that say when to call again (RFC 3261 §8.1.3.4, §20.33)."""

from __future__ import annotations

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.invite import CallAnswered, Rejected, TimedOut, TransportLost
from sansio_sip.message import Request
from tests.sip.harness import ALICE, BOB, Peer, media
from tests.sip.invite.scripts import agent, sdp


def last_invite(peer: Peer) -> Request:
    invites = [m for m in peer.sent() if isinstance(m, Request) and m.method == "INVITE"]
    assert len(invites) == 1, peer.log
    return invites[0]


def follow(peer: Peer, invite: Request, contact: str, status: int = 302) -> Request:
    peer.respond(invite, status, contact=contact)
    return last_invite(peer)


def test_redirected_call_keeps_its_name_and_counts_on() -> None:
    """SES-30: same To, From and Call-ID; new Request-URI, branch and CSeq."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    again = follow(peer, invite, "<sip:carol@192.0.2.3>")
    assert again.uri == "sip:carol@192.0.2.3"
    assert (again.get("to"), again.get("from"), again.call_id) == (
        invite.get("to"),
        invite.get("from"),
        invite.call_id,
    )
    assert again.cseq.number == invite.cseq.number + 1
    assert again.via.branch != invite.via.branch
    assert again.body == invite.body
    assert peer.events() == []
    peer.respond(again, 200, body=sdp())
    peer.request_from_agent("ACK")
    assert isinstance(peer.events()[-1], CallAnswered)


def test_targets_are_tried_in_the_order_of_q() -> None:
    """RFC 3261 §8.1.3.4, §20.10: no q is the highest; failures make room for the next."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    contacts = (
        "<sip:low@192.0.2.3>;q=0.1, <sip:none@192.0.2.3>, <sip:mid@192.0.2.3>;q=0.5, <sip:odd@192.0.2.3>;q=x"
    )
    tried = []
    request = follow(peer, invite, contacts, 300)
    for status in (404, 503, 486):
        tried.append(request.uri)
        peer.respond(request, status)
        request = last_invite(peer)
    tried.append(request.uri)
    assert [uri[4:8] for uri in tried] == ["none", "odd@", "mid@", "low@"]
    peer.respond(request, 480)
    assert peer.ends() == [Rejected(480, "Temporarily Unavailable")]


def test_each_target_is_tried_once() -> None:
    """RFC 3261 §8.1.3.4: a loop of redirections ends."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    again = follow(peer, invite, "<sip:carol@192.0.2.3>")
    peer.respond(again, 302, contact="<sip:bob@192.0.2.2>, <SIP:carol@192.0.2.3>")
    assert peer.ends() == [Rejected(302, "Moved Temporarily")]


@pytest.mark.parametrize("allowed", [0, 1, 5])
def test_redirections_are_followed_so_often_only(allowed: int) -> None:
    """SES-30: 3xx 5 hops."""
    peer = Peer(agent(max_redirects=allowed))
    _, invite = peer.call_from_agent()
    for number in range(allowed):
        invite = follow(peer, invite, f"<sip:hop{number}@192.0.2.3>")
    peer.respond(invite, 302, contact="<sip:further@192.0.2.3>")
    assert peer.lines() == ["ACK"]
    assert peer.ends() == [Rejected(302, "Moved Temporarily")]


def test_five_redirections_are_followed_unless_told_otherwise() -> None:
    """SES-30: the default of the agent's configuration."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    for number in range(5):
        invite = follow(peer, invite, f"<sip:hop{number}@192.0.2.3>")
    peer.respond(invite, 302, contact="<sip:further@192.0.2.3>")
    assert peer.ends() == [Rejected(302, "Moved Temporarily")]


def test_flood_of_targets_ends() -> None:
    """Law 8: what one call tries has a bound."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    contacts = ", ".join(f"<sip:t{number}@192.0.2.3>" for number in range(100))
    invite = follow(peer, invite, contacts)
    tries = 1
    while not peer.ends():
        peer.respond(invite, 404)
        invites = [m for m in peer.sent() if isinstance(m, Request) and m.method == "INVITE"]
        tries += len(invites)
        invite = invites[0] if invites else invite
    assert tries == 31


@pytest.mark.parametrize("status", [305, 380])
def test_proxy_and_alternative_service_are_not_followed(status: int) -> None:
    """RFC 3261 §21.3.4, §21.3.5: they name no other address of the callee."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    peer.respond(invite, status, contact="<sip:carol@192.0.2.3>")
    assert [type(end) for end in peer.ends()] == [Rejected]


@pytest.mark.parametrize("contact", ["", "<mailto:a@b>", "<sip:", "*"])
def test_redirection_to_nowhere_is_a_refusal(contact: str) -> None:
    """RFC 3261 §8.1.3.4."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    peer.respond(invite, 302, contact=contact)
    assert [type(end) for end in peer.ends()] == [Rejected]


def test_secure_call_is_redirected_to_secure_targets_only() -> None:
    """RFC 3261 §8.1.3.4: SHOULD NOT recurse to a non-SIPS URI."""
    from sansio_sip.invite.redirect import Targets
    from sansio_sip.message import Response

    targets = Targets("sips:bob@example.com", 5)
    response = Response(302, "Moved Temporarily")
    response.add("Contact", "<sip:carol@example.com>, <sips:dave@example.com;method=BYE?x=y>")
    targets.failed(response)
    assert (way := targets.next()) is not None
    assert way.uri == "sips:dave@example.com"
    assert targets.next() is None


def test_refusal_by_everybody_is_not_asked_elsewhere() -> None:
    """RFC 3261 §21.6: 6xx is for every target."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    again = follow(peer, invite, "<sip:one@192.0.2.3>, <sip:two@192.0.2.3>")
    peer.respond(again, 603)
    assert [type(end) for end in peer.ends()] == [Rejected]


def test_silent_target_makes_room_for_the_next() -> None:
    """RFC 3261 §8.1.3.1, §8.1.3.4: a timeout counts as 408, a lost transport as 503."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    follow(peer, invite, "<sip:one@192.0.2.3>, <sip:two@192.0.2.4>, <sip:three@192.0.2.5>")
    peer.pass_time(32.0)
    assert [m.uri for m in peer.sent() if isinstance(m, Request)][-1] == "sip:two@192.0.2.4"
    peer.agent.flow_failed(BOB._replace(host="192.0.2.4"), "unreachable", peer.now)
    assert last_invite(peer).uri == "sip:three@192.0.2.5"
    peer.agent.flow_failed(BOB._replace(host="192.0.2.5"), "unreachable", peer.now)
    assert peer.ends() == [TransportLost("unreachable")]


def test_last_silent_target_ends_the_call() -> None:
    """RFC 3261 §8.1.3.1."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    follow(peer, invite, "<sip:one@192.0.2.3>")
    peer.pass_time(32.0)
    assert peer.ends() == [TimedOut()]


def test_credentials_stay_with_the_target_they_were_made_for() -> None:
    """AUTH-1: RFC 3261 §22.1: the digest covers the Request-URI."""
    peer = Peer(agent(credentials=(Credentials("alice", "secret"),)))
    _, invite = peer.call_from_agent()
    peer.respond(invite, 401, extra=(("WWW-Authenticate", 'Digest realm="r", nonce="n"'),))
    authorized = last_invite(peer)
    assert authorized.get("authorization")
    again = follow(peer, authorized, "<sip:carol@192.0.2.3>")
    assert again.get("authorization") is None
    assert again.cseq.number == invite.cseq.number + 2


def test_call_that_was_given_up_is_not_redirected() -> None:
    """RFC 3261 §9.1."""
    peer = Peer(agent())
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.agent.hang_up(session, 0.0)
    peer.sent()
    peer.respond(invite, 302, contact="<sip:carol@192.0.2.3>")
    assert peer.lines() == ["ACK"]


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("18000;duration=3600", 18000), ("5 (later)", 5), ("soon", None)]
)
def test_refusal_says_when_to_call_again(value: str, seconds: int | None) -> None:
    """SES-30: 503 Retry-After; RFC 3261 §20.33 with comment and parameters."""
    peer = Peer(agent())
    _, invite = peer.call_from_agent()
    peer.respond(invite, 503, extra=(("Retry-After", value),))
    (end,) = peer.ends()
    assert isinstance(end, Rejected)
    assert end.retry_after == seconds


def test_refusal_that_does_not_say_when_has_no_time() -> None:
    """SES-30."""
    peer = Peer(agent())
    peer.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    peer.respond(peer.request_from_agent("INVITE"), 486)
    (end,) = peer.ends()
    assert end == Rejected(486, "Busy Here")
    assert ALICE.host == "192.0.2.1"
