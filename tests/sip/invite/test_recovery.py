"""A peer that falls silent in a call: asked a few times before the call is given up (DLG-7, DLG-8)."""

from __future__ import annotations

from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent
from sansio_sip.dialog import DialogState
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    RECOVERY_TABLE,
    CallEnded,
    CallRecovered,
    CallRecovering,
    Failed,
    RecoveryConfig,
    TimedOut,
    TransportLost,
    UpdateFailed,
)
from sansio_sip.message import Request
from tests.sip.harness import BOB, Peer, make_agent, media, tables

THREE = RecoveryConfig(probes=3, first_delay=2.0)


def peer_of(recovery: RecoveryConfig | None = THREE) -> Peer:
    config = attrs.evolve(make_agent()._core.config, recovery=recovery)
    return Peer(Agent(config, now=0.0, ids=Ids(Random(1).randbytes)))


def in_trouble(peer: Peer) -> tuple[str, Request]:
    """A call in which a re-INVITE has timed out; return its name and the first probe."""
    session, *_ = peer.established_from_agent()
    peer.agent.update_media(session, media(port=5000), peer.now)
    peer.request_from_agent("INVITE")
    peer.pass_time(peer.now + 32.0)
    failed, recovering = peer.events()
    assert isinstance(failed, UpdateFailed)
    assert recovering == CallRecovering(session, "no response in time")
    probe = peer.sent()[-1]
    assert isinstance(probe, Request)
    assert probe.method == "OPTIONS"
    return session, probe


def quiet(peer: Peer) -> None:
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert peer.events() == []
    assert not any(tables(peer.agent).values())
    assert peer.agent.deadline is None


def test_without_recovery_a_timeout_ends_the_call() -> None:
    """DLG-7: RFC 3261 §12.2.1.2 is the default."""
    peer = peer_of(None)
    session, *_ = peer.established_from_agent()
    peer.agent.update_media(session, media(port=5000), 0.0)
    peer.pass_time(32.0)
    assert peer.events()[-1] == CallEnded(session, TimedOut())


@pytest.mark.parametrize("status", [200, 404, 405, 486, 500, 603])
def test_any_answer_to_the_probe_recovers_the_call(status: int) -> None:
    """DLG-7: state Recovering, then Confirmed again; the session was never touched."""
    peer = peer_of()
    session, probe = in_trouble(peer)
    assert peer.agent.dialog_state(session) is DialogState.RECOVERING
    peer.respond(probe, status)
    assert peer.events() == [CallRecovered(session)]
    assert peer.agent.dialog_state(session) is DialogState.CONFIRMED
    peer.agent.hang_up(session, peer.now)
    peer.respond(peer.request_from_agent("BYE"), 200)
    peer.events()
    quiet(peer)


def test_request_of_the_peer_recovers_the_call() -> None:
    """DLG-7: whoever sends something lives."""
    peer = peer_of()
    session, invite, _ = peer.established_from_agent()
    peer.agent.check_call(session, 0.0)
    probe = peer.request_from_agent("OPTIONS")
    peer.pass_time(33.0)
    peer.sent()
    assert peer.events() == [CallRecovering(session, "no response in time")]
    peer.send(peer.request_in(invite, "INFO", cseq=1))
    peer.response_from_agent(200)
    assert CallRecovered(session) in peer.events()
    peer.respond(probe, 200)
    peer.pass_time(100.0)
    assert peer.sent() == []


def test_silent_peer_is_asked_with_growing_pauses_and_given_up() -> None:
    """DLG-7: N probes with back-off, then the end with its reason."""
    peer = peer_of()
    session, probe = in_trouble(peer)
    starts = [peer.now]
    branch = probe.via.branch
    while not (ends := peer.ends()):
        deadline = peer.agent.deadline
        assert deadline is not None
        peer.pass_time(deadline)
        for message in peer.sent():
            if isinstance(message, Request) and message.method == "OPTIONS" and message.via.branch != branch:
                branch = message.via.branch
                starts.append(peer.now)
    assert starts == [32.0, 32.0 + 32.0 + 2.0, 32.0 + 2 * 32.0 + 2.0 + 4.0]
    assert ends == [TimedOut()]
    assert peer.agent.dialog_state(session) is not None, "the BYE is on its way"
    quiet(peer)
    assert peer.agent.dialog_state(session) is None


@pytest.mark.parametrize(("status", "silent"), [(408, True), (503, True), (504, True), (481, False)])
def test_proxy_that_cannot_reach_the_peer_counts_as_silence(status: int, silent: bool) -> None:
    """DLG-7: and 481 ends the dialog at once."""
    peer = peer_of()
    session, probe = in_trouble(peer)
    response = peer.respond(probe, status)
    if silent:
        assert peer.events() == []
        peer.pass_time(peer.now + 2.0)
        peer.request_from_agent("OPTIONS")
    else:
        assert peer.events() == [CallEnded(session, Failed(response.reason, 481))]


