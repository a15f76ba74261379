"""All 50 messages of RFC 4475 and 12 of RFC 5118, met by an agent: each gets its verdict at its layer."""

from __future__ import annotations

from typing import NamedTuple

import attrs
import pytest

from sansio_sip.agent import Agent, MessageRefused
from sansio_sip.errors import ParseError
from sansio_sip.framing import receive_datagram
from sansio_sip.ids import Ids
from sansio_sip.invite import CallConfirmed, CallEnded, IncomingCall, RemoteBye
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import ParseMode, Request, Response, parse_message
from sansio_sip.transaction import LayerConfig, RequestReceived, StrayResponse, TransactionLayer
from tests.sip.harness import Peer, make_agent, media
from tests.sip.names import Zone
from tests.sip.vectors import TORTURE, Vector, octets

CALL = "call"
"""The agent tells of a call, and answers what its user says."""

DROP = "drop"
"""The agent sends nothing: a response that answers nothing, or octets that nobody could answer."""

# The index says nothing about the answer to these, its point being whether they can be read. What a
# user agent does with them follows from their method and their To tag.
BY_METHOD: dict[str, str | int] = {
    "rfc4475/baddate": CALL,  # nobody needs the Date
    "rfc4475/dblreq": 405,
    "rfc4475/esc01": CALL,
    "rfc4475/inv2543": CALL,
    "rfc4475/longreq": CALL,
    "rfc4475/lwsdisp": 200,
    "rfc4475/mpart01": 405,
    "rfc4475/noreason": DROP,
    "rfc4475/semiuri": 200,
    "rfc4475/transports": 200,
    "rfc4475/unreason": DROP,
    "rfc4475/wsinv": 481,  # a To tag of no dialog
    "rfc5118/ipv4-mapped-ipv6": CALL,
    "rfc5118/ipv6-correct-abnf-2-colons": 200,
    "rfc5118/ipv6-good": 405,
    "rfc5118/ipv6-in-sdp": CALL,
    "rfc5118/mult-ip-in-header": 481,
    "rfc5118/mult-ip-in-sdp": CALL,
    "rfc5118/port-ambiguous": 405,
    "rfc5118/port-unambiguous": 405,
    "rfc5118/via-received-param-no-delim": 200,
    "rfc5118/via-received-param-with-delim": 481,
}

# What the index says of these is for a registrar or a proxy, which a user agent is not: it answers 405
# to REGISTER, and Max-Forwards is not its concern. `tests/sip/register` and `tests/sip/proxy` judge
# them where they belong.
FOR_OTHERS: dict[str, str | int] = {
    "rfc4475/cparam01": 405,
    "rfc4475/cparam02": 405,
    "rfc4475/escnull": 405,
    "rfc4475/regaut01": 405,
    "rfc4475/regescrt": 405,
    "rfc4475/unksm2": 405,
    "rfc4475/zeromf": 200,
}

# Both verdicts are right for these. What we chose: lenient reading takes them (a key of `DEVIATIONS`
# names why) and acts on them, or refuses them.
EITHER: dict[str, tuple[str, str | int]] = {
    "rfc4475/badaspec": ("spaces-in-brackets", 200),
    "rfc4475/baddate": ("", CALL),
    "rfc4475/baddn": ("display-name-characters", 200),
    "rfc4475/escruri": ("refused", 400),
    "rfc4475/ltgtruri": ("bracketed-request-uri", CALL),
    "rfc4475/lwsruri": ("refused", 400),
    "rfc4475/lwsstart": ("start-line-spaces", CALL),
    "rfc4475/regbadct": ("uri-headers-without-brackets", 405),
    "rfc4475/trws": ("start-line-spaces", 200),
    "rfc5118/ipv6-bug-abnf-3-colons": ("three-colons", 200),
}

# Its octets end without the empty line, which a strict reader meets before the display name.
STRICT_CLASS = {"rfc4475/baddn": "framing"}


def name(vector: Vector) -> str:
    return str(vector["id"])


def peer_of(vector: Vector) -> Endpoint:
    return Endpoint("TCP" if vector["transport"] == "stream" else "UDP", "192.0.2.2", 5060, flow=7)


def strict_agent() -> Agent:
    config = attrs.evolve(make_agent()._core.config, mode=ParseMode.STRICT)
    return Agent(config, now=0.0, ids=Ids(lambda count: bytes(count)))


class Met(NamedTuple):
    """What an agent did with one message."""

    peer: Peer
    sent: list[Transmit]
    outcome: str | int
    error: ParseError | None


def meet(vector: Vector, agent: Agent | None = None, *, accept: bool = False) -> Met:
    peer = Peer(agent, peer_of(vector))
    peer.send(octets(vector))
    sent: list[Transmit] = []
    while (transmit := peer.agent.next_transmit()) is not None:
        sent.append(transmit)
    outcome: str | int = DROP
    error: ParseError | None = None
    for transmit in sent:
        answer = parse_message(transmit.data)
        assert isinstance(answer, Response)
        outcome = answer.status_code
    for event in peer.events():
        if isinstance(event, IncomingCall):
            assert not sent
            outcome = CALL
            if accept:
                peer.agent.answer(event.session, media(), 0.0)
            else:
                peer.agent.reject(event.session, 486, 0.0)
        else:
            assert isinstance(event, MessageRefused)
            assert isinstance(event.error, ParseError)
            error = event.error
    return Met(peer, sent, outcome, error)


