"""The notifier against a scripted subscriber (RFC 6665 §4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError, RemoteProtocolError
from sansio_sip.message import Request, Response
from sansio_sip.subscribe import (
    DIALOG,
    EMPTY_STATE,
    MESSAGE_SUMMARY,
    PRESENCE,
    EventPackage,
    FixedState,
    Notifier,
    NotifierState,
    NotifyFailed,
    RemotelyUnsubscribed,
    RequestRefused,
    SubscriberGone,
    SubscriptionClosed,
    SubscriptionExpired,
    SubscriptionRequested,
    admit,
)
from tests.sip.subscribe.wire import ALICE, PACKAGES, Script, Side

OPEN = FixedState("application/pidf+xml", b"open")
BUSY = FixedState("application/pidf+xml", b"busy")


class Counting:
    """A state that shows how its documents were asked for."""

    content_type = "text/plain"

    def document(self, version: int, *, full: bool) -> bytes:
        return f"{version} {'full' if full else 'partial'}".encode()


class Playing(Script):
    """A script that subscribes to the side."""

    def __init__(self, **side: Any) -> None:
        super().__init__(Side("alice", ALICE, **side))
        self.notifier: Notifier | None = None
        self.cseq = 1
        self.tag = ""

    def subscribe(self, event: str = "presence", expires: str | None = "600", **more: Any) -> Request:
        extra = [("Event", event), *([("Expires", expires)] if expires is not None else [])]
        extra += more.pop("extra", [])
        request = self.build("SUBSCRIBE", to_tag=self.tag, cseq=self.cseq, extra=extra, **more)
        self.cseq += 1
        self.send(request)
        return request

    def requested(self, **values: Any) -> tuple[Notifier, SubscriptionRequested]:
        self.subscribe(**values)
        event = self.taken(SubscriptionRequested)
        self.notifier = self.side.find(event.subscription)
        return self.notifier, event

    def accepted(self, state: Any = OPEN, **values: Any) -> Notifier:
        """Subscribe, let it be accepted, and answer the first NOTIFY."""
        notifier, _ = self.requested(**values)
        notifier.accept(state, self.now)
        ok, notify = self.sent()
        assert isinstance(ok, Response)
        assert isinstance(notify, Request)
        self.tag = ok.to_tag
        self.respond(notify, 200)
        return notifier

    def gone(self) -> SubscriberGone:
        return self.taken(SubscriberGone)

    def quiet(self) -> None:
        self.pass_time(self.now + 200.0)
        self.sent()
        self.side.events.clear()
        self.side.assert_quiet()


def bodies(messages: list[Request | Response]) -> list[bytes]:
    return [message.body for message in messages if isinstance(message, Request)]


# SUBSCRIBE


def test_subscribe_is_told_and_waits_for_the_users_decision() -> None:
    """SRV-6: RFC 6665 §4.2.1."""
    _, event = Playing().requested(event="presence;id=5", expires="900")
    assert (event.event.package, event.event.id, event.expires) == ("presence", "5", 900)
    assert event.request.method == "SUBSCRIBE"


def test_accepted_subscriber_gets_200_and_a_notify_at_once() -> None:
    """SRV-6: RFC 6665 §4.2.1.1, §4.2.1.2, §4.2.2."""
    play = Playing()
    notifier, _ = play.requested(event="presence;id=5", expires="900")
    notifier.accept(OPEN, play.now)
    ok, notify = play.sent()
    assert isinstance(ok, Response)
    assert (ok.status_code, ok.expires) == (200, 900)
    assert ok.to_tag
    assert ok.contacts
    assert ok.get("event") is None, "§8.2.1: Event is in no response"
    assert isinstance(notify, Request)
    assert notify.uri == "sip:bob@192.0.2.2"
    assert (notify.from_tag, notify.to_tag) == (ok.to_tag, "bob")
    assert notify.get("event") == "presence;id=5", "§4.5.2"
    assert notify.get("subscription-state") == "active;expires=900"
    assert notify.body == b"open"
    assert notify.content_type == "application/pidf+xml"
    assert notify.contacts


def test_undecided_subscriber_is_pending_before_its_transaction_times_out() -> None:
    """SRV-6: RFC 6665 §4.2.1.1, §4.2.1.3: no wait for a person; 200 and never 202 (§8.3.1)."""
    play = Playing()
    notifier, _ = play.requested()
    play.pass_time(0.5)
    ok, notify = play.sent()
    assert isinstance(ok, Response)
    assert ok.status_code == 200
    assert isinstance(notify, Request)
    assert notify.get("subscription-state") == "pending;expires=600"
    assert notify.body == b""
    play.respond(notify, 200)
    notifier.notify(BUSY, play.now)
    assert play.sent() == [], "nobody is told while pending"
    notifier.accept(OPEN, 10.0)
    now_active = play.request("NOTIFY")
    assert now_active.get("subscription-state") == "active;expires=590"
    assert now_active.body == b"open", "RFC 3856 §6.7"
    with pytest.raises(LocalProtocolError):
        notifier.accept(OPEN, 10.0)


def test_pending_by_choice_can_show_a_neutral_state() -> None:
    """SRV-6: RFC 6665 §5.4.7, RFC 3856 §6.6.2."""
    play = Playing()
    notifier, _ = play.requested()
    notifier.pend(play.now, FixedState("application/pidf+xml", b"offline"))
    _, notify = play.sent()
    assert notify.body == b"offline"
    with pytest.raises(LocalProtocolError):
        notifier.pend(play.now)


@pytest.mark.parametrize("status", [403, 603, 404])
def test_refused_subscriber_gets_the_status_and_no_notify(status: int) -> None:
    """SRV-6: RFC 6665 §4.2.1.3."""
    play = Playing()
    notifier, _ = play.requested()
    notifier.reject(play.now, status, "Not you")
    assert play.response(status).reason == "Not you"
    assert play.gone().end == RequestRefused(status, "Not you")
    play.quiet()


def test_subscriber_refused_after_a_while_is_told_by_a_notify_without_the_state() -> None:
    """SRV-6: RFC 6665 §4.2.1.3."""
    play = Playing()
    notifier = play.accepted()
    notifier.reject(play.now)
    last = play.request("NOTIFY")
    assert last.get("subscription-state") == "terminated;reason=rejected"
    assert last.body == b""
    assert play.gone().end == SubscriptionClosed("rejected")
    play.respond(last, 200)
    play.quiet()


def test_status_that_refuses_nothing_is_a_mistake() -> None:
    """SRV-6."""
    notifier, _ = Playing().requested()
    with pytest.raises(LocalProtocolError):
        notifier.reject(0.0, 200)
    with pytest.raises(LocalProtocolError):
        notifier.reject(0.0, 403, "a\r\nb")
    with pytest.raises(LocalProtocolError):
        notifier.terminate("no token", 0.0)
    with pytest.raises(LocalProtocolError):
        notifier.terminate("deactivated", 0.0)
    assert notifier.state is NotifierState.RECEIVED
    assert "RECEIVED" in repr(notifier)


@pytest.mark.parametrize(("event", "status"), [(None, 489), ("conference", 489), ("presence, dialog", 489)])
def test_unknown_package_gets_489_with_the_known_ones(event: str | None, status: int) -> None:
    """SRV-6: RFC 6665 §4.2.1.1, §4.2.3, §4.4.4."""
    play = Playing()
    request = play.build("SUBSCRIBE", extra=[("Event", event)] if event else [])
    play.send(request)
    assert play.response(status).get("allow-events") == "presence, dialog, message-summary"
    assert not play.side.usages


def test_two_event_headers_get_489() -> None:
    """SRV-6: RFC 6665 §8.2.1."""
    play = Playing()
    play.send(play.build("SUBSCRIBE", extra=[("Event", "presence"), ("Event", "dialog")]))
    play.response(489)


@pytest.mark.parametrize(("accept", "served"), [
    ("application/pidf+xml", True), ("text/plain, application/*;q=0.1", True), ("*/*", True), ("", True),
    ("text/plain", False),
])  # fmt: skip
def test_subscriber_that_cannot_read_the_package_gets_406(accept: str, served: bool) -> None:
    """SRV-6: RFC 6665 §3.1.3, §4.1.2.1."""
    play = Playing()
    play.subscribe(extra=[("Accept", accept)] if accept else [])
    if served:
        play.taken(SubscriptionRequested)
    else:
        play.response(406)


@pytest.mark.parametrize(("wanted", "granted"), [
    (None, 3_600), ("600", 600), ("3600", 3_600), ("9999999", 86_400), ("60", 60), ("0", 0),
])  # fmt: skip
def test_time_is_only_shortened(wanted: str | None, granted: int) -> None:
    """SRV-6: RFC 6665 §3.1.1, §4.2.1.1, §5.4.4, RFC 3856 §6.4: an hour when nothing is said."""
    _, event = Playing().requested(expires=wanted)
    assert event.expires == granted


@pytest.mark.parametrize("wanted", ["1", "59"])
def test_brief_interval_gets_423(wanted: str) -> None:
    """SRV-6: RFC 6665 §4.2.1.1."""
    play = Playing()
    play.subscribe(expires=wanted)
    assert play.response(423).get("min-expires") == "60"


def test_an_hour_is_never_too_brief() -> None:
    """SRV-6: RFC 6665 §4.2.1.1: 423 only below one hour."""
    slow = EventPackage(name="slow", content_type="text/plain", min_expires=7_200, max_expires=86_400)
    request = Script(Side("alice", ALICE)).build("SUBSCRIBE", extra=[("Event", "slow"), ("Expires", "3600")])
    assert admit(request, {"slow": slow}).expires == 3_600
    request.set("Expires", "3599")
    with pytest.raises(RemoteProtocolError) as caught:
        admit(request, {"slow": slow})
    assert caught.value.status_hint == 423


@pytest.mark.parametrize("change", [{"contact": ""}, {"contact": "<sip:x"}, {"expires": "x"}])
def test_subscribe_that_cannot_be_served_gets_400(change: dict[str, Any]) -> None:
    """SRV-6: RFC 3261 §12.1.1."""
    play = Playing()
    play.subscribe(**change)
    play.response(400)
    assert not play.side.registry


def test_quoted_nul_in_the_event_is_refused() -> None:
    """SRV-6, MSG-9: it would have to be sent back in every NOTIFY."""
    play = Playing()
    request = play.build("SUBSCRIBE", extra=[("Event", 'presence;x="ab"')])
    play.side.receive(request.to_bytes().replace(b'"ab"', b'"a\\\0"'), play.endpoint, 0.0)
    play.response(400)


# Refresh and end by the subscriber


def test_refresh_is_answered_and_followed_by_the_full_state() -> None:
    """SRV-6: RFC 6665 §4.2.1.2, §4.2.1.4."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    play.respond(play.request("NOTIFY"), 200)
    play.now = 500.0
    play.subscribe(expires="300", contact="<sip:bob@192.0.2.88>")
    ok, notify = play.sent()
    assert isinstance(ok, Response)
    assert (ok.status_code, ok.expires) == (200, 300)
    assert isinstance(notify, Request)
    assert notify.uri == "sip:bob@192.0.2.88", "§3.1: a target refresh"
    assert notify.get("subscription-state") == "active;expires=300"
    assert notify.body == b"busy"
    play.respond(notify, 200)
    play.pass_time(799.9)
    assert play.events() == []
    play.pass_time(800.0)
    assert isinstance(play.side.out.events[0], SubscriberGone)


