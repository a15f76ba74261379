"""Two sessions that talk SRTP over a wire that loses and reorders."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from sansio_rtp import LocalProtocolError, RtpSession, RtpSessionConfig
from sansio_rtp.machine import Component
from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_rtp.rtcp import ReceiverReport, build_compound
from sansio_rtp.session import DigitReceived, ReportReceived, SrtpKeyExpiring, SrtpKeySpent
from sansio_rtp.srtp import MasterKey, SrtpConfig, SrtpReceiver, SrtpSender, get_suite

Make = Callable[..., Any]
MakeKeys = Callable[..., SrtpConfig]
SILENCE = np.zeros(160, np.int16)
TICK = 0.02
ALICE, BOB = ("192.0.2.1", 4000), ("192.0.2.2", 5000)


@pytest.fixture
def make_rtp_session(make_ids: Make) -> Make:
    def make(seed: int = 1, **changes: Any) -> RtpSession:
        base: dict[str, Any] = {
            "formats": {0: "PCMU"},
            "send_payload_type": 0,
            "dtmf_send_payload_type": 101,
            "dtmf_receive_payload_type": 101,
        }
        return RtpSession(RtpSessionConfig(**(base | changes)), now=0.0, ids=make_ids(seed))

    return make


@pytest.fixture
def keys(backend: Any) -> MakeKeys:
    """Keys of one direction, drawn from a seed."""

    def make(seed: int, suite: str = "AES_CM_128_HMAC_SHA1_80", **changes: Any) -> SrtpConfig:
        octets = random.Random(seed).randbytes(get_suite(suite).master_octets)
        lifetime = changes.pop("lifetime", None)
        return SrtpConfig(suite=suite, keys=(MasterKey(octets, lifetime),), backend=backend, **changes)

    return make


@attrs.define
class SecureCall:
    """Alice and Bob; the wire loses, reorders by up to three packets, and keeps what it saw."""

    alice: RtpSession
    bob: RtpSession
    loss: float = 0.0
    chance: random.Random = attrs.Factory(lambda: random.Random(3))
    now: float = 0.0
    wire: list[bytes] = attrs.Factory(list)
    events: list[object] = attrs.Factory(list)
    delayed: list[tuple[RtpSession, bytes, Any, bool]] = attrs.Factory(list)

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now += TICK
            arrived, self.delayed = self.delayed, []
            for session in (self.alice, self.bob):
                session.send_frame(np.full(160, 1000, np.int16), self.now)
                session.handle_timeout(self.now)
            for session, peer, source in ((self.alice, self.bob, ALICE), (self.bob, self.alice, BOB)):
                while (transmit := session.next_transmit()) is not None:
                    self.wire.append(transmit.data)
                    rtcp = transmit.flow is Component.RTCP
                    delivery = (peer, transmit.data, (source[0], source[1] + rtcp), rtcp)
                    if self.chance.random() >= self.loss:
                        late = self.loss and self.chance.random() < 0.1
                        (self.delayed if late else arrived).append(delivery)
            for peer, data, source, rtcp in arrived:
                (peer.receive_rtcp if rtcp else peer.receive_packet)(data, source, self.now + 0.001)
            for session in (self.alice, self.bob):
                session.playout(self.now)
                self.events += iter(session.next_event, None)


@pytest.fixture
def secure_call(make_rtp_session: Make, keys: MakeKeys) -> Callable[..., SecureCall]:
    def make(suite: str = "AES_CM_128_HMAC_SHA1_80", **changes: Any) -> SecureCall:
        to_bob, to_alice = keys(1, suite), keys(2, suite)
        loss = changes.pop("loss", 0.0)
        return SecureCall(
            make_rtp_session(1, remote=BOB, srtp_send=to_bob, srtp_receive=to_alice, **changes),
            make_rtp_session(2, remote=ALICE, srtp_send=to_alice, srtp_receive=to_bob, **changes),
            loss,
        )

    return make


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_256_GCM"])
@pytest.mark.parametrize("mux", [True, False])
def test_a_call_is_secret_and_whole(secure_call: Make, suite: str, mux: bool) -> None:
    """MED-24: audio, digits and reports; nothing on the wire is readable."""
    call = secure_call(suite, rtcp_mux=mux)
    call.alice.send_digit("5", 0.0)
    call.run(600)
    statistics = call.bob.statistics()
    assert (statistics.packets_received, statistics.lost, statistics.malformed) == (600, 0, 0)
    assert [event.digit for event in call.events if isinstance(event, DigitReceived)] == ["5"]
    assert any(isinstance(event, ReportReceived) for event in call.events)
    assert statistics.srtp_received.packets == call.alice.statistics().srtp_sent.packets > 600
    assert statistics.srtp_received.authentication_failed == 0
    rtp = [data for data in call.wire if not 192 <= data[1] <= 223]
    assert len({data[12:] for data in rtp}) == len(rtp)  # equal frames, no equal ciphertext


def test_rekeying_on_a_bad_wire_keeps_the_roll_over_counter(secure_call: Make, keys: MakeKeys) -> None:
    """MED-24: loss, reordering, two roll-overs, and new keys by re-INVITE on each side at its own time."""
    call = secure_call(loss=0.05)
    for session in (call.alice, call.bob):
        session._parts.sender._sequence = 65_400
    call.run(300)
    # The answerer hears with the new keys first, the offerer when the answer comes.
    for round_number in (1, 2):
        to_bob = keys(10 * round_number)
        to_alice = keys(20 * round_number, "AEAD_AES_128_GCM")
        _update(call.bob, call.now, srtp_send=to_alice, srtp_receive=to_bob)
        call.run(1)
        _update(call.alice, call.now, srtp_send=to_bob, srtp_receive=to_alice)
        call.run(300)
    for session in (call.alice, call.bob):
        statistics = session.statistics()
        # Only what was sent with the new keys before the answer came is lost to them.
        assert statistics.srtp_received.authentication_failed <= 4
        assert statistics.packets_received > 0.9 * 902
        sender = session._parts.outbox.security._sender
        assert sender is not None
        assert sender.roc(session.ssrc) == 1


def _update(session: RtpSession, now: float, **changes: Any) -> None:
    session.update(attrs.evolve(session._config, **changes), now)


def test_a_new_generation_begins_at_zero_and_demands_new_keys(secure_call: Make, keys: MakeKeys) -> None:
    """MED-24: RFC 4568 §7.1.4: an address that changed; the same key again would give the key stream away."""
    call = secure_call()
    call.alice._parts.sender._sequence = 65_530
    call.run(20)
    for field in ("srtp_send", "srtp_receive"):
        old = getattr(call.alice._config, field)
        for broken, text in (
            (attrs.evolve(old, generation=1), "new keys"),
            (attrs.evolve(old, replay_window=64), "replay_window"),
        ):
            with pytest.raises(LocalProtocolError, match=f"{field}.*{text}"):
                _update(call.alice, call.now, **{field: broken})
    to_bob, to_alice = keys(5, generation=1), keys(6, generation=1)
    _update(call.alice, call.now, srtp_send=to_bob, srtp_receive=to_alice)
    _update(call.bob, call.now, srtp_send=to_alice, srtp_receive=to_bob)
    call.run(20)
    receiver = call.bob._parts.outbox.security._receiver
    assert receiver is not None
    assert receiver.roc(call.alice.ssrc) == 0
    assert call.bob.statistics().srtp_received.packets == 20
    assert call.bob.statistics().packets_received == 40


def test_a_refresh_and_a_pause_of_security_keep_the_counters(secure_call: Make, keys: MakeKeys) -> None:
    """MED-24: hold, refresh, and even a spell in the clear do not start a key stream again."""
    call = secure_call()
    call.alice._parts.sender._sequence = 65_530
    call.run(20)
    configs = [(session, session._config) for session in (call.alice, call.bob)]
    for session, _ in configs:
        _update(session, call.now, srtp_send=None, srtp_receive=None)
    call.run(20)
    assert parse_rtp(call.wire[-1]).payload == parse_rtp(call.wire[-3]).payload
    for session, config in configs:
        session.update(config, call.now)
    call.run(20)
    statistics = call.bob.statistics()
    assert (statistics.packets_received, statistics.lost) == (60, 0)
    assert statistics.srtp_received.packets == 40
    sender = call.alice._parts.outbox.security._sender
    assert sender is not None
    assert sender.roc(call.alice.ssrc) == 1


def test_what_is_not_authentic_does_not_come_in(make_rtp_session: Make, keys: MakeKeys) -> None:
    """MED-24: in the clear, forged, replayed or noise: counted drops, no latch, no event, no SSRC."""
    session = make_rtp_session(1, remote=None, srtp_send=keys(1), srtp_receive=keys(2))
    chance = random.Random(5)
    clear = RtpPacket(0, 5, 0, 9, bytes(160)).to_bytes()
    stranger = SrtpSender(keys(3, max_sources=300))
    for number in range(300):
        forged = stranger.protect(RtpPacket(0, number, 0, number, bytes(160)).to_bytes())
        for data in (clear, forged, b"\x80\x00" + chance.randbytes(100), b"\x80\xc9" + chance.randbytes(9)):
            session.receive_packet(data, BOB, number * TICK)
        session.receive_rtcp(stranger.protect_rtcp(build_compound([ReceiverReport(9)])), BOB, number * TICK)
    assert session.next_event() is None
    nowhere = session.destination
    assert nowhere is None
    statistics = session.statistics()
    assert (statistics.packets_received, statistics.strangers, statistics.srtp_received.sources) == (
        0,
        600,
        0,
    )
    assert statistics.srtp_received.authentication_failed == 900

    peer = SrtpSender(keys(2))
    for sequence in (1, 2, 3):
        secured = peer.protect(RtpPacket(0, sequence, sequence * 160, 9, bytes(160)).to_bytes())
        session.receive_packet(secured, BOB, 7.0 + sequence * TICK)
        session.receive_packet(secured, BOB, 7.0 + sequence * TICK)
    assert session.destination == BOB
    statistics = session.statistics()
    assert (statistics.packets_received, statistics.duplicates, statistics.srtp_received.replayed) == (
        3,
        0,
        3,
    )
    session.receive_rtcp(
        stranger.protect_rtcp(build_compound([ReceiverReport(9)])), (BOB[0], BOB[1] + 1), 8.0
    )
    assert session.statistics().srtp_received.authentication_failed == 901
    noise = peer.protect_rtcp(b"\x80\xc9\x00\x09" + bytes(8))  # authentic, but no RTCP that can be read
    session.receive_rtcp(noise, (BOB[0], BOB[1] + 1), 8.0)
    broken = peer.protect(b"\xa0" + RtpPacket(0, 4, 640, 9, b"\xff").to_bytes()[1:])
    session.receive_packet(broken, BOB, 8.0)
    assert session.statistics().malformed == 2


def test_a_key_that_ends_is_told_before_and_stops_everything(make_rtp_session: Make, keys: MakeKeys) -> None:
    """MED-24: no packet with a spent key; a re-keying in time goes on."""
    to_bob = keys(1, lifetime=80)
    session = make_rtp_session(1, remote=BOB, srtp_send=to_bob, srtp_receive=keys(2), rtcp=False)

    def send(frames: int) -> int:
        for _ in range(frames):
            session.send_frame(SILENCE, 0.0)
        return len(list(iter(session.next_transmit, None)))

    assert send(69) == 69
    assert session.next_event() is None
    assert send(1) == 1
    assert session.next_event() == SrtpKeyExpiring(10)
    assert send(15) == 10
    assert session.next_event() == SrtpKeySpent()
    assert send(5) == 0
    assert session.next_event() is None
    assert session.statistics().srtp_sent.key_spent == 10
    _update(session, 0.0, srtp_send=keys(3))
    assert send(3) == 3
    session._parts.sender._sequence -= 1
    assert send(1) == 0
    assert session.statistics().srtp_sent.index_reused == 1


def test_security_is_agreed_on_for_both_directions(make_rtp_session: Make, keys: MakeKeys) -> None:
    """MED-24."""
    with pytest.raises(LocalProtocolError, match="srtp_send and srtp_receive"):
        make_rtp_session(1, srtp_send=keys(1))
    with pytest.raises(LocalProtocolError, match="srtp_receive has a key of srtp_send"):
        make_rtp_session(1, srtp_send=keys(1), srtp_receive=keys(1))
    plain = make_rtp_session(1, remote=BOB)
    assert (plain.statistics().srtp_sent, plain.statistics().srtp_received) == (None, None)


def test_srtcp_counts_for_the_bandwidth_of_reports(make_rtp_session: Make, keys: MakeKeys) -> None:
    """MED-24: RFC 3711 §3.4: what SRTCP adds makes the interval longer, from the first one on."""
    plain = make_rtp_session(1, remote=BOB, session_bandwidth=3000)
    secure = make_rtp_session(1, remote=BOB, session_bandwidth=3000, srtp_send=keys(1), srtp_receive=keys(2))
    assert plain.deadline is not None
    assert secure.deadline == pytest.approx(plain.deadline * (100 + 28 + 14) / (100 + 28))
    _update(plain, 0.0, srtp_send=keys(1), srtp_receive=keys(2))
    for session in (plain, secure):
        session.handle_timeout(20.0)
        session.next_transmit()
    receiver = SrtpReceiver(keys(1))
    plain.handle_timeout(60.0)
    transmit = plain.next_transmit()
    assert transmit is not None
    assert receiver.unprotect_rtcp(transmit.data)[1] in (200, 201)
