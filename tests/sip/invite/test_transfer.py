"""REFER in both roles (RFC 3515, RFC 4488, RFC 3892)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent
from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.headers import Replaces
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallEnded,
    Failed,
    LocallyClosed,
    ReferAccepted,
    ReferConfig,
    ReferEnded,
    ReferFinished,
    ReferLost,
    ReferProgressed,
    ReferReceived,
    ReferRefused,
    RemoteBye,
    TimedOut,
)
from sansio_sip.message import BodyPart, Request, build_multipart, parse_multipart, parse_sipfrag
from tests.sip.harness import Peer, make_agent, media, offer, tables

CAROL = "sip:carol@192.0.2.3"
TRYING = b"SIP/2.0 100 Trying\r\n"


def quiet(peer: Peer) -> None:
    """Let all timers run; nothing may be left."""
    peer.pass_time(peer.now + 1_000.0)
    peer.sent()
    peer.events()
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


def hang_up(peer: Peer, session: str) -> None:
    peer.agent.hang_up(session, peer.now)
    for request in peer.sent():
        if isinstance(request, Request):
            peer.respond(request, 200)


# Referrer


class Referrer:
    """The agent in a call that it has made; the peer is told to call Carol."""

    def __init__(self, peer: Peer | None = None) -> None:
        self.peer = Peer() if peer is None else peer
        self.session, self.invite, _ = self.peer.established_from_agent()
        self.cseq = 0

    def refer(self, *, subscribe: bool = True) -> tuple[int, Request]:
        number = self.peer.agent.refer(self.session, CAROL, self.peer.now, subscribe=subscribe)
        return number, self.peer.request_from_agent("REFER")

    def notify(
        self,
        state: str = "active;expires=60",
        body: bytes = TRYING,
        *,
        event: str = "refer",
        content_type: str = "message/sipfrag;version=2.0",
        status: int = 200,
    ) -> list[object]:
        """Send a NOTIFY, expect its answer, return what the agent tells."""
        self.cseq += 1
        extra = [("Subscription-State", state)] if state else []
        extra += [("Event", event)] if event else []
        notify = self.peer.request_in(self.invite, "NOTIFY", cseq=self.cseq, extra=extra)
        notify.body = body
        if content_type:
            notify.add("Content-Type", content_type)
        self.peer.send(notify)
        self.answer = self.peer.response_from_agent(status)
        return list(self.peer.events())


def test_refer_as_in_the_prototypical_flow() -> None:
    """SES-13: RFC 3515 §2.4.1, §4.1: 202, NOTIFY 100, NOTIFY 200 with noresource."""
    call = Referrer()
    number, refer = call.refer()
    assert refer.get_all("refer-to") == ["<sip:carol@192.0.2.3>"]
    assert refer.get("referred-by") == "<sip:alice@example.com>"
    assert refer.get("refer-sub") is None
    assert "norefersub" in refer.supported
    assert [str(contact.uri) for contact in refer.contacts] == ["sip:alice@192.0.2.1:5060"]
    call.peer.respond(refer, 202)
    assert call.peer.events() == [ReferAccepted(call.session, number, subscribed=True)]
    assert call.notify() == [ReferProgressed(call.session, number, 100, "Trying")]
    assert call.notify(body=b"SIP/2.0 180 Ringing") == [ReferProgressed(call.session, number, 180, "Ringing")]
    assert call.notify("terminated;reason=noresource", b"SIP/2.0 200 OK\r\n") == [
        ReferProgressed(call.session, number, 200, "OK"),
        ReferEnded(call.session, number, ReferFinished(200, "OK")),
    ]
    call.notify("terminated;reason=noresource", status=481)
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_first_notify_may_come_before_the_202() -> None:
    """SES-13: RFC 3515 §2.4.4."""
    call = Referrer()
    number, refer = call.refer()
    assert call.notify() == [
        ReferAccepted(call.session, number, subscribed=True),
        ReferProgressed(call.session, number, 100, "Trying"),
    ]
    call.peer.respond(refer, 202)
    assert call.peer.events() == []
    assert call.notify("terminated;reason=noresource", b"SIP/2.0 486 Busy Here")[1] == ReferEnded(
        call.session, number, ReferFinished(486, "Busy Here")
    )


def test_whole_report_may_come_before_the_202() -> None:
    """SES-13: RFC 3515 §2.4.5: a minimal referee sends one NOTIFY only."""
    call = Referrer()
    number, refer = call.refer()
    events = call.notify("terminated;reason=noresource", b"SIP/2.0 503 Service Unavailable")
    assert events[-1] == ReferEnded(call.session, number, ReferFinished(503, "Service Unavailable"))
    call.peer.respond(refer, 202)
    assert call.peer.events() == []


@pytest.mark.parametrize("status", [302, 403, 429, 486, 603])
def test_refusal_is_told_and_the_call_goes_on(status: int) -> None:
    """SES-13: RFC 3515 §2.4.2, RFC 3892 §5: 429 wants a better Referred-By."""
    call = Referrer()
    number, refer = call.refer()
    response = call.peer.respond(refer, status)
    assert call.peer.events() == [ReferEnded(call.session, number, ReferRefused(status, response.reason))]
    call.notify(status=481)
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_call_does_not_exist_any_more() -> None:
    """SES-13, DLG-3: RFC 3261 §12.2.1.2: 481 ends the dialog."""
    call = Referrer()
    number, refer = call.refer()
    call.peer.respond(refer, 481)
    assert call.peer.events() == [
        ReferEnded(call.session, number, ReferRefused(481, "Call/Transaction Does Not Exist")),
        CallEnded(call.session, Failed("Call/Transaction Does Not Exist", 481)),
    ]
    call.peer.respond(call.peer.request_from_agent("BYE"), 481)
    quiet(call.peer)


def test_silent_peer_loses_the_call() -> None:
    """SES-13: RFC 3261 §12.2.1.2: a timeout counts as 408."""
    call = Referrer()
    number, _ = call.refer()
    call.peer.pass_time(33.0)
    assert call.peer.events() == [
        ReferEnded(call.session, number, ReferRefused(408, "no response in time")),
        CallEnded(call.session, TimedOut()),
    ]
    quiet(call.peer)


def test_subscription_is_suppressed_when_both_want_it() -> None:
    """SES-13: RFC 4488 §4: Refer-Sub: false in the REFER and in its 2xx."""
    call = Referrer()
    number, refer = call.refer(subscribe=False)
    assert refer.get("refer-sub") == "false"
    call.peer.respond(refer, 202, extra=[("Refer-Sub", "false")])
    assert call.peer.events() == [
        ReferAccepted(call.session, number, subscribed=False),
        ReferEnded(call.session, number, ReferLost(0, "suppressed")),
    ]
    call.notify(status=481)


@pytest.mark.parametrize("extra", [[], [("Refer-Sub", "true")], [("Refer-Sub", "?")]])
def test_peer_that_subscribes_us_all_the_same(extra: Sequence[tuple[str, str]]) -> None:
    """SES-13: RFC 4488 §4: without the header in the 2xx there is a subscription."""
    call = Referrer()
    number, refer = call.refer(subscribe=False)
    call.peer.respond(refer, 202, extra=extra)
    assert call.peer.events() == [ReferAccepted(call.session, number, subscribed=True)]
    assert call.notify() != []


def test_reports_of_two_refers_are_told_apart_by_the_id() -> None:
    """SES-13: RFC 3515 §2.4.6: id is the CSeq of the REFER."""
    call = Referrer()
    first, one = call.refer()
    call.peer.respond(one, 202)
    second, two = call.refer()
    call.peer.respond(two, 202)
    call.peer.events()
    assert call.notify() == [ReferProgressed(call.session, first, 100, "Trying")]
    assert call.notify(event=f"refer;id={two.cseq.number}") == [
        ReferProgressed(call.session, second, 100, "Trying")
    ]
    assert call.notify("terminated", event=f"refer;id={one.cseq.number}")[-1] == ReferEnded(
        call.session, first, ReferLost(100, "noresource")
    )
    call.notify(event=f"refer;id={one.cseq.number}", status=481)
    call.notify(event="refer;id=77", status=481)


@pytest.mark.parametrize(
    ("state", "event", "content_type", "body", "status", "field"),
    [
        ("active", "", "message/sipfrag", TRYING, 489, ("allow-events", "refer")),
        ("active", "presence", "message/sipfrag", TRYING, 489, ("allow-events", "refer")),
        ("active", "refer", "text/plain", TRYING, 415, ("accept", "message/sipfrag")),
        ("active", "refer", "", b"", 415, ("accept", "message/sipfrag")),
        ("active", "refer", "message/sipfrag", b"To: <sip:a@b>", 400, None),
        ("active", "refer", "message/sipfrag", b"nonsense", 400, None),
        ("", "refer", "message/sipfrag", TRYING, 400, None),
        ("a b", "refer", "message/sipfrag", TRYING, 400, None),
    ],
)
def test_notify_that_says_nothing_is_refused(
    state: str, event: str, content_type: str, body: bytes, status: int, field: tuple[str, str] | None
) -> None:
    """SES-13: RFC 3515 §2.4.4, §2.4.5, RFC 6665 §4.1.3; the subscription stays."""
    call = Referrer()
    _, refer = call.refer()
    call.peer.respond(refer, 202)
    call.peer.events()
    assert call.notify(state, body, event=event, content_type=content_type, status=status) == []
    if field is not None:
        assert call.answer.get(field[0]) == field[1]
    assert len(call.notify()) == 1


def test_notify_without_a_refer_is_refused() -> None:
    """SES-13: RFC 6665 §4.1.3."""
    Referrer().notify(status=481)


def test_peer_that_never_reports_is_given_up() -> None:
    """SES-13: RFC 6665 §4.1.2.4: timer N."""
    call = Referrer()
    number, refer = call.refer()
    call.peer.respond(refer, 202)
    call.peer.events()
    call.peer.pass_time(32.0)
    assert call.peer.events() == [ReferEnded(call.session, number, ReferLost(0, "expired"))]
    call.notify(status=481)


@pytest.mark.parametrize(
    ("state", "until"), [("active;expires=60", 92.0), ("active", 632.0), ("pending;expires=9999", 632.0)]
)
def test_peer_that_falls_silent_is_given_up(state: str, until: float) -> None:
    """SES-13: RFC 3515 §3.4: the duration that the referee chose, and no more than ten minutes."""
    call = Referrer()
    number, refer = call.refer()
    call.peer.respond(refer, 202)
    call.notify(state)
    call.peer.events()
    call.peer.pass_time(until - 0.1)
    assert call.peer.events() == []
    call.peer.pass_time(until)
    assert call.peer.events() == [ReferEnded(call.session, number, ReferLost(100, "expired"))]
    hang_up(call.peer, call.session)
    quiet(call.peer)


@pytest.mark.parametrize("reason", ["rejected", "timeout", "giveup"])
def test_report_that_ends_without_a_result(reason: str) -> None:
    """SES-13: RFC 3515 §2.4.7."""
    call = Referrer()
    number, refer = call.refer()
    call.peer.respond(refer, 202)
    call.peer.events()
    events = call.notify(f"terminated;reason={reason}")
    assert events[-1] == ReferEnded(call.session, number, ReferLost(100, reason))


@pytest.mark.parametrize("by_peer", [False, True])
def test_reports_go_on_after_the_call(by_peer: bool) -> None:
    """SES-13: RFC 5057 §4: BYE ends the call, not the subscription; the unprotected blind transfer."""
    call = Referrer()
    number, refer = call.refer()
    call.peer.respond(refer, 202)
    call.notify()
    call.peer.events()
    if by_peer:
        call.cseq += 1
        call.peer.send(call.peer.request_in(call.invite, "BYE", cseq=call.cseq))
        call.peer.response_from_agent(200)
        assert call.peer.events() == [CallEnded(call.session, RemoteBye())]
    else:
        hang_up(call.peer, call.session)
        assert call.peer.events() == [CallEnded(call.session, LocallyClosed())]
    assert call.notify(body=b"SIP/2.0 180 Ringing") == [ReferProgressed(call.session, number, 180, "Ringing")]
    assert call.notify("terminated;reason=noresource", b"SIP/2.0 200 OK")[-1] == ReferEnded(
        call.session, number, ReferFinished(200, "OK")
    )
    quiet(call.peer)


@pytest.mark.parametrize("notified", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_agent_that_closes_waits_for_no_report(answered: bool, notified: bool) -> None:
    """SES-13: law 8: closed once nothing is owed; the peer's next report is refused."""
    call = Referrer()
    number, refer = call.refer()
    if answered:
        call.peer.respond(refer, 202)
    if notified:
        call.notify()
    call.peer.events()
    call.peer.agent.close(call.peer.now)
    ended = ReferEnded(call.session, number, ReferLost(100 if notified else 0, "closed"))
    assert ended in call.peer.events()
    call.peer.respond(call.peer.request_from_agent("BYE"), 200)
    call.peer.respond(refer, 202)
    call.notify(status=481)
    call.peer.pass_time(40.0)
    assert call.peer.agent.closed


