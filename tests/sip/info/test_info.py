"""INFO and its packages (RFC 6086)."""

from __future__ import annotations

import pytest

from sansio_sip.dialog import Dialog
from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.info import InfoNegotiation, InfoPackage, InfoSupport, info_package_of, recv_info_of
from sansio_sip.message import Request, build_response

DTMF = InfoSupport("g.dtmf", frozenset({"application/dtmf-relay"}))
ANY = InfoSupport("any")


def message(*fields: tuple[str, str], body: bytes = b"", content_type: str = "") -> Request:
    request = Request("INFO", "sip:a@b", body=body)
    for name, value in fields:
        request.add(name, value)
    if content_type:
        request.add("Content-Type", content_type)
    return request


def dialog() -> Dialog:
    return Dialog(
        call_id="c", local="<sip:a@b>;tag=l", local_tag="l", remote="<sip:b@c>;tag=r", remote_tag="r",
        local_cseq=5, remote_cseq=None, remote_target="sip:b@192.0.2.2", route_set=(), secure=False,
    )  # fmt: skip


# Headers


def test_recv_info_may_be_missing_empty_a_list_or_several() -> None:
    """CLI-4: RFC 6086 §5.2.2, §7.3, §9.2: empty is not the same as missing."""
    assert recv_info_of(message()) is None
    assert recv_info_of(message(("Recv-Info", ""))) == ()
    told = recv_info_of(message(("Recv-Info", "foo;x=1, bar"), ("Recv-Info", "baz")))
    assert told == (InfoPackage("foo", (("x", "1"),)), InfoPackage("bar"), InfoPackage("baz"))


def test_info_package_is_one_or_none() -> None:
    """CLI-4: RFC 6086 §4.2.1, §7.2."""
    assert info_package_of(message()) is None
    package = info_package_of(message(("Info-Package", "foo ;x=1")))
    assert package == InfoPackage("foo", (("x", "1"),))
    assert str(package) == "foo;x=1"


@pytest.mark.parametrize("fields", [
    [("Info-Package", "a"), ("Info-Package", "b")], [("Info-Package", "a, b")], [("Info-Package", "")],
    [("Info-Package", 'a;x="')],
])  # fmt: skip
def test_damaged_info_package_is_an_error(fields: list[tuple[str, str]]) -> None:
    """CLI-4: RFC 6086 §4.2.1: one INFO is for one package."""
    with pytest.raises(ParseError):
        InfoNegotiation([ANY]).check(message(*fields))


def test_damaged_recv_info_is_an_error() -> None:
    """CLI-4: RFC 6086 §9.2."""
    with pytest.raises(ParseError):
        InfoNegotiation().receive(message(("Recv-Info", "a b")))


# What we are willing to receive


def test_our_set_is_in_every_first_invite_even_when_empty() -> None:
    """CLI-4: RFC 6086 §5.2.2, §5.2.3."""
    assert InfoNegotiation([DTMF, ANY]).recv_info == (("Recv-Info", "g.dtmf, any"),)
    assert InfoNegotiation().recv_info == (("Recv-Info", ""),)


def test_answer_has_it_only_when_the_request_had_it() -> None:
    """CLI-4: RFC 6086 §5.2.3: also an empty one."""
    ours = InfoNegotiation([ANY])
    assert ours.answer_fields(message()) == ()
    assert ours.answer_fields(message(("Recv-Info", ""))) == (("Recv-Info", "any"),)


def test_package_that_we_want_is_answered_with_200() -> None:
    """CLI-4: RFC 6086 §4.2.2."""
    ours = InfoNegotiation([DTMF, ANY])
    verdict = ours.check(
        message(("Info-Package", "g.dtmf"), body=b"x", content_type="application/dtmf-relay")
    )
    assert (verdict.status_code, verdict.fields, verdict.package) == (200, (), InfoPackage("g.dtmf"))
    assert ours.check(message(("Info-Package", "g.dtmf"))).status_code == 200
    assert ours.check(message(("Info-Package", "any"), body=b"x", content_type="a/b")).status_code == 200


