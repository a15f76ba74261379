"""A clock that drifts, through a whole session: the voice is stretched, and no sample is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sansio_rtp import RtpSession
from sansio_rtp.audio import ToneSource, find_tone, sine
from sansio_rtp.codec import PCMU
from sansio_rtp.packet import RtpPacket

PEER = ("192.0.2.2", 5000)


@pytest.mark.parametrize("ppm", [2000, -2000])
def test_a_drifting_peer_is_heard_whole(make_session: Callable[..., RtpSession], ppm: int) -> None:
    """MED-14: 120 ms of drift in a minute; nothing is late, dropped or made up, and the tone stays a tone."""
    session, source = make_session(remote=PEER), ToneSource(sine(400))
    heard: list[np.ndarray[Any, np.dtype[np.int16]]] = []
    sequence = 0
    for tick in range(3000):
        now = tick * 0.02
        while (sent := sequence * 0.02 * (1 + ppm / 1e6)) <= now:
            packet = RtpPacket(0, sequence & 0xFFFF, 160 * sequence, 9, PCMU.encode(source.read(160)))
            session.receive_packet(packet.to_bytes(), PEER, sent)
            sequence += 1
        heard.append(session.playout(now))
    statistics = session.statistics()
    assert (statistics.late, statistics.lost, statistics.discarded) == (0, 0, 0)
    assert statistics.concealed <= 1
    measured = find_tone(np.concatenate(heard[1500:1550]), 8000)
    assert measured.frequency_hz == pytest.approx(400, abs=1)
    assert statistics.jitter_buffer_ms is not None
    assert statistics.jitter_buffer_ms < 60
