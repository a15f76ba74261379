"""Calls and dialogs as plain values: what goes on from them gives the same outputs for the same inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import attrs
import pytest

from sansio_sip.agent import Agent, RecordingAgent, replay
from sansio_sip.auth import Credentials
from sansio_sip.dialog import Dialog, DialogState, SnapshotReader, dialog_from_dict, dialog_to_dict
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import Agreement, CallEnded, ReferReceived, SessionTimerConfig, TimedOut
from sansio_sip.invite.snapshot_media import agreement_from_dict, agreement_to_dict
from sansio_sip.message import BodyPart, Request, Response
from sansio_sip.sdp import Direction, parse_sdp
from tests.sip.harness import Peer, make_agent, media, offer, tables

DIALOG = Dialog(
    call_id="a",
    local="<sip:alice@example.com>;tag=1",
    local_tag="1",
    remote='"Bób" <sip:bob@example.com>;tag=2',
    remote_tag="2",
    local_cseq=7,
    remote_cseq=None,
    remote_target="sip:bob@192.0.2.2;transport=tcp",
    route_set=("<sip:p1.example.com;lr>", "<sip:p2.example.com>"),
    secure=False,
)


def through_json(data: object) -> Any:
    return json.loads(json.dumps(data))


# Dialogs


def test_dialog_is_the_same_after_a_round_trip() -> None:
    """DLG-1: every value, the state, and the next request octet for octet."""
    dialog = dialog_from_dict(through_json(dialog_to_dict(DIALOG)))
    assert dialog_to_dict(dialog) == dialog_to_dict(DIALOG)
    assert (dialog.id, dialog.state, dialog.next_hop) == (DIALOG.id, DialogState.EARLY, DIALOG.next_hop)
    twin = deepcopy(DIALOG)
    assert dialog.request("INFO").to_bytes() == twin.request("INFO").to_bytes()
    assert dialog.ack(3).to_bytes() == twin.ack(3).to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "call"},
        {"version": 2},
        {"version": True},
        {"state": "GONE"},
        {"call_id": 5},
        {"local_cseq": "7"},
        {"local_cseq": 7.5},
        {"remote_cseq": "x"},
        {"secure": 1},
        {"route_set": "<sip:a>"},
        {"route_set": [1]},
        {"route_set": ["nonsense <"]},
    ],
)
def test_damaged_snapshot_of_a_dialog_is_refused(change: dict[str, object]) -> None:
    """DLG-1: versioned; nothing is guessed."""
    with pytest.raises(LocalProtocolError):
        dialog_from_dict({**dialog_to_dict(DIALOG), **change})


@pytest.mark.parametrize("data", [None, [], "x", 5, {}])
def test_something_else_is_no_snapshot(data: object) -> None:
    """DLG-1."""
    with pytest.raises(LocalProtocolError):
        dialog_from_dict(data)


# Calls


def agent_of(timer: SessionTimerConfig | None = None, seed: int = 1) -> Agent:
    config = make_agent(credentials=(Credentials("alice", "secret"),))._core.config
    config = attrs.evolve(config, session_timer=timer or SessionTimerConfig())
    return Agent(config, now=0.0, ids=Ids(Random(seed).randbytes))


def reseed(agent: Agent) -> None:
    """From here on two agents draw the same random octets."""
    agent._core.ids._random_bytes = Random(99).randbytes


class Twins:
    """A call, and the same call in another agent that went on from its snapshot."""

    def __init__(self, first: Peer, session: str, *, epoch: float = 0.0, late: float = 0.0) -> None:
        self.session = session
        self.data = through_json(first.agent.export_call(session, first.now, epoch=epoch + late))
        second = Peer(agent_of(first.agent._core.config.session_timer, seed=2))
        second.now = first.now + late
        second._numbers = deepcopy(first._numbers)
        assert second.agent.import_call(self.data, second.now, epoch=epoch) == session
        assert second.sent() == []
        assert second.events() == []
        reseed(first.agent)
        reseed(second.agent)
        self.peers = (first, second)

    def do(self, action: Callable[[Peer], object]) -> list[Request | Response]:
        """Do the same to both; they must send the same octets and tell the same events."""
        outputs = []
        for peer in self.peers:
            action(peer)
            sent = peer.sent()
            outputs.append(([message.to_bytes() for message in sent], list(map(repr, peer.events()))))
        assert outputs[0] == outputs[1]
        return sent


def outgoing(timer: SessionTimerConfig | None = None, *extra: tuple[str, str]) -> tuple[Peer, str, Request]:
    """A call that the agent has made, long enough ago."""
    peer = Peer(agent_of(timer))
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200, body=offer(), extra=extra)
    peer.request_from_agent("ACK")
    peer.events()
    peer.pass_time(40.0)
    return peer, session, invite


def test_call_that_we_made_goes_on_octet_for_octet() -> None:
    """DLG-1, DLG-10: every kind of request in a call, both ways, and the end."""
    peer, session, invite = outgoing(None, ("Allow", "INVITE, UPDATE, BYE"))
    twins = Twins(peer, session)

    def request(method: str, cseq: int, *extra: tuple[str, str], body: bytes = b"") -> Callable[[Peer], None]:
        def send(peer: Peer) -> None:
            message = peer.request_in(invite, method, cseq=cseq, extra=extra)
            if body:
                message.body = body
                message.add("Content-Type", "application/sdp")
            peer.send(message)

        return send

    twins.do(request("INFO", 1))
    twins.do(request("OPTIONS", 2))
    held = offer().replace(b"a=sendrecv", b"a=sendonly")
    (ok,) = twins.do(request("INVITE", 3, ("Contact", "<sip:bob@192.0.2.2>"), body=held))
    assert isinstance(ok, Response)
    assert ok.status_code == 200
    twins.do(request("ACK", 3))
    twins.do(request("UPDATE", 2))
    twins.do(request("UPDATE", 4, ("Contact", "<sip:bob@192.0.2.22>")))
    (reinvite,) = twins.do(lambda peer: peer.agent.hold(session, peer.now))
    assert isinstance(reinvite, Request)
    assert reinvite.uri == "sip:bob@192.0.2.22"
    twins.do(lambda peer: peer.respond(reinvite, 200, body=offer()))
    (refer,) = twins.do(lambda peer: peer.agent.refer(session, "sip:carol@192.0.2.3", peer.now))
    assert isinstance(refer, Request)
    twins.do(lambda peer: peer.respond(refer, 202, extra=[("Refer-Sub", "false")]))
    (bye,) = twins.do(lambda peer: peer.agent.hang_up(session, peer.now))
    assert isinstance(bye, Request)
    challenge = [("WWW-Authenticate", 'Digest realm="r",nonce="n",qop="auth"')]
    (again,) = twins.do(lambda peer: peer.respond(bye, 401, extra=challenge))
    assert isinstance(again, Request)
    assert again.get("authorization")
    twins.do(lambda peer: peer.respond(again, 200))
    twins.do(lambda peer: peer.pass_time(200.0))
    for each in twins.peers:
        assert not any(tables(each.agent).values())


def test_call_that_came_in_goes_on_octet_for_octet() -> None:
    """DLG-1: the callee's side, ended by the peer."""
    peer = Peer(agent_of())
    session, tag = peer.established_to_agent()
    twins = Twins(peer, session)
    twins.do(lambda each: each.send(each.request("INFO", to_tag=tag, cseq=2)))
    (reinvite,) = twins.do(lambda each: each.agent.update_media(session, media(port=5000), each.now))
    assert isinstance(reinvite, Request)
    twins.do(lambda each: each.respond(reinvite, 491))
    twins.do(lambda each: each.pass_time(5.0))
    twins.do(lambda each: each.send(each.request("BYE", to_tag=tag, cseq=3)))
    twins.do(lambda each: each.pass_time(100.0))
    for each in twins.peers:
        assert not any(tables(each.agent).values())


