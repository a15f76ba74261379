"""Dialogs on both sides: creation, requests in them, CSeq and targets (RFC 3261 §12)."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.dialog import Dialog, DialogState, build_standalone
from sansio_sip.errors import LocalProtocolError, RemoteProtocolError
from sansio_sip.ids import Ids
from sansio_sip.message import Request, Response, build_request, build_response

ROUTES = ["<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"]


def invite(
    *,
    contact: str | None = "<sip:alice@192.0.2.1>",
    record_routes: list[str] | None = None,
    to: str = "Bob <sip:bob@example.com>",
    from_: str = '"Alice" <sip:alice@example.com>;tag=a',
    uri: str = "sip:bob@example.com",
) -> Request:
    extra = [("Record-Route", route) for route in record_routes or []]
    if contact is not None:
        extra.append(("Contact", contact))
    return build_request(
        "INVITE",
        uri,
        via="SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
        from_=from_,
        to=to,
        call_id="call",
        cseq=314,
        extra=extra,
    )


def ok(request: Request, *, contact: str = "<sip:bob@192.0.2.2>", tag: str = "b") -> Response:
    return build_response(request, 200, to_tag=tag, extra=[("Contact", contact)] if contact else [])


def both(record_routes: list[str] | None = None) -> tuple[Dialog, Dialog]:
    request = invite(record_routes=record_routes)
    return Dialog.from_response(request, ok(request)), Dialog.from_request(request, "b")


def test_both_sides_have_the_same_dialog_the_other_way_round() -> None:
    """DLG-1, DLG-2: §12.1."""
    caller, callee = both()
    assert caller.id == ("call", "a", "b")
    assert callee.id == ("call", "b", "a")
    assert (caller.local, caller.remote) == (callee.remote, callee.local)
    assert (caller.remote_target, callee.remote_target) == ("sip:bob@192.0.2.2", "sip:alice@192.0.2.1")
    assert (caller.local_cseq, caller.remote_cseq) == (314, None)
    assert (callee.local_cseq, callee.remote_cseq) == (0, 314)
    assert caller.state is callee.state is DialogState.EARLY
    assert not caller.secure
    assert "EARLY" in repr(caller)


def test_route_set_is_reversed_on_the_callers_side_only() -> None:
    """DLG-2: §12.1.1, §12.1.2."""
    caller, callee = both(ROUTES)
    assert caller.route_set == tuple(reversed(ROUTES))
    assert callee.route_set == tuple(ROUTES)


def test_routes_in_one_line_and_in_several_are_the_same() -> None:
    """DLG-2, MSG-1."""
    assert both([", ".join(ROUTES)])[0].route_set == both(ROUTES)[0].route_set


def test_dialog_of_a_sips_call_is_secure() -> None:
    """DLG-1: §12.1.1."""
    request = invite(uri="sips:bob@example.com")
    assert Dialog.from_request(request, "b").secure


def test_request_without_contact_opens_no_dialog() -> None:
    """DLG-2: §8.1.1.8."""
    with pytest.raises(RemoteProtocolError, match="Contact") as caught:
        Dialog.from_request(invite(contact=None), "b")
    assert caught.value.status_hint == 400


def test_response_without_contact_leaves_the_address_that_was_called() -> None:
    """DLG-2."""
    request = invite()
    assert Dialog.from_response(request, ok(request, contact="")).remote_target == "sip:bob@example.com"


@pytest.mark.parametrize("route", ["<sip:p1", "not a uri", '"<sip:p1.example.com>'])
def test_route_that_cannot_be_read_opens_no_dialog(route: str) -> None:
    """DLG-2: no ACK and no BYE could ever follow it."""
    request = invite(record_routes=[route])
    with pytest.raises(RemoteProtocolError):
        Dialog.from_request(request, "b")
    with pytest.raises(RemoteProtocolError):
        Dialog.from_response(request, ok(request))


def test_rfc_2543_peer_without_tag_has_an_empty_one() -> None:
    """DLG-1: §12.1.2."""
    request = invite(from_="<sip:alice@example.com>")
    assert Dialog.from_request(request, "b").id == ("call", "b", "")
    request = invite()
    response = build_response(request, 200, extra=[("Contact", "<sip:bob@192.0.2.2>")])
    assert Dialog.from_response(request, response).id == ("call", "a", "")


# Requests in the dialog


def test_next_request_carries_the_dialog_and_the_next_number() -> None:
    """DLG-3: §12.2.1.1."""
    caller, callee = both()
    bye = caller.request("BYE", [("Reason", "Q.850;cause=16")])
    assert bye.method == "BYE"
    assert bye.uri == "sip:bob@192.0.2.2"
    assert bye.get("from") == '"Alice" <sip:alice@example.com>;tag=a'
    assert bye.get("to") == "Bob <sip:bob@example.com>;tag=b"
    assert bye.get("call-id") == "call"
    assert bye.get("cseq") == "315 BYE"
    assert bye.get("max-forwards") == "70"
    assert bye.get("reason") == "Q.850;cause=16"
    assert bye.get("route") is None
    assert bye.get("via") is None
    back = callee.request("INFO", content_type="text/plain", body=b"x")
    assert (back.get("from"), back.get("to")) == (bye.get("to"), bye.get("from"))
    assert back.get("cseq") == "1 INFO"
    assert back.content_type == "text/plain"
    assert caller.request("INFO").cseq.number == 316


def test_loose_routes_stand_in_front_of_the_target() -> None:
    """DLG-3: §12.2.1.1, the first route has ``lr``."""
    caller, _ = both(ROUTES)
    request = caller.request("BYE")
    assert request.uri == "sip:bob@192.0.2.2"
    assert request.routes == list(reversed(ROUTES))
    assert caller.next_hop == "sip:p2.example.com;lr"


def test_strict_router_gets_its_uri_and_the_target_goes_last() -> None:
    """DLG-3: §12.2.1.1, an RFC 2543 router; what a Request-URI may not have is taken out."""
    caller, _ = both(["<sip:loose.example.com;lr>", "<sip:strict.example.com;method=INVITE?Subject=x>"])
    request = caller.request("BYE")
    assert request.uri == "sip:strict.example.com"
    assert request.routes == ["<sip:loose.example.com;lr>", "<sip:bob@192.0.2.2>"]
    assert caller.next_hop.startswith("sip:strict.example.com")


def test_target_never_has_what_a_request_uri_may_not_have() -> None:
    """DLG-3: §19.1.1, table 1."""
    request = invite(contact="<sip:alice@192.0.2.1;transport=udp;method=BYE?Subject=x>")
    callee = Dialog.from_request(request, "b")
    assert callee.remote_target == "sip:alice@192.0.2.1;transport=udp"
    response = ok(invite(), contact="<sip:bob@192.0.2.2?Route=%3Csip:evil%3E>")
    assert Dialog.from_response(invite(), response).request("BYE").uri == "sip:bob@192.0.2.2"


def test_ack_of_a_2xx_has_the_number_of_its_invite() -> None:
    """MSG-10: §13.2.2.4; it does not use a number up."""
    caller, _ = both(ROUTES)
    caller.request("INFO")
    ack = caller.ack(314, body=b"v=0")
    assert ack.get("cseq") == "314 ACK"
    assert ack.content_type == "application/sdp"
    assert ack.routes == list(reversed(ROUTES))
    assert caller.local_cseq == 315


def test_second_try_has_the_next_number_and_no_via() -> None:
    """DLG-3, AUTH-1: §22.2."""
    caller, _ = both()
    first = caller.request("BYE")
    first.insert_first("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK9")
    again = caller.renumbered(first)
    assert again.get("cseq") == "316 BYE"
    assert again.get("via") is None
    assert first.get("cseq") == "315 BYE"
    assert caller.local_cseq == 316


# Requests of the peer


def numbered(number: int, method: str = "INFO", contact: str = "") -> Request:
    request = Request(method, "sip:bob@192.0.2.2")
    request.add("CSeq", f"{number} {method}")
    if contact:
        request.add("Contact", contact)
    return request


def test_number_lower_than_the_last_is_refused_with_500() -> None:
    """DLG-4: §12.2.2."""
    _, callee = both()
    callee.receive_request(numbered(315))
    callee.receive_request(numbered(400))  # gaps are legal
    with pytest.raises(RemoteProtocolError) as caught:
        callee.receive_request(numbered(399))
    assert caught.value.status_hint == 500
    assert callee.remote_cseq == 400


def test_first_number_of_the_callee_is_any() -> None:
    """DLG-4: §12.2.2."""
    caller, _ = both()
    caller.receive_request(numbered(0))
    assert caller.remote_cseq == 0


def test_target_refresh_takes_the_contact_and_leaves_the_route_set() -> None:
    """DLG-3: §12.2.2."""
    _, callee = both(ROUTES)
    callee.refresh_target(numbered(315, "INVITE", "<sip:alice@198.51.100.9:5070>"))
    assert callee.remote_target == "sip:alice@198.51.100.9:5070"
    callee.refresh_target(numbered(316, "INVITE"))
    assert callee.remote_target == "sip:alice@198.51.100.9:5070"
    assert callee.route_set == tuple(ROUTES)


# Outside of dialogs


def standalone(method: str = "OPTIONS", **values: object) -> Request:
    arguments: dict[str, object] = {"extra": [("Subject", "x")], "content_type": "", "body": b"", **values}
    return build_standalone(
        method,
        "sip:bob@example.com",
        "<sip:alice@example.com>",
        "<sip:bob@example.com>",
        Ids(Random(1).randbytes),
        **arguments,  # type: ignore[arg-type]
    )


def test_standalone_request_has_all_that_is_mandatory_but_the_via() -> None:
    """MSG-5: §8.1.1."""
    request = standalone(content_type="text/plain", body=b"hi")
    assert request.from_tag
    assert not request.to_tag
    assert len(request.call_id) == 32
    assert request.get("cseq") == "1 OPTIONS"
    assert request.max_forwards == 70
    assert request.get("subject") == "x"
    assert request.content_type == "text/plain"


@pytest.mark.parametrize(
    "values",
    [
        {"method": "FOO BAR"},
        {"method": ""},
        {"method": "FOO\r\nX: y"},
        {"extra": [("Subject", "a\r\nb: c")]},
        {"extra": [("Sub ject", "a")]},
        {"body": b"hi"},
    ],
)
def test_what_cannot_stand_in_a_message_is_refused(values: dict[str, object]) -> None:
    """MSG-9."""
    with pytest.raises(LocalProtocolError):
        standalone(**values)  # type: ignore[arg-type]