def test_challenged_refer_is_sent_again_and_its_reports_are_known() -> None:
    """SES-13, SES-30: the id is the number of the second try."""
    call = Referrer(Peer(make_agent(credentials=(Credentials("alice", "secret"),))))
    number, refer = call.refer()
    call.peer.respond(refer, 401, extra=[("WWW-Authenticate", 'Digest realm="r",nonce="n"')])
    again = call.peer.request_from_agent("REFER")
    assert again.cseq.number == refer.cseq.number + 1
    call.peer.respond(again, 202)
    call.peer.events()
    assert call.notify(event=f"refer;id={again.cseq.number}") == [
        ReferProgressed(call.session, number, 100, "Trying")
    ]


def test_misuse_changes_nothing() -> None:
    """SES-13."""
    call = Referrer()
    agent, session = call.peer.agent, call.session
    for target in ("", "sip:", "a b", "sip:a@b\r\nX: y"):
        with pytest.raises(LocalProtocolError):
            agent.refer(session, target, 0.0)
    with pytest.raises(LocalProtocolError):
        agent.refer(session, CAROL, 0.0, headers=[("X", "a\r\nb")])
    with pytest.raises(LocalProtocolError):
        agent.refer("nobody", CAROL, 0.0)
    for number in (0, 1, 99):
        with pytest.raises(LocalProtocolError):
            agent.accept_refer(session, number, 0.0)
    call.refer()
    with pytest.raises(LocalProtocolError):
        agent.reject_refer(session, 1, 603, 0.0)
    agent.notify_progress("nobody", 1, 200, 0.0)
    hang_up(call.peer, session)
    with pytest.raises(LocalProtocolError):
        agent.refer(session, CAROL, 0.0)