@pytest.mark.parametrize("late", [0.0, 100.0])
def test_session_timer_goes_on_in_wall_time(late: float) -> None:
    """DLG-16, DLG-1: the refresh comes when it would have come, whatever the other process's clock says."""
    peer, session, _ = outgoing(SessionTimerConfig(interval=1_800), ("Allow", "UPDATE"))
    twins = Twins(peer, session, epoch=1_700_000_000.0, late=late)
    first, second = twins.peers
    first.pass_time(899.0)
    second.pass_time(899.0 + late)
    assert first.sent() == second.sent() == []
    first.pass_time(900.0)
    second.pass_time(900.0 + late)
    one, two = first.request_from_agent("UPDATE"), second.request_from_agent("UPDATE")
    assert one.to_bytes() == two.to_bytes()


def test_peer_that_does_not_refresh_an_imported_call_ends_it() -> None:
    """DLG-16, DLG-1."""
    peer, session, _ = outgoing(None, ("Session-Expires", "600;refresher=uas"))
    twins = Twins(peer, session)
    twins.do(lambda each: each.pass_time(568.0))
    assert twins.data["timer"]["expires_at"] == 568.0
    peer, session, _ = outgoing(None, ("Session-Expires", "600;refresher=uas"))
    data = peer.agent.export_call(session, peer.now)
    late = Peer(agent_of())
    late.agent.import_call(data, 5_000.0)
    late.pass_time(5_000.0)
    assert late.events() == [CallEnded(session, TimedOut("session refresh"))]


