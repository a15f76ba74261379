"""The caller: answers of every kind, forks, CANCEL and BYE (RFC 3261 §13.2, §9.1, §15)."""

from __future__ import annotations

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import (
    CallAnswered,
    CallEnded,
    CallProgress,
    Cancelled,
    Failed,
    InfoReceived,
    InviteClient,
    LocallyClosed,
    MediaNegotiated,
    Rejected,
    RemoteBye,
    TimedOut,
    TransportLost,
)
from sansio_sip.message import NameAddr, Request
from sansio_sip.sdp import parse_sdp
from tests.sip.harness import BOB, Peer, make_agent, media, offer, tables

BAD_ANSWER = offer().replace(b"m=audio 4000 RTP/AVP 0 101", b"m=audio 0 RTP/AVP 0")


def quiet(peer: Peer) -> None:
    """Let all timers run; nothing may be left, and nobody hears of a second end."""
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert peer.ends() == []
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


# The answer


def test_invite_has_all_that_a_callee_needs() -> None:
    """DLG-2, MSG-5: §8.1.1, §13.2.1."""
    _, invite = Peer().call_from_agent()
    assert invite.uri == "sip:bob@192.0.2.2"
    assert invite.get("to") == "<sip:bob@192.0.2.2>"
    assert invite.from_.uri == NameAddr.parse("<sip:alice@example.com>").uri
    assert invite.from_tag
    assert invite.via.has_rport
    assert invite.via.branch.startswith("z9hG4bK")
    assert invite.cseq == (1, "INVITE")
    assert invite.max_forwards == 70
    assert [str(contact.uri) for contact in invite.contacts] == ["sip:alice@192.0.2.1:5060"]
    assert "INVITE" in invite.allow
    assert invite.get("user-agent") == "test"
    assert parse_sdp(invite.body).media[0].port == 4000


def test_answered_call_is_acknowledged_to_the_contact_and_told() -> None:
    """MSG-10, DLG-2, SES-7: §13.2.2.4."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="bob")
    peer.respond(invite, 200, tag="bob", body=offer(), contact="<sip:bob@192.0.2.77:5090>")
    ack = peer.request_from_agent("ACK")
    assert ack.uri == "sip:bob@192.0.2.77:5090"
    assert ack.to_tag == "bob"
    assert ack.via.branch != invite.via.branch
    assert ack.cseq == (1, "ACK")
    progress, negotiated, answered = peer.events()
    assert isinstance(progress, CallProgress)
    assert (progress.session, progress.status_code, progress.reason) == (session, 180, "Ringing")
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is not None
    assert (negotiated.media.remote_address, negotiated.early) == ("192.0.2.2", False)
    assert isinstance(answered, CallAnswered)


def test_repeated_2xx_gets_the_same_ack_again() -> None:
    """MSG-10: the ACK is sent for each 2xx that arrives."""
    peer = Peer()
    _, invite, ack = peer.established_from_agent()
    for _ in range(3):
        peer.respond(invite, 200, body=offer())
        assert peer.request_from_agent("ACK").to_bytes() == ack.to_bytes()
    assert peer.events() == []


def test_provisional_response_of_an_unknown_kind_counts_as_183() -> None:
    """TXN-9, RFC 3261 §8.1.3.2: progress and early media, and the INVITE is not repeated any more."""
    told = []
    for status in (183, 177):
        peer = Peer()
        _, invite = peer.call_from_agent()
        peer.respond(invite, status, body=offer())
        told.append([type(event) for event in peer.events()])
        peer.pass_time(100.0)
        assert peer.sent() == []
    assert told[0] == told[1]
    assert CallProgress in told[1]


def test_100_is_not_worth_an_event() -> None:
    """TXN-9."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 100, tag="")
    assert peer.events() == []
    peer.pass_time(1_000.0)
    assert peer.sent() == [], "a provisional answer ends the repeats"