def test_subscription_that_is_not_refreshed_ends_with_a_notify() -> None:
    """SRV-6: RFC 6665 §4.2.1.4: terminated;reason=timeout."""
    play = Playing()
    play.accepted()
    play.pass_time(600.0)
    last = play.request("NOTIFY")
    assert last.get("subscription-state") == "terminated;reason=timeout"
    assert last.body == b"open"
    assert play.gone().end == SubscriptionExpired()
    play.respond(last, 200)
    play.quiet()


def test_expires_0_ends_it_with_200_and_a_last_notify() -> None:
    """SRV-6: RFC 6665 §4.2.1.4."""
    play = Playing()
    play.accepted()
    play.subscribe(expires="0")
    ok, last = play.sent()
    assert isinstance(ok, Response)
    assert (ok.status_code, ok.expires) == (200, 0)
    assert isinstance(last, Request)
    assert last.get("subscription-state") == "terminated;reason=timeout"
    assert last.body == b"open"
    assert play.gone().end == RemotelyUnsubscribed()
    play.respond(last, 481)
    play.quiet()


@pytest.mark.parametrize("decided", ["accept", "pend", "nobody"])
def test_fetch_gets_the_state_once(decided: str) -> None:
    """SRV-6: RFC 6665 §4.4.3."""
    play = Playing()
    notifier, event = play.requested(expires="0")
    assert event.expires == 0
    if decided == "accept":
        notifier.accept(OPEN, play.now)
    elif decided == "pend":
        notifier.pend(play.now)
    else:
        play.pass_time(0.5)
    ok, last = play.sent()
    assert isinstance(ok, Response)
    assert ok.expires == 0
    assert isinstance(last, Request)
    assert last.get("subscription-state") == "terminated;reason=timeout"
    assert last.body == (b"open" if decided == "accept" else b"")
    assert play.gone().end == RemotelyUnsubscribed()
    play.respond(last, 200)
    play.quiet()