def test_timer_that_was_turned_off_stays_off() -> None:
    """DLG-16, DLG-1."""
    peer, session, _ = outgoing(SessionTimerConfig(interval=1_800), ("Supported", "timer"))
    twins = Twins(peer, session)
    twins.do(lambda each: each.pass_time(10_000.0))
    assert twins.data["timer"]["interval"] == 0


def test_nonce_is_not_counted_from_the_beginning() -> None:
    """AUTH-1, DLG-1: a server takes no count twice (RFC 7616 §3.4)."""
    peer, session, _ = outgoing()
    challenge = [("WWW-Authenticate", 'Digest realm="r",nonce="n",qop="auth"')]
    peer.agent.refer(session, "sip:carol@192.0.2.3", peer.now)
    peer.respond(peer.request_from_agent("REFER"), 401, extra=challenge)
    peer.respond(peer.request_from_agent("REFER"), 603)
    peer.events()
    peer.pass_time(100.0)
    twins = Twins(peer, session)
    (bye,) = twins.do(lambda each: each.agent.hang_up(session, each.now))
    assert isinstance(bye, Request)
    (again,) = twins.do(lambda each: each.respond(bye, 401, extra=challenge))
    assert "nc=00000002" in (again.get("authorization") or "")


def test_later_refers_keep_their_ids() -> None:
    """SES-13, DLG-1: RFC 3515 §2.4.6: the second REFER of a dialog has an id, in another process too."""
    peer = Peer(agent_of())
    session, tag = peer.established_to_agent()

    def refer(each: Peer, cseq: int) -> ReferReceived:
        each.send(each.request("REFER", to_tag=tag, cseq=cseq, extra=[("Refer-To", "<sip:c@192.0.2.3>")]))
        (event,) = each.events()
        assert isinstance(event, ReferReceived)
        return event

    peer.agent.reject_refer(session, refer(peer, 2).refer, 603, 0.0)
    peer.pass_time(50.0)
    peer.sent()
    for each in Twins(peer, session).peers:
        event = refer(each, 3)
        assert event.refer == 2
        each.agent.accept_refer(session, event.refer, each.now)
        assert each.sent()[1].get("event") == "refer;id=3"


def test_call_without_media() -> None:
    """DLG-1."""
    peer = Peer(agent_of())
    session = peer.agent.invite("sip:bob@192.0.2.2", None, 0.0)
    peer.respond(peer.request_from_agent("INVITE"), 200)
    peer.request_from_agent("ACK")
    peer.events()
    peer.pass_time(40.0)
    twins = Twins(peer, session)
    assert twins.data["agreed"] is None
    twins.do(lambda each: each.agent.hang_up(session, each.now))


def test_direction_and_ports_are_kept() -> None:
    """DLG-9: what was agreed is read back whole."""
    peer, session, _ = outgoing()
    peer.agent.hold(session, peer.now)
    peer.respond(peer.request_from_agent("INVITE"), 200, body=offer().replace(b"sendrecv", b"recvonly"))
    peer.request_from_agent("ACK")
    peer.pass_time(100.0)
    peer.events()
    twins = Twins(peer, session)
    first, second = [each.agent._calls.find(session).negotiation for each in twins.peers]
    assert first.agreed == second.agreed
    assert second.media is not None
    assert second.media.direction is Direction.SENDONLY


def test_declined_offer_is_kept() -> None:
    """DLG-9: an agreement on nothing."""
    description = parse_sdp(offer())
    nothing = Agreement(description, description, None, None)
    assert agreement_from_dict(SnapshotReader(through_json(agreement_to_dict(nothing)))) == nothing


# When it cannot be done


def test_call_in_which_something_is_under_way_is_not_exported() -> None:
    """DLG-1: what other machines have begun is not in the snapshot."""
    peer = Peer(agent_of())
    with pytest.raises(LocalProtocolError):
        peer.agent.export_call("nobody", 0.0)
    session, invite = peer.call_from_agent()
    with pytest.raises(LocalProtocolError):
        peer.agent.export_call(session, 0.0)
    peer.respond(invite, 200, body=offer())
    peer.request_from_agent("ACK")
    with pytest.raises(LocalProtocolError):  # the 2xx may be repeated for 64·T1
        peer.agent.export_call(session, 1.0)
    peer.pass_time(40.0)
    peer.agent.export_call(session, 40.0)
    peer.agent.update_media(session, media(port=5000), 40.0)
    with pytest.raises(LocalProtocolError):
        peer.agent.export_call(session, 40.0)