def test_refers_at_once_are_limited() -> None:
    """SES-13, SEC-2."""
    call = Referrer()
    for _ in range(8):
        call.refer()
    with pytest.raises(LocalProtocolError):
        call.peer.agent.refer(call.session, CAROL, 0.0)


def test_attended_transfer_names_the_dialog_as_its_target_sees_it() -> None:
    """SES-14: RFC 3891 §4, §7, RFC 3515 §2.1: Contact of the target, its local tag first."""
    peer = Peer()
    session, *_ = peer.established_from_agent()
    other = peer.agent.invite("sip:carol@192.0.2.3", None, 0.0)
    invite = peer.request_from_agent("INVITE")
    peer.respond(invite, 200, tag="carol", contact="<sip:carol@192.0.2.33:5070>")
    peer.request_from_agent("ACK")
    peer.agent.refer_to_call(session, other, 0.0)
    refer = peer.request_from_agent("REFER")
    replaces = f"{invite.call_id}%3Bto-tag%3Dcarol%3Bfrom-tag%3D{invite.from_tag}"
    assert refer.get("refer-to") == f"<sip:carol@192.0.2.33:5070?Replaces={replaces}>"
    with pytest.raises(LocalProtocolError):
        peer.agent.refer_to_call(session, "nobody", 0.0)
    third = peer.agent.invite("sip:carol@192.0.2.3", None, 0.0)
    with pytest.raises(LocalProtocolError):
        peer.agent.refer_to_call(session, third, 0.0)


