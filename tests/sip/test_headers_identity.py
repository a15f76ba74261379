"""P-Asserted-Identity, P-Preferred-Identity and Privacy (RFC 3325, RFC 3323)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.headers import (
    ANONYMOUS,
    Identity,
    Privacy,
    asserted_identity,
    preferred_identity,
    withhold_identity,
)
from sansio_sip.message import NameAddr, Request


def having(*fields: tuple[str, str]) -> Request:
    request = Request("INVITE", "sip:bob@biloxi")
    for name, value in fields:
        request.add(name, value)
    return request


CULLEN = '"Cullen Jennings" <sip:fluffy@cisco.com>'
GATEWAY = having(
    ("P-Asserted-Identity", CULLEN), ("P-Asserted-Identity", "tel:+14085264000"), ("Privacy", "id")
)


def test_identity_of_the_trusted_gateway_example() -> None:
    """MSG-3: RFC 3325 §10.1 F5: a sip URI and a tel URI."""
    identity = asserted_identity(GATEWAY, trusted=True)
    assert identity is not None
    assert identity.sip == NameAddr.parse(CULLEN)
    assert identity.values == (CULLEN, "<tel:+14085264000>")
    assert Identity.parse(list(identity.values)) == identity


def test_identity_from_somebody_not_trusted_is_never_used() -> None:
    """MSG-3, SEC-2: RFC 3325 §8: not even when it is damaged."""
    assert asserted_identity(GATEWAY, trusted=False) is None
    assert asserted_identity(having(("P-Asserted-Identity", "<")), trusted=False) is None
    assert asserted_identity(having(), trusted=True) is None


@pytest.mark.parametrize(
    "values",
    [
        ["sip:a@b", "sips:c@d"],
        ["tel:+1", "tel:+2"],
        ["sip:a@b", "tel:+1", "sip:c@d"],
        ["http://example.com"],
        ["<sip:a@b>, <sip:c@d>"],
    ],
)
def test_at_most_one_sip_and_one_tel_uri(values: list[str]) -> None:
    """MSG-3: RFC 3325 §9.1, §9.2."""
    for name in ("P-Asserted-Identity", "P-Preferred-Identity"):
        message = having(*((name, value) for value in values))
        with pytest.raises(ParseError):
            asserted_identity(message, trusted=True)
            preferred_identity(message)
    with pytest.raises(ParseError):
        Identity.parse([])


def test_preferred_identity_is_a_hint() -> None:
    """MSG-3: RFC 3325 §10.2 F1."""
    identity = preferred_identity(having(("P-Preferred-Identity", CULLEN)))
    assert identity == Identity(NameAddr.parse(CULLEN))
    assert preferred_identity(having()) is None


@pytest.mark.parametrize(
    ("privacy", "kept"),
    [("id", False), ("header;id;critical", False), ("none", True), ("", True), ("user", True)],
)
def test_identity_is_withheld_from_an_untrusted_element_on_request(privacy: str, kept: bool) -> None:
    """MSG-3: RFC 3325 §7: all values are removed for Privacy: id."""
    message = having(
        ("P-Asserted-Identity", CULLEN),
        ("P-Asserted-Identity", "tel:+14085264000"),
        ("P-Preferred-Identity", CULLEN),
        *([("Privacy", privacy)] if privacy else []),
    )
    withhold_identity(message, to_trusted=True)
    assert preferred_identity(message) is not None
    withhold_identity(message, to_trusted=False)
    assert (asserted_identity(message, trusted=True) is not None) is kept
    assert preferred_identity(message) is None


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("id", ("id",), True),
        ("header; session ;Critical", ("header", "session", "critical"), True),
        ("none", ("none",), False),
        ("user,id", ("user", "id"), True),
        ("id;id", ("id",), True),
    ],
)
def test_privacy(text: str, values: tuple[str, ...], wanted: bool) -> None:
    """MSG-3: RFC 3323 §4.2."""
    privacy = Privacy.of(having(("Privacy", text)))
    assert privacy.values == values
    assert bool(privacy) is wanted
    assert privacy.critical is ("critical" in values)
    assert Privacy.parse(str(privacy)) == privacy


def test_no_privacy_is_asked_for_without_the_header() -> None:
    """MSG-3: RFC 3323 §4.2; several fields count as one."""
    assert not Privacy.of(having())
    assert Privacy.of(having(("Privacy", "id"), ("Privacy", "user"))).values == ("id", "user")


def test_anonymous_caller() -> None:
    """MSG-3: RFC 3323 §4.1.1.3."""
    address = NameAddr.parse(f"{ANONYMOUS};tag=1928301774")
    assert str(address) == '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1928301774'
