"""Typed headers of the extensions, each with the examples of its RFC."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.headers import (
    AnswerMode,
    EventType,
    HistoryEntry,
    Join,
    MinSe,
    RAck,
    Reason,
    ReferredBy,
    ReferTo,
    Refresher,
    Replaces,
    Retargeting,
    RetryAfter,
    SessionExpires,
    SipWarning,
    SubscriptionState,
    format_date,
    history_of,
    lost_target,
    parse_date,
    reasons_of,
    refer_sub_of,
    rseq_of,
    warnings_of,
)
from sansio_sip.headers.privacy import Privacy
from sansio_sip.message import Message, Request, TelUri, Uri, parse_message
from tests.sip.vectors import EXAMPLES, octets


def having(*fields: tuple[str, str]) -> Request:
    request = Request("INVITE", "sip:bob@example.com")
    for name, value in fields:
        request.add(name, value)
    return request


# Reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('SIP ;cause=200 ;text="Call completed elsewhere"', Reason("SIP", 200, "Call completed elsewhere")),
        ('Q.850 ;cause=16 ;text="Terminated"', Reason("Q.850", 16, "Terminated")),
        ('SIP ;cause=600 ;text="Busy Everywhere"', Reason("SIP", 600, "Busy Everywhere")),
        ('SIP ;cause=580 ;text="Precondition Failure"', Reason("SIP", 580, "Precondition Failure")),
        ("Preemption", Reason("Preemption")),
        ("X;ext=1;cause=3", Reason("X", 3, params=(("ext", "1"),))),
    ],
)
def test_reason_examples(text: str, reason: Reason) -> None:
    """MSG-3: RFC 3326 §2."""
    assert Reason.parse(text) == reason
    assert Reason.parse(str(reason)) == reason


def test_reasons_of_several_protocols_and_what_is_not_understood() -> None:
    """MSG-3: RFC 3326 §2: several values, unreadable ones are ignored."""
    message = having(
        ("Reason", 'Q.850;cause=16, SIP;cause=x, ?;a, SIP;cause=487;text="a, b"'), ("Reason", "Z")
    )
    assert reasons_of(message) == (Reason("Q.850", 16), Reason("SIP", 487, "a, b"), Reason("Z"))
    assert reasons_of(having(("Reason", 'SIP;text="a, b'))) == ()
    assert reasons_of(having()) == ()


# Session timer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50", SessionExpires(50)),
        ("4000;refresher=uac", SessionExpires(4000, Refresher.UAC)),
        ("1800 ; Refresher = UAS;x=y", SessionExpires(1800, Refresher.UAS, (("x", "y"),))),
    ],
)
def test_session_expires(text: str, value: SessionExpires) -> None:
    """MSG-3, DLG-16: RFC 4028 §4."""
    assert SessionExpires.parse(text) == value
    assert SessionExpires.parse(str(value)) == value


def test_session_expires_of_the_example_messages() -> None:
    """MSG-3, DLG-16: RFC 4028 §13, compact form x."""
    examples = [parse_message(octets(v)) for v in EXAMPLES if v["id"].startswith("rfc4028")]
    messages = [m for m in examples if m.get("session-expires") is not None]
    assert [str(SessionExpires.of(m)) for m in messages][:2] == ["50", "3600"]
    assert MinSe.of(messages[1]) == MinSe(3600)
    assert SessionExpires.of(having(("x", "90"))) == SessionExpires(90)
    assert SessionExpires.of(having()) is None
    assert MinSe.of(having()) is None


def test_min_se_is_90_at_least() -> None:
    """MSG-3, DLG-16: RFC 4028 §5."""
    assert MinSe() == MinSe.parse("10") == MinSe(90)
    assert str(MinSe.parse("120;a=b")) == "120;a=b"


# Reliable provisional responses


def test_rack_and_rseq() -> None:
    """MSG-3: RFC 3262 §7.1, §7.2 with its example."""
    assert RAck.of(having(("RAck", "776656 1 INVITE"))) == RAck(776656, 1, "INVITE")
    assert str(RAck(776656, 1, "INVITE")) == "776656 1 INVITE"
    assert rseq_of(having(("RSeq", "988789"))) == 988789
    assert rseq_of(having()) is None
    assert RAck.of(having()) is None


# Dialogs of others


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff",
            Replaces("98732@sip.example.com", "ff87ff", "r33th4x0r"),
        ),
        (
            "12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only",
            Replaces("12adf2f34456gs5", "12345", "54321", early_only=True),
        ),
        ("87134@171.161.34.23;to-tag=24796;from-tag=0", Replaces("87134@171.161.34.23", "24796", "0")),
    ],
)
def test_replaces_examples(text: str, value: Replaces) -> None:
    """MSG-3, SES-14: RFC 3891 §6.1."""
    assert Replaces.of(having(("Replaces", text))) == value
    assert Replaces.parse(str(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff",
            Join("98732@sip.example.com", "ff87ff", "r33th4x0r"),
        ),
        ("12adf2f34456gs5;to-tag=12345;from-tag=54321", Join("12adf2f34456gs5", "12345", "54321")),
        ("87134@192.0.2.23;to-tag=24796;from-tag=0", Join("87134@192.0.2.23", "24796", "0")),
    ],
)  # fmt: skip
def test_join_examples(text: str, value: Join) -> None:
    """MSG-3, SES-14: RFC 3911 §7.1."""
    assert Join.of(having(("Join", text))) == value
    assert Join.parse(str(value)) == value
    assert Join.of(having()) is None
    assert Replaces.of(having()) is None


# Referring


@pytest.mark.parametrize(
    ("text", "method", "target", "headers"),
    [
        ("sip:alice@atlanta.example.com", "INVITE", "sip:alice@atlanta.example.com", ()),
        (
            "<sip:bob@biloxi.example.net?Accept-Contact=sip:bobsdesk."
            "biloxi.example.net&Call-ID%3D55432%40alicepc.atlanta.example.com>",
            "INVITE",
            "sip:bob@biloxi.example.net",
            (("Accept-Contact", "sip:bobsdesk.biloxi.example.net"),),
        ),
        (
            "<sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994>",
            "INVITE",
            "sip:dave@denver.example.org",
            (("Replaces", "12345@192.168.118.3;to-tag=12345;from-tag=5FFE-3994"),),
        ),
        (
            "<sip:carol@cleveland.example.org;method=SUBSCRIBE>",
            "SUBSCRIBE",
            "sip:carol@cleveland.example.org",
            (),
        ),
        ("http://www.ietf.org", "INVITE", "http://www.ietf.org", ()),
    ],
)
def test_refer_to_examples(text: str, method: str, target: str, headers: tuple[tuple[str, str], ...]) -> None:
    """MSG-3, SES-13: RFC 3515 §2.1."""
    refer_to = ReferTo.of(having(("Refer-To", text)))
    assert (refer_to.method, refer_to.target, refer_to.headers) == (method, target, headers)


def test_refer_to_for_an_attended_transfer_can_be_read_back() -> None:
    """SES-14: RFC 3515 §2.1, RFC 3891 §7: Replaces escaped in the URI."""
    replaces = Replaces("a[b]@c", "t1", "f1", early_only=True)
    refer_to = ReferTo.to("sip:carol@192.0.2.3;transport=tcp", method="INVITE", replaces=replaces)
    assert "Replaces=a[b]%40c%3Bto-tag%3Dt1%3Bfrom-tag%3Df1%3Bearly-only" in str(refer_to)
    again = ReferTo.parse(str(refer_to))
    assert again.target == "sip:carol@192.0.2.3;transport=tcp"
    assert again.replaces == replaces
    assert ReferTo.parse("<sip:a@b?Replaces=x>").replaces is None
    assert ReferTo.parse("<sip:a@b?Subject=x>").replaces is None
    good = Replaces("a@c", "t1", "f1")
    assert ReferTo.parse(str(ReferTo.to("sip:carol@192.0.2.3", replaces=good))).replaces == good
    assert str(ReferTo.to("tel:+123", replaces=good)) == "<tel:+123>"
    assert ReferTo.to("sip:a@b", headers=[("Subject", "a b")]).headers == (("Subject", "a b"),)


@pytest.mark.parametrize("name", ["From", "Via", "route", "Call-ID", "CONTENT-TYPE", "body", "Authorization"])
def test_header_parts_that_would_lie_are_not_honoured(name: str) -> None:
    """SEC-2: RFC 3261 §19.1.5."""
    assert ReferTo.parse(f"<sip:a@b?{name}=x&Subject=y>").headers == (("Subject", "y"),)


def test_referred_by_and_its_token() -> None:
    """MSG-3: RFC 3892 §3, compact form b."""
    value = ReferredBy.of(having(("b", 'sip:r@ref.example;cid="2UWQFN309shb3@ref.example"')))
    assert value is not None
    assert value.content_id == "<2UWQFN309shb3@ref.example>"
    assert isinstance(value.address.uri, Uri)
    assert ReferredBy.parse("<sip:r@ref.example>").content_id == ""
    assert str(ReferredBy.parse("sip:r@ref.example")) == "<sip:r@ref.example>"
    assert ReferredBy.of(having()) is None


def test_refer_sub() -> None:
    """MSG-3, SES-13: RFC 4488 §4."""
    assert refer_sub_of(having())
    assert refer_sub_of(having(("Refer-Sub", "true")))
    assert not refer_sub_of(having(("Refer-Sub", "False;x=y")))


# Subscriptions


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("active;expires=60", SubscriptionState("active", 60)),
        ("terminated;reason=noresource", SubscriptionState("terminated", reason="noresource")),
        (
            "Terminated;reason=probation;retry-after=5;x=y",
            SubscriptionState("terminated", reason="probation", retry_after=5, params=(("x", "y"),)),
        ),
        ("pending", SubscriptionState("pending")),
    ],
)
def test_subscription_state(text: str, value: SubscriptionState) -> None:
    """MSG-3: RFC 6665 §4.1.3, §8.4."""
    assert SubscriptionState.of(having(("Subscription-State", text))) == value
    assert SubscriptionState.parse(str(value)) == value
    assert value.terminated is (value.state == "terminated")


def test_event() -> None:
    """MSG-3: RFC 6665 §8.2.1, compact form o."""
    assert EventType.of(having(("o", "refer;id=93809824;a=b"))) == EventType(
        "refer", "93809824", (("a", "b"),)
    )
    assert str(EventType("refer", "7")) == "refer;id=7"
    assert str(EventType("refer")) == "refer"
    assert EventType.of(having()) is None


# Where a request has been


def test_history_info_examples() -> None:
    """MSG-3: RFC 7044 §5."""
    message = having(
        (
            "History-Info",
            "<sip:UserA@ims.example.com?Reason=SIP%3Bcause%3D302>;index=1.1,"
            "<sip:UserB@example.com?Privacy=history&Reason=SIP%3Bcause%3D486>;index=1.2;mp=1.1,"
            "<sip:45432@192.168.0.3>;index=1.3;rc=1.2",
        )
    )
    one, two, three = history_of(message)
    assert (one.index, one.retargeting, one.origin) == ((1, 1), None, ())
    assert (one.reason, one.private) == (Reason("SIP", 302), False)
    assert (two.retargeting, two.origin) == (Retargeting.MAPPED, (1, 1))
    assert (two.reason, two.private) == (Reason("SIP", 486), True)
    assert (three.retargeting, three.reason, three.private) == (Retargeting.REGISTERED_CONTACT, None, False)
    assert str(three) == "<sip:45432@192.168.0.3>;index=1.3;rc=1.2"
    assert HistoryEntry.parse("<sip:UserA@ims.example.com>;index=1;foo=bar").index == (1,)


def test_target_that_was_lost_is_found() -> None:
    """MSG-3: RFC 7044 §5.1, §11."""
    entries = history_of(
        having(
            ("History-Info", "<sip:bob@biloxi.example.com;p=x>;index=1"),
            ("History-Info", "<sip:bob@biloxi.example.com;p=x>;np=1;index=1.1"),
            ("History-Info", "<sip:bob@192.0.2.3>;index=1.1.1;rc=1.1"),
        )
    )
    assert lost_target(entries) == entries[1]
    assert lost_target(entries[:2]) is None
    assert lost_target(entries[2:]) is None


def test_damaged_header_parts_of_a_history_entry() -> None:
    """MSG-3: RFC 7044 §10.1: privacy is kept when in doubt."""
    entry = HistoryEntry.parse("<sip:a@b?Reason=%3B&Privacy=%20%20>;index=1")
    assert entry.reason is None
    assert entry.private
    tel = HistoryEntry.parse("<tel:+1>;index=1")
    assert isinstance(tel.uri, TelUri)
    assert (tel.reason, tel.private) == (None, False)


# Answering by itself


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Auto", AnswerMode("auto")),
        ("manual;require", AnswerMode("manual", required=True)),
        ("x;a=b", AnswerMode("x", params=(("a", "b"),))),
    ],
)
def test_answer_mode(text: str, value: AnswerMode) -> None:
    """MSG-3: RFC 5373 §3."""
    assert AnswerMode.of(having(("Answer-Mode", text))) == value
    assert AnswerMode.parse(str(value)) == value
    assert value.automatic is (value.mode == "auto")


def test_privileged_answer_mode_goes_first() -> None:
    """MSG-3: RFC 5373 §4.2."""
    both = having(("Answer-Mode", "Manual"), ("Priv-Answer-Mode", "Auto;require"))
    assert AnswerMode.of(both) == AnswerMode("auto", required=True, privileged=True)
    assert AnswerMode.of(having()) is None


# Small ones


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18000;duration=3600", RetryAfter(18000, duration=3600)),
        ("120 (I'm in a meeting)", RetryAfter(120, "I'm in a meeting")),
        ("5 (a (b) \\) c) ;duration=1", RetryAfter(5, "a (b) \\) c", 1)),
        ("0", RetryAfter(0)),
    ],
)
def test_retry_after(text: str, value: RetryAfter) -> None:
    """MSG-3: RFC 3261 §20.33."""
    assert RetryAfter.of(having(("Retry-After", text))) == value
    assert RetryAfter.parse(str(value)) == value
    assert RetryAfter.of(having()) is None


def test_warning_examples() -> None:
    """MSG-3: RFC 3261 §20.43."""
    message = having(
        ("Warning", "307 isi.edu \"Session parameter 'foo' not understood\""),
        ("Warning", '301 isi.edu "Incompatible network address type \'E.164\'", 399 [::1]:5 "a, \\"b\\""'),
    )
    assert warnings_of(message) == (
        SipWarning(307, "isi.edu", "Session parameter 'foo' not understood"),
        SipWarning(301, "isi.edu", "Incompatible network address type 'E.164'"),
        SipWarning(399, "[::1]:5", 'a, "b"'),
    )
    assert str(warnings_of(message)[2]) == '399 [::1]:5 "a, \\"b\\""'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sat, 13 Nov 2010 23:29:00 GMT", 1_289_690_940),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 21 Feb 2002 13:02:03 GMT", 1_014_296_523),
        ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ],
)
def test_date(text: str, seconds: int) -> None:
    """MSG-3: RFC 3261 §20.17."""
    assert parse_date(text) == seconds
    assert format_date(seconds) == text
    assert format_date(seconds + 0.75) == text


@given(st.integers(min_value=-62_000_000_000, max_value=200_000_000_000))
@settings(max_examples=200)
def test_any_date_can_be_read_back(seconds: int) -> None:
    """MSG-3: RFC 3261 §20.17."""
    assert parse_date(format_date(seconds)) == seconds


# What is damaged


_OF_MESSAGE: list[tuple[Callable[[Message], object], str, list[str]]] = [
    (SessionExpires.of, "Session-Expires", ["", "x", "-1", "90;refresher=me", "90;=", "4294967296"]),
    (MinSe.of, "Min-SE", ["", "x", "90;\"a"]),
    (RAck.of, "RAck", ["1 INVITE", "1 2", "1 2 (", "4294967296 1 INVITE", "1 2147483648 INVITE", "a 1 B"]),
    (rseq_of, "RSeq", ["0", "", "x", "4294967296"]),
    (
        Replaces.of,
        "Replaces",
        ["a", ";to-tag=1;from-tag=2", "a;to-tag=1", "a;to-tag=1;to-tag=1;from-tag=2", "a;to-tag;from-tag=1",
         "a,b;to-tag=1;from-tag=2", "a;to-tag=1;from-tag=(", "a b;to-tag=1;from-tag=2"],
    ),
    (Join.of, "Join", ["a", "a;from-tag=1", ";from-tag=1;to-tag=2"]),
    (ReferTo.of, "Refer-To", ["<sip:", "<sip:a@b>, <sip:c@d>", "<>"]),
    (ReferredBy.of, "Referred-By", ["<", "sip:", "<sip:a@b>;\"x"]),
    (refer_sub_of, "Refer-Sub", ["maybe", ""]),
    (SubscriptionState.of, "Subscription-State", ["", "a b", "active;expires=x", "active;retry-after=-"]),
    (EventType.of, "Event", ["", "a b", "(;id=1"]),
    (history_of, "History-Info", ["<sip:a@b>", "<sip:a@b>;index=1.", "<sip:a@b>;index=1;rc=x", "<"]),
    (AnswerMode.of, "Answer-Mode", ["", "a b"]),
    (RetryAfter.of, "Retry-After", ["", "x", "5 (a", "5 (a))", "5 x", "5;duration=x", "5 (a) b"]),
    (warnings_of, "Warning", ["x", "399 a b", '39 a "b"', '399 a "b" c']),
    (Privacy.of, "Privacy", ["", "id;none", "a b", ";"]),
    (lambda m: parse_date(m.get("date") or ""), "Date",
     ["", "Sat, 13 Nov 2010 23:29:00 EST", "Sat, 32 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 24:29:00 GMT",
      "Sat, 13 nov 2010 23:29:00 GMT", "Sat, 00 Nov 2010 23:29:00 GMT", "Sat, 31 Nov 2010 23:29:00 GMT"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "name", "text"), [(read, name, text) for read, name, texts in _OF_MESSAGE for text in texts]
)
def test_damaged_value_is_a_parse_error(read: Callable[[Message], object], name: str, text: str) -> None:
    """MSG-3, SEC-2: the only exception that comes out."""
    with pytest.raises(ParseError) as caught:
        read(having((name, text)))
    assert caught.value.rule
    assert caught.value.header in (name.lower(), None)  # a URI inside does not know where it stands


@pytest.mark.parametrize(
    ("read", "name", "good"),
    [
        (SessionExpires.of, "Session-Expires", "90"),
        (MinSe.of, "Min-SE", "90"),
        (RAck.of, "RAck", "1 1 INVITE"),
        (rseq_of, "RSeq", "1"),
        (Replaces.of, "Replaces", "a;to-tag=1;from-tag=2"),
        (Join.of, "Join", "a;to-tag=1;from-tag=2"),
        (ReferTo.of, "Refer-To", "<sip:a@b>"),
        (ReferredBy.of, "Referred-By", "<sip:a@b>"),
        (refer_sub_of, "Refer-Sub", "true"),
        (SubscriptionState.of, "Subscription-State", "active"),
        (EventType.of, "Event", "refer"),
        (AnswerMode.of, "Answer-Mode", "Auto"),
        (RetryAfter.of, "Retry-After", "1"),
    ],
)
def test_value_that_may_stand_once_is_refused_twice(
    read: Callable[[Message], object], name: str, good: str
) -> None:
    """MSG-3: RFC 3891 §3, RFC 3911 §4, RFC 3515 §2.4.2, RFC 3892 §2.1: status 400."""
    with pytest.raises(ParseError) as caught:
        read(having((name, good), (name, good)))
    assert caught.value.status_hint == 400


@pytest.mark.parametrize("read", [ReferTo.of, SubscriptionState.of])
def test_value_that_must_stand_is_missed(read: Callable[[Message], object]) -> None:
    """MSG-3: RFC 3515 §2.4.2, RFC 6665 §4.1.3."""
    with pytest.raises(ParseError):
        read(having())


@given(st.text(alphabet=st.sampled_from('a1 ;=",<>()\\?&%:@.-sip'), max_size=60))
@settings(max_examples=300)
def test_any_text_gives_a_value_or_a_parse_error(text: str) -> None:
    """MSG-3, SEC-2: and a value that is written again says the same."""
    for read, name, _ in _OF_MESSAGE:
        try:
            value = read(having((name, text)))
        except ParseError:
            continue
        if isinstance(
            value, SessionExpires | MinSe | RAck | Replaces | Join | SubscriptionState | AnswerMode
        ):
            assert read(having((name, str(value)))) == value
