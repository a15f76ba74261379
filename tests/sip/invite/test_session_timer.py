"""Session timers: who refreshes, how long, and what happens when nobody does (RFC 4028)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.headers import MinSe, Refresher, SessionExpires
from sansio_sip.invite.session_terms import (
    SessionTerms,
    SessionTimerConfig,
    terms_for_request,
    terms_from_response,
)
from sansio_sip.invite.session_timer import SessionTimer
from sansio_sip.invite.session_timer_table import SESSION_TIMER_TABLE, TimerState
from sansio_sip.message import Request, Response

Fields = tuple[tuple[str, str], ...]
SUPPORTED = ("Supported", "timer")


def request(*fields: tuple[str, str], method: str = "INVITE") -> Request:
    message = Request(method, "sip:bob@example.com")
    for name, value in fields:
        message.add(name, value)
    return message


def response(*fields: tuple[str, str], status: int = 200) -> Response:
    message = Response(status, "OK")
    for name, value in fields:
        message.add(name, value)
    return message


class Call:
    """A call that notes what its session timer wants; `peer` is the other side when there is one."""

    def __init__(self, config: SessionTimerConfig | None = None, *, can_refresh: bool = True) -> None:
        self.timer = SessionTimer(config or SessionTimerConfig(), self, now=0.0)
        self.peer: Call | None = None
        self.can_refresh = can_refresh
        self.refreshes: list[float] = []
        self.expired: list[float] = []

    def refresh_session(self, now: float) -> bool:
        self.refreshes.append(now)
        if self.peer is not None:
            self.send("UPDATE", now)
        return self.can_refresh

    def session_expired(self, now: float) -> None:
        self.expired.append(now)

    def send(self, method: str, now: float) -> tuple[Request, Response]:
        """Send INVITE or UPDATE to the peer, which agrees."""
        assert self.peer is not None
        sent = request(SUPPORTED, *self.timer.request_fields(), method=method)
        assert self.peer.timer.config.refusal_of(sent) == ()
        got = response(SUPPORTED, *self.peer.timer.answer(sent, now))
        self.timer.succeeded(sent, got, now)
        return sent, got

    def run(self, until: float) -> None:
        """Let the timer run."""
        while (deadline := self.timer.deadline) is not None and deadline <= until:
            self.timer.handle_timeout(deadline)
            later = self.timer.deadline
            assert later is None or later > deadline


def pair(one: SessionTimerConfig, two: SessionTimerConfig | None = None) -> tuple[Call, Call]:
    a, b = Call(one), Call(two)
    a.peer, b.peer = b, a
    return a, b


ASKING = SessionTimerConfig(interval=1_800)


# The caller asks


def test_nothing_is_asked_for_by_default() -> None:
    """DLG-16: RFC 4028 §7.1: taking part needs no header but Supported."""
    a, b = pair(SessionTimerConfig())
    sent, got = a.send("INVITE", 0.0)
    assert sent.get("session-expires") is sent.get("min-se") is got.get("session-expires") is None
    assert a.timer.state is b.timer.state is TimerState.OFF
    assert a.timer.deadline is None


def test_caller_asks_and_leaves_the_choice_to_the_callee() -> None:
    """DLG-16: RFC 4028 §7.1: the refresher parameter is omitted in the first request; §9 table 2."""
    a, b = pair(ASKING)
    sent, got = a.send("INVITE", 0.0)
    assert sent.get("session-expires") == "1800"
    assert got.get("session-expires") == "1800;refresher=uac"
    assert got.get("require") == "timer"
    assert (a.timer.terms, b.timer.terms) == (SessionTerms(1_800, True), SessionTerms(1_800, False))


@pytest.mark.parametrize("prefer_local", [False, True])
def test_role_of_the_refresher_does_not_change_on_a_refresh(prefer_local: bool) -> None:
    """DLG-16: RFC 4028 §7.4: refresher is uac for who refreshes, uas for the other."""
    a, b = pair(ASKING, SessionTimerConfig(prefer_local=prefer_local))
    a.send("INVITE", 0.0)
    who, other = (b, a) if prefer_local else (a, b)
    sent, got = who.send("UPDATE", 900.0)
    assert sent.get("session-expires") == "1800;refresher=uac"
    assert got.get("session-expires") == "1800;refresher=uac"
    assert got.get("require") == "timer"
    sent, got = other.send("INVITE", 1_000.0)
    assert sent.get("session-expires") == "1800;refresher=uas"
    assert got.get("session-expires") == "1800;refresher=uas"
    assert who.timer.state is TimerState.REFRESHING
    assert other.timer.state is TimerState.WATCHING


def test_refresh_is_sent_at_half_of_the_interval() -> None:
    """DLG-16: RFC 4028 §7.2, §9, §10."""
    a, b = pair(ASKING)
    a.send("INVITE", 10.0)
    assert a.timer.deadline == 910.0
    a.run(910.0)
    assert a.refreshes == [910.0]
    assert a.timer.deadline == 1_810.0
    assert b.timer.deadline == 910.0 + 1_800.0 - 32.0
    assert b.refreshes == []


def test_24_hours_of_a_call_take_96_refreshes() -> None:
    """DLG-16: 24 hours in virtual time, each side the refresher for half of it."""
    a, b = pair(ASKING)
    a.send("INVITE", 0.0)
    a.run(12 * 3_600.0)
    changed = request(SUPPORTED, ("Session-Expires", "1800;refresher=uas"), method="UPDATE")
    a.timer.succeeded(changed, response(*b.timer.answer(changed, 43_200.0)), 43_200.0)
    b.run(24 * 3_600.0)
    assert (len(a.refreshes), len(b.refreshes)) == (48, 48)
    assert a.expired == b.expired == []


# What an answer says


@pytest.mark.parametrize(
    ("asked", "answer", "terms"),
    [
        ("1800", [("Session-Expires", "1800;refresher=uac"), ("Require", "timer")], SessionTerms(1800, True)),
        ("1800", [("Session-Expires", "600;refresher=uas")], SessionTerms(600, False)),
        # Also when nothing was asked for: a proxy wants it, or the callee.
        ("", [("Session-Expires", "4000;refresher=uac"), ("Require", "timer")], SessionTerms(4000, True)),
        ("", [("Session-Expires", "4000")], SessionTerms(4000, True)),
        # The callee knows no timers; it is for our benefit alone.
        ("1800", [], SessionTerms(1800, True)),
        # The callee knows timers and wants none: they are turned off.
        ("1800", [("Supported", "timer")], None),
        ("", [], None),
        # A callee that would have us send a storm of refreshes.
        ("1800", [("Session-Expires", "2;refresher=uac")], SessionTerms(90, True)),
    ],
)
def test_answers(asked: str, answer: list[tuple[str, str]], terms: SessionTerms | None) -> None:
    """DLG-16: RFC 4028 §7.2, §11.1."""
    sent = request(*([("Session-Expires", asked)] if asked else []))
    assert terms_from_response(sent, response(*answer)) == terms


def test_timer_is_turned_off_in_mid_dialog() -> None:
    """DLG-16: RFC 4028 §7.2: by a 2xx without Session-Expires; on again by the next."""
    a, _ = pair(ASKING)
    a.send("INVITE", 0.0)
    sent = request(SUPPORTED, *a.timer.request_fields(), method="UPDATE")
    a.timer.succeeded(sent, response(SUPPORTED), 10.0)
    assert (a.timer.state, a.timer.deadline, a.timer.terms) == (TimerState.OFF, None, None)
    assert a.timer.request_fields() == (("Session-Expires", "1800"),)
    a.timer.succeeded(sent, response(("Session-Expires", "900;refresher=uas")), 20.0)
    assert (a.timer.state, a.timer.deadline) == (TimerState.WATCHING, 20.0 + 900 - 32)


def test_answer_that_cannot_be_read_turns_the_timer_off() -> None:
    """DLG-16, SEC-2."""
    a, _ = pair(ASKING)
    a.timer.succeeded(request(), response(("Session-Expires", "soon")), 0.0)
    assert a.timer.state is TimerState.OFF


# The callee


@pytest.mark.parametrize(
    ("supported", "asked", "local"),
    [
        (False, "", True),  # N, none: uas
        (True, "", False),  # Y, none: our choice
        (True, ";refresher=uac", False),
        (True, ";refresher=uas", True),
        (False, ";refresher=uac", True),  # NA: a caller without timers cannot refresh
    ],
)
def test_table_2(supported: bool, asked: str, local: bool) -> None:
    """DLG-16: RFC 4028 §9 table 2, with Require whenever the caller understands it."""
    invite = request(("Session-Expires", f"1800{asked}"), *([SUPPORTED] if supported else []))
    callee = Call()
    fields = dict(callee.timer.answer(invite, 0.0))
    assert callee.timer.terms == SessionTerms(1800, local)
    assert fields["Session-Expires"] == f"1800;refresher={'uas' if local else 'uac'}"
    assert fields.get("Require") == ("timer" if supported else None)


def test_choice_of_the_callee() -> None:
    """DLG-16: RFC 4028 §9: when the caller leaves it open."""
    callee = Call(SessionTimerConfig(prefer_local=True))
    callee.timer.answer(request(SUPPORTED, ("Session-Expires", "1800")), 0.0)
    assert callee.timer.state is TimerState.REFRESHING


@pytest.mark.parametrize(
    ("ours", "asked", "min_se", "agreed"),
    [
        (0, 1_800, None, 1_800),  # copied
        (600, 1_800, None, 600),  # reduced to what we would like
        (600, 1_800, 900, 900),  # but not below Min-SE
        (3_600, 1_800, None, 1_800),  # never increased
        (600, 300, 900, 300),
        (90, 100, None, 90),
    ],
)
def test_interval_is_reduced_at_most(ours: int, asked: int, min_se: int | None, agreed: int) -> None:
    """DLG-16: RFC 4028 §9."""
    fields = [SUPPORTED, ("Session-Expires", str(asked))] + ([("Min-SE", str(min_se))] if min_se else [])
    terms = terms_for_request(request(*fields), SessionTimerConfig(interval=ours), None)
    assert terms is not None
    assert terms.interval == agreed


@pytest.mark.parametrize(("supported", "min_se", "expected"), [(True, "", "1800"), (False, "2000", "2000")])
def test_callee_asks_by_itself(supported: bool, min_se: str, expected: str) -> None:
    """DLG-16: RFC 4028 §9: not below Min-SE; refreshes itself when the caller cannot."""
    invite = request(*([SUPPORTED] if supported else []), *([("Min-SE", min_se)] if min_se else []))
    callee = Call(ASKING)
    fields = dict(callee.timer.answer(invite, 0.0))
    assert fields["Session-Expires"] == f"{expected};refresher={'uac' if supported else 'uas'}"


def test_request_without_wishes_gets_none() -> None:
    """DLG-16: RFC 4028 §9."""
    assert Call().timer.answer(request(SUPPORTED), 0.0) == ()


def test_short_interval_is_refused_with_422() -> None:
    """DLG-16: RFC 4028 §6, §9: only to a caller that understands it; with our Min-SE."""
    callee = Call(SessionTimerConfig(min_se=300))
    short = ("Session-Expires", "299")
    assert callee.timer.config.refusal_of(request(SUPPORTED, short)) == (("Min-SE", "300"),)
    assert callee.timer.config.refusal_of(request(SUPPORTED, ("Session-Expires", "300"))) == ()
    assert callee.timer.config.refusal_of(request(SUPPORTED)) == ()
    # A proxy put it in; without a 422 the only defence is to have no timer.
    assert callee.timer.config.refusal_of(request(short)) == ()
    assert callee.timer.answer(request(short), 0.0) == ()


def test_least_interval_is_90_seconds() -> None:
    """DLG-16: RFC 4028 §4, §5."""
    assert SessionTimerConfig().refusal_of(request(SUPPORTED, ("Session-Expires", "89"))) == (
        ("Min-SE", "90"),
    )
    with pytest.raises(ValueError, match="min_se"):
        SessionTimerConfig(min_se=89)
    for interval, min_se in ((89, 90), (100, 200), (-1, 90)):
        with pytest.raises(ValueError, match="interval"):
            SessionTimerConfig(interval=interval, min_se=min_se)


@pytest.mark.parametrize("field", [("Session-Expires", "x"), ("Min-SE", "x")])
def test_damaged_request_is_for_the_call_to_answer(field: tuple[str, str]) -> None:
    """DLG-16: 400, and nothing changed."""
    callee = Call(ASKING)
    with pytest.raises(ParseError):
        callee.timer.answer(request(SUPPORTED, field), 0.0)
    assert callee.timer.state is TimerState.OFF


# 422 and Min-SE


def test_422_is_tried_again_as_in_the_example() -> None:
    """DLG-16, SES-30: RFC 4028 §7.3, §7.4, §13: 50 is refused with 3600, then with 4000."""
    caller = Call(SessionTimerConfig(interval=90))
    assert caller.timer.request_fields() == (("Session-Expires", "90"),)
    for heard in ("3600", "4000"):
        assert caller.timer.too_small(response(("Min-SE", heard), status=422))
        assert caller.timer.request_fields() == (("Session-Expires", heard), ("Min-SE", heard))
    assert not caller.timer.too_small(response(("Min-SE", "5000"), status=422)), "the cap is 2"


def test_largest_min_se_counts() -> None:
    """DLG-16: RFC 4028 §7.4."""
    caller = Call(ASKING)
    caller.timer.too_small(response(("Min-SE", "3600")))
    caller.timer.too_small(response(("Min-SE", "2000")))
    assert dict(caller.timer.request_fields())["Min-SE"] == "3600"


@pytest.mark.parametrize("field", [("Min-SE", "x"), ("X-Other", "1")])
def test_422_without_a_minimum_ends_it(field: tuple[str, str]) -> None:
    """DLG-16: RFC 4028 §6."""
    assert not Call(ASKING).timer.too_small(response(field, status=422))


def test_minimum_is_forgotten_when_the_dialog_stands() -> None:
    """DLG-16: RFC 4028 §7.4: only those who are on the path count from then on."""
    a, b = pair(SessionTimerConfig(interval=100))
    a.timer.too_small(response(("Min-SE", "120")))
    a.send("INVITE", 0.0)
    assert a.timer.request_fields() == (("Session-Expires", "120;refresher=uac"),)
    # The callee heard it in a request of this dialog and says it in its own.
    assert b.timer.request_fields() == (("Session-Expires", "120;refresher=uas"), ("Min-SE", "120"))


def test_min_se_heard_in_the_dialog_stays() -> None:
    """DLG-16: RFC 4028 §7.4: from a 422 or a request in the same dialog."""
    a, b = pair(ASKING)
    a.send("INVITE", 0.0)
    a.timer.too_small(response(("Min-SE", "2000")))
    fields = (("Session-Expires", "2000;refresher=uac"), ("Min-SE", "2000"))
    assert a.timer.request_fields() == fields
    a.send("UPDATE", 900.0)
    assert a.timer.request_fields() == fields
    assert b.timer.terms == SessionTerms(2_000, False)


def test_own_minimum_is_said_when_it_is_more_than_90() -> None:
    """DLG-16: RFC 4028 §7.1, §7.4: a UAC may have its own opinion; Session-Expires is not below it."""
    caller = Call(SessionTimerConfig(interval=1_000, min_se=600))
    assert caller.timer.request_fields() == (("Session-Expires", "1000"), ("Min-SE", "600"))
    silent = Call(SessionTimerConfig(min_se=600))
    assert silent.timer.request_fields() == (("Min-SE", "600"),)


# When it goes wrong


@pytest.mark.parametrize(("interval", "guard"), [(1_800, 32.0), (90, 30.0), (96, 32.0)])
def test_call_ends_a_little_before_the_session_expires(interval: int, guard: float) -> None:
    """DLG-16: RFC 4028 §10: the minimum of 32 s and a third of the interval."""
    callee = Call()
    callee.timer.answer(request(SUPPORTED, ("Session-Expires", f"{interval};refresher=uac")), 5.0)
    callee.run(5.0 + interval - guard - 0.001)
    assert callee.expired == []
    callee.run(10_000.0)
    assert callee.expired == [5.0 + interval - guard]
    assert callee.timer.state is TimerState.OVER


def test_refresh_without_an_answer_is_not_sent_twice() -> None:
    """DLG-16: RFC 4028 §10: the transaction repeats it; the call ends if nothing comes."""
    caller = Call()
    caller.timer.succeeded(request(("Session-Expires", "1800")), response(), 0.0)
    caller.run(1_767.0)
    assert caller.refreshes == [900.0]
    assert caller.timer.state is TimerState.IN_FLIGHT
    caller.run(5_000.0)
    assert caller.expired == [1_768.0]


def test_failed_refresh_is_tried_again_a_few_times() -> None:
    """DLG-16: RFC 4028 §10: retried if possible, not continuously; only a 2xx extends the session."""
    caller = Call(can_refresh=False)
    caller.timer.succeeded(request(("Session-Expires", "1800")), response(), 0.0)
    caller.run(1_700.0)
    assert caller.refreshes == [900.0, 1_334.0, 1_551.0]
    assert caller.timer.deadline == 1_768.0
    caller.run(5_000.0)
    assert caller.expired == [1_768.0]


def test_refresh_that_succeeds_at_last_counts_from_then() -> None:
    """DLG-16: RFC 4028 §10."""
    a, _ = pair(ASKING)
    a.send("INVITE", 0.0)
    a.peer = None
    a.run(900.0)
    a.timer.failed(901.0)
    assert a.timer.state is TimerState.REFRESHING
    assert a.timer.deadline == 901.0 + (1_768.0 - 901.0) / 2
    sent = request(*a.timer.request_fields())
    a.timer.succeeded(sent, response(("Session-Expires", "1800;refresher=uac")), 1_000.0)
    assert a.timer.deadline == 1_900.0
    for _ in range(3):
        a.timer.failed(1_000.0)  # of a request of the user
    assert a.timer.deadline == 1_900.0


def test_call_that_is_over_needs_no_refresh() -> None:
    """DLG-16."""
    a, _ = pair(ASKING)
    a.send("INVITE", 0.0)
    a.timer.call_over(5.0)
    a.timer.call_over(6.0)
    a.timer.failed(7.0)
    a.timer.settled(7.0)
    a.timer.succeeded(request(), response(("Session-Expires", "90")), 8.0)
    assert (a.timer.state, a.timer.deadline) == (TimerState.OVER, None)
    assert "OVER" in repr(a.timer)


@given(st.lists(st.integers(0, 7), max_size=40), st.integers(0, 2**16))
@settings(max_examples=150)
def test_any_order_of_inputs_ends_over(steps: list[int], seed: int) -> None:
    """DLG-16, SIM-3: nothing is raised, time passes, and the end is quiet."""
    random = Random(seed)
    call = Call(ASKING, can_refresh=random.random() < 0.5)
    now = 0.0
    for step in steps:
        now += random.random() * 1_000
        who = random.choice(["", ";refresher=uac", ";refresher=uas"])
        expires = ("Session-Expires", f"{random.randrange(90, 2_000)}{who}")
        if step == 0:
            call.timer.succeeded(request(expires), response(), now)
        elif step == 1:
            call.timer.succeeded(request(), response(expires), now)
        elif step == 2:
            call.timer.answer(request(SUPPORTED, expires), now)
        elif step == 3:
            call.timer.failed(now)
        elif step == 4:
            call.timer.too_small(response(("Min-SE", str(random.randrange(2_000)))))
        elif step == 5:
            call.timer.succeeded(request(), response(SUPPORTED), now)
        else:
            call.run(now)
    call.run(now + 1_000_000.0)
    call.timer.call_over(now)
    assert call.timer.deadline is None
    assert len(call.expired) <= 1


def test_every_state_has_a_way_out() -> None:
    """DLG-16: the table."""
    live = set(TimerState) - {SESSION_TIMER_TABLE.final}
    assert {state for state, _ in SESSION_TIMER_TABLE.rows} == live


def test_headers_of_the_terms_can_be_read_back() -> None:
    """DLG-16."""
    fields = dict(Call(ASKING).timer.answer(request(SUPPORTED, ("Min-SE", "2000")), 0.0))
    assert SessionExpires.parse(fields["Session-Expires"]) == SessionExpires(2_000, Refresher.UAC)
    assert MinSe.parse("2000") == MinSe(2_000)
