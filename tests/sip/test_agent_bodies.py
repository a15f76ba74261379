"""Bodies that an agent takes: descriptions, alone or among other parts (RFC 3261 §8.2.3, RFC 5621)."""

from __future__ import annotations

import pytest

from sansio_sip.invite import IncomingCall, MediaNegotiated
from sansio_sip.message import BodyPart, build_multipart, build_response
from tests.sip.harness import Peer, media, offer

SDP = BodyPart.of("application/sdp", offer())
TEXT = BodyPart.of("text/plain", b"hello")
OPTIONAL = BodyPart.of("application/isup", b"\x01\x00", [("Content-Disposition", "signal;handling=optional")])


@pytest.mark.parametrize(
    ("parts", "subtype", "understood"),
    [
        ([SDP], "mixed", True),
        ([OPTIONAL, SDP], "mixed", True),
        ([SDP, TEXT], "mixed", False),
        ([TEXT, SDP], "alternative", True),
        ([TEXT], "alternative", False),
        ([SDP, TEXT], "related", True),
        ([TEXT, SDP], "related", False),
        ([BodyPart.of(*build_multipart([SDP], "inner")), OPTIONAL], "mixed", True),
    ],
)
def test_offer_is_found_among_the_parts(parts: list[BodyPart], subtype: str, understood: bool) -> None:
    """MSG-8: RFC 5621 §4: what must be understood and is not gets 415."""
    peer = Peer()
    invite = peer.request("INVITE")
    content_type, invite.body = build_multipart(parts, "0123", subtype)
    invite.add("Content-Type", content_type)
    peer.send(invite)
    if not understood:
        assert "multipart/mixed" in (peer.response_from_agent(415).get("accept") or "")
        return
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    assert event.offer is not None
    peer.agent.answer(event.session, media(), 0.0)
    assert peer.response_from_agent(200).content_type == "application/sdp"


@pytest.mark.parametrize(
    "field",
    [("Content-Disposition", "session"), ("Content-Encoding", "identity"), ("Accept", "application/sdp")],
)
def test_offer_that_says_more_of_itself_is_taken(field: tuple[str, str]) -> None:
    """MSG-8: RFC 3261 §20.1, §20.11, §20.12."""
    peer = Peer()
    invite = peer.request("INVITE", body=offer())
    invite.add(*field)
    peer.send(invite)
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    assert event.offer is not None


def test_damaged_parts_are_a_bad_request() -> None:
    """MSG-8."""
    peer = Peer()
    invite = peer.request("INVITE")
    invite.body = b"--x\r\n"
    invite.add("Content-Type", "multipart/mixed;boundary=y")
    peer.send(invite)
    peer.response_from_agent(400)


def test_answer_among_other_parts_is_taken() -> None:
    """MSG-8: in a 200 too."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    content_type, body = build_multipart([OPTIONAL, SDP], "0123")
    contact = [("Contact", "<sip:bob@192.0.2.2>")]
    peer.send(build_response(invite, 200, to_tag="bob", extra=contact, content_type=content_type, body=body))
    peer.request_from_agent("ACK")
    negotiated = peer.events()[0]
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is not None
    assert negotiated.media.remote_address == "192.0.2.2"
