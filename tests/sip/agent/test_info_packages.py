"""INFO in calls and its packages (RFC 6086), between agents and against a peer that speaks by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import ResponseReceived
from sansio_sip.errors import LocalProtocolError
from sansio_sip.info import InfoPackage, InfoSupport
from sansio_sip.invite import IncomingCall, InfoReceived, InviteConfig
from sansio_sip.message import Request, Response
from tests.sip.agent.net import agent_of, peer_of
from tests.sip.harness import ALICE, BOB, AgentPair, Peer, lossy, media, offer

DTMF = InfoSupport("dtmf", frozenset({"application/dtmf"}))
CHAT = InfoSupport("chat")


def called(
    willing: str | None, *, extra: tuple[tuple[str, str], ...] = (), **settings: Any
) -> tuple[Peer, str]:
    """A call of a peer with such a Recv-Info."""
    peer = peer_of(info_packages=(DTMF,), **settings)
    more = () if willing is None else (("Recv-Info", willing),)
    peer.send(peer.request("INVITE", body=offer(), extra=(*more, *extra)))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    return peer, event.session


def answered(peer: Peer, session: str) -> Response:
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    peer.events()
    return ok


@pytest.mark.parametrize(("packages", "value"), [(None, None), ((), ""), ((DTMF, CHAT), "dtmf, chat")])
def test_invite_says_what_we_are_willing_to_receive(packages: Any, value: str | None) -> None:
    """RFC 6086 §5.2.3: even when it is nothing; who knows no packages says nothing."""
    peer = peer_of(info_packages=packages)
    session, invite = peer.call_from_agent()
    assert invite.get("recv-info") == value
    peer.respond(invite, 200, body=offer())
    peer.lines()
    peer.agent.update_media(session, media(port=4002), 1.0)
    assert peer.request_from_agent("INVITE").get("recv-info") == value


@pytest.mark.parametrize(("willing", "value"), [(None, None), ("", "dtmf"), ("foo", "dtmf")])
def test_answer_has_it_only_when_the_invite_had_it(willing: str | None, value: str | None) -> None:
    """RFC 6086 §5.2.3."""
    peer, session = called(willing)
    assert answered(peer, session).get("recv-info") == value


def test_reliable_ringing_has_it_and_prack_and_update_are_exchanges_too() -> None:
    """RFC 6086 §5.2.2, §5.2.3."""
    peer, session = called("one", extra=(("Supported", "100rel"),))
    peer.agent.ring(session, 0.0, 183, media=media(), reliable=True)
    ringing = peer.response_from_agent(183)
    assert ringing.get("recv-info") == "dtmf"
    rack = ("RAck", f"{ringing.get('rseq')} 1 INVITE")
    tag = ringing.to_tag
    peer.send(peer.request("PRACK", to_tag=tag, cseq=2, extra=(rack, ("Recv-Info", "two"))))
    assert peer.response_from_agent(200).get("recv-info") == "dtmf"
    peer.agent.send_info(session, 0.0, package="two")
    info = peer.request_from_agent("INFO")
    assert info.get("info-package") == "two"
    peer.send(peer.request("UPDATE", to_tag=tag, cseq=3, extra=(("Recv-Info", "three"),)))
    assert peer.response_from_agent(200).get("recv-info") == "dtmf"
    with pytest.raises(LocalProtocolError, match="not willing"):
        peer.agent.send_info(session, 0.0, package="two")
    peer.agent.send_info(session, 0.0, package="three", headers=[("X-One", "1")])
    assert peer.request_from_agent("INFO").get("x-one") == "1"
    with pytest.raises(LocalProtocolError):
        peer.agent.send_info(session, 0.0, package="three", headers=[("X One", "1")])


def test_caller_learns_from_reliable_ringing_and_from_the_answer() -> None:
    """RFC 6086 §5.2.2."""
    peer = peer_of(info_packages=())
    session, invite = peer.call_from_agent()
    peer.respond(invite, 183, extra=(("Require", "100rel"), ("RSeq", "1"), ("Recv-Info", "early")))
    peer.respond(peer.request_from_agent("PRACK"), 200)
    peer.agent.send_info(session, 0.0, package="early")
    peer.request_from_agent("INFO")
    peer.respond(invite, 200, body=offer(), extra=(("Recv-Info", "late"),))
    peer.request_from_agent("ACK")
    peer.agent.send_info(session, 0.0, package="late")
    peer.request_from_agent("INFO")
    peer.agent.update_media(session, media(port=4002), 1.0)
    again = peer.request_from_agent("INVITE")
    peer.respond(again, 200, body=offer(), extra=(("Recv-Info", "<damaged>"),))
    peer.request_from_agent("ACK")
    peer.agent.send_info(session, 1.0, package="late")  # what cannot be read changes nothing
    peer.request_from_agent("INFO")


@pytest.mark.parametrize("refused", [True, False])
def test_refused_exchange_brings_the_old_set_back(refused: bool) -> None:
    """RFC 6086 §5.2.4: a re-INVITE that the user refuses."""
    peer, session = called("old", offer_patience=10.0)
    ok = answered(peer, session)
    body = offer("192.0.2.7")
    again = peer.request("INVITE", to_tag=ok.to_tag, cseq=2, body=body, extra=(("Recv-Info", "new"),))
    peer.send(again)
    if refused:
        peer.agent.reject_offer(session, 488, 1.0)
        peer.response_from_agent(488)
    else:
        peer.agent.answer_offer(session, media(), 1.0)
        assert peer.response_from_agent(200).get("recv-info") == "dtmf"
    name = "old" if refused else "new"
    peer.agent.send_info(session, 1.0, package=name)
    assert peer.request_from_agent("INFO").get("info-package") == name


def info(peer: Peer, tag: str, cseq: int, *extra: tuple[str, str], body: bytes = b"") -> Request:
    request = peer.request("INFO", to_tag=tag, cseq=cseq, extra=extra)
    request.body = body
    return request


@pytest.mark.parametrize("packages", [None, (), (DTMF,)])
def test_package_that_nobody_asked_for_gets_469(packages: Any) -> None:
    """RFC 6086 §4.2.2: with what we are willing to receive, whether we speak of packages or not."""
    peer = peer_of(info_packages=packages)
    peer.send(peer.request("INVITE", body=offer()))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    tag = answered(peer, event.session).to_tag
    peer.send(info(peer, tag, 2, ("Info-Package", "foo")))
    assert peer.response_from_agent(469).get("recv-info") == ("dtmf" if packages else "")
    assert peer.events() == []
    peer.send(info(peer, tag, 3, ("Content-Type", "application/dtmf-relay"), body=b"Signal=1"))
    peer.response_from_agent(200)
    old = InfoReceived(event.session, "application/dtmf-relay", b"Signal=1", None)
    assert peer.events() == [old]  # an INFO of the old kind is taken as ever


def test_package_that_we_asked_for_is_an_event() -> None:
    """RFC 6086 §4.2.2; 415 for a body that is not of the package, 400 for a damaged name."""
    peer, session = called("")
    tag = answered(peer, session).to_tag
    kind = ("Content-Type", "application/dtmf")
    peer.send(info(peer, tag, 2, ("Info-Package", "dtmf;speed=1"), kind, body=b"5"))
    peer.response_from_agent(200)
    package = InfoPackage("dtmf", (("speed", "1"),))
    assert peer.events() == [InfoReceived(session, "application/dtmf", b"5", package)]
    peer.send(info(peer, tag, 3, ("Info-Package", "dtmf"), ("Content-Type", "text/plain"), body=b"5"))
    assert peer.response_from_agent(415).get("accept") == "application/dtmf"
    peer.send(info(peer, tag, 4, ("Info-Package", "<>")))
    peer.response_from_agent(400)
    assert peer.events() == []


def test_own_info_is_told_its_answer() -> None:
    """RFC 6086 §4.2.1: of a package, and of the old kind."""
    peer, session = called("chat")
    answered(peer, session)
    first = peer.agent.send_info(session, 0.0, package="chat", content_type="text/plain", body=b"hi")
    sent = peer.request_from_agent("INFO")
    assert (sent.get("info-package"), sent.get("content-disposition")) == ("chat", "Info-Package")
    peer.respond(sent, 469)
    second = peer.agent.send_info(session, 0.0, content_type="application/dtmf-relay", body=b"Signal=1")
    old = peer.request_from_agent("INFO")
    assert old.get("info-package") is None
    peer.respond(old, 200)
    events = peer.events()
    assert [(e.request, e.response.status_code) for e in events if isinstance(e, ResponseReceived)] == [
        (first, 469),
        (second, 200),
    ]


def test_who_takes_no_part_sends_no_packages() -> None:
    """RFC 6086 §5.2.2."""
    peer = peer_of()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200, extra=(("Recv-Info", "chat"),))
    with pytest.raises(LocalProtocolError, match="no part"):
        peer.agent.send_info(session, 0.0, package="chat")
    with pytest.raises(LocalProtocolError, match="content_type"):
        peer.agent.send_info(session, 0.0, body=b"x")


def test_call_that_moves_to_another_agent_keeps_the_packages_of_its_peer() -> None:
    """DLG-10, RFC 6086 §5.2.2."""
    peer, session = called("chat")
    answered(peer, session)
    peer.pass_time(40.0)
    data = peer.agent.export_call(session, 40.0)
    taken = peer_of(info_packages=(DTMF,))
    name = taken.agent.import_call(data, 40.0)
    taken.agent.send_info(name, 41.0, package="chat")
    assert taken.request_from_agent("INFO").get("info-package") == "chat"
    plain = peer_of()
    assert plain.agent.import_call(data, 40.0) == name


@pytest.mark.parametrize("seed", range(4))
def test_packages_between_two_agents_over_a_bad_wire(seed: int) -> None:
    """RFC 6086, SIM-1, SIM-2."""
    pair = AgentPair(seed=seed, fate=lossy(seed, loss=0.2, duplicate=0.2, reorder=0.2))
    pair.a.agent = agent_of("alice", ALICE, seed=seed, info_packages=(CHAT,))
    pair.b.agent = agent_of("bob", BOB, seed=seed, info_packages=(DTMF,))
    pair.answer_calls()
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.at(40.0, lambda: _send(pair, session))
    pair.at(90.0, lambda: pair.a.agent.hang_up(session, pair.now))
    pair.run()
    heard = [event for event in pair.b.events if isinstance(event, InfoReceived)]
    assert [(event.body, event.package) for event in heard] == [(b"5", InfoPackage("dtmf"))]
    pair.assert_quiet()


def _send(pair: AgentPair, session: str) -> None:
    pair.a.agent.send_info(session, pair.now, package="dtmf", content_type="application/dtmf", body=b"5")


def test_configuration_of_a_bare_call_knows_nobody_else() -> None:
    """MSG-2: a call without an agent answers 405 by itself."""
    assert InviteConfig(contact="<sip:a@b>").others("MESSAGE") is None