def test_call_that_shall_take_the_place_of_another_names_it_as_the_peer_sees_it() -> None:
    """SES-14: RFC 3891 §3: the peer's tag first."""
    peer = Peer()
    session, first, ack = peer.established_from_agent()
    fields = dict(peer.agent.replacing_fields(session))
    assert fields["Require"] == "replaces"
    assert Replaces.parse(fields["Replaces"]) == Replaces(first.call_id, ack.to_tag, first.from_tag)
    peer.agent.invite("sip:bob@192.0.2.2", None, 0.0, headers=fields.items())
    invite = peer.request_from_agent("INVITE")
    assert invite.get("replaces") == fields["Replaces"]
    with pytest.raises(LocalProtocolError):
        peer.agent.replacing_fields("nobody")


# Referee


class Referee:
    """The agent in a call that came in; the peer tells it to call Carol."""

    def __init__(self) -> None:
        self.peer = Peer()
        self.session, self.tag = self.peer.established_to_agent()
        self.cseq = 1

    def request(self, method: str, extra: Sequence[tuple[str, str]] = ()) -> Request:
        self.cseq += 1
        return self.peer.request(method, to_tag=self.tag, cseq=self.cseq, extra=extra)

    def last_request(self) -> Request:
        """The last packet that is sent now, a request."""
        request = self.peer.sent()[-1]
        assert isinstance(request, Request)
        return request

    def refer(self, *extra: tuple[str, str], to: str = f"<{CAROL}>") -> ReferReceived:
        self.peer.send(self.request("REFER", [("Refer-To", to), *extra]))
        (event,) = self.peer.events()
        assert isinstance(event, ReferReceived)
        return event

    def accepted(self, *extra: tuple[str, str]) -> ReferReceived:
        """A REFER that is accepted, with its first NOTIFY answered."""
        event = self.refer(*extra)
        self.peer.agent.accept_refer(self.session, event.refer, self.peer.now)
        _, notify = self.peer.sent()
        assert isinstance(notify, Request)
        self.peer.respond(notify, 200)
        return event

    def report(self, event: ReferReceived, status: int, reason: str = "") -> None:
        self.peer.agent.notify_progress(self.session, event.refer, status, self.peer.now, reason=reason)

    def notified(self) -> tuple[str, int | None]:
        """State and status of the only packet that is sent now, a NOTIFY, which is answered."""
        notify = self.peer.request_from_agent("NOTIFY")
        self.peer.respond(notify, 200)
        self.last = notify
        return notify.get("subscription-state") or "", parse_sipfrag(notify.body).status_code


