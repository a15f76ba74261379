"""Ways that no other test goes, each of which a caller or a peer can take (TST-4: every branch is shown)."""

from __future__ import annotations

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import CSeq, Request, Via, build_response
from sansio_sip.sdp import (
    NegotiationError,
    apply_answer,
    build_sdp,
    make_offer,
    media_formats,
    parse_sdp,
)
from sansio_sip.subscribe import PublishOrder, SubscriptionRequested
from sansio_sip.transaction import (
    ClientNonInvite,
    LayerConfig,
    ServerInvite,
    TimerConfig,
    TransactionLayer,
    stateless_response,
)
from tests.sip.harness import ALICE, BOB, Peer, media, offer
from tests.sip.test_agent_usages import OPEN, ORDER, notifying_agent

# The transactions


def test_message_of_the_wrong_kind_changes_no_transaction() -> None:
    """TXN-1, law 5: a server transaction takes no response, a client transaction no request."""
    request = Peer().request("INVITE")
    server = ServerInvite(request, ("s",), BOB, now=0.0, timers=TimerConfig())
    options = Peer().request("OPTIONS")
    client = ClientNonInvite(options, ("c",), BOB, now=0.0, timers=TimerConfig())
    assert client.next_transmit() is not None
    server.receive_message(build_response(request, 200, to_tag="x"), BOB, 0.0)
    client.receive_message(options, BOB, 0.0)
    for machine in (server, client):
        assert machine.next_event() is None
        assert machine.next_transmit() is None


@pytest.mark.parametrize(
    "extra", [[("X-Note", "two\r\nlines")], [("no token", "x")]], ids=["line break", "bad name"]
)
def test_answer_that_cannot_be_written_is_none(extra: list[tuple[str, str]]) -> None:
    """TXN-10, MSG-9: a bad field of the caller is no way into the stream of a peer."""
    request = Peer().request("OPTIONS")
    assert stateless_response(request, 404, BOB, extra=extra) is None
    assert stateless_response(request, 404, BOB) is not None


def test_via_that_holds_nul_is_nobody_to_answer() -> None:
    """TXN-10: what holds a NUL is not repeated, and without a Via nobody could match the answer."""
    request = Peer().request("OPTIONS")
    index = next(i for i, field in enumerate(request.fields) if field[0] == "via")
    request.fields[index] = ("via", "Via", 'SIP/2.0/UDP a;branch=z9hG4bK1;x="\0"')
    assert stateless_response(request, 400, BOB) is None


# Messages


def test_message_without_via_has_none_to_replace() -> None:
    """MSG-1."""
    request = Request("OPTIONS", "sip:a")
    request.replace_via(Via.parse("SIP/2.0/UDP a;branch=z9hG4bK1"))
    assert request.fields == []


def test_cseq_reads_as_it_is_written() -> None:
    """MSG-3."""
    assert str(CSeq(7, "INVITE")) == "7 INVITE"


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_is_neither_name_nor_password(text: str) -> None:
    """AUTH-1: it could not be hashed when the challenge comes, so it fails at construction."""
    with pytest.raises(ValueError, match="username"):
        Credentials(text, "secret")
    with pytest.raises(ValueError, match="password"):
        Credentials("alice", text)


def test_octets_that_are_no_text_can_be_a_name_and_password() -> None:
    """AUTH-1: as PEP 383 writes them; a phone may have been given any."""
    assert Credentials("\udcff", "\udc80").username == "\udcff"


# Descriptions


def test_format_with_an_endless_rtpmap_is_read_and_not_remembered() -> None:
    """SDP-2."""
    name = "X" * 200
    body = offer().replace(b"a=rtpmap:0 PCMU", f"a=rtpmap:0 {name}".encode())
    description = parse_sdp(body)
    assert media_formats(description.media[0])[0].name == name


def test_offer_after_all_lines_were_refused_gets_a_line_of_its_own() -> None:
    """SDP-7 (RFC 3264 §8): refused lines keep their places, and a slot is never taken away."""
    before = make_offer(media(), session_id=1, version=1)
    refused = parse_sdp(build_sdp(before).replace(b"m=audio 4000", b"m=audio 0"))
    again = make_offer(media(), session_id=1, version=2, previous=refused)
    assert [line.port for line in again.media] == [0, media().port]


def test_answer_to_an_offer_without_audio_is_none() -> None:
    """SDP-6."""
    video = parse_sdp(offer().replace(b"m=audio", b"m=video"))
    with pytest.raises(NegotiationError, match="no audio"):
        apply_answer(video, video, media())