@pytest.mark.parametrize("ringing", [False, True])
@pytest.mark.parametrize("status", [300, 302, 403, 404, 408, 480, 486, 487, 488, 500, 503, 600, 603, 699])
def test_failure_of_every_class_is_acknowledged_and_ends_the_call(status: int, ringing: bool) -> None:
    """SES-7, MSG-12: status and phrase are told; the response comes along."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    if ringing:
        peer.respond(invite, 180)
    peer.events()
    response = peer.respond(invite, status, extra=[("Retry-After", "7")])
    assert peer.request_from_agent("ACK").via.branch == invite.via.branch
    (event,) = peer.events()
    assert isinstance(event, CallEnded)
    assert event.end == Rejected(status, response.reason, retry_after=7)
    assert event.response is not None
    assert event.response.get("retry-after") == "7"
    quiet(peer)


def test_call_without_any_answer_times_out() -> None:
    """TXN-7: timer B."""
    peer = Peer()
    peer.call_from_agent()
    peer.pass_time(31.9)
    assert peer.ends() == []
    peer.pass_time(32.0)
    assert peer.ends() == [TimedOut("response")]
    quiet(peer)


def test_unreachable_callee_ends_the_call_at_once() -> None:
    """TXN-7: the synthetic 503 of §8.1.3.1."""
    peer = Peer()
    peer.call_from_agent()
    peer.agent.flow_failed(BOB, "connection refused", 0.1)
    assert peer.ends() == [TransportLost("connection refused")]
    quiet(peer)


def test_unreachable_after_the_ringing_is_no_end() -> None:
    """TXN-7: the callee has the INVITE."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.agent.flow_failed(BOB, "late error of an old copy", 0.1)
    peer.respond(invite, 200, body=offer())
    assert peer.lines() == ["ACK"]
    assert peer.ends() == []


# Media


def test_early_media_of_a_183_is_told_as_early_and_the_200_may_have_none() -> None:
    """SDP-9."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 183, body=offer("192.0.2.50"))
    progress, early = peer.events()
    assert isinstance(progress, CallProgress)
    assert isinstance(early, MediaNegotiated)
    assert early.early
    assert early.media is not None
    peer.respond(invite, 200)
    negotiated, answered = peer.events()
    assert isinstance(negotiated, MediaNegotiated)
    assert not negotiated.early
    assert negotiated.media == early.media
    assert isinstance(answered, CallAnswered)


def test_bad_early_media_is_no_reason_to_end_a_call() -> None:
    """SDP-9: the final answer decides."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    for body in (b"garbage", BAD_ANSWER):
        peer.respond(invite, 183, body=body)
    assert [type(event) for event in peer.events()] == [CallProgress, CallProgress]
    peer.respond(invite, 200, body=offer())
    assert peer.lines() == ["ACK"]
    quiet_after_hang_up(peer)


def quiet_after_hang_up(peer: Peer) -> None:
    peer.agent.close(peer.now)
    for message in peer.sent():
        if isinstance(message, Request) and message.method == "BYE":
            peer.respond(message, 200)
    peer.events()
    quiet(peer)


@pytest.mark.parametrize("ringing", [False, True])
@pytest.mark.parametrize("body", [b"garbage", BAD_ANSWER])
def test_bad_answer_gets_ack_and_bye(body: bytes, ringing: bool) -> None:
    """SDP-2: a 2xx cannot be refused, only ended."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    if ringing:
        peer.respond(invite, 180)
    peer.events()
    peer.respond(invite, 200, body=body)
    ack, bye = peer.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    (end,) = peer.ends()
    assert isinstance(end, Failed)
    assert end.cause
    peer.respond(bye, 200)
    quiet(peer)


def test_offer_of_the_callee_is_answered_in_the_ack() -> None:
    """SDP-2: §13.2.1, delayed offer, caller's side."""
    peer = Peer()
    _, invite = peer.call_from_agent(late_offer=True)
    assert invite.body == b""
    assert invite.content_type is None
    peer.respond(invite, 200, body=offer())
    ack = peer.request_from_agent("ACK")
    assert ack.content_type == "application/sdp"
    assert parse_sdp(ack.body).media[0].port == 4000
    negotiated = peer.events()[0]
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is not None
    assert negotiated.media.remote_address == "192.0.2.2"


def test_offer_of_the_callee_without_common_codec_gets_ack_and_bye() -> None:
    """SDP-2."""
    peer = Peer()
    _, invite = peer.call_from_agent(late_offer=True)
    peer.respond(invite, 200, body=offer().replace(b"PCMU/8000", b"EXOTIC/8000").replace(b" 0 101", b" 99"))
    assert peer.lines() == ["ACK", "BYE"]
    assert isinstance(peer.ends()[0], Failed)


def test_call_without_media_is_a_call() -> None:
    """SES-7: signalling only."""
    peer = Peer()
    peer.agent.invite("sip:bob@192.0.2.2", None, 0.0)
    invite = peer.request_from_agent("INVITE")
    assert invite.body == b""
    peer.respond(invite, 200)
    assert peer.lines() == ["ACK"]
    negotiated, answered = peer.events()
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is None
    assert isinstance(answered, CallAnswered)


# Forks