@pytest.mark.parametrize(("change", "status"), [
    ({"event": "dialog"}, 403), ({"event": "presence;id=2"}, 403), ({"expires": "5"}, 423),
    ({"contact": "<sip:x"}, 400),
])  # fmt: skip
def test_refresh_that_cannot_be_served_leaves_the_subscription(change: dict[str, Any], status: int) -> None:
    """SRV-6: RFC 6665 §4.2.1.4, §4.5.2: dialog sharing is refused with 403."""
    play = Playing()
    notifier = play.accepted()
    play.subscribe(**change)
    play.response(status)
    assert notifier.state is NotifierState.ACTIVE


def test_refresh_out_of_order_gets_500_and_other_methods_405() -> None:
    """SRV-6: RFC 3261 §12.2.2, §8.2.1."""
    play = Playing()
    play.accepted()
    play.cseq = 0
    play.subscribe()
    play.response(500)
    play.send(play.build("BYE", to_tag=play.tag, cseq=5))
    assert play.response(405).get("allow") == "SUBSCRIBE"


def test_refresh_before_the_decision_makes_it_pending() -> None:
    """SRV-6: RFC 6665 §4.2.1.1: the first SUBSCRIBE cannot wait any longer."""
    play = Playing()
    notifier, _ = play.requested()
    play.tag = notifier.dialog.local_tag
    play.subscribe()
    messages = play.sent()
    assert [m.status_code for m in messages if isinstance(m, Response)] == [200, 200]
    assert [m.get("subscription-state") for m in messages if isinstance(m, Request)] == [
        "pending;expires=600"
    ] * 2