def test_call_with_an_open_transfer_is_not_exported() -> None:
    """DLG-1."""
    peer = Peer(agent_of())
    session, tag = peer.established_to_agent()
    peer.send(peer.request("REFER", to_tag=tag, cseq=2, extra=[("Refer-To", "<sip:c@192.0.2.3>")]))
    with pytest.raises(LocalProtocolError):
        peer.agent.export_call(session, 0.0)


def test_call_is_not_imported_twice() -> None:
    """DLG-1: neither its name nor its dialog may be taken; a closing agent takes none."""
    peer, session, _ = outgoing()
    data = through_json(peer.agent.export_call(session, peer.now))
    with pytest.raises(LocalProtocolError):
        peer.agent.import_call(data, peer.now)
    with pytest.raises(LocalProtocolError):
        peer.agent.import_call({**data, "session": "other"}, peer.now)
    peer.agent.close(peer.now)
    with pytest.raises(LocalProtocolError):
        peer.agent.import_call({**data, "session": "other"}, peer.now)


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every value in a snapshot, by its path."""
    if isinstance(data, dict):
        found = [p for key, value in data.items() for p in paths(value, (*path, key))]
    elif isinstance(data, list):
        found = [p for index, value in enumerate(data) for p in paths(value, (*path, index))]
    else:
        found = []
    return [path, *found]


def test_damaged_snapshot_of_a_call_is_refused_or_does_no_harm() -> None:
    """DLG-1, SEC-2: each value damaged in turn: a call, or a `LocalProtocolError` and nothing left."""
    peer, session, _ = outgoing(SessionTimerConfig(interval=1_800))
    data = through_json(peer.agent.export_call(session, peer.now))
    wrongs: tuple[Any, ...] = (None, "x", -1, [], {}, True, 0.5)
    for path in paths(data)[1:]:
        for wrong in wrongs:
            changed = deepcopy(data)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = wrong
            agent = agent_of()
            try:
                agent.import_call(changed, 0.0)
            except LocalProtocolError:
                assert not any(tables(agent).values()), path


def test_missing_value_is_refused() -> None:
    """DLG-1."""
    peer, session, _ = outgoing()
    data = through_json(peer.agent.export_call(session, peer.now))
    for key in data:
        if key not in ("taken_at", "peer_is_focus"):
            with pytest.raises(LocalProtocolError):
                agent_of().import_call({name: data[name] for name in data if name != key}, 0.0)


def test_released_call_is_gone_without_a_word() -> None:
    """DLG-1: another agent goes on with it."""
    peer, session, invite = outgoing(SessionTimerConfig(interval=1_800))
    peer.agent.release_call(session, peer.now)
    assert peer.sent() == []
    assert peer.events() == []
    assert peer.agent.deadline is None
    assert not any(tables(peer.agent).values())
    peer.send(peer.request_in(invite, "BYE"))
    peer.response_from_agent(481)
    with pytest.raises(LocalProtocolError):
        peer.agent.release_call(session, peer.now)


def test_released_incoming_call_frees_its_invite() -> None:
    """DLG-1."""
    peer = Peer(agent_of())
    session, _ = peer.established_to_agent()
    peer.agent.release_call(session, peer.now)
    peer.pass_time(50.0)
    assert not any(tables(peer.agent).values())


def test_snapshot_without_credentials_ignores_the_nonces() -> None:
    """AUTH-1, DLG-1."""
    peer, session, _ = outgoing()
    data = through_json(peer.agent.export_call(session, peer.now))
    data["nonces"] = [{"realm": "r", "nonce": "n", "count": 3}]
    agent = make_agent()
    agent.import_call(data, 0.0)
    assert agent.call_id(session) == data["dialog"]["call_id"]


def test_import_transfer_and_body_parts_are_recorded_and_replayed() -> None:
    """SIM-4: every verb of calls, with snapshots and body parts among their values."""
    peer, session, _ = outgoing()
    data = through_json(peer.agent.export_call(session, peer.now))
    lines: list[str] = []
    config = make_agent()._core.config
    agent = RecordingAgent(config, now=0.0, ids=Ids(Random(5).randbytes), sink=lines.append)
    other = Peer(agent)
    agent.import_call(data, 1.0)
    agent.refer(session, "sip:carol@192.0.2.3", 1.0)
    agent.invite(
        "sip:bob@192.0.2.2", media(), 1.0, parts=[BodyPart.of("a/b", b"\xff", [("Content-ID", "<1>")])]
    )
    agent.release_call(session, 2.0)
    sent = [message.to_bytes() for message in other.sent()]
    assert len(sent) == 2
    replayed = [transmit.data for item in replay(lines) for transmit in item.transmits]
    assert replayed == sent
