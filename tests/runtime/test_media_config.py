from __future__ import annotations

import attrs
import pytest

from sansio_rtp.codec import BUILT_IN
from sansio_rtp.errors import LocalProtocolError
from sansio_sip.sdp import Direction, MediaFormat, NegotiatedMedia
from trio_runtime.base import MediaConfig
from trio_runtime.media.config import local_media, packet_ms, rtp_config
from trio_runtime.media.offer import local_formats

PCMU, PCMA = MediaFormat("PCMU", 8_000, 0), MediaFormat("PCMA", 8_000, 8)
AGREED = NegotiatedMedia(
    local_address="10.0.0.1",
    local_port=10_000,
    remote_address="10.0.0.2",
    remote_port=20_000,
    remote_rtcp_address="10.0.0.2",
    remote_rtcp_port=20_001,
    rtcp_mux=False,
    formats=(PCMA, MediaFormat("telephone-event", 8_000, 96, fmtp="0-11,16")),
    receive_formats=(PCMU, PCMA, MediaFormat("telephone-event", 8_000, 101, fmtp="0-16")),
    dtmf_payload_type=96,
    dtmf_receive_payload_type=101,
    ptime=30,
    direction=Direction.SENDONLY,
)


def test_formats_stand_in_the_configured_order() -> None:
    """MED-3, MED-27."""
    event = MediaFormat("telephone-event", 8_000, 101, fmtp="0-16")
    assert local_formats(MediaConfig(), BUILT_IN) == (PCMU, PCMA, event)
    assert local_formats(MediaConfig(codecs=("pcma",), dtmf=False), BUILT_IN) == (PCMA,)


def test_local_media_has_address_port_and_ptime() -> None:
    """MED-3."""
    local = local_media(MediaConfig(ptime_ms=40), BUILT_IN, "10.0.0.1", 10_000)
    assert (local.address, local.port, local.ptime) == ("10.0.0.1", 10_000, 40)
    assert (local.direction, local.rtcp_mux) == (Direction.SENDRECV, True)


def test_agreement_becomes_an_rtp_configuration() -> None:
    """MED-3, SDP-6."""
    media = MediaConfig(jitter_min_ms=40, jitter_max_ms=5_000)
    config = rtp_config(AGREED, media, BUILT_IN, cname="x", epoch=7.0)
    assert dict(config.formats) == {0: "PCMU", 8: "PCMA"}
    assert (config.send_payload_type, config.send_codec) == (8, "PCMA")
    assert (config.dtmf_send_payload_type, config.dtmf_receive_payload_type) == (96, 101)
    assert config.dtmf_events == frozenset({*range(12), 16})
    assert (config.remote, config.remote_rtcp) == (("10.0.0.2", 20_000), ("10.0.0.2", 20_001))
    assert (config.send, config.receive, config.rtcp_mux) == (True, False, False)
    assert (config.cname, config.epoch, config.ptime_ms) == ("x", 7.0, 20)
    assert (config.jitter.min_delay_ms, config.jitter.max_delay_ms) == (40, 2_000)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "slow.example.com", "<broadcast>", "010.0.0.2"])
def test_unspecified_address_or_name_is_nowhere_to_send(host: str) -> None:
    """MED-2, MED-27: the old way to hold a call; and no packet may wait for a name server."""
    media = attrs.evolve(AGREED, remote_address=host, remote_rtcp_address=host)
    config = rtp_config(media, MediaConfig(), BUILT_IN, cname="x", epoch=0)
    assert (config.remote, config.remote_rtcp) == (None, None)


@pytest.mark.parametrize(
    ("fmtp", "events"),
    [
        (None, range(16)),
        ("0-15", range(16)),
        ("", range(16)),
        ("nonsense", range(16)),
        ("5", [5]),
        ("1, 3 ,9-10", [1, 3, 9, 10]),
        ("0-99999999999", [0]),
        ("9999,7-", [7]),
    ],
)
def test_events_of_the_peer_are_read_with_forgiveness(fmtp: str | None, events: list[int]) -> None:
    """MED-13."""
    media = attrs.evolve(AGREED, formats=(PCMA, MediaFormat("telephone-event", 8_000, 96, fmtp=fmtp)))
    assert rtp_config(media, MediaConfig(), BUILT_IN, cname="x", epoch=0).dtmf_events == frozenset(events)


def test_agreement_without_a_codec_is_refused() -> None:
    """MED-3."""
    media = attrs.evolve(AGREED, formats=(MediaFormat("G729", 8_000, 18),))
    with pytest.raises(LocalProtocolError):
        rtp_config(media, MediaConfig(), BUILT_IN, cname="x", epoch=0)


@pytest.mark.parametrize(
    ("ptime", "ours"), [(1, 10), (20, 20), (25, 20), (30, 30), (40, 40), (120, 60), (1_000, 60)]
)
def test_packet_length_is_what_the_codec_can_and_the_peer_wants(ptime: int, ours: int) -> None:
    """SDP-6, MED-19."""
    assert packet_ms(attrs.evolve(AGREED, ptime=ptime), BUILT_IN) == ours