def test_last_probe_tells_why() -> None:
    """DLG-7: a transport that is gone, not a timeout."""
    peer = peer_of(RecoveryConfig(probes=1))
    session, *_ = peer.established_from_agent()
    peer.agent.check_call(session, 0.0)
    peer.request_from_agent("OPTIONS")
    peer.agent.flow_failed(BOB, "no route", 1.0)
    assert peer.events() == [
        CallRecovering(session, "no route"),
        CallEnded(session, TransportLost("no route")),
    ]
    peer.sent()
    peer.agent.flow_failed(BOB, "no route", 1.0)
    quiet(peer)


def test_request_that_could_not_be_sent_is_trouble() -> None:
    """DLG-7: transport loss; without recovery it costs the request only."""
    for recovery, expected in ((None, []), (RecoveryConfig(), ["OPTIONS"])):
        peer = peer_of(recovery)
        session, *_ = peer.established_from_agent()
        peer.agent.refer(session, "sip:carol@192.0.2.3", 0.0)
        peer.sent()
        peer.agent.flow_failed(BOB, "no route", 1.0)
        assert peer.lines() == expected
        assert peer.ends() == []


@pytest.mark.parametrize("status", [403, 488, 500])
def test_other_failures_say_nothing_about_the_dialog(status: int) -> None:
    """DLG-7."""
    peer = peer_of()
    session, *_ = peer.established_from_agent()
    peer.agent.refer(session, "sip:carol@192.0.2.3", 0.0)
    peer.respond(peer.request_from_agent("REFER"), status)
    assert peer.sent() == []


def test_481_ends_the_call_with_recovery_too() -> None:
    """DLG-7: RFC 3261 §12.2.1.2."""
    peer = peer_of()
    session, *_ = peer.established_from_agent()
    peer.agent.refer(session, "sip:carol@192.0.2.3", 0.0)
    peer.respond(peer.request_from_agent("REFER"), 481)
    assert peer.ends() == [Failed("Call/Transaction Does Not Exist", 481)]


def test_check_of_a_healthy_peer_tells_nothing() -> None:
    """DLG-8: also without recovery in the configuration."""
    peer = peer_of(None)
    session, *_ = peer.established_from_agent()
    for _ in range(2):
        peer.agent.check_call(session, 0.0)
        peer.agent.check_call(session, 0.0)
        probe = peer.request_from_agent("OPTIONS")
        assert "INVITE" in probe.allow
        peer.respond(probe, 200)
        assert peer.events() == []
    assert peer.agent.dialog_state(session) is DialogState.CONFIRMED


def test_peer_that_is_heard_during_a_check() -> None:
    """DLG-8."""
    peer = peer_of()
    session, invite, _ = peer.established_from_agent()
    peer.agent.check_call(session, 0.0)
    probe = peer.request_from_agent("OPTIONS")
    peer.send(peer.request_in(invite, "INFO", cseq=1))
    peer.response_from_agent(200)
    peer.pass_time(40.0)
    peer.sent()
    peer.respond(probe, 200)
    assert [type(event).__name__ for event in peer.events()] == ["InfoReceived"]


def test_trouble_during_a_check() -> None:
    """DLG-7, DLG-8: the probe on its way counts."""
    peer = peer_of()
    session, *_ = peer.established_from_agent()
    peer.agent.check_call(session, 0.0)
    probe = peer.request_from_agent("OPTIONS")
    peer.agent.refer(session, "sip:carol@192.0.2.3", 0.0)
    refer = peer.request_from_agent("REFER")
    peer.respond(refer, 408)
    assert CallRecovering(session, "Request Timeout") in peer.events()
    assert peer.sent() == []
    peer.agent.refer(session, "sip:carol@192.0.2.3", 0.0)
    peer.respond(peer.request_from_agent("REFER"), 408)
    peer.agent.check_call(session, 0.0)
    assert peer.sent() == []
    peer.respond(probe, 200)
    assert peer.events()[-1] == CallRecovered(session)


def test_call_that_ends_is_asked_no_more() -> None:
    """DLG-7."""
    peer = peer_of()
    session, probe = in_trouble(peer)
    peer.agent.hang_up(session, peer.now)
    bye = peer.request_from_agent("BYE")
    peer.respond(probe, 200)
    peer.respond(bye, 200)
    assert len(peer.events()) == 1
    with pytest.raises(LocalProtocolError):
        peer.agent.check_call(session, peer.now)
    quiet(peer)


def test_call_without_a_dialog_cannot_be_checked() -> None:
    """DLG-8."""
    peer = peer_of()
    with pytest.raises(LocalProtocolError):
        peer.agent.check_call("nobody", 0.0)
    session, _ = peer.call_from_agent()
    assert peer.agent.dialog_state(session) is None
    with pytest.raises(LocalProtocolError):
        peer.agent.check_call(session, 0.0)


def test_every_state_has_a_way_out() -> None:
    """DLG-7: the table."""
    states = {state for state, _ in RECOVERY_TABLE.rows}
    assert len(states) == 4