def test_second_branch_of_a_fork_gets_ack_and_bye_and_the_call_goes_on() -> None:
    """TXN-6, DLG-6: §13.2.2.4."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    for tag in ("one", "two"):
        peer.respond(invite, 180, tag=tag)
    peer.respond(invite, 200, tag="one", body=offer())
    peer.sent()
    peer.respond(invite, 200, tag="two", body=offer(), contact="<sip:bob@192.0.2.66>")
    ack, bye = peer.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert (ack.to_tag, bye.to_tag) == ("two", "two")
    assert bye.uri == "sip:bob@192.0.2.66"
    peer.respond(bye, 200)
    peer.respond(invite, 200, tag="two", body=offer())
    assert peer.lines() == ["ACK"], "the ACK again, but no second BYE"
    assert peer.ends() == []
    peer.agent.hang_up(session, 1.0)
    own_bye = peer.request_from_agent("BYE")
    assert own_bye.to_tag == "one"
    peer.respond(own_bye, 200)
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


def test_challenge_to_the_bye_of_a_lost_branch_leaves_the_call_alone() -> None:
    """TXN-6, AUTH-1."""
    peer = Peer(make_agent(credentials=(Credentials("alice", "secret"),)))
    _, invite = peer.call_from_agent()
    peer.respond(invite, 200, tag="one", body=offer())
    peer.sent()
    peer.respond(invite, 200, tag="two", body=offer())
    _, bye = peer.sent()
    assert isinstance(bye, Request)
    peer.respond(bye, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    again = peer.request_from_agent("BYE")
    assert again.to_tag == "two"
    assert again.cseq.number == bye.cseq.number + 1
    assert again.get("authorization") is not None
    peer.respond(again, 200)
    assert peer.agent.statistics().calls == 1
    assert peer.ends() == []


def test_bye_of_a_lost_branch_is_answered_and_leaves_the_call_alone() -> None:
    """TXN-6, DLG-5: a branch may hang up before our BYE reaches it."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="two")
    peer.respond(invite, 200, tag="one", body=offer())
    peer.sent()
    peer.events()
    for method, status in (("BYE", 200), ("INFO", 481)):
        peer.send(peer.request_in(invite, method, tag="two"))
        peer.response_from_agent(status)
    assert peer.events() == []
    peer.send(peer.request_in(invite, "BYE", tag="one"))
    peer.response_from_agent(200)
    assert peer.ends() == [RemoteBye()]


def test_flood_of_forged_branches_is_bounded() -> None:
    """Law 8, DLG-6."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    for n in range(200):
        peer.respond(invite, 180, tag=f"t{n}")
    assert tables(peer.agent)["dialogs"] <= 32
    for n in range(200):
        peer.respond(invite, 200, tag=f"t{n}", body=offer())
    assert len(peer.sent()) <= 64
    assert peer.agent.statistics().transactions <= 64


# CANCEL


def test_hang_up_before_any_answer_waits_for_one_to_send_cancel() -> None:
    """TXN-4: §9.1."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.agent.hang_up(session, 0.1)
    assert peer.sent() == []
    assert peer.ends() == [Cancelled()]
    peer.respond(invite, 100, tag="")
    cancel = peer.request_from_agent("CANCEL")
    assert cancel.via == invite.via
    for key in ("from", "to", "call-id", "route"):
        assert cancel.get(key) == invite.get(key)
    assert cancel.cseq == (1, "CANCEL")
    assert cancel.uri == invite.uri
    peer.respond(cancel, 200)
    peer.respond(invite, 487)
    assert peer.lines() == ["ACK"]
    quiet(peer)


def test_hang_up_while_it_rings_sends_cancel_at_once() -> None:
    """TXN-4, SES-11."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.events()
    peer.agent.hang_up(session, 0.1)
    peer.agent.hang_up(session, 0.1)
    cancel = peer.request_from_agent("CANCEL")
    assert peer.ends() == [Cancelled()]
    peer.respond(invite, 180)
    peer.respond(cancel, 200)
    peer.respond(invite, 487)
    quiet(peer)


@pytest.mark.parametrize("late", ["waiting", "cancelling"])
@pytest.mark.parametrize("body", [offer(), BAD_ANSWER, b""])
def test_200_that_crosses_the_cancel_gets_ack_and_bye(late: str, body: bytes) -> None:
    """TXN-4: §9.1, §15."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    if late == "cancelling":
        peer.respond(invite, 180)
    peer.agent.hang_up(session, 0.1)
    peer.sent()
    assert peer.ends() == [Cancelled()]
    peer.respond(invite, 200, body=body)
    ack, bye = peer.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    peer.respond(invite, 200, body=body)
    assert peer.lines() == ["ACK"]
    peer.respond(bye, 200)
    quiet(peer)


