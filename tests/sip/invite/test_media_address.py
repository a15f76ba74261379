"""At which of our addresses we offer to be heard: the one that the peer of this call can reach."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from sansio_sip.agent import AgentBackends
from sansio_sip.dialog import SnapshotReader
from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import OfferAnswer
from sansio_sip.invite.agreement import Agreement
from sansio_sip.invite.snapshot_media import agreement_from_dict, agreement_to_dict
from sansio_sip.machine import Endpoint
from sansio_sip.message import BodyPart, Message, Request
from sansio_sip.outbound import OwnAddress, OwnAddresses
from sansio_sip.sdp import LocalMedia, parse_sdp
from sansio_sip.transaction import LayerConfig, TransactionLayer
from tests.sip.agent.net import agent_of
from tests.sip.harness import BOB, Peer, media, offer

GUESS = attrs.evolve(media("192.0.2.1"), any_interface=True)
ROUTES = {"192.0.2.2": "10.0.0.1", "192.0.2.3": "10.3.0.1", "2001:db8::9": "2001:db8::1"}
EVERYWHERE = OwnAddress(transport="UDP", host="192.0.2.1", port=5060, any_interface=True)


def peer(*, elsewhere: bool = True, **settings: Any) -> Peer:
    """A peer whose agent has an address of its own towards each of `ROUTES`."""
    backends = AgentBackends(local_host=lambda host: ROUTES.get(host, "")) if elsewhere else None
    return Peer(agent_of(own_addresses=(EVERYWHERE,), backends=backends, **settings))


def address_in(message: Message) -> str:
    description = parse_sdp(message.body)
    connection = description.connection_of(description.media[0])
    assert connection is not None
    assert description.origin.address == connection.address
    return connection.address


def test_offer_names_the_address_towards_the_callee() -> None:
    """TRN-7: known only when the next hop is; a fixed address stays."""
    for given, expected in [(GUESS, "10.0.0.1"), (media("192.0.2.1"), "192.0.2.1")]:
        far = peer()
        far.agent.invite("sip:bob@192.0.2.2", given, 0.0)
        assert address_in(far.request_from_agent("INVITE")) == expected


def test_offer_that_is_redirected_names_another_address() -> None:
    """TRN-7: and the version of the description, which nobody has seen before, stays."""
    far = peer()
    far.agent.invite("sip:bob@192.0.2.2", GUESS, 0.0)
    first = far.request_from_agent("INVITE")
    far.respond(first, 302, contact="<sip:bob@192.0.2.3>")
    again = next(m for m in far.sent() if isinstance(m, Request) and m.method == "INVITE")
    assert address_in(again) == "10.3.0.1"
    assert parse_sdp(again.body).origin.version == parse_sdp(first.body).origin.version


def test_offer_among_other_body_parts_is_found() -> None:
    """TRN-7, MSG-5: the other parts stay as they are."""
    far = peer()
    part = BodyPart.of("text/plain", b"192.0.2.1 stays")
    far.agent.invite("sip:bob@192.0.2.2", GUESS, 0.0, parts=[part])
    body = far.request_from_agent("INVITE").body
    assert b"c=IN IP4 10.0.0.1" in body
    assert b"192.0.2.1 stays" in body


@pytest.mark.parametrize("host", ["192.0.2.99", "2001:db8::9"])
def test_guess_stays_where_nobody_knows_better(host: str) -> None:
    """TRN-7: no route, or a family that the socket does not speak."""
    far = peer()
    uri = f"sip:bob@[{host}]" if ":" in host else f"sip:bob@{host}"
    far.agent.invite(uri, GUESS, 0.0)
    assert address_in(far.request_from_agent("INVITE")) == "192.0.2.1"


def test_answer_to_a_late_offer_names_the_address_towards_the_callee() -> None:
    """TRN-7: in the ACK."""
    far = peer()
    far.agent.invite("sip:bob@192.0.2.2", GUESS, 0.0, late_offer=True)
    invite = far.request_from_agent("INVITE")
    assert invite.body == b""
    far.respond(invite, 200, body=offer())
    assert address_in(far.request_from_agent("ACK")) == "10.0.0.1"


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("late_offer", [True, False])
def test_answer_names_the_address_towards_the_caller(early: bool, late_offer: bool) -> None:
    """TRN-7: that of the way that our answers go, in a 183 as in a 200; a change moves nothing."""
    far = peer()
    extra = [("Supported", "100rel")]
    far.send(far.request("INVITE", body=b"" if late_offer else offer(), extra=extra), BOB)
    session = far.events()[-1].session  # type: ignore[union-attr]
    if early:
        far.agent.ring(session, 0.0, 183, media=GUESS)
    else:
        far.agent.answer(session, GUESS, 0.0)
    told = [message for message in far.sent() if message.body]
    assert [address_in(message) for message in told] == ["10.0.0.1"]


def test_change_of_a_call_stays_at_the_address_that_the_peer_knows() -> None:
    """TRN-7, SES-13: whatever guess comes with it."""
    far = peer()
    far.agent.invite("sip:bob@192.0.2.2", GUESS, 0.0)
    invite = far.request_from_agent("INVITE")
    far.respond(invite, 200, body=offer())
    far.sent()
    session = far.events()[0].session  # type: ignore[union-attr]
    far.agent.update_media(session, attrs.evolve(GUESS, ptime=40), 1.0)
    again = far.request_from_agent("INVITE")
    assert address_in(again) == "10.0.0.1"


def test_offer_after_a_refusal_of_all_streams_is_a_new_guess() -> None:
    """TRN-7, SDP-6: nothing was told before."""
    exchange = OfferAnswer(1)
    exchange.receive_offer(parse_sdp(offer()))
    exchange.decline()
    assert b"192.0.2.1" in exchange.offer(GUESS)


def test_guess_is_kept_in_a_snapshot_and_old_ones_can_be_read() -> None:
    """DLG-1: the field came later."""
    exchange = OfferAnswer(1)
    exchange.receive_offer(parse_sdp(offer()))
    exchange.answer(GUESS)
    kept = agreement_to_dict(exchange.agreed)
    assert kept is not None
    for data, expected in [(kept, True), (without_field(kept), False)]:
        found = agreement_from_dict(SnapshotReader(data))
        assert isinstance(found, Agreement)
        assert found.local is not None
        assert found.local.any_interface is expected


def without_field(data: Any) -> Any:
    local = {key: value for key, value in data["local"].items() if key != "any_interface"}
    return {**data, "local": local}


def test_web_socket_has_no_address_to_be_heard_at() -> None:
    """TRN-7, WEB-1: its made-up name is no address; the routes know one."""
    web = OwnAddress(transport="WS", host="x.invalid", port=80, listens=False)
    there = Endpoint("WS", "192.0.2.2", 80)
    contact = "<sip:a@192.0.2.1>"
    known = OwnAddresses({"WS": ("x.invalid", 80)}, contact, (web,), lambda host: ROUTES[host])
    assert known.host(there) == "10.0.0.1"
    assert OwnAddresses({"WS": ("x.invalid", 80)}, contact, (web,)).host(there) == ""
    assert known.host(there._replace(transport="TCP")) == ""


def test_transaction_that_is_gone_has_no_way_back() -> None:
    """TXN-1."""
    with pytest.raises(LocalProtocolError, match="server transaction"):
        TransactionLayer(LayerConfig(), now=0.0).way_back(("none", "INVITE"))


def test_media_moves_to_an_address_of_its_family_only() -> None:
    """TRN-7."""
    fixed: LocalMedia = media("192.0.2.1")
    assert fixed.at("10.0.0.1") is fixed
    assert GUESS.at("") is GUESS
    assert GUESS.at("192.0.2.1") is GUESS
    assert GUESS.at("::1") is GUESS
    assert GUESS.at("10.0.0.1").address == "10.0.0.1"
