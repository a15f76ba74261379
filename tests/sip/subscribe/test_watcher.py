"""The subscriber against a scripted notifier (RFC 6665 §4.1, §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.message import Request, Response, build_response
from sansio_sip.subscribe import (
    NotifierLost,
    NotifyMissing,
    NotifyReceived,
    RequestRefused,
    RequestTimedOut,
    RequestUnreachable,
    SubscriptionAccepted,
    SubscriptionClosed,
    SubscriptionEnded,
    SubscriptionExpired,
    SubscriptionRetrying,
    SubscriptionStep,
    TerminatedByNotifier,
    Watcher,
    WatcherState,
)
from tests.sip.subscribe.wire import ALICE, Script, Side, order

TIMER_N = 32.0


class Playing(Script):
    """A script with the watcher that it plays against."""

    def __init__(self, **side: Any) -> None:
        super().__init__(Side("alice", ALICE, **side))
        self.watcher: Watcher = self.side.watcher()

    def subscribe(self, **values: Any) -> Request:
        self.watcher.subscribe(order(**values), self.now)
        return self.request("SUBSCRIBE")

    def subscribed(self, expires: int = 600, **values: Any) -> Request:
        """Subscribe, answer and notify; forget the events."""
        subscribe = self.subscribe(expires=expires, **values)
        self.respond(subscribe, 200, extra=[("Expires", str(expires))])
        assert self.notify(subscribe, f"active;expires={expires}").status_code == 200
        self.events()
        return subscribe

    def end(self) -> SubscriptionEnded:
        ends = [event for event in self.events() if isinstance(event, SubscriptionEnded)]
        (end,) = ends
        return end

    def quiet(self) -> None:
        """Let all timers run; nothing may be left or told."""
        self.pass_time(self.now + 200.0)
        self.sent()
        self.side.events.clear()
        self.side.assert_quiet()


# The first SUBSCRIBE


def test_subscribe_has_one_event_its_duration_and_a_contact() -> None:
    """CLI-5: RFC 6665 §3.1, §4.1.2.1."""
    subscribe = Playing().subscribe(package="presence", expires=1_200, accept="application/pidf+xml")
    assert subscribe.uri == "sip:bob@192.0.2.2"
    assert subscribe.get_all("event") == ["presence"]
    assert subscribe.expires == 1_200
    assert subscribe.get("accept") == "application/pidf+xml"
    assert [str(contact.uri) for contact in subscribe.contacts] == ["sip:alice@192.0.2.1:5060"]
    assert not subscribe.to_tag
    assert subscribe.cseq.number == 1


@pytest.mark.parametrize("status", [200, 202])
def test_2xx_is_told_with_the_notifiers_time_and_202_is_no_different(status: int) -> None:
    """CLI-5: RFC 6665 §3.1.1, §4.1.2.1, §8.3.1."""
    play = Playing()
    subscribe = play.subscribe(expires=3_600)
    play.respond(subscribe, status, extra=[("Expires", "1800")])
    accepted = play.taken(SubscriptionAccepted)
    assert (accepted.subscription, accepted.expires) == ("w", 1_800)
    assert play.watcher.state is WatcherState.NOTIFY_WAIT, "only a NOTIFY makes the subscription (§4.4.1)"


def test_2xx_cannot_lengthen_the_subscription() -> None:
    """CLI-5: RFC 6665 §3.1.1."""
    play = Playing()
    play.respond(play.subscribe(expires=600), 200, extra=[("Expires", "9000")])
    assert play.taken(SubscriptionAccepted).expires == 600


def test_notify_is_answered_told_and_makes_the_dialog_before_the_2xx() -> None:
    """CLI-5: RFC 6665 §4.1.2.4: a NOTIFY may come before the SUBSCRIBE is answered."""
    play = Playing()
    subscribe = play.subscribe()
    response = play.notify(subscribe, "pending;expires=500", body=b"<presence/>")
    assert response.status_code == 200
    told = play.taken(NotifyReceived)
    assert (told.subscription, told.notifier) == ("w", "one")
    assert (told.state.state, told.state.expires) == ("pending", 500)
    assert (told.content_type, told.body) == ("application/pidf+xml", b"<presence/>")
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    play.taken(SubscriptionAccepted)
    assert play.watcher.state is WatcherState.FORKING
    assert play.watcher.notifiers == ("one",)


def test_route_set_is_that_of_the_notify_and_not_that_of_the_2xx() -> None:
    """CLI-5: RFC 6665 §4.4.1."""
    play = Playing()
    subscribe = play.subscribe(expires=120)
    routes = [("Record-Route", "<sip:192.0.2.9;lr>"), ("Expires", "120")]
    play.respond(subscribe, 200, extra=routes)
    play.notify(
        subscribe, "active;expires=120", extra=[("Record-Route", "<sip:192.0.2.7;lr>")],
        contact="<sip:bob@192.0.2.77>",
    )  # fmt: skip
    play.pass_time(60.0)
    (refresh,) = [m for m in play.sent() if isinstance(m, Request)]
    assert refresh.routes == ["<sip:192.0.2.7;lr>"]
    assert refresh.uri == "sip:bob@192.0.2.77"


@pytest.mark.parametrize("contact", [True, False])
def test_unanswered_notify_ends_by_timer_n(contact: bool) -> None:
    """CLI-5: RFC 6665 §4.1.2.4: timer N is 64*T1."""
    play = Playing()
    subscribe = play.subscribe(resubscribe=False)
    if contact:
        play.respond(subscribe, 200, extra=[("Expires", "600")])
    else:  # a 2xx whose Contact cannot be read makes no dialog
        response_extra = [("Contact", "<sip:x"), ("Expires", "600")]
        play.send(_response_without_contact(subscribe, response_extra))
    play.pass_time(TIMER_N - 0.01)
    assert play.watcher.state is WatcherState.NOTIFY_WAIT
    play.pass_time(TIMER_N)
    assert play.end().end == NotifyMissing()
    play.quiet()


def _response_without_contact(request: Request, extra: list[tuple[str, str]]) -> Response:
    return build_response(request, 200, to_tag="one", extra=extra)


def test_notify_after_timer_n_gets_481() -> None:
    """CLI-5: RFC 6665 §4.1.2.4: no new notifier once timer N has fired."""
    play = Playing()
    subscribe = play.subscribed()
    play.pass_time(TIMER_N + 1.0)
    assert play.watcher.state is WatcherState.SUBSCRIBED
    assert play.notify(subscribe, tag="two").status_code == 481
    assert play.notify(subscribe, cseq=2).status_code == 200


# Failures of the first SUBSCRIBE


@pytest.mark.parametrize("status", [302, 403, 404, 406, 420, 485, 489, 501, 600, 603, 604])
def test_refusal_ends_the_subscription_with_its_response(status: int) -> None:
    """CLI-5: RFC 6665 §4.1.2.1; a 489 has Allow-Events."""
    play = Playing()
    subscribe = play.subscribe()
    play.respond(subscribe, status, extra=[("Allow-Events", "dialog")])
    end = play.end()
    assert isinstance(end.end, RequestRefused)
    assert end.end.status_code == status
    assert end.response is not None
    assert end.response.get("allow-events") == "dialog"
    play.quiet()


@pytest.mark.parametrize(("status", "retry_after"), [(480, ""), (500, ""), (503, "120 (soon);duration=9")])
def test_temporary_refusal_is_tried_again_with_a_new_dialog(status: int, retry_after: str) -> None:
    """CLI-5: RFC 6665 §4.1.2.1, RFC 3842 §3.6: back off; Retry-After is obeyed."""
    play = Playing()
    subscribe = play.subscribe()
    play.respond(subscribe, status, extra=[("Retry-After", retry_after)] if retry_after else [])
    retrying = play.taken(SubscriptionRetrying)
    assert retrying.delay == 120.0 if retry_after else 2.5 <= retrying.delay <= 5.0
    play.pass_time(play.now + retrying.delay)
    again = next(m for m in play.sent() if isinstance(m, Request))
    assert again.call_id != subscribe.call_id
    assert again.from_tag != subscribe.from_tag


def test_delays_double_and_start_again_after_a_stable_time() -> None:
    """CLI-5: RFC 3842 §3.6."""
    play = Playing()
    subscribe = play.subscribe()
    delays = []
    for _ in range(12):
        play.respond(subscribe, 503)
        delays.append(play.taken(SubscriptionRetrying).delay)
        play.pass_time(play.now + delays[-1])
        subscribe = play.request("SUBSCRIBE")
    longest = [min(5.0 * 2**number, 1_800.0) for number in range(12)]
    assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    play.notify(subscribe)
    play.pass_time(play.now + 61.0)
    play.events()
    play.notify(subscribe, "terminated;reason=deactivated", cseq=2)
    assert isinstance(play.side.events[-1], SubscriptionRetrying)
    assert play.side.events[-1].delay == 0.0


def test_no_answer_at_all_is_a_loss() -> None:
    """CLI-5: RFC 6665 §4.1.2.1."""
    play = Playing()
    play.subscribe(resubscribe=False)
    play.pass_time(TIMER_N)
    play.sent()
    end = [event for event in play.side.events if isinstance(event, SubscriptionEnded)]
    assert [type(event.end) for event in end] in ([RequestTimedOut], [NotifyMissing])
    play.quiet()


def test_unreachable_notifier_ends_or_is_tried_again() -> None:
    """CLI-5: RFC 3261 §8.1.3.1."""
    play = Playing()
    play.watcher.subscribe(order(uri="sip:bob@192.0.2.2;transport=tcp", resubscribe=False), 0.0)
    assert isinstance(play.end().end, RequestUnreachable)
    play.quiet()
    play = Playing()
    play.watcher.subscribe(order(uri="sip:bob@192.0.2.2;transport=tcp"), 0.0)
    assert isinstance(play.taken(SubscriptionRetrying).end, RequestUnreachable)


def test_423_is_repeated_with_the_least_interval_but_not_for_ever() -> None:
    """CLI-5: RFC 6665 §4.2.1.1, RFC 3261 §10.3: Min-Expires."""
    play = Playing()
    subscribe = play.subscribe(expires=60)
    play.respond(subscribe, 423, extra=[("Min-Expires", "300")])
    again = play.request("SUBSCRIBE")
    assert (again.expires, again.cseq.number, again.call_id) == (300, 2, subscribe.call_id)
    for least in (400, 500):
        play.respond(again, 423, extra=[("Min-Expires", str(least))])
        again = play.request("SUBSCRIBE")
    play.respond(again, 423, extra=[("Min-Expires", "600")])
    assert play.end().end == RequestRefused(423, "Interval Too Brief")


@pytest.mark.parametrize("first", ["2xx", "NOTIFY"])
def test_interval_that_a_423_asked_for_is_kept(first: str) -> None:
    """CLI-5: RFC 6665 §4.2.1.1: the refresh does not meet a 423 again."""
    play = Playing()
    play.respond(play.subscribe(expires=60), 423, extra=[("Min-Expires", "300")])
    subscribe = play.request("SUBSCRIBE")
    if first == "NOTIFY":
        play.notify(subscribe, "active;expires=300")
    play.respond(subscribe, 200, extra=[("Expires", "300")])
    if first == "2xx":
        play.notify(subscribe, "active")
    play.sent()
    assert play.side.of(SubscriptionAccepted)[0].expires == 300
    play.pass_time(236.0)
    refresh = play.request("SUBSCRIBE")
    assert refresh.expires == 300
    play.respond(refresh, 423, extra=[("Min-Expires", "400")])
    play.respond(play.request("SUBSCRIBE"), 200, extra=[("Expires", "400")])
    play.notify(subscribe, "active", cseq=2)
    play.pass_time(236.0 + 336.0)
    assert play.request("SUBSCRIBE").expires == 400


@pytest.mark.parametrize("least", ["", "60", "x"])
def test_423_that_helps_nobody_is_a_refusal(least: str) -> None:
    """CLI-5: no Min-Expires, or none above what was asked."""
    play = Playing()
    subscribe = play.subscribe(expires=60)
    play.respond(subscribe, 423, extra=[("Min-Expires", least)] if least else [])
    assert play.end().end == RequestRefused(423, "Interval Too Brief")


@pytest.mark.parametrize(("status", "header", "answer"), [
    (401, "WWW-Authenticate", "authorization"), (407, "Proxy-Authenticate", "proxy-authorization"),
])  # fmt: skip
def test_challenge_is_answered_once(status: int, header: str, answer: str) -> None:
    """CLI-5, AUTH-1: RFC 6665 §4.2.1.3, RFC 3261 §22."""
    play = Playing(credentials=(Credentials("alice", "secret"),))
    challenge = [(header, 'Digest realm="r", nonce="n", qop="auth"')]
    subscribe = play.subscribe()
    play.respond(subscribe, status, extra=challenge)
    again = play.request("SUBSCRIBE")
    assert again.cseq.number == 2
    assert 'username="alice"' in (again.get(answer) or "")
    play.respond(again, status, extra=challenge)
    assert isinstance(play.end().end, RequestRefused)
    play.quiet()


def test_challenge_without_credentials_is_a_refusal() -> None:
    """CLI-5."""
    play = Playing()
    play.respond(play.subscribe(), 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert play.end().end == RequestRefused(401, "Unauthorized")


def test_challenge_that_cannot_be_read_is_a_refusal() -> None:
    """CLI-5."""
    play = Playing(credentials=(Credentials("alice", "secret"),))
    play.respond(play.subscribe(), 401, extra=[("WWW-Authenticate", 'Digest realm="')])
    assert play.end().end == RequestRefused(401, "Unauthorized")


# NOTIFY that is refused


@pytest.mark.parametrize(("change", "status"), [
    ({"event": "dialog"}, 489),
    ({"event": None}, 489),
    ({"event": "presence, dialog"}, 489),
    ({"event": "presence;id=7"}, 481),
    ({"state": None}, 400),
    ({"state": "active;expires=x"}, 400),
    ({"contact": ""}, 400),
    ({"contact": "<sip:x"}, 400),
    ({"extra": [("Record-Route", "<sip:x")]}, 400),
])  # fmt: skip
def test_notify_that_cannot_be_used_is_refused(change: dict[str, Any], status: int) -> None:
    """CLI-5: RFC 6665 §4.1.3, §8.2.1: 481 for no subscription, 489 for another package."""
    play = Playing()
    subscribe = play.subscribe()
    state = change.pop("state", "active;expires=600")
    assert play.notify(subscribe, state, **change).status_code == status
    assert play.events() == []


def test_event_with_an_id_matches_only_the_same_id() -> None:
    """CLI-5: RFC 6665 §8.2.1."""
    play = Playing()
    subscribe = play.subscribe(package="presence;id=1")
    assert play.notify(subscribe, event="presence").status_code == 481
    assert play.notify(subscribe, event="presence;foo=bar;id=1").status_code == 200
    play.pass_time(320.0)
    refreshes = [m for m in play.sent() if isinstance(m, Request)]
    assert {m.get("event") for m in refreshes} == {"presence;id=1"}, "§4.5.2"


def test_older_notify_is_refused_with_500() -> None:
    """CLI-5: RFC 3261 §12.2.2."""
    play = Playing()
    subscribe = play.subscribe()
    assert play.notify(subscribe, cseq=9).status_code == 200
    assert play.notify(subscribe, cseq=8).status_code == 500


def test_quoted_nul_of_a_stranger_is_refused_before_a_dialog_is_built_on_it() -> None:
    """CLI-5, MSG-9: what cannot be sent back is no address."""
    play = Playing()
    subscribe = play.subscribe()
    notify = play.build("NOTIFY", call_id=subscribe.call_id, to_tag=subscribe.from_tag, tag="one",
                        extra=[("Event", "presence"), ("Subscription-State", "active")])  # fmt: skip
    data = notify.to_bytes().replace(b"From: <sip", b'From: "a\\\0b" <sip')
    play.side.receive(data, play.endpoint, 0.0)
    play.response(400)
    assert play.watcher.notifiers == ()


def test_other_methods_in_the_dialog_get_405() -> None:
    """CLI-5: RFC 3261 §8.2.1."""
    play = Playing()
    subscribe = play.subscribed()
    play.send(play.build("BYE", call_id=subscribe.call_id, to_tag=subscribe.from_tag, tag="one", cseq=2))
    assert play.response(405).get("allow") == "NOTIFY"


# Forks


def test_each_notifier_of_a_fork_is_a_subscription_of_its_own() -> None:
    """CLI-5: RFC 6665 §4.1.4, §5.4.9: refreshed independently of each other."""
    play = Playing()
    subscribe = play.subscribe(expires=600)
    play.respond(subscribe, 200, tag="one", extra=[("Expires", "600")])
    assert play.notify(subscribe, "active;expires=600", tag="one").status_code == 200
    assert play.notify(subscribe, "active;expires=100", tag="two").status_code == 200
    assert list(play.watcher.notifiers) == ["one", "two"]
    play.pass_time(50.0)
    (refresh,) = [m for m in play.sent() if isinstance(m, Request)]
    assert refresh.to_tag == "two"
    play.respond(refresh, 200, extra=[("Expires", "600")])
    play.notify(subscribe, "terminated;reason=noresource", tag="two", cseq=2)
    assert isinstance(play.side.events[-1], NotifierLost)
    assert play.side.events[-1].notifier == "two"
    assert list(play.watcher.notifiers) == ["one"]


def test_forks_are_bounded() -> None:
    """CLI-5: a flood of forged NOTIFY stops at `max_forks`."""
    play = Playing(max_forks=3)
    subscribe = play.subscribe()
    statuses = [play.notify(subscribe, tag=f"t{n}").status_code for n in range(6)]
    assert statuses == [200, 200, 200, 481, 481, 481]
    play.respond(subscribe, 200, tag="another", extra=[("Expires", "600")])
    assert len(play.watcher.notifiers) == 3


def test_package_without_forks_takes_the_first_notifier_only() -> None:
    """CLI-5: RFC 6665 §5.4.9."""
    play = Playing(max_forks=1)
    subscribe = play.subscribe()
    assert play.notify(subscribe, tag="one").status_code == 200
    assert play.notify(subscribe, tag="two").status_code == 481
    play.respond(subscribe, 200, tag="two", extra=[("Expires", "600")])
    assert play.watcher.notifiers == ("one",)


def test_failure_that_comes_after_a_notify_of_another_branch_changes_nothing() -> None:
    """CLI-5: RFC 6665 §4.1.4."""
    play = Playing()
    subscribe = play.subscribe()
    play.notify(subscribe)
    play.respond(subscribe, 480)
    assert play.watcher.state is WatcherState.FORKING


def test_notifier_of_the_2xx_that_never_notifies_is_dropped_by_timer_n() -> None:
    """CLI-5: RFC 6665 §4.1.2.4."""
    play = Playing()
    subscribe = play.subscribe(expires=600)
    play.respond(subscribe, 200, tag="silent", extra=[("Expires", "600")])
    play.notify(subscribe, tag="two")
    play.events()
    play.pass_time(TIMER_N)
    lost = play.taken(NotifierLost)
    assert (lost.notifier, lost.end) == ("silent", NotifyMissing())
    assert play.watcher.notifiers == ("two",)


def test_soonest_retry_that_any_notifier_allows_counts() -> None:
    """CLI-5: RFC 6665 §4.1.3 for forks."""
    play = Playing()
    subscribe = play.subscribe()
    play.notify(subscribe, tag="one")
    play.notify(subscribe, tag="two")
    play.notify(subscribe, "terminated;reason=probation;retry-after=90", tag="one", cseq=2)
    play.notify(subscribe, "terminated;reason=rejected", tag="two", cseq=2)
    retrying = play.side.events[-1]
    assert isinstance(retrying, SubscriptionRetrying)
    assert retrying.delay == 90.0


# Terminated


@pytest.mark.parametrize(("state", "delay"), [
    ("terminated;reason=deactivated", 0.0),
    ("terminated;reason=deactivated;retry-after=99", 0.0),
    ("terminated;reason=probation", 60.0),
    ("terminated;reason=probation;retry-after=99", 99.0),
    ("terminated;reason=timeout", 0.0),
    ("terminated;reason=timeout;retry-after=99", 0.0),
    ("terminated;reason=giveup", 0.0),
    ("terminated;reason=giveup;retry-after=99", 99.0),
    ("terminated", 0.0),
    ("terminated;retry-after=99", 99.0),
    ("terminated;reason=unheard-of", 0.0),
    ("terminated;reason=unheard-of;retry-after=99", 99.0),
    ("Terminated;Reason=Probation;Retry-After=7", 7.0),
])  # fmt: skip
def test_reason_that_allows_it_leads_to_a_new_subscription(state: str, delay: float) -> None:
    """CLI-5: RFC 6665 §4.1.3, §4.4.2."""
    play = Playing()
    subscribe = play.subscribed()
    assert play.notify(subscribe, state, cseq=2).status_code == 200
    retrying = play.side.events[-1]
    assert isinstance(retrying, SubscriptionRetrying)
    assert isinstance(retrying.end, TerminatedByNotifier)
    assert retrying.delay == delay
    assert play.notify(subscribe, cseq=3).status_code == 481
    play.pass_time(play.now + delay)
    again = play.request("SUBSCRIBE")
    assert again.call_id != subscribe.call_id
    assert not again.to_tag


@pytest.mark.parametrize("reason", ["rejected", "noresource", "invariant"])
@pytest.mark.parametrize("more", ["", ";retry-after=1"])
def test_reason_that_forbids_it_ends_the_subscription(reason: str, more: str) -> None:
    """CLI-5: RFC 6665 §4.1.3: whatever retry-after says."""
    play = Playing()
    subscribe = play.subscribed()
    play.notify(subscribe, f"terminated;reason={reason}{more}", cseq=2)
    end = play.side.events[-1]
    assert isinstance(end, SubscriptionEnded)
    assert end.end == TerminatedByNotifier(reason, 1 if more else None)
    play.quiet()


def test_deactivated_at_once_again_and_again_is_not_followed_at_once() -> None:
    """CLI-5: a notifier that ends every subscription at once is no reason for a storm."""
    play = Playing()
    subscribe = play.subscribed()
    delays = []
    for _ in range(4):
        play.notify(subscribe, "terminated;reason=deactivated", cseq=2)
        retrying = play.side.events[-1]
        assert isinstance(retrying, SubscriptionRetrying)
        delays.append(retrying.delay)
        play.pass_time(play.now + retrying.delay)
        subscribe = play.request("SUBSCRIBE")
        play.respond(subscribe, 200, extra=[("Expires", "600")])
    assert delays[0] == 0.0
    assert 2.5 <= delays[1] <= 5.0 <= delays[2] <= 10.0 <= delays[3] <= 20.0


def test_expires_of_a_terminated_notify_means_nothing() -> None:
    """CLI-5: RFC 6665 §4.1.3."""
    play = Playing()
    subscribe = play.subscribed()
    play.notify(subscribe, "terminated;reason=rejected;expires=900", cseq=2)
    assert isinstance(play.side.events[-1], SubscriptionEnded)


def test_without_resubscription_any_reason_ends_it() -> None:
    """CLI-5: resubscription is the user's choice."""
    play = Playing()
    subscribe = play.subscribed(resubscribe=False)
    play.notify(subscribe, "terminated;reason=deactivated", cseq=2)
    assert isinstance(play.side.events[-1], SubscriptionEnded)
    play.quiet()