def test_refer_is_told_and_accepted_with_202_and_a_notify() -> None:
    """SES-13: RFC 3515 §2.4.2, §2.4.4, §4.1: 202 with Contact, NOTIFY at once."""
    call = Referee()
    event = call.refer(("Referred-By", "<sip:bob@example.com>"))
    assert (event.session, event.refer_to.target, event.refer_to.method) == (call.session, CAROL, "INVITE")
    assert event.headers == (("Referred-By", "<sip:bob@example.com>"),)
    assert (event.referred_by, event.parts) == ("<sip:bob@example.com>", ())
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    accepted, notify = call.peer.sent()
    assert not isinstance(accepted, Request)
    assert isinstance(notify, Request)
    assert accepted.status_code == 202
    assert accepted.contacts
    assert accepted.get("refer-sub") is None
    assert (notify.get("event"), notify.get("subscription-state")) == ("refer", "active;expires=180")
    assert notify.get("content-type") == "message/sipfrag;version=2.0"
    assert notify.body == TRYING
    assert (notify.call_id, notify.from_tag, notify.to_tag) == ("call-1", call.tag, "bob")
    assert [str(contact.uri) for contact in notify.contacts] == ["sip:alice@192.0.2.1:5060"]


def test_progress_is_reported_and_the_final_status_ends_it() -> None:
    """SES-13: RFC 3515 §2.4.5, §2.4.7."""
    call = Referee()
    event = call.accepted()
    call.peer.now = 2.0
    call.report(event, 180)
    assert call.notified() == ("active;expires=178", 180)
    call.peer.now = 4.0
    call.report(event, 200)
    assert call.notified() == ("terminated;reason=noresource", 200)
    call.report(event, 486)
    call.peer.agent.accept_refer(call.session, event.refer, 4.0)
    call.peer.agent.reject_refer(call.session, event.refer, 603, 4.0)
    assert call.peer.sent() == []
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_reports_come_once_a_second_and_the_latest_counts() -> None:
    """SES-13: RFC 3515 §3.10; a NOTIFY waits for the answer to the one before."""
    call = Referee()
    event = call.accepted()
    for status in (180, 183, 182):
        call.report(event, status)
    assert call.peer.sent() == []
    call.peer.pass_time(1.0)
    notify = call.peer.request_from_agent("NOTIFY")
    assert parse_sipfrag(notify.body).status_code == 182
    call.report(event, 180)
    call.report(event, 200, "Fine")
    call.peer.pass_time(1.4)
    assert call.peer.sent() == []
    call.peer.respond(notify, 200)
    call.peer.pass_time(2.0)
    last = call.peer.request_from_agent("NOTIFY")
    assert parse_sipfrag(last.body).reason == "Fine"
    assert last.cseq.number == notify.cseq.number + 1
    call.peer.respond(last, 200)
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_later_report_after_a_pause_goes_out_at_once() -> None:
    """SES-13: RFC 3515 §3.10: nobody waits for the end of a pause with nothing to say."""
    call = Referee()
    event = call.accepted()
    deadline = call.peer.agent.deadline
    assert deadline is not None
    assert deadline > 1.0
    call.peer.now = 1.0
    call.report(event, 200)
    assert call.notified() == ("terminated;reason=noresource", 200)


def test_refer_is_refused() -> None:
    """SES-13: RFC 3515 §2.4.2."""
    call = Referee()
    event = call.refer()
    call.peer.agent.reject_refer(call.session, event.refer, 603, 0.0, reason="No")
    assert call.peer.response_from_agent(603).reason == "No"
    call.report(event, 200)
    assert call.peer.sent() == []


def test_referee_may_ask_for_a_better_referred_by() -> None:
    """SES-13: RFC 3892 §5: 429 is the user's to give, who alone can say whom he believes."""
    call = Referee()
    event = call.refer()
    assert event.referred_by == ""
    call.peer.agent.reject_refer(call.session, event.refer, 429, 0.0)
    assert call.peer.response_from_agent(429).reason == "Provide Referrer Identity"


def test_undecided_refer_is_accepted_before_its_transaction_ends() -> None:
    """SES-13: RFC 3515 §2.4.2: 202 before the transaction expires, then pending with 100 (§2.4.5)."""
    call = Referee()
    event = call.refer()
    call.peer.pass_time(16.0)
    codes = call.peer.sent()
    assert [getattr(m, "status_code", "NOTIFY") for m in codes][-2:] == [202, "NOTIFY"]
    notify = codes[-1]
    assert isinstance(notify, Request)
    assert notify.get("subscription-state") == "pending;expires=180"
    assert notify.body == TRYING
    call.peer.respond(notify, 200)
    with pytest.raises(LocalProtocolError):
        call.report(event, 200)
    call.peer.pass_time(20.0)
    call.peer.agent.accept_refer(call.session, event.refer, 20.0)
    assert call.notified() == ("active;expires=176", 100)