def right_outcomes(vector: Vector) -> list[str | int]:
    own = FOR_OTHERS.get(name(vector), BY_METHOD.get(name(vector)))
    if own is not None:
        return [own]
    answers = vector["uas_answer"]
    return [DROP] if answers == DROP else list(answers)


def test_every_message_has_a_stated_verdict_and_no_verdict_is_stale() -> None:
    """MSG-7: none excluded, none judged twice."""
    assert len(TORTURE) == 62
    ids = {name(vector) for vector in TORTURE}
    silent = {name(vector) for vector in TORTURE if "uas_answer" not in vector}
    others = {name(vector) for vector in TORTURE if vector["layer"] in ("registrar", "proxy")}
    assert set(BY_METHOD) == silent
    assert set(FOR_OTHERS) == others | {"rfc4475/escnull"}  # a REGISTER of which a parser is asked
    assert set(EITHER) == {name(vector) for vector in TORTURE if vector["parse"] == "either"}
    assert ids >= set(BY_METHOD) | set(FOR_OTHERS) | set(EITHER)


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] == "accept"], ids=name)
def test_a_right_message_gets_the_answer_of_its_layer(vector: Vector) -> None:
    """MSG-7 (RFC 4475 §3.1.1, §3.2-3.4, RFC 5118 §4): nothing is refused that only looks odd."""
    met = meet(vector)
    assert met.error is None
    assert met.outcome in right_outcomes(vector)
    assert met.peer.agent.statistics().malformed == 0


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] == "reject"], ids=name)
def test_a_wrong_message_is_told_with_its_class_and_answered_or_dropped(vector: Vector) -> None:
    """MSG-6, MSG-7 (RFC 4475 §3.1.2, §3.3, RFC 5118 §4)."""
    met = meet(vector)
    assert met.error is not None
    assert met.error.error_class == vector["error_class"]
    assert met.outcome in right_outcomes(vector)
    assert met.peer.agent.statistics().malformed == 1
    assert met.peer.agent.statistics().transactions == 0  # answered without memory


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] == "either"], ids=name)
def test_a_doubtful_message_gets_the_verdict_that_we_chose(vector: Vector) -> None:
    """MSG-6, MSG-7: the choice is stated, and is one that the index allows."""
    deviation, expected = EITHER[name(vector)]
    met = meet(vector)
    assert met.outcome == expected
    assert (met.error is not None) == (deviation == "refused")
    if met.error is not None:
        assert met.error.error_class == vector["error_class"]
        assert expected in vector["uas_answer"]


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] == "either"], ids=name)
def test_a_doubtful_message_gets_400_from_a_strict_agent(vector: Vector) -> None:
    """MSG-6, MSG-7."""
    met = meet(vector, strict_agent())
    assert met.error is not None
    assert met.error.error_class == STRICT_CLASS.get(name(vector), vector["error_class"])
    assert met.outcome == 400


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] != "either"], ids=name)
def test_strict_agent_gives_the_same_verdict_where_there_is_only_one(vector: Vector) -> None:
    """MSG-6, MSG-7."""
    met = meet(vector, strict_agent())
    assert met.outcome in right_outcomes(vector)
    assert (met.error is None) == (vector["parse"] == "accept")


@pytest.mark.parametrize("vector", TORTURE, ids=name)
def test_every_answer_goes_back_to_who_asked_and_copies_what_it_must(vector: Vector) -> None:
    """MSG-7, TXN-3 (RFC 3261 §8.2.6.2, §18.2.2): never where a Via or a maddr points."""
    met = meet(vector)
    answers = [*met.sent, *_rest(met.peer)]
    partial = met.error.partial if met.error is not None else receive_datagram(octets(vector))
    for transmit in answers:
        assert isinstance(partial, Request)
        destination = transmit.destination
        assert (destination.transport, destination.host, destination.flow) == (
            met.peer.endpoint.transport,
            "192.0.2.2",
            7,
        )
        answer = parse_message(transmit.data)
        for key in ("from", "call-id", "cseq"):
            assert answer.get_all(key) == partial.get_all(key)
        assert len(answer.get_all("via")) == len(partial.get_all("via"))
        assert answer.get_all("via")[1:] == partial.get_all("via")[1:]


def _rest(peer: Peer) -> list[Transmit]:
    sent: list[Transmit] = []
    while (transmit := peer.agent.next_transmit()) is not None:
        sent.append(transmit)
    return sent


