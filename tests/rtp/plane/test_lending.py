"""Which sessions lend their halves to a plane (MED-26)."""

from __future__ import annotations

import random

import attrs
import numpy as np
import pytest

from sansio_rtp import RtpIds, RtpSession, RtpSessionConfig
from sansio_rtp.packet import RtpPacket
from sansio_rtp.plane import MediaPlane
from sansio_rtp.srtp import MasterKey, SrtpConfig
from tests.rtp.plane.scene import config_of, remote
from trio_runtime.media.srtp_backend import open_srtp_backend

FRAMES = 40


def lends(config: RtpSessionConfig, payload: bytes, units: int = 160) -> tuple[bool, bool]:
    """Run a session smoothly; tell whether it then lends its receiving and its sending half."""
    session = RtpSession(config, now=0.0, ids=RtpIds(random.Random(1).randbytes))
    for number in range(FRAMES):
        now = number * 0.02
        packet = RtpPacket(config.send_payload_type, number, units * number, 9, payload)
        session.receive_packet(packet.to_bytes(), remote(1), now)
        session.send_frame(session.playout(now), now)
    return session.lend_receiver() is not None, session.lend_sender() is not None


def test_a_table_at_its_own_rate_is_lent() -> None:
    """MED-26: PCMU and PCMA at 8 kHz in packets of one frame."""
    assert lends(config_of(0), bytes(160)) == (True, True)
    assert lends(config_of(1), bytes(160)) == (True, True)


def test_resampled_audio_is_not_lent() -> None:
    """MED-26: a call at 16 kHz takes more than a look-up."""
    assert lends(attrs.evolve(config_of(1), sample_rate=16_000), bytes(160)) == (False, False)


def test_a_codec_without_a_table_is_not_lent() -> None:
    """MED-26: L16 is no table."""
    config = attrs.evolve(config_of(1), formats={96: "L16/8000"}, send_payload_type=96)
    assert lends(config, bytes(320)) == (False, False)


def test_packets_of_another_length_are_not_lent() -> None:
    """MED-26: a packet is a frame, or the receiver keeps its half."""
    assert lends(config_of(1), bytes(80), 80)[0] is False


@pytest.mark.parametrize(("secured", "lifetime"), [(False, None), (True, None), (True, 9_000)])
def test_secured_sessions_are_lent_until_their_key_is_about_to_be_spent(
    secured: bool, lifetime: int | None
) -> None:
    """MED-26, MED-24: then it is the session that says so, and sends nothing more."""
    backend = open_srtp_backend()
    there, back = (
        SrtpConfig(
            suite="AES_CM_128_HMAC_SHA1_80",
            keys=(MasterKey(bytes([number] * 30), lifetime),),
            backend=backend,
        )
        for number in (1, 2)
    )
    sessions = [
        RtpSession(
            attrs.evolve(
                config_of(place),
                remote=remote(1 - place),
                srtp_send=send if secured else None,
                srtp_receive=receive if secured else None,
            ),
            now=0.0,
            ids=RtpIds(random.Random(place).randbytes),
        )
        for place, (send, receive) in enumerate(((there, back), (back, there)))
    ]
    for number in range(FRAMES):
        now = number * 0.02
        for place, session in enumerate(sessions):
            session.send_frame(session.playout(now), now)
            while (transmit := session.next_transmit()) is not None:
                sessions[1 - place].receive_packet(transmit.data, remote(place), now)
    assert sessions[0].statistics().packets_received == FRAMES
    for session in sessions:
        receiver, sender = session.lend_receiver(), session.lend_sender()
        assert (receiver is None, sender is None) == (lifetime is not None, lifetime is not None)
        if receiver is not None and sender is not None:
            assert (receiver.context is not None, sender.context is not None) == (secured, secured)


def test_a_stream_that_is_measured_stays_lent() -> None:
    """MED-20, MED-26: what is known of the quality costs the session no turn of its own."""
    config = attrs.evolve(config_of(1), rtcp=False)
    session = RtpSession(config, now=0.0, ids=RtpIds(random.Random(1).randbytes))
    plane = MediaPlane(fewest=1)
    rows, lent = np.array([plane.add(session)]), list[int]()
    buffer = np.zeros((1, 2_048), np.uint8)
    for number in range(300):
        now = number * 0.02
        data = RtpPacket(config.send_payload_type, number, 160 * number, 9, bytes(160)).to_bytes()
        buffer[0, : len(data)] = np.frombuffer(data, np.uint8)
        if not plane.receive_batch(rows, buffer, np.array([len(data)]), np.array([now])).all():
            plane.session(0).receive_packet(data, remote(1), now)
        plane.send(rows, plane.tick(rows, now), now)
        plane.handle_timeout(rows, now)
        lent.append(plane.counters.lent)
    assert lent[20] == lent[-1] >= 2
    measured = session.quality_history().received
    assert len(measured) == 5
    assert {sample.loss for sample in measured} == {0.0}
    assert session.counts.packets_received == pytest.approx(251, abs=1)
    assert session.counts.packets_sent == pytest.approx(251, abs=1)
    statistics = session.statistics()
    assert (statistics.received.bitrate, statistics.sent.bitrate) == (64_000, 64_000)