# Refresh


def test_refresh_comes_before_the_notifiers_time_is_over() -> None:
    """CLI-5: RFC 6665 §4.1.2.2: in the same dialog, with the time that the notifier gave."""
    play = Playing()
    subscribe = play.subscribe(expires=3_600)
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    play.notify(subscribe, "active;expires=400")
    play.events()
    play.pass_time(400.0 - 64.0 - 0.01)
    assert play.sent() == []
    play.pass_time(400.0 - 64.0)
    refresh = play.request("SUBSCRIBE")
    assert refresh.to_tag == "one"
    assert refresh.call_id == subscribe.call_id
    assert refresh.cseq.number == 2
    assert refresh.expires == 3_600
    assert refresh.uri == "sip:bob@192.0.2.2"


def test_pending_becomes_active_and_back() -> None:
    """CLI-5: RFC 6665 §4.1.2, §4.1.3."""
    play = Playing()
    subscribe = play.subscribe()
    steps = []
    for cseq, state in enumerate(
        ["pending;expires=600", "active;expires=600", "pending", "active", "odd"], 1
    ):
        assert play.notify(subscribe, state, cseq=cseq).status_code == 200
        steps.append(play.watcher._subscriptions["one"].state)
    pending, active = SubscriptionStep.PENDING, SubscriptionStep.ACTIVE
    assert steps == [pending, active, pending, active, pending]