# Agents


def asked_to_let_watch() -> tuple[Peer, str]:
    """An agent that somebody wants to watch, and the name of the subscription."""
    peer = Peer(notifying_agent(1), endpoint=ALICE)
    extra = [("Event", "presence"), ("Contact", "<sip:alice@192.0.2.1>"), ("Expires", "600")]
    peer.send(peer.request("SUBSCRIBE", uri="sip:bob@192.0.2.2", extra=extra))
    (event,) = [event for event in peer.events() if isinstance(event, SubscriptionRequested)]
    return peer, event.subscription


def test_subscription_is_refused_by_an_agent() -> None:
    """SRV-6: RFC 6665 §4.2.1."""
    peer, name = asked_to_let_watch()
    peer.agent.reject_subscription(name, 0.0, 603)
    assert peer.lines()[:1] == ["603"]
    peer.pass_time(100.0)
    assert peer.agent.statistics().usages == 0


def test_subscription_is_ended_by_an_agent() -> None:
    """SRV-6: RFC 6665 §4.2.2: a last NOTIFY says why and when to come again."""
    peer, name = asked_to_let_watch()
    peer.agent.accept_subscription(name, OPEN, 0.0)
    peer.sent()
    peer.agent.end_subscription(name, "probation", 1.0, 30)
    for _ in range(2):  # the first NOTIFY is under way; the last one waits for its answer
        for message in peer.sent():
            if isinstance(message, Request):
                last = message
                peer.send(build_response(message, 200))
    assert last.get("subscription-state") == "terminated;reason=probation;retry-after=30"
    peer.pass_time(100.0)
    assert peer.agent.statistics().usages == 0


def test_verbs_for_what_is_not_there_are_refused() -> None:
    """CLI-4, CLI-5: a wrong name, a name of another kind; dropping what is gone is no error."""
    peer = Peer()
    with pytest.raises(LocalProtocolError, match="there is no subscription or publication"):
        peer.agent.change_publication("nobody", OPEN, 0.0)
    watching = peer.agent.subscribe(ORDER, 0.0)
    with pytest.raises(LocalProtocolError, match="of that kind"):
        peer.agent.change_publication(watching, OPEN, 0.0)
    order = PublishOrder(uri="sip:bob@192.0.2.2", package="presence", from_="<sip:alice@example.com>")
    publishing = peer.agent.publish(order, OPEN, 0.0)
    for name in (watching, publishing, watching, "nobody"):
        peer.agent.drop(name, 0.0)


def test_call_in_the_name_of_another() -> None:
    """CLI-1: From is the caller's choice."""
    peer = Peer()
    peer.agent.invite("sip:bob@192.0.2.2", media(), 0.0, from_='"The Desk" <sip:desk@example.com>')
    assert peer.request_from_agent("INVITE").from_.display_name == "The Desk"


def test_answer_for_a_call_that_was_released_is_nobodys() -> None:
    """DLG-17: another process has the call; what still comes here is taken and changes nothing."""
    peer = Peer()
    session, _, _ = peer.established_from_agent()
    peer.agent.hold(session, 1.0)
    reinvite = peer.request_from_agent("INVITE")
    peer.agent.release_call(session, 2.0)
    peer.respond(reinvite, 200, body=offer())
    peer.pass_time(100.0)
    assert peer.agent.statistics().calls == 0
    assert not peer.ends()


# On the way out


def test_strict_route_is_no_next_hop_of_a_request_outside_of_dialogs() -> None:
    """TRN-11, RFC 3261 §8.1.2: only a loose route is followed; it stays in the request all the same."""
    peer = Peer()
    for route in ("<sip:192.0.2.77>", "<sip:192.0.2.77;lr>"):
        peer.agent.invite("sip:bob@192.0.2.2", media(), 0.0, headers=[("Route", route)])
    hosts = []
    while (transmit := peer.agent.next_transmit()) is not None:
        hosts.append(transmit.destination.host)
    assert hosts == ["192.0.2.2", "192.0.2.77"]


def test_transaction_that_is_gone_takes_no_other_way() -> None:
    """TRN-11, RFC 3263 §5: the DNS may answer when nobody has anything to say any more."""
    layer = TransactionLayer(LayerConfig(), now=0.0)
    layer.redirect(("z9hG4bKgone", "OPTIONS"), Endpoint("UDP", "192.0.2.7", 5060))
    assert (layer.next_transmit(), layer.closed) == (None, True)