def test_200_that_crosses_the_cancel_of_a_callee_that_then_dies() -> None:
    """TXN-4, TXN-7: the timer of the CANCEL does not outlive it."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.agent.hang_up(session, 0.1)
    assert peer.ends() == [Cancelled()]
    peer.sent()
    peer.now = 20.0
    peer.respond(invite, 200, body=offer())
    assert peer.lines() == ["ACK", "BYE"]
    peer.pass_time(40.0)
    assert peer.agent.call_id(session) == invite.call_id, "the BYE is still sent"
    quiet(peer)


def test_cancel_that_nobody_heeds_destroys_the_invite_after_64_t1() -> None:
    """TXN-4: §9.1."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.agent.hang_up(session, 1.0)
    cancel = peer.request_from_agent("CANCEL")
    assert peer.ends() == [Cancelled()]
    peer.respond(cancel, 481)
    peer.pass_time(32.9)
    assert peer.agent.statistics().calls == 1
    peer.pass_time(40.0)
    assert peer.agent.statistics().calls == 0
    quiet(peer)


@pytest.mark.parametrize("status", [487, 486, 401, 503])
def test_any_failure_after_the_cancel_ends_the_call(status: int) -> None:
    """TXN-4: a challenge to a call that was given up is not answered."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.agent.hang_up(session, 0.1)
    peer.sent()
    peer.events()
    peer.respond(invite, status)
    assert peer.lines() == ["ACK"]
    quiet(peer)


def test_waiting_to_cancel_ends_with_timer_b_or_a_failure() -> None:
    """TXN-4."""
    for ending in ("time", "failure", "transport"):
        peer = Peer()
        session, invite = peer.call_from_agent()
        peer.agent.hang_up(session, 0.1)
        assert peer.ends() == [Cancelled()]
        if ending == "failure":
            peer.respond(invite, 486)
        elif ending == "transport":
            peer.agent.flow_failed(BOB, "refused", 0.2)
        quiet(peer)


# BYE


def test_hang_up_of_a_call_sends_bye() -> None:
    """SES-11: §15.1.1."""
    peer = Peer()
    session, invite, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    peer.agent.hang_up(session, 1.0)
    bye = peer.request_from_agent("BYE")
    assert bye.cseq.number == invite.cseq.number + 1
    assert bye.to_tag == "bob"
    assert peer.ends() == [LocallyClosed()]
    peer.respond(bye, 200)
    quiet(peer)


@pytest.mark.parametrize("status", [481, 408, 500, 401])
def test_any_answer_to_a_bye_ends_the_dialog(status: int) -> None:
    """SES-11: §15.1.1."""
    peer = Peer()
    session, _, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    peer.respond(peer.request_from_agent("BYE"), status)
    assert peer.sent() == []
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


def test_bye_to_a_dead_peer_gives_up_after_timer_f() -> None:
    """TXN-7, SES-11."""
    peer = Peer()
    session, _, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    assert peer.ends() == [LocallyClosed()]
    peer.pass_time(40.0)
    assert [m for m in peer.lines() if m != "BYE"] == []
    quiet(peer)


def test_bye_of_the_callee_ends_the_call_with_its_reason() -> None:
    """SES-11: RFC 3326."""
    peer = Peer()
    _, invite, _ = peer.established_from_agent()
    bye = peer.request_in(invite, "BYE", extra=[("Reason", "Q.850;cause=16")])
    peer.send(bye)
    peer.response_from_agent(200)
    assert peer.ends() == [RemoteBye("Q.850;cause=16")]
    peer.send(bye)
    peer.response_from_agent(200)
    quiet(peer)


def test_byes_that_cross_end_the_call_once() -> None:
    """SES-11."""
    peer = Peer()
    session, invite, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    own = peer.request_from_agent("BYE")
    assert peer.ends() == [LocallyClosed()]
    peer.send(peer.request_in(invite, "BYE"))
    peer.response_from_agent(200)
    peer.respond(own, 481)
    quiet(peer)


def test_bye_of_a_callee_whose_2xx_were_all_lost_ends_the_call_and_cancels_the_rest() -> None:
    """TXN-5, DLG-5: §13.3.1.4 seen from the caller."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="bob")
    peer.events()
    peer.send(peer.request_in(invite, "BYE"))
    assert peer.lines() == ["200", "CANCEL"]
    assert peer.ends() == [RemoteBye()]
    quiet(peer)