def test_refresh_of_a_subscription_that_has_ended_gets_481() -> None:
    """SRV-6: RFC 6665 §4.4.1."""
    play = Playing()
    notifier = play.accepted()
    notifier.terminate("noresource", play.now)
    last = play.request("NOTIFY")
    play.subscribe()
    play.response(481)
    play.respond(last, 200)
    play.subscribe()
    play.response(481)


# Changes


def test_change_is_told_with_the_time_that_is_left() -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    play = Playing()
    notifier = play.accepted()
    play.now = 100.0
    notifier.notify(BUSY, play.now)
    notify = play.request("NOTIFY")
    assert notify.get("subscription-state") == "active;expires=500"
    assert notify.body == b"busy"
    assert notify.cseq.number == 2


@pytest.mark.parametrize(
    ("package", "interval"), [("presence", 5.0), ("dialog", 1.0), ("message-summary", 1.0)]
)
def test_changes_are_told_no_faster_than_the_package_says(package: str, interval: float) -> None:
    """SRV-6: RFC 6665 §5.4.10, RFC 3856 §6.10, RFC 4235 §3.10, RFC 3842 §3.11."""
    assert PACKAGES[package].min_interval == interval
    play = Playing()
    notifier = play.accepted(event=package)
    for number in range(9):
        notifier.notify(FixedState("text/plain", b"%d" % number), number * interval / 10)
    assert play.sent() == []
    play.pass_time(interval - 0.01)
    assert play.sent() == []
    play.pass_time(interval)
    assert play.request("NOTIFY").body == b"8", "only the last state is told"


def test_change_waits_for_the_answer_to_the_notify_before() -> None:
    """SRV-6: a NOTIFY that overtakes another would make the subscriber refuse the older one."""
    play = Playing()
    notifier = play.accepted()
    play.now = 100.0
    notifier.notify(BUSY, play.now)
    first = play.request("NOTIFY")
    notifier.notify(OPEN, 110.0)
    play.side.now = play.now = 110.0
    assert play.sent() == []
    play.respond(first, 200)
    assert play.request("NOTIFY").body == b"open"


def test_partial_states_have_rising_versions_and_gaps_are_told_in_full() -> None:
    """SRV-6: RFC 6665 §5.3.2, RFC 4235 §4.1: one version for each NOTIFY; full after a SUBSCRIBE."""
    play = Playing()
    notifier = play.accepted(Counting(), event="dialog")
    told = []
    for now, changes in ((10.0, 1), (20.0, 2), (30.0, 1)):
        play.now = now
        for _ in range(changes):
            notifier.notify(Counting(), now)
        notify = play.request("NOTIFY")
        told.append(notify.body)
        play.respond(notify, 200)
        play.pass_time(now + 1.2)
        told += bodies(later := play.sent())
        for message in later:
            if isinstance(message, Request):
                play.respond(message, 200)
    play.subscribe(event="dialog")
    told += bodies(play.sent())
    assert told == [b"1 partial", b"2 partial", b"3 partial", b"4 partial", b"5 full"]