def test_refer_that_is_denied_after_202() -> None:
    """SES-13: RFC 3515 §2.4.5, §2.4.7: 603 in the last NOTIFY."""
    call = Referee()
    event = call.refer()
    call.peer.pass_time(18.0)
    notify = call.peer.sent()[-1]
    assert isinstance(notify, Request)
    call.peer.respond(notify, 200)
    call.peer.agent.reject_refer(call.session, event.refer, 603, 18.0)
    assert call.notified() == ("terminated;reason=rejected", 603)
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_subscription_is_not_made_when_the_peer_wants_none() -> None:
    """SES-13: RFC 4488 §4: Refer-Sub: false comes back in the 2xx."""
    call = Referee()
    event = call.refer(("Refer-Sub", "false"), ("Require", "norefersub"))
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    assert call.peer.response_from_agent(202).get("refer-sub") == "false"
    call.report(event, 200)
    assert call.peer.sent() == []
    undecided = call.refer(("Refer-Sub", "false"))
    call.peer.pass_time(16.0)
    assert call.peer.sent()[-1].get("refer-sub") == "false"
    call.peer.agent.accept_refer(call.session, undecided.refer, 16.0)
    assert call.peer.sent() == []


def test_second_refer_has_an_id_in_its_reports() -> None:
    """SES-13: RFC 3515 §2.4.6, §4.2: for the second and later ones of a dialog."""
    call = Referee()
    call.accepted()
    number = call.cseq + 1
    event = call.refer()
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    notify = call.peer.sent()[1]
    assert notify.get("event") == f"refer;id={number}"


def test_refused_refer_counts_as_one_of_the_dialog() -> None:
    """SES-13: RFC 3515 §2.4.6."""
    call = Referee()
    call.peer.agent.reject_refer(call.session, call.refer().refer, 486, 0.0)
    call.peer.sent()
    event = call.refer()
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    assert call.peer.sent()[1].get("event") == f"refer;id={call.cseq}"


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ([], 400),
        ([("Refer-To", "<sip:a@b>"), ("Refer-To", "<sip:c@d>")], 400),
        ([("Refer-To", "<sip:a@b>, <sip:c@d>")], 400),
        ([("Refer-To", "<")], 400),
        ([("Refer-To", "http://www.ietf.org")], 416),
        ([("Refer-To", "<sip:a@b>"), ("Referred-By", "<sip:a@b>"), ("Referred-By", "<sip:a@b>")], 400),
        ([("Refer-To", "<sip:a@b>"), ("Refer-Sub", "perhaps")], 400),
        ([("Refer-To", "<sip:a@b>"), ("Require", "nosub")], 420),
    ],
)
def test_refer_that_cannot_be_followed_is_refused(extra: list[tuple[str, str]], status: int) -> None:
    """SES-13: RFC 3515 §2.4.2, RFC 3892 §2.1."""
    call = Referee()
    call.peer.send(call.request("REFER", extra))
    call.peer.response_from_agent(status)
    assert call.peer.events() == []
    assert call.refer().refer == 1


def test_telephone_number_can_be_referred_to() -> None:
    """SES-13."""
    assert Referee().refer(to="tel:+1234").refer_to.target == "tel:+1234"


def test_header_parts_of_the_target_come_with_the_event() -> None:
    """SES-14: RFC 3515 §2.1, RFC 3891 §7: Replaces for the new call; Via is not honoured."""
    event = Referee().refer(to="<sip:c@192.0.2.3?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Via=x>")
    assert event.headers == (("Replaces", "a@b;to-tag=1;from-tag=2"),)
    assert event.refer_to.replaces == Replaces("a@b", "1", "2")


@pytest.mark.parametrize("found", [False, True])
def test_token_of_the_referrer_comes_with_the_event(found: bool) -> None:
    """SES-13: RFC 3892 §2.2: header and token go into the referenced request as they are."""
    call = Referee()
    by = '<sip:bob@example.com>;cid="20398823.2UWQFN309shb3@referrer.example"'
    refer = call.request("REFER", [("Refer-To", f"<{CAROL}>"), ("Referred-By", by)])
    token = BodyPart.of(
        "multipart/signed",
        b"x",
        [("Content-ID", "<20398823.2UWQFN309shb3@referrer.example>")] if found else [],
    )
    content_type, refer.body = build_multipart([BodyPart.of("text/plain", b"y"), token], "b")
    refer.add("Content-Type", content_type)
    call.peer.send(refer)
    (event,) = call.peer.events()
    assert isinstance(event, ReferReceived)
    assert event.headers == (("Referred-By", by),)
    assert [part.body for part in event.parts] == ([b"x"] if found else [])
    call.peer.agent.invite(event.refer_to.target, media(), 0.0, headers=event.headers, parts=event.parts)
    invite = call.peer.request_from_agent("INVITE")
    assert invite.get("referred-by") == by
    if found:
        sdp, carried = parse_multipart(invite.body, invite.get("content-type") or "")
        assert sdp.content_type == "application/sdp"
        assert (carried.content_id, carried.body) == ("<20398823.2UWQFN309shb3@referrer.example>", b"x")
    else:
        assert invite.content_type == "application/sdp"