@pytest.mark.parametrize("name", ["other", "G.DTMF"])
def test_package_that_we_do_not_want_gets_469_with_our_set(name: str) -> None:
    """CLI-4: RFC 6086 §4.2.2, §7.2: names are compared octet by octet."""
    verdict = InfoNegotiation([DTMF]).check(message(("Info-Package", name)))
    assert (verdict.status_code, verdict.fields) == (469, (("Recv-Info", "g.dtmf"),))
    response = build_response(_whole(), verdict.status_code, extra=verdict.fields)
    assert b"SIP/2.0 469 Bad" in response.to_bytes()


def _whole() -> Request:
    return message(("Via", "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1"), ("From", "<sip:b@c>;tag=r"),
                   ("To", "<sip:a@b>;tag=l"),
                   ("Call-ID", "c"), ("CSeq", "1 INFO"))  # fmt: skip


def test_body_that_is_not_of_the_package_gets_415() -> None:
    """CLI-4: RFC 6086 §4.2.2."""
    verdict = InfoNegotiation([DTMF]).check(
        message(("Info-Package", "g.dtmf"), body=b"x", content_type="text/plain")
    )
    assert (verdict.status_code, verdict.fields) == (415, (("Accept", "application/dtmf-relay"),))


def test_info_of_the_old_kind_is_accepted() -> None:
    """CLI-4: RFC 6086 §3: without Info-Package, whatever it carries."""
    verdict = InfoNegotiation().check(message(body=b"Signal=1", content_type="application/dtmf-relay"))
    assert verdict == (200, (), None)


# What the peer is willing to receive


def test_info_is_sent_only_for_packages_that_the_peer_wants() -> None:
    """CLI-4: RFC 6086 §4.2.1, §5.2.2, §4.3.1."""
    ours, call = InfoNegotiation(), dialog()
    with pytest.raises(LocalProtocolError):
        ours.build(call, "foo")
    ours.receive(message(("Recv-Info", "foo;x=1, bar")))
    ours.receive(message())
    info = ours.build(call, "foo", "application/x", b"body", (("y", "2"),))
    assert (info.method, info.cseq.number, info.uri) == ("INFO", 6, "sip:b@192.0.2.2")
    assert info.get("info-package") == "foo;y=2"
    assert info.get("content-disposition") == "Info-Package"
    assert (info.content_type, info.body) == ("application/x", b"body")
    assert info.get("recv-info") is None, "§4.2.1: never in INFO"
    bare = ours.build(call, "bar")
    assert (bare.get("content-disposition"), bare.content_type) == (None, None)
    ours.receive(message(("Recv-Info", "")))
    assert not ours.may_send("foo"), "§5.2.2: no longer willing"


def test_body_without_a_type_is_the_callers_mistake() -> None:
    """CLI-4, MSG-9."""
    ours, call = InfoNegotiation(), dialog()
    ours.receive(message(("Recv-Info", "foo")))
    with pytest.raises(LocalProtocolError):
        ours.build(call, "foo", body=b"x")
    assert call.local_cseq == 5, "nothing was changed"
    with pytest.raises(ValueError, match="token"):
        InfoSupport("a b")


def test_refused_exchange_brings_back_both_sets() -> None:
    """CLI-4: RFC 6086 §5.2.4."""
    ours = InfoNegotiation([DTMF])
    ours.receive(message(("Recv-Info", "foo")))
    ours.begin()
    ours.offer([ANY])
    ours.receive(message(("Recv-Info", "bar")))
    assert (ours.recv_info, ours.may_send("bar")) == ((("Recv-Info", "any"),), True)
    ours.roll_back()
    assert (ours.recv_info, ours.may_send("foo"), ours.may_send("bar")) == (
        (("Recv-Info", "g.dtmf"),),
        True,
        False,
    )
    ours.begin()
    ours.offer([ANY])
    ours.settle()
    ours.roll_back()
    assert ours.recv_info == (("Recv-Info", "any"),)
