"""Capabilities, caller preferences and resource priorities as typed headers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.headers import (
    RESOURCE_NAMESPACES,
    ContactPreference,
    FeatureKind,
    FeatureSet,
    FeatureValue,
    RequestDisposition,
    ResourcePriority,
    accepted_contacts,
    parse_feature_values,
    refused_priorities,
    rejected_contacts,
    resource_priorities,
)
from sansio_sip.message import NameAddr, Request

WORD, NUMBER = FeatureValue.token, FeatureKind.NUMBER


def having(*fields: tuple[str, str]) -> Request:
    request = Request("INVITE", "sip:bob@example.com")
    for name, value in fields:
        request.add(name, value)
    return request


# Feature tags


def test_capabilities_of_a_contact() -> None:
    """MSG-3: RFC 3841 §7.2.3 with its example: what is no feature parameter is left out."""
    contact = NameAddr.parse(
        '<sip:user@example.com>;audio;video;mobility="fixed";+sip.message="TRUE";other-param=66372;'
        'methods="INVITE,OPTIONS,BYE,CANCEL,ACK";schemes="sip,http"'
    )
    features = FeatureSet.of_params(contact.params)
    assert features.tags == (
        ("sip.audio", (WORD("TRUE"),)),
        ("sip.video", (WORD("TRUE"),)),
        ("sip.mobility", (WORD("fixed"),)),
        ("sip.message", (WORD("TRUE"),)),
        ("sip.methods", tuple(map(WORD, ("INVITE", "OPTIONS", "BYE", "CANCEL", "ACK")))),
        ("sip.schemes", (WORD("sip"), WORD("http"))),
    )
    assert features.supports("sip.audio")
    assert not features.supports("sip.isfocus")
    assert str(features).startswith('audio;video;mobility="fixed";+sip.message;methods="invite,')


def test_values_of_every_kind() -> None:
    """MSG-3: RFC 3841 §8 with its example, read and written."""
    rule = ContactPreference.parse(
        '*;mobility="fixed";events="!presence,message-summary";language="en,de";description="<PC>"'
        ';+sip.newparam;+rangeparam="#-4:+5.125"'
    )
    assert dict(rule.features.tags) == {
        "sip.mobility": (WORD("fixed"),),
        "sip.events": (WORD("presence", negated=True), WORD("message-summary")),
        "language": (WORD("en"), WORD("de")),
        "sip.description": (FeatureValue(FeatureKind.STRING, "PC"),),
        "sip.newparam": (WORD("TRUE"),),
        "rangeparam": (FeatureValue(NUMBER, "", Fraction(-4), Fraction(41, 8)),),
    }
    assert str(rule) == (
        '*;mobility="fixed";events="!presence,message-summary";language="en,de";description="<PC>"'
        ';+sip.newparam;+rangeparam="#-4:5.125"'
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("#=4", "#=4"), ("#>=4.50", "#>=4.5"), ("#<=-0.25", "#<=-0.25"), ("!#=1.", "!#=1"), ("#0:0", "#=0"),
        ("#<=0", "#<=0"), ("#>=0", "#>=0"), ("FALSE", "FALSE"), ("!Fixed", "!fixed"),
    ],
)  # fmt: skip
def test_numbers_and_words_are_written_back(text: str, written: str) -> None:
    """MSG-3: RFC 3840 §9."""
    assert str(FeatureValue.parse(text)) == written
    assert FeatureValue.parse(written) == FeatureValue.parse(text)


@pytest.mark.parametrize(
    "text", ["", "!", "!!a", "a b", "#", "#4", "#=", "#=x", "#5:4", "#=" + "1" * 21, "<a"]
)
def test_damaged_value_is_refused(text: str) -> None:
    """MSG-3: RFC 3840 §9."""
    with pytest.raises(ParseError) as caught:
        FeatureValue.parse(text)
    assert (caught.value.rule, caught.value.header) == ("RFC 3840 §9", "contact")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "A", True), ("a", "b", False), ("a", "!a", False), ("a", "!b", True), ("!a", "!a", True),
        ("<a>", "<A>", False), ("<a>", "a", False), ("<a>", "<a>", True), ("!a", "<a>", True),
        ("#=4", "#>=4", True), ("#=4", "#>=5", False), ("#<=3", "#>=3", True), ("#<=3", "#>=4", False),
        ("#1:3", "#3:5", True), ("#1:2", "#3:5", False), ("#1:2", "!#0:5", False), ("#1:9", "!#0:5", True),
        ("#<=2", "!#0:5", True), ("#>=1", "!#>=0", False), ("#>=0", "!#>=1", True), ("#>=1", "!#<=9", True),
        ("#=4", "4", False), ("#>=0", "#>=1", True), ("#1:9", "!#1:9", False),
    ],
)  # fmt: skip
def test_values_overlap_as_rfc_2533_says(one: str, other: str, expected: bool) -> None:
    """MSG-3: RFC 3841 §7.2.4: words without case, strings with it, numbers by size; both ways round."""
    (first,), (second,) = parse_feature_values(f'"{one}"'), parse_feature_values(f'"{other}"')
    assert first.overlaps(second) is expected
    assert second.overlaps(first) is expected


def test_features_that_only_one_side_names_do_not_matter() -> None:
    """MSG-3: RFC 3841 §7.2.4."""
    phone = FeatureSet.of([("sip.audio", [WORD("TRUE")]), ("sip.class", [WORD("business")])])
    wish = FeatureSet.of([("sip.video", [WORD("TRUE")]), ("sip.class", [WORD("personal"), WORD("business")])])
    assert phone.matches(wish)
    assert wish.matches(phone)
    assert (phone.share_named(wish), phone.share_named(FeatureSet())) == (0.5, 1.0)
    assert not phone.matches(FeatureSet.of([("sip.audio", [WORD("FALSE")])]))
    assert not FeatureSet()


def test_names_are_decoded_and_encoded() -> None:
    """MSG-3: RFC 3841 §8: plus, bang and quote; ``+video`` gives way to ``video``."""
    features = FeatureSet.of_params((("+a!b'c", None), ("video", None), ("+video", '"FALSE"'), ("+", None)))
    assert [tag for tag, _ in features.tags] == ["a:b/c", "sip.video"]
    assert [name for name, _ in features.params] == ["+a!b'c", "video"]
    assert FeatureSet.of([("video", [WORD("TRUE")])]).params == (("+video", None),)
    assert FeatureSet.of([("type", [WORD("a")])]).params == (("type", '"a"'),)


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ((("audio", None), ("audio", None)), "RFC 3840 §9"),
        ((("+sip.audio", None), ("audio", None)), "RFC 3840 §9"),
        (tuple([(f"+x{number}", None) for number in range(65)]), "limit"),
        ((("audio", '"' + ",".join(["a"] * 65) + '"'),), "limit"),
    ],
)
def test_features_twice_or_too_many_are_refused(
    params: tuple[tuple[str, str | None], ...], rule: str
) -> None:
    """MSG-3, MSG-9: RFC 3840 §9."""
    with pytest.raises(ParseError) as caught:
        FeatureSet.of_params(params)
    assert caught.value.rule == rule


# Accept-Contact and Reject-Contact


def test_flags_of_a_preference() -> None:
    """MSG-3: RFC 3841 §9.2; in Reject-Contact they mean nothing."""
    rule = ContactPreference.parse("*;audio;require;x=1;explicit")
    assert (rule.required, rule.explicit, rule.params) == (True, True, (("x", "1"),))
    assert str(rule) == "*;audio;require;explicit;x=1"
    assert ContactPreference.parse(str(rule)) == rule
    rejected = rejected_contacts(having(("j", "*;audio;require")))
    assert rejected[0].required is False
    assert rejected[0].params == (("require", None),)
    assert [
        str(item) for item in accepted_contacts(having(("a", "*;audio, *"), ("Accept-Contact", "*;text")))
    ] == [
        "*;audio",
        "*",
        "*;text",
    ]


@pytest.mark.parametrize(
    "text", ["sip:a@b", "", "*x", "*;require;require", "*;explicit;explicit", '*;class="#"']
)
def test_damaged_preference_is_refused(text: str) -> None:
    """MSG-3: RFC 3841 §10."""
    with pytest.raises(ParseError) as caught:
        ContactPreference.parse(text)
    assert caught.value.header == "accept-contact"


def test_too_many_preferences_are_refused() -> None:
    """MSG-9: RFC 3841 §11."""
    assert len(accepted_contacts(having(("a", ",".join(["*"] * 20))))) == 20
    with pytest.raises(ParseError, match="21"):
        accepted_contacts(having(("a", ",".join(["*"] * 21))))


# Request-Disposition


def test_dispositions() -> None:
    """MSG-3: RFC 3841 §9.1."""
    wishes = RequestDisposition.of(having(("Request-Disposition", "proxy, Recurse"), ("d", "parallel")))
    assert wishes == RequestDisposition(proxy=True, recurse=True, parallel=True)
    assert str(wishes) == "proxy, recurse, parallel"
    no = RequestDisposition.parse("redirect,no-cancel,no-fork,no-recurse,sequential,no-queue")
    assert no == RequestDisposition(
        proxy=False, cancel=False, fork=False, recurse=False, parallel=False, queue=False
    )
    assert RequestDisposition.parse(str(no)) == no
    assert RequestDisposition.of(having()) == RequestDisposition()


@pytest.mark.parametrize("text", ["proxy,redirect", "fork,fork", "hold", "proxy;x"])
def test_unknown_or_contradicting_disposition_is_refused(text: str) -> None:
    """MSG-3: RFC 3841 §9.1: the set is closed, one of each kind."""
    with pytest.raises(ParseError):
        RequestDisposition.parse(text)


# Resource-Priority


def test_resource_priorities_are_compared_without_case() -> None:
    """MSG-3: RFC 4412 §3.1."""
    message = having(("Resource-Priority", "DSN.Flash, wps.3"), ("Accept-Resource-Priority", "ets.0"))
    assert resource_priorities(message) == (ResourcePriority("dsn", "flash"), ResourcePriority("wps", "3"))
    assert [str(item) for item in resource_priorities(message, "accept-resource-priority")] == ["ets.0"]
    assert ResourcePriority.parse("dsn.flash").rank == 3
    assert (ResourcePriority.parse("ets.4").rank, ResourcePriority.parse("ets.0").rank) == (0, 4)
    assert ResourcePriority.parse("x.y").rank is ResourcePriority.parse("ets.9").rank is None
    assert set(RESOURCE_NAMESPACES) == {"dsn", "drsn", "q735", "ets", "wps"}


@pytest.mark.parametrize("text", ["", "dsn", "dsn.", ".flash", "dsn.flash.x", "a b.c", "é.a"])
def test_damaged_resource_priority_is_refused(text: str) -> None:
    """MSG-3: RFC 4412 §3.1."""
    with pytest.raises(ParseError) as caught:
        ResourcePriority.parse(text)
    assert caught.value.header == "resource-priority"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ([("Require", "resource-priority"), ("Resource-Priority", "dsn.flash")], True),
        ([("Require", "resource-priority"), ("Resource-Priority", "dsn.flash, ets.0")], False),
        ([("Resource-Priority", "dsn.flash")], False),
        ([("Require", "resource-priority")], False),
        ([], False),
    ],
)
def test_only_required_and_unknown_priorities_are_refused(
    fields: list[tuple[str, str]], refused: bool
) -> None:
    """MSG-3: RFC 4412 §4.6.2: 417 names what is served."""
    served = (ResourcePriority("ets", "0"), ResourcePriority("ets", "1"))
    expected = (("Accept-Resource-Priority", "ets.0, ets.1"),) if refused else ()
    assert refused_priorities(having(*fields), served) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='*;,="<>#!+-.:0123audiovetxrqm \\', max_size=60))
def test_no_text_raises_anything_but_a_parse_error(text: str) -> None:
    """MSG-9: law 5, and what was read is written as it is read."""
    for read in (
        ContactPreference.parse,
        FeatureValue.parse,
        RequestDisposition.parse,
        ResourcePriority.parse,
    ):
        try:
            value = read(text)
        except ParseError:
            continue
        assert read(str(value)) == value