def test_bye_in_an_early_dialog_that_the_challenge_has_ended_gets_481() -> None:
    """DLG-5: §13.2.2.3: a final response ends the early dialogs of its INVITE."""
    peer = Peer(make_agent(credentials=(Credentials("alice", "secret"),)))
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.respond(invite, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    peer.sent()
    peer.events()
    peer.send(peer.request_in(invite, "BYE"))
    peer.response_from_agent(481)
    assert peer.events() == []


# Requests inside the call


def test_info_is_told_and_options_are_answered() -> None:
    """SES-15, DLG-8."""
    peer = Peer()
    session, invite, _ = peer.established_from_agent()
    info = peer.request_in(invite, "INFO", cseq=5, extra=[("Content-Type", "application/dtmf-relay")])
    info.body = b"Signal=5\r\n"
    peer.send(info)
    peer.response_from_agent(200)
    assert peer.events() == [InfoReceived(session, "application/dtmf-relay", b"Signal=5\r\n")]
    peer.send(peer.request_in(invite, "OPTIONS", cseq=6))
    ok = peer.response_from_agent(200)
    assert "INVITE" in ok.allow
    assert ok.get("server") == "test"


@pytest.mark.parametrize(
    ("method", "cseq", "extra", "status"),
    [
        ("REFER", 9, (), 400),
        ("PUBLISH", 9, (), 405),
        ("NEW", 9, (), 501),
        ("INFO", 9, (("Require", "foo"),), 420),
        ("INFO", 2, (), 500),
    ],
)
def test_what_a_call_cannot_do_is_refused_and_leaves_it_alone(
    method: str, cseq: int, extra: tuple[tuple[str, str], ...], status: int
) -> None:
    """DLG-4, MSG-2: §8.2, §12.2.2, §14.2."""
    peer = Peer()
    _, invite, _ = peer.established_from_agent()
    peer.send(peer.request_in(invite, "OPTIONS", cseq=3))
    peer.sent()
    peer.send(peer.request_in(invite, method, cseq=cseq, extra=extra))
    peer.response_from_agent(status)
    assert peer.events() == []
    peer.send(peer.request_in(invite, "BYE", cseq=10))
    peer.response_from_agent(200)


def test_invite_of_the_callee_in_an_early_dialog_gets_491() -> None:
    """DLG-17: §14.2: our INVITE is in progress."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.send(peer.request_in(invite, "INVITE"))
    peer.response_from_agent(491)


def test_request_in_a_call_that_is_over_gets_481_but_bye_200() -> None:
    """DLG-4."""
    peer = Peer()
    session, invite, _ = peer.established_from_agent()
    peer.agent.hang_up(session, 1.0)
    peer.sent()
    peer.events()
    for method, status in (("INFO", 481), ("OPTIONS", 481), ("INVITE", 481), ("BYE", 200)):
        peer.send(peer.request_in(invite, method))
        peer.response_from_agent(status)
    assert peer.events() == []


# What a callee may break


@pytest.mark.parametrize("contact", ["<sip:bob@", "mailto:bob", "<sip:>"])
def test_180_with_a_broken_contact_still_rings(contact: str) -> None:
    """DLG-2."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180, contact=contact)
    (event,) = peer.events()
    assert isinstance(event, CallProgress)


@pytest.mark.parametrize("header", [("Record-Route", "<sip:p1"), ("Contact", "<sip:bob@")])
def test_200_that_cannot_be_acknowledged_ends_the_call(header: tuple[str, str]) -> None:
    """DLG-2: the callee gives up by itself; the user is told at once and may still hang up."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180)
    peer.events()
    for _ in range(2):
        peer.respond(invite, 200, contact="", extra=[header])
    (end,) = peer.ends()
    assert isinstance(end, TransportLost)
    peer.agent.hang_up(session, 1.0)
    assert peer.sent() == []
    quiet(peer)


def test_contact_that_cannot_be_sent_to_still_ends_quietly() -> None:
    """DLG-2, TXN-7."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200, body=offer(), contact="<tel:+15551234>")
    assert peer.sent() == []
    peer.agent.hang_up(session, 1.0)
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


def test_call_can_be_made_once_only() -> None:
    """SES-7: misuse changes nothing."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    client = peer.agent._calls.find(session)
    assert isinstance(client, InviteClient)
    with pytest.raises(LocalProtocolError):
        client.invite("sip:c@192.0.2.3", from_="<sip:a@b>", to="<sip:c@d>", media=media(), now=0.0)
    assert client.call_id == invite.call_id
    peer.respond(invite, 200, body=offer())
    assert peer.lines() == ["ACK"]
