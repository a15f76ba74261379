"""Contacts chosen as the caller prefers (RFC 3841)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from sansio_sip.message import NameAddr, Request
from sansio_sip.proxy import Later, Reply, Target, forbids_recursion, prefer_targets
from tests.sip.proxy.setups import House, targets

ONE, TWO = "192.0.2.101", "192.0.2.102"


def target(contact: str) -> Target:
    """A target out of a Contact as it was registered."""
    value = NameAddr.parse(contact, "contact")
    return Target(uri=str(value.uri), q=float(value.param("q") or 1), params=value.params)


def asking(*fields: tuple[str, str], method: str = "INVITE") -> Request:
    request = Request(method, "sip:user@example.com")
    for name, value in fields:
        request.add(name, value)
    return request


def chosen(request: Request, contacts: Sequence[Target]) -> list[str]:
    found = prefer_targets(request, contacts)
    assert not isinstance(found, Reply)
    return [item.uri.partition("@")[0].removeprefix("sip:") for item in found]


FIVE = [
    target('sip:u1@h.example.com;audio;video;methods="INVITE,BYE";q=0.2'),
    target('sip:u2@h.example.com;audio="FALSE";methods="INVITE";actor="msg-taker";q=0.2'),
    target('sip:u3@h.example.com;audio;actor="msg-taker";methods="INVITE";video;q=0.3'),
    target('sip:u4@h.example.com;audio;methods="INVITE,OPTIONS";q=0.2'),
    target("sip:u5@h.example.com;q=0.5"),
]
EXAMPLE = (
    ("Reject-Contact", '*;actor="msg-taker";video'),
    ("Accept-Contact", "*;audio;require"),
    ("Accept-Contact", "*;video;explicit"),
    ("Accept-Contact", '*;methods="BYE";class="business";q=1.0'),
)


def test_example_of_the_rfc_gives_its_order() -> None:
    """SRV-7: RFC 3841 §7.2.5: u5 is immune, u1 fits better than u4, u2 and u3 are left out."""
    assert chosen(asking(*EXAMPLE), FIVE) == ["u5", "u1", "u4"]


def test_order_does_not_hang_on_the_order_of_the_targets() -> None:
    """SRV-7: RFC 3841 §7.2.4: sorted by q, then by how well they fit; each its own group."""
    found = prefer_targets(asking(*EXAMPLE), FIVE[::-1])
    assert not isinstance(found, Reply)
    assert [item.uri[4:6] for item in found] == ["u5", "u1", "u4"]
    assert len({item.q for item in found}) == 3
    assert all(0 < item.q <= 1 for item in found)


def test_without_wishes_the_method_counts() -> None:
    """SRV-7: RFC 3841 §7.2.2.1: who says that it has others only is left out."""
    assert chosen(asking(method="OPTIONS"), FIVE) == ["u5", "u4"]
    assert chosen(asking(method="BYE"), FIVE) == ["u5", "u1"]


def test_wishes_that_nobody_asked_for_do_not_empty_the_list() -> None:
    """SRV-7: RFC 3841 §7.2.4: the phone's 405 says more than a 480; asked for, 480 is right."""
    assert chosen(asking(method="MESSAGE"), FIVE[:4]) == ["u3", "u1", "u2", "u4"]
    assert chosen(asking(("Accept-Contact", '*;methods="MESSAGE";require')), FIVE[:4]) == []


def test_subscription_looks_for_its_package() -> None:
    """SRV-7: RFC 3841 §7.2.2.2; other requests and a missing Event do not."""
    two = [target('sip:a@h;events="presence,dialog"'), target('sip:b@h;events="conference"')]
    assert chosen(asking(("Event", "dialog;id=1"), method="SUBSCRIBE"), two) == ["a"]
    assert chosen(asking(method="SUBSCRIBE"), two) == ["a", "b"]
    assert chosen(asking(("Event", "dialog"), method="NOTIFY"), two) == ["a", "b"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("*;video;require", ["seen", "silent"]),
        ("*;video;require;explicit", ["seen"]),
        ("*;video;explicit", ["seen", "blind", "silent"]),
        ("*;video", ["seen", "blind", "silent"]),
        ('*;video="FALSE"', ["blind", "seen", "silent"]),
        ("*", ["seen", "blind", "silent"]),
    ],
)
def test_require_and_explicit(rule: str, expected: list[str]) -> None:
    """SRV-7: RFC 3841 §7.2.4, figure 1."""
    three = [
        target("sip:seen@h;video"), target('sip:blind@h;video="FALSE"'), target("sip:silent@h;audio"),
    ]  # fmt: skip
    assert chosen(asking(("Accept-Contact", rule)), three) == expected


def test_reject_needs_a_contact_that_says_all_of_it() -> None:
    """SRV-7: RFC 3841 §7.2.4: only features that were told can be unwanted."""
    two = [target("sip:a@h;automata;audio"), target("sip:b@h;audio")]
    assert chosen(asking(("Reject-Contact", "*;automata")), two) == ["b"]
    assert chosen(asking(("Reject-Contact", "*;automata;video")), two) == ["a", "b"]


def test_contact_that_cannot_be_read_is_not_missed() -> None:
    """SRV-7: a phone's damaged capabilities make it immune."""
    two = [target('sip:a@h;class="business"'), attrs.evolve(target("sip:b@h"), params=(("class", "#"),))]
    assert chosen(asking(("Accept-Contact", '*;class="personal";require')), two) == ["b"]