def test_token_goes_without_an_offer_too() -> None:
    """SES-13: RFC 3892 §2.2: a late offer leaves the description out, and the callee makes it."""
    peer = Peer()
    part = BodyPart.of("multipart/signed", b"x")
    peer.agent.invite("sip:bob@192.0.2.2", media(), 0.0, late_offer=True, parts=[part])
    invite = peer.request_from_agent("INVITE")
    assert [p.body for p in parse_multipart(invite.body, invite.get("content-type") or "")] == [b"x"]
    peer.respond(invite, 200, body=offer())
    assert peer.request_from_agent("ACK").content_type == "application/sdp"


@pytest.mark.parametrize("status", [481, 400, 500])
def test_subscription_ends_when_a_notify_is_refused(status: int) -> None:
    """SES-13: RFC 3515 §2.4.4, RFC 6665 §4.2.2: the referenced request goes on."""
    call = Referee()
    event = call.refer()
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    notify = call.peer.sent()[1]
    assert isinstance(notify, Request)
    call.report(event, 180)
    call.peer.respond(notify, status)
    call.peer.pass_time(10.0)
    call.report(event, 200)
    assert call.peer.sent() == []
    assert call.peer.events() == []
    hang_up(call.peer, call.session)
    quiet(call.peer)


def test_subscription_ends_when_a_notify_is_lost() -> None:
    """SES-13: RFC 6665 §4.2.2: timer F."""
    call = Referee()
    event = call.refer()
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    call.peer.pass_time(40.0)
    call.peer.sent()
    call.report(event, 200)
    assert call.peer.sent() == []


def test_subscription_runs_out() -> None:
    """SES-13: RFC 3515 §3.4, RFC 6665 §4.2.2: a last NOTIFY with reason timeout."""
    call = Referee()
    event = call.accepted()
    call.peer.pass_time(180.0)
    assert call.notified() == ("terminated;reason=timeout", 100)
    call.report(event, 200)
    assert call.peer.sent() == []


@pytest.mark.parametrize(
    ("asked", "granted"), [([("Expires", "60")], 60), ([("Expires", "7000")], 180), ([], 180)]
)
def test_subscription_is_refreshed(asked: list[tuple[str, str]], granted: int) -> None:
    """SES-13: RFC 3515 §2.4.4: SUBSCRIBE in the dialog; NOTIFY at once."""
    call = Referee()
    call.accepted()
    call.peer.pass_time(100.0)
    call.peer.send(call.request("SUBSCRIBE", [("Event", "refer"), *asked]))
    ok, notify = call.peer.sent()
    assert isinstance(notify, Request)
    assert ok.get("expires") == str(granted)
    assert notify.get("subscription-state") == f"active;expires={granted}"


@pytest.mark.parametrize("decided", [False, True])
def test_peer_unsubscribes(decided: bool) -> None:
    """SES-13: RFC 3515 §2.4.4: the referenced request goes on."""
    call = Referee()
    event = call.accepted() if decided else call.refer()
    if not decided:
        call.peer.pass_time(17.0)
        call.peer.respond(call.last_request(), 200)
    call.peer.pass_time(30.0)
    call.peer.send(call.request("SUBSCRIBE", [("Event", "refer"), ("Expires", "0")]))
    ok, notify = call.peer.sent()
    assert isinstance(notify, Request)
    assert ok.get("expires") == "0"
    assert notify.get("subscription-state") == "terminated;reason=timeout"
    call.peer.respond(notify, 200)
    call.report(event, 200)
    assert call.peer.sent() == []
    call.peer.send(call.request("SUBSCRIBE", [("Event", "refer")]))
    call.peer.response_from_agent(403)


def test_pending_subscription_is_refreshed() -> None:
    """SES-13: RFC 3515 §2.4.5."""
    call = Referee()
    call.refer()
    call.peer.pass_time(17.0)
    call.peer.respond(call.last_request(), 200)
    call.peer.pass_time(30.0)
    call.peer.send(call.request("SUBSCRIBE", [("Event", "refer"), ("Expires", "90")]))
    assert call.peer.sent()[1].get("subscription-state") == "pending;expires=90"


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ([("Event", "refer")], 403),
        ([("Event", "refer;id=5")], 403),
        ([("Event", "presence")], 489),
        ([], 489),
        ([("Event", "(")], 400),
    ],
)
def test_nothing_but_refer_makes_a_subscription(extra: list[tuple[str, str]], status: int) -> None:
    """SES-13: RFC 3515 §2.4.4: 403; other packages do not share the dialog of a call (RFC 6665 §4.5.2)."""
    call = Referee()
    call.refer()
    call.peer.send(call.request("SUBSCRIBE", extra))
    assert call.peer.response_from_agent(status).get("allow-events") == ("refer" if status == 489 else None)


def test_subscribe_with_a_damaged_expiry() -> None:
    """SES-13."""
    call = Referee()
    call.accepted()
    call.peer.send(call.request("SUBSCRIBE", [("Event", "refer"), ("Expires", "soon")]))
    call.peer.response_from_agent(400)