@pytest.mark.parametrize("vector", TORTURE, ids=name)
def test_message_that_no_framer_has_checked_raises_nothing(vector: Vector) -> None:
    """MSG-7, law 5: a runtime with a framer of its own is no danger; what is refused is counted and told."""
    try:
        message: object = parse_message(octets(vector))
    except ParseError as error:
        message = error.partial
    if not isinstance(message, Request | Response):
        return
    peer = Peer(endpoint=peer_of(vector))
    peer.agent.receive_message(message, peer.endpoint, 0.0)
    refused = [event for event in peer.events() if isinstance(event, MessageRefused)]
    assert peer.agent.statistics().malformed == len(refused)
    if name(vector) == "rfc4475/badinv01":
        assert refused
        peer.response_from_agent(400)


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["layer"] == "transaction"], ids=name)
def test_branch_of_the_cookie_alone_is_matched_by_the_rules_of_rfc_2543(vector: Vector) -> None:
    """MSG-7, TXN-3 (RFC 4475 §3.2.1): the same again is a repeat, the same branch in another call is not."""
    layer = TransactionLayer(LayerConfig(), now=0.0)
    endpoint = peer_of(vector)
    data = octets(vector)
    other = data.replace(b"badbranch.", b"another.")
    assert other != data
    for octets_in in (data, data, other):
        message = receive_datagram(octets_in)
        assert message is not None
        layer.receive_message(message, endpoint, 0.0)
    opened = []
    while (event := layer.next_event()) is not None:
        assert isinstance(event, RequestReceived)
        opened.append(event.request.call_id.partition(".")[0])
    assert opened == ["badbranch", "another"]
    assert layer.statistics.retransmissions_received == 1


@pytest.mark.parametrize(
    "vector", [v for v in TORTURE if v["parse"] == "accept" and DROP in right_outcomes(v)], ids=name
)
def test_response_that_answers_nothing_is_stray_at_the_transaction_layer(vector: Vector) -> None:
    """MSG-7, TXN-4 (RFC 4475 §3.3.10; RFC 6026 §7.2)."""
    layer = TransactionLayer(LayerConfig(), now=0.0)
    message = receive_datagram(octets(vector))
    assert isinstance(message, Response)
    layer.receive_message(message, peer_of(vector), 0.0)
    assert isinstance(layer.next_event(), StrayResponse)
    assert layer.next_transmit() is None
    assert layer.statistics.stray_responses == 1


def test_method_not_allowed_and_bad_extension_say_what_would_do() -> None:
    """MSG-7 (RFC 4475 §3.3.5, §3.3.6): Unsupported, Accept and Allow stand in the answers."""
    by_id = {name(vector): vector for vector in TORTURE}
    for torture, key, expected in (
        ("rfc4475/bext01", "unsupported", "nothingsupportsthis, nothingsupportsthiseither"),
        ("rfc4475/invut", "accept", "application/sdp"),
        ("rfc4475/cparam01", "allow", "INVITE"),
        ("rfc4475/sdp01", "warning", "399"),
    ):
        (transmit,) = meet(by_id[torture]).sent
        value = (parse_message(transmit.data).get(key) or "").lower()
        assert value.startswith(expected.lower())


def with_to_tag(head: bytes, tag: str) -> bytes:
    return head.replace(b";user=phone\r\nCall-ID", b";user=phone;tag=" + tag.encode() + b"\r\nCall-ID")


def test_call_of_an_rfc_2543_phone_is_answered_confirmed_and_ended() -> None:
    """MSG-7, TXN-3 (RFC 4475 §3.4.1): no branch, no From tag, no Contact: what is missing counts as empty."""
    vector = next(vector for vector in TORTURE if name(vector) == "rfc4475/inv2543")
    peer = meet(vector, accept=True).peer
    (ok,) = peer.sent()
    assert isinstance(ok, Response)
    assert ok.status_code == 200
    head = octets(vector).partition(b"Content-Type")[0]
    tagged = with_to_tag(head, ok.to_tag)
    assert tagged != head
    peer.send(tagged.replace(b"INVITE", b"ACK") + b"Content-Length: 0\r\n\r\n")
    assert any(isinstance(event, CallConfirmed) for event in peer.events())
    peer.send(tagged.replace(b"56 INVITE", b"57 INVITE").replace(b"INVITE", b"BYE") + b"\r\n")
    peer.response_from_agent(200)
    assert [event.end for event in peer.events() if isinstance(event, CallEnded)] == [RemoteBye()]


def test_we_hang_up_on_an_rfc_2543_phone_by_its_from() -> None:
    """MSG-7, DLG-1 (RFC 4475 §3.4.1): the remote target is From, behind the strict route of its proxy."""
    vector = next(vector for vector in TORTURE if name(vector) == "rfc4475/inv2543")
    peer = meet(vector, accept=True).peer
    (ok,) = peer.sent()
    head = octets(vector).partition(b"Content-Type")[0]
    peer.send(with_to_tag(head.replace(b"INVITE", b"ACK"), ok.to_tag) + b"\r\n")
    (event,) = [event for event in peer.events() if isinstance(event, CallConfirmed)]
    peer.agent.hang_up(event.session, 1.0)
    peer.look_up(Zone({"ss1.example.com": [peer.endpoint.host]}), 1.0)
    bye = peer.request_from_agent("BYE")
    assert bye.uri == "sip:UserB@example.com;maddr=ss1.example.com"
    assert bye.routes == ["<sip:+13035551111@ift.client.example.net;user=phone>"]