@pytest.mark.parametrize(
    ("value", "expected", "groups"),
    [
        ("no-fork", ["u5"], 1),
        ("parallel", ["u5", "u3", "u1", "u2", "u4"], 1),
        ("sequential", ["u5", "u3", "u1", "u2", "u4"], 5),
        ("fork", ["u5", "u3", "u1", "u2", "u4"], 3),
        ("redirect", ["u5", "u3", "u1", "u2", "u4"], 3),
    ],
)
def test_disposition(value: str, expected: list[str], groups: int) -> None:
    """SRV-7: RFC 3841 §9.1; no address is told where that is not configured."""
    request = asking(("Request-Disposition", value))
    found = prefer_targets(request, FIVE)
    assert not isinstance(found, Reply)
    assert [item.uri[4:6] for item in found] == expected
    assert len({item.q for item in found}) == groups


def test_caller_may_be_redirected() -> None:
    """SRV-7: RFC 3841 §7.2.4: q values keep the order, capabilities are not told again."""
    reply = prefer_targets(asking(*EXAMPLE, ("d", "redirect")), FIVE, redirect=True)
    contacts = (
        "<sip:u5@h.example.com>;q=1.000, <sip:u1@h.example.com>;q=0.667, <sip:u4@h.example.com>;q=0.333"
    )
    assert reply == Reply(302, (("Contact", contacts),))
    nobody = asking(("Accept-Contact", "*;text;require;explicit"), ("d", "redirect"))
    assert prefer_targets(nobody, FIVE[:4], redirect=True) == []


@pytest.mark.parametrize(
    "field",
    [
        ("Accept-Contact", "sip:a@b;audio"),
        ("Reject-Contact", '*;class="#"'),
        ("Request-Disposition", "perhaps"),
        ("Accept-Contact", ",".join(["*;audio"] * 21)),
    ],
)
def test_wishes_that_cannot_be_read_are_refused(field: tuple[str, str]) -> None:
    """SRV-7: RFC 3841 §11: and so are too many."""
    reply = prefer_targets(asking(field), FIVE)
    assert isinstance(reply, Reply)
    assert reply.status_code == 400
    assert reply.reason == f"Bad {field[0]}"


def test_nothing_to_weigh_changes_nothing() -> None:
    """SRV-7: no capabilities and no wishes: the very same targets."""
    plain = [target("sip:a@h;q=0.3"), target("sip:b@h;q=0.5")]
    plain = [attrs.evolve(item, params=()) for item in plain]
    assert prefer_targets(asking(), plain) is plain
    assert prefer_targets(asking(*EXAMPLE), []) == []


def test_recursion_may_be_forbidden() -> None:
    """SRV-7: RFC 3841 §9.1."""
    assert forbids_recursion(asking(("d", "fork, no-recurse")))
    assert not forbids_recursion(asking(("d", "recurse")))
    assert not forbids_recursion(asking(("d", "?")))
    assert not forbids_recursion(asking())


# Through a proxy

PHONES = [
    Target(uri=f"sip:bob@{ONE}", params=(("video", '"FALSE"'),)),
    Target(uri=f"sip:bob@{TWO}", params=(("video", None),)),
]
WISH = (("Accept-Contact", "*;video;require"),)


def called(house: House) -> list[bool]:
    return [bool(house.wire.lines("proxy", host)) for host in (ONE, TWO)]


@pytest.mark.parametrize(
    ("config", "expected"), [({}, [False, True]), ({"caller_preferences": False}, [True, True])]
)
@pytest.mark.parametrize("later", [False, True])
def test_proxy_tries_the_phones_that_fit(config: dict[str, Any], expected: list[bool], later: bool) -> None:
    """SRV-7: whether the router knows the targets at once or later."""
    house = House(Later() if later else PHONES, [(0, 486)], [(0, 486)], **config)
    house.call(extra=WISH)
    if later:
        house.wire.at(1, lambda: house.node.proxy.route(1, PHONES, 1.0))
    house.run()
    assert called(house) == expected
    assert house.finals() == [486]


@pytest.mark.parametrize(
    ("config", "wish", "expected", "final"),
    [
        ({}, "*;video;require", [True, False], 302),
        ({}, "*;text", [True, True], 404),
        ({}, "?", [False, False], 400),
        ({"caller_preferences": False}, "*;video;require", [True, True], 404),
    ],
)
def test_contacts_of_a_3xx_are_weighed_too(
    config: dict[str, Any], wish: str, expected: list[bool], final: int
) -> None:
    """SRV-7: RFC 3841 §7.2.4: the algorithm is applied again when a proxy recurses."""
    house = House(targets(ONE), [(0, 302)], [(0, 404)], recurse=True, **config)
    house.bobs[0].extra = [("Contact", f'<sip:bob@{TWO}>;video="FALSE"')]
    house.call(extra=(("Accept-Contact", wish),))
    house.run()
    assert called(house) == expected
    assert house.finals() == [final]


def test_caller_may_want_to_see_a_3xx_itself() -> None:
    """SRV-7: RFC 3841 §9.1: no-recurse."""
    house = House(targets(ONE), [(0, 302)], [(0, 404)], recurse=True)
    house.bobs[0].extra = [("Contact", f"<sip:bob@{TWO}>")]
    house.call(extra=(("Request-Disposition", "no-recurse"),))
    house.run()
    assert called(house) == [True, False]
    assert house.finals() == [302]