def test_refer_that_waits_is_answered_when_the_call_ends() -> None:
    """SES-13: RFC 3261 §15.1.2: open requests are answered with 487."""
    call = Referee()
    event = call.refer()
    call.peer.send(call.request("BYE"))
    assert call.peer.lines() == ["200", "487"]
    call.peer.agent.accept_refer(call.session, event.refer, 0.0)
    call.peer.agent.reject_refer(call.session, event.refer, 603, 0.0)
    call.peer.send(call.request("REFER", [("Refer-To", f"<{CAROL}>")]))
    call.peer.response_from_agent(481)
    quiet(call.peer)


def test_pending_refer_ends_with_the_call() -> None:
    """SES-13: RFC 3515 §2.4.7."""
    call = Referee()
    call.refer()
    call.peer.pass_time(17.0)
    call.peer.respond(call.last_request(), 200)
    call.peer.pass_time(19.0)
    call.peer.send(call.request("BYE"))
    notify = call.last_request()
    assert notify.get("subscription-state") == "terminated;reason=giveup"
    call.peer.respond(notify, 481)
    quiet(call.peer)


def test_accepted_refer_is_reported_after_the_call() -> None:
    """SES-13: RFC 5057 §4."""
    call = Referee()
    event = call.accepted()
    call.peer.pass_time(2.0)
    call.peer.send(call.request("BYE"))
    call.peer.response_from_agent(200)
    call.report(event, 200)
    assert call.notified() == ("terminated;reason=noresource", 200)
    quiet(call.peer)


@pytest.mark.parametrize("accepted", [False, True])
def test_agent_that_closes_says_so(accepted: bool) -> None:
    """SES-13: law 8."""
    call = Referee()
    if accepted:
        call.accepted()
    else:
        call.refer()
    call.peer.now = 2.0
    call.peer.agent.close(2.0)
    sent = call.peer.sent()
    for message in sent:
        if isinstance(message, Request):
            call.peer.respond(message, 200)
    if accepted:
        assert sent[-1].get("subscription-state") == "terminated;reason=giveup"
    else:
        assert [getattr(m, "status_code", 0) for m in sent if not isinstance(m, Request)] == [487]
    call.peer.pass_time(3.0)
    assert call.peer.agent.closed


def test_refers_of_the_peer_at_once_are_limited() -> None:
    """SES-13, SEC-2."""
    call = Referee()
    for _ in range(8):
        call.refer()
    call.peer.send(call.request("REFER", [("Refer-To", f"<{CAROL}>")]))
    assert call.peer.response_from_agent(503).get("retry-after") == "5"


def test_referee_misuse_changes_nothing() -> None:
    """SES-13."""
    call = Referee()
    event = call.refer()
    agent = call.peer.agent
    with pytest.raises(LocalProtocolError):
        call.report(event, 180)
    for status in (200, 299, 700):
        with pytest.raises(LocalProtocolError):
            agent.reject_refer(call.session, event.refer, status, 0.0)
    agent.accept_refer(call.session, event.refer, 0.0)
    call.peer.sent()
    with pytest.raises(LocalProtocolError):
        agent.accept_refer(call.session, event.refer, 0.0)
    with pytest.raises(LocalProtocolError):
        agent.reject_refer(call.session, event.refer, 603, 0.0)
    for status in (99, 700):
        with pytest.raises(LocalProtocolError):
            call.report(event, status)


def test_refer_and_notify_outside_of_a_call_are_refused() -> None:
    """SES-13: RFC 3515 §2.4.2, RFC 6665 §4.1.3."""
    peer = Peer()
    peer.send(peer.request("REFER", extra=[("Refer-To", f"<{CAROL}>")]))
    peer.response_from_agent(481)
    peer.send(peer.request("NOTIFY", extra=[("Event", "refer")]))
    peer.response_from_agent(481)


def test_peer_whose_flow_is_gone_hears_no_answer() -> None:
    """SES-13: nothing is raised for it."""
    call = Referee()
    event = call.refer()
    call.peer.agent._core.layer._servers._by_key.clear()
    call.peer.agent.reject_refer(call.session, event.refer, 603, 0.0)
    assert call.peer.sent() == []


def test_refer_is_declined_when_nobody_is_asked() -> None:
    """SES-13: RFC 3515 §2.4.2: by policy."""
    config = attrs.evolve(make_agent()._core.config, refer=ReferConfig(accept=False))
    peer = Peer(Agent(config, now=0.0, ids=Ids(Random(1).randbytes)))
    _, tag = peer.established_to_agent()
    peer.send(peer.request("REFER", to_tag=tag, cseq=2, extra=[("Refer-To", f"<{CAROL}>")]))
    peer.response_from_agent(603)
    assert peer.events() == []