def test_changes_that_were_held_back_together_are_told_in_full() -> None:
    """SRV-6: RFC 6665 §5.3.2."""
    play = Playing()
    notifier = play.accepted(Counting(), event="dialog")
    notifier.notify(Counting(), 0.1)
    notifier.notify(Counting(), 0.2)
    play.pass_time(1.0)
    assert play.request("NOTIFY").body == b"1 full"


# NOTIFY that fails


@pytest.mark.parametrize("status", [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])
def test_notify_that_fails_for_good_removes_the_subscription(status: int) -> None:
    """SRV-6: RFC 6665 §4.2.2: 481 and its kind."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    play.respond(play.request("NOTIFY"), status)
    gone = play.gone()
    assert isinstance(gone.end, NotifyFailed)
    assert gone.end.status_code == status
    assert play.sent() == [], "no NOTIFY follows"
    play.quiet()


def test_notify_without_an_answer_removes_the_subscription() -> None:
    """SRV-6: RFC 6665 §4.2.2: timer F."""
    play = Playing()
    play.accepted().notify(BUSY, 100.0)
    play.now = 100.0
    play.pass_time(132.0)
    play.sent()
    (gone,) = play.side.of(SubscriberGone)
    assert gone.end == NotifyFailed(408, "no response in time")
    play.quiet()


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"), [(500, "", 32.0), (503, "90", 90.0), (400, "1", 32.0)]
)
def test_other_failures_leave_the_subscription_and_the_state_is_told_later(
    status: int, retry_after: str, wait: float
) -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    play = Playing()
    notifier = play.accepted(Counting())
    play.now = 100.0
    notifier.notify(Counting(), play.now)
    extra = [("Retry-After", retry_after)] if retry_after else []
    play.respond(play.request("NOTIFY"), status, extra=extra)
    assert play.events() == []
    play.pass_time(100.0 + wait - 0.1)
    assert play.sent() == []
    play.pass_time(100.0 + wait)
    assert play.request("NOTIFY").body == b"2 full"


def test_notify_that_cannot_be_sent_is_tried_later() -> None:
    """SRV-6: RFC 3261 §8.1.3.1: like a 503."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    play.request("NOTIFY")
    play.side.layer.flow_failed(play.endpoint, "refused", 100.0)
    play.side.settle()
    assert notifier.state is NotifierState.ACTIVE
    play.now = 100.0
    play.pass_time(132.0)
    assert play.request("NOTIFY").body == b"busy"


def test_subscriber_without_a_way_to_it_is_notified_as_soon_as_there_is_one() -> None:
    """SRV-6: the first NOTIFY fails at once where the transport does not exist."""
    play = Playing()
    notifier, _ = play.requested(contact="<sip:bob@192.0.2.2;transport=tcp>")
    notifier.accept(OPEN, play.now)
    assert [type(message) for message in play.sent()] == [Response]
    assert notifier.state is NotifierState.ACTIVE
    notifier.terminate("giveup", play.now)
    assert play.gone().end == SubscriptionClosed("giveup")
    play.quiet()


def test_challenged_notify_is_sent_again_with_credentials() -> None:
    """SRV-6, AUTH-1."""
    play = Playing(credentials=(Credentials("alice", "secret"),))
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    challenge = [("WWW-Authenticate", 'Digest realm="r", nonce="n"')]
    play.respond(play.request("NOTIFY"), 401, extra=challenge)
    again = play.request("NOTIFY")
    assert again.get("authorization")
    assert again.cseq.number == 3


def test_answers_to_an_older_notify_do_not_free_the_way_but_481_ends() -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    older = play.request("NOTIFY")
    play.subscribe()
    newer = next(m for m in play.sent() if isinstance(m, Request))
    play.respond(older, 500)
    assert play.events() == []
    play.respond(newer, 200)
    play.subscribe()
    third = next(m for m in play.sent() if isinstance(m, Request))
    notifier.terminate("noresource", 101.0)
    last = play.request("NOTIFY")
    assert play.gone().end == SubscriptionClosed("noresource")
    play.respond(third, 481)
    assert notifier.state is NotifierState.ENDING
    play.respond(last, 200)
    play.quiet()