def test_refresh_without_a_notify_ends_by_timer_n() -> None:
    """CLI-5: RFC 6665 §4.1.2.2."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0)
    refresh = play.request("SUBSCRIBE")
    play.respond(refresh, 200, extra=[("Expires", "600")])
    play.pass_time(536.0 + TIMER_N)
    assert play.end().end == NotifyMissing()
    play.quiet()


def test_204_to_a_refresh_says_that_no_notify_follows() -> None:
    """CLI-5: RFC 6665 §4.1.2.2, RFC 5839."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0)
    play.respond(play.request("SUBSCRIBE"), 204, extra=[("Expires", "600")])
    play.pass_time(536.0 + TIMER_N + 1.0)
    assert play.events() == []
    play.pass_time(2 * 536.0)
    play.request("SUBSCRIBE")


@pytest.mark.parametrize("status", [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])
def test_refresh_that_fails_for_good_ends_the_subscription(status: int) -> None:
    """CLI-5: RFC 6665 §4.1.2.2."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0)
    play.respond(play.request("SUBSCRIBE"), status)
    end = play.end().end
    assert isinstance(end, RequestRefused)
    assert end.status_code == status
    play.quiet()


def test_481_to_a_refresh_leads_to_a_new_subscription() -> None:
    """CLI-5: RFC 6665 §4.1.2.2: an unrelated SUBSCRIBE with a fresh Call-ID."""
    play = Playing()
    subscribe = play.subscribed(expires=600)
    play.pass_time(536.0)
    play.respond(play.request("SUBSCRIBE"), 481)
    lost, retrying = play.events()
    assert isinstance(lost, NotifierLost)
    assert isinstance(retrying, SubscriptionRetrying)
    play.pass_time(play.now + retrying.delay)
    assert play.request("SUBSCRIBE").call_id != subscribe.call_id


@pytest.mark.parametrize("status", [400, 500, 503])
def test_other_failures_leave_the_subscription_until_it_expires(status: int) -> None:
    """CLI-5: RFC 6665 §4.1.2.2: valid for the last known time; tried again while there is time."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0)
    tries = 0
    while play.now < 599.0 and (deadline := play.side.deadline) is not None and deadline < 600.0:
        for message in play.sent():
            assert isinstance(message, Request)
            tries += 1
            play.respond(message, status)
        assert play.watcher.notifiers == ("one",)
        play.pass_time(min(play.side.deadline or 600.0, 599.0))
    assert tries >= 3
    play.pass_time(600.0)
    assert play.end().end == SubscriptionExpired()
    play.quiet()