def test_2xx_to_an_older_notify_does_not_free_the_way() -> None:
    """SRV-6: the newest NOTIFY is the one that is waited for."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    older = play.request("NOTIFY")
    play.subscribe()
    newer = next(m for m in play.sent() if isinstance(m, Request))
    notifier.notify(OPEN, 110.0)
    play.respond(older, 200)
    assert play.sent() == []
    play.respond(newer, 200)
    assert play.request("NOTIFY").body == b"open"


def test_481_to_an_older_notify_removes_the_subscription() -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    play = Playing()
    notifier = play.accepted()
    notifier.notify(BUSY, 100.0)
    older = play.request("NOTIFY")
    play.subscribe()
    play.sent()
    play.respond(older, 481)
    assert isinstance(play.gone().end, NotifyFailed)
    play.quiet()


def test_pending_subscriber_that_cannot_take_its_notify_stays() -> None:
    """SRV-6."""
    play = Playing()
    notifier, _ = play.requested()
    notifier.pend(play.now)
    notify = next(m for m in play.sent() if isinstance(m, Request))
    play.respond(notify, 500)
    assert notifier.state is NotifierState.PENDING
    notifier.accept(OPEN, play.now)
    play.respond(play.request("NOTIFY"), 481)
    play.gone()


# Ends


@pytest.mark.parametrize(
    "reason", ["deactivated", "probation", "timeout", "giveup", "noresource", "invariant"]
)
@pytest.mark.parametrize("retry_after", [None, 31_536_000])
def test_end_is_told_with_its_reason(reason: str, retry_after: int | None) -> None:
    """SRV-6: RFC 6665 §4.1.3, §4.2.2, §4.4.2."""
    play = Playing()
    notifier = play.accepted()
    notifier.terminate(reason, play.now, retry_after)
    state = f"terminated;reason={reason}"
    state += "" if retry_after is None else f";retry-after={retry_after}"
    last = play.request("NOTIFY")
    assert last.get("subscription-state") == state
    assert play.gone().end == SubscriptionClosed(reason)
    notifier.notify(BUSY, play.now)
    notifier.terminate("giveup", play.now)
    assert play.sent() == []
    play.respond(last, 200)
    play.quiet()


@pytest.mark.parametrize("answer", [200, 481, 500, None])
def test_last_notify_ends_it_whatever_its_answer(answer: int | None) -> None:
    """SRV-6: RFC 6665 §4.4.1."""
    play = Playing()
    notifier = play.accepted()
    notifier.close(play.now)
    last = play.request("NOTIFY")
    assert last.get("subscription-state") == "terminated;reason=probation;retry-after=60"
    assert not notifier.closed
    if answer is not None:
        play.respond(last, answer)
    notifier.close(play.now)
    play.gone()
    play.quiet()


def test_close_before_the_decision_refuses() -> None:
    """SRV-6."""
    play = Playing()
    notifier, _ = play.requested()
    notifier.close(play.now)
    play.response(503)
    assert isinstance(play.gone().end, RequestRefused)
    play.quiet()


def test_close_before_anything() -> None:
    """SRV-6."""
    notifier = Side("alice", ALICE).notifier("n")
    notifier.close(0.0)
    notifier.close(0.0)
    assert notifier.closed
    assert notifier.next_event() is None
    assert notifier.next_transmit() is None


# Packages and states


@pytest.mark.parametrize(("package", "name", "content_type"), [
    (PRESENCE, "presence", "application/pidf+xml"),
    (DIALOG, "dialog", "application/dialog-info+xml"),
    (MESSAGE_SUMMARY, "message-summary", "application/simple-message-summary"),
])  # fmt: skip
def test_packages_are_those_of_their_rfcs(package: EventPackage, name: str, content_type: str) -> None:
    """SRV-6: RFC 3856 §6.1, §6.4, §6.5; RFC 4235 §3.1, §3.4, §3.5; RFC 3842 §3.1, §3.4, §3.5."""
    assert (package.name, package.content_type, package.default_expires) == (name, content_type, 3_600)


@pytest.mark.parametrize("change", [{"name": "a b"}, {"min_expires": 9_999_999}, {"default_expires": 0}])
def test_package_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    """SRV-6."""
    with pytest.raises(ValueError, match=next(iter(change))):
        EventPackage(**{"name": "x", "content_type": "text/plain"} | change)


def test_state_that_cannot_be_sent_is_refused() -> None:
    """SRV-6, MSG-9."""
    with pytest.raises(ValueError, match="content_type"):
        FixedState("text/plain\r\nX: y", b"")
    assert EMPTY_STATE.document(0, full=True) == b""