def test_retry_after_of_a_refresh_is_obeyed() -> None:
    """CLI-5: RFC 3261 §20.33."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0)
    play.respond(play.request("SUBSCRIBE"), 503, extra=[("Retry-After", "50")])
    play.pass_time(585.9)
    assert play.sent() == []
    play.pass_time(586.0)
    play.request("SUBSCRIBE")


def test_refresh_without_an_answer_ends_the_subscription() -> None:
    """CLI-5: RFC 6665 §4.1.2.2: no answer for 64*T1 means no NOTIFY before timer N either."""
    play = Playing()
    play.subscribed(expires=600, resubscribe=False)
    play.pass_time(536.0 + TIMER_N)
    play.sent()
    (end,) = [event for event in play.side.events if isinstance(event, SubscriptionEnded)]
    assert end.end in (RequestTimedOut(), NotifyMissing())
    play.quiet()


def test_short_life_is_not_refreshed_faster_than_we_want() -> None:
    """CLI-5: a notifier cannot make us send more than one SUBSCRIBE in `min_refresh` seconds."""
    play = Playing()
    subscribe = play.subscribe(resubscribe=False)
    play.respond(subscribe, 200, extra=[("Expires", "3")])
    play.notify(subscribe, "active;expires=3")
    play.events()
    play.pass_time(2.99)
    assert play.sent() == []
    play.pass_time(3.0)
    assert play.end().end == SubscriptionExpired()


def test_notify_without_expires_keeps_the_time_of_the_2xx() -> None:
    """CLI-5: RFC 6665 §4.2.2: old notifiers leave it out."""
    play = Playing()
    subscribe = play.subscribe(expires=600)
    play.respond(subscribe, 200, extra=[("Expires", "300")])
    play.notify(subscribe, "active")
    play.events()
    play.pass_time(300.0 - 64.0)
    refresh = play.request("SUBSCRIBE")
    play.notify(subscribe, "active", cseq=2)  # after the refresh, before its answer
    play.respond(refresh, 200, extra=[("Expires", "300")])
    play.pass_time(299.0)
    assert play.watcher.notifiers == ("one",)


def test_refresh_can_be_asked_for_and_two_never_overlap() -> None:
    """CLI-5: RFC 6665 §5.3.2, §4.4.3: a fetch of the full state while the subscription lasts."""
    play = Playing()
    subscribe = play.subscribed(expires=600)
    play.watcher.refresh(play.now)
    refresh = play.request("SUBSCRIBE")
    play.watcher.refresh(play.now)
    assert play.sent() == []
    play.respond(refresh, 200, extra=[("Expires", "600")])
    play.notify(subscribe, cseq=2)
    play.watcher.refresh(play.now)
    play.request("SUBSCRIBE")


def test_refresh_without_expires_in_its_2xx_keeps_the_known_time() -> None:
    """CLI-5: RFC 6665 §3.1.1 broken by the notifier."""
    play = Playing()
    subscribe = play.subscribed(expires=600)
    play.pass_time(536.0)
    play.respond(play.request("SUBSCRIBE"), 200)
    play.notify(subscribe, "active", cseq=2)
    play.pass_time(536.0 + 535.0)
    assert play.watcher.notifiers == ("one",)


def test_provisional_response_changes_nothing() -> None:
    """CLI-5: RFC 3261 §17.1.2."""
    play = Playing()
    play.respond(play.subscribe(), 100)
    assert play.events() == []
    assert play.watcher.state is WatcherState.NOTIFY_WAIT


def test_notifier_without_a_tag() -> None:
    """CLI-5: RFC 3261 §12.1.1: an RFC 2543 notifier is served until its end."""
    play = Playing()
    subscribe = play.subscribe()
    assert play.notify(subscribe, tag="").status_code == 200
    assert play.watcher.notifiers == ("",)
    assert play.notify(subscribe, "terminated;reason=rejected", tag="", cseq=2).status_code == 200
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    play.quiet()


def test_notify_that_reaches_a_watcher_without_subscription_gets_481() -> None:
    """CLI-5: RFC 6665 §4.1.3."""
    play = Playing()
    subscribe = play.subscribe()
    play.respond(subscribe, 603)
    play.side.registry[subscribe.call_id, subscribe.from_tag, ""] = play.watcher
    assert play.notify(subscribe).status_code == 481


# Unsubscribe


def test_unsubscribe_sends_expires_0_and_waits_for_the_last_notify() -> None:
    """CLI-5: RFC 6665 §3.1.1, §4.1.2.3, §4.4.1."""
    play = Playing()
    subscribe = play.subscribed()
    play.watcher.close(play.now)
    last = play.request("SUBSCRIBE")
    assert (last.expires, last.to_tag) == (0, "one")
    assert play.taken(SubscriptionEnded).end == SubscriptionClosed()
    assert play.notify(subscribe, "active;expires=5", cseq=2).status_code == 200, "still on its way"
    play.respond(last, 200, extra=[("Expires", "0")])
    assert not play.watcher.closed
    assert play.notify(subscribe, "terminated;reason=timeout", cseq=3).status_code == 200
    assert play.events() == []
    play.watcher.close(play.now)
    play.quiet()


@pytest.mark.parametrize("status", [481, 500, None])
def test_unsubscribe_that_fails_is_an_end_too(status: int | None) -> None:
    """CLI-5: RFC 6665 §4.1.2.2."""
    play = Playing()
    play.subscribed()
    play.watcher.close(play.now)
    last = play.request("SUBSCRIBE")
    if status is not None:
        play.respond(last, status)
    play.quiet()


def test_unsubscribe_while_a_refresh_is_on_its_way() -> None:
    """CLI-5: its answer changes nothing any more."""
    play = Playing(credentials=(Credentials("alice", "secret"),))
    play.subscribed(expires=600)
    play.pass_time(536.0)
    refresh = play.request("SUBSCRIBE")
    play.watcher.close(play.now)
    last = play.request("SUBSCRIBE")
    assert last.cseq.number == refresh.cseq.number + 1
    play.respond(refresh, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert play.sent() == []
    play.respond(last, 200, extra=[("Expires", "0")])
    play.quiet()


def test_close_before_any_answer_unsubscribes_whoever_notifies() -> None:
    """CLI-5: RFC 6665 §4.4.1: a notifier that accepted has to be told."""
    play = Playing()
    subscribe = play.subscribe()
    play.watcher.close(play.now)
    assert play.taken(SubscriptionEnded).end == SubscriptionClosed()
    assert play.notify(subscribe).status_code == 200
    (last,) = play.later
    assert isinstance(last, Request)
    assert (last.method, last.expires) == ("SUBSCRIBE", 0)
    play.notify(subscribe, "terminated", cseq=2)
    play.respond(subscribe, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    play.respond(last, 200, extra=[("Expires", "0")])
    play.quiet()


def test_close_between_2xx_and_notify_unsubscribes_in_the_dialog_of_the_2xx() -> None:
    """CLI-5."""
    play = Playing()
    subscribe = play.subscribe()
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    play.events()
    play.watcher.close(play.now)
    last = play.request("SUBSCRIBE")
    assert (last.expires, last.to_tag) == (0, "one")
    play.quiet()


def test_close_and_then_the_2xx() -> None:
    """CLI-5."""
    play = Playing()
    subscribe = play.subscribe()
    play.watcher.close(play.now)
    play.events()
    play.respond(subscribe, 200, extra=[("Expires", "600")])
    assert play.request("SUBSCRIBE").expires == 0
    play.quiet()


@pytest.mark.parametrize("answer", [480, 403, None])
def test_close_and_then_a_failure_or_nothing(answer: int | None) -> None:
    """CLI-5."""
    play = Playing()
    subscribe = play.subscribe()
    play.watcher.close(play.now)
    play.taken(SubscriptionEnded)
    if answer is not None:
        play.respond(subscribe, answer)
        assert play.events() == []
    play.quiet()


def test_close_while_the_target_is_looked_up_sends_nothing() -> None:
    """CLI-5."""
    play = Playing()
    play.watcher.subscribe(order(uri="sip:bob@example.com"), 0.0)
    play.watcher.close(0.0)
    assert play.end().end == SubscriptionClosed()
    assert play.watcher.closed
    play.side.assert_quiet()


def test_close_while_it_waits_to_try_again() -> None:
    """CLI-5."""
    play = Playing()
    play.respond(play.subscribe(), 503)
    play.events()
    play.watcher.close(play.now)
    assert play.end().end == SubscriptionClosed()
    play.quiet()


def test_close_before_anything() -> None:
    """CLI-5."""
    play = Playing()
    play.watcher.close(0.0)
    play.watcher.close(0.0)
    play.side.assert_quiet()
    assert play.events() == []


def test_second_subscribe_is_a_mistake_of_the_caller() -> None:
    """CLI-5."""
    play = Playing()
    play.subscribe()
    with pytest.raises(LocalProtocolError):
        play.watcher.subscribe(order(), 0.0)
    assert "NOTIFY_WAIT" in repr(play.watcher)


@pytest.mark.parametrize("bad", [{"from_": "<sip:a@b>\r\nX: y"}, {"accept": "a\0b"}, {"body": b"x"}])
def test_order_that_cannot_be_sent_changes_nothing(bad: dict[str, Any]) -> None:
    """CLI-5, MSG-9."""
    play = Playing()
    with pytest.raises(LocalProtocolError):
        play.watcher.subscribe(order(**bad), 0.0)
    assert play.watcher.state is WatcherState.IDLE
    play.subscribe()


# Fetch


def test_fetch_collects_the_notify_of_every_notifier_until_timer_n() -> None:
    """CLI-5: RFC 6665 §4.4.3."""
    play = Playing()
    subscribe = play.subscribe(expires=0)
    assert subscribe.expires == 0
    play.respond(subscribe, 200, extra=[("Expires", "0")])
    for tag in ("one", "two"):
        assert play.notify(subscribe, "terminated;reason=timeout", tag=tag, body=b"x").status_code == 200
    assert [e.notifier for e in play.side.of(NotifyReceived)] == ["one", "two"]
    play.side.events.clear()
    play.pass_time(TIMER_N)
    assert play.end().end == SubscriptionClosed()
    play.quiet()


def test_fetch_from_one_notifier_ends_at_once() -> None:
    """CLI-5: RFC 6665 §4.4.3 with a package that does not fork."""
    play = Playing(max_forks=1)
    subscribe = play.subscribe(expires=0)
    play.notify(subscribe, "terminated;reason=timeout", body=b"x")
    assert play.end().end == SubscriptionClosed()
    play.respond(subscribe, 200, extra=[("Expires", "0")])
    play.quiet()


def test_fetch_that_a_notifier_takes_for_a_subscription_ends_all_the_same() -> None:
    """CLI-5."""
    play = Playing(max_forks=1)
    subscribe = play.subscribe(expires=0)
    play.notify(subscribe, "active;expires=3600", body=b"x")
    play.pass_time(0.0)
    assert play.end().end == SubscriptionClosed()
    assert play.notify(subscribe, "active;expires=3600", cseq=2).status_code == 481


def test_fetch_without_an_answer_says_so() -> None:
    """CLI-5."""
    play = Playing()
    subscribe = play.subscribe(expires=0)
    play.respond(subscribe, 200, extra=[("Expires", "0")])
    play.pass_time(TIMER_N)
    assert play.end().end == NotifyMissing()
    play.quiet()


def test_fetch_that_is_refused_says_so() -> None:
    """CLI-5: a fetch is never repeated by itself."""
    play = Playing()
    play.respond(play.subscribe(expires=0), 503)
    assert isinstance(play.end().end, RequestRefused)
    play.quiet()
