"""Conversion between what signalling agrees on and what an RTP session is told; values in, values out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from sansio_rtp.codec import CodecDescription, CodecRegistry, FormatKind
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.jitter import JitterConfig
from sansio_rtp.session import RtpSessionConfig
from sansio_sip.sdp import (
    VOIP_METRICS,
    CryptoAttribute,
    Direction,
    LocalMedia,
    MediaFormat,
    NegotiatedMedia,
    SrtpPolicy,
)
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.types import Address
from trio_runtime.media.offer import audio_rate, local_formats
from trio_runtime.media.protection import IN_THE_CLEAR, Contexts

__all__ = ["BATCH_RATE", "BATCH_SAMPLES", "TICK_MS", "local_media", "packet_ms", "rtp_config"]

TICK_MS = 20
"""Milliseconds of audio that the media clock moves at each tick."""
BATCH_RATE = 8_000
"""Samples a second, in Hz, of streams that can be moved together; all others are moved one by one."""
BATCH_SAMPLES = BATCH_RATE * TICK_MS // 1000
"""Samples in one frame and one packet of those."""

_MAX_JITTER_MS = 2_000.0


def local_media(
    config: MediaConfig,
    codecs: CodecRegistry,
    host: str,
    port: int,
    *,
    direction: Direction = Direction.SENDRECV,
    rtcp_mux: bool = True,
    crypto: tuple[CryptoAttribute, ...] = (),
    any_interface: bool = False,
) -> LocalMedia:
    """Return our side of an audio stream that is received at `host` and `port`, with the keys `crypto`.

    With `any_interface` another address of this machine may stand for `host`.

    Raises:
        ConfigurationError: A codec is not known, or none can be had.
    """
    formats, srtp = local_formats(config, codecs), SrtpPolicy(config.srtp)
    attributes = (VOIP_METRICS,) if config.rtcp_xr else ()
    told = (formats, config.ptime_ms, direction, rtcp_mux, srtp, crypto)
    return LocalMedia(host, port, *told, attributes=attributes, any_interface=any_interface)


def rtp_config(
    media: NegotiatedMedia,
    config: MediaConfig,
    codecs: CodecRegistry,
    *,
    cname: str,
    epoch: float,
    contexts: Contexts = IN_THE_CLEAR,
) -> RtpSessionConfig:
    """Return what an RTP session needs to know of the agreement.

    Args:
        media: What offer and answer agreed on.
        config: Our own settings.
        codecs: The codecs there are.
        cname: Our canonical name in RTCP.
        epoch: Seconds since 1970 at the clock's zero.
        contexts: What the agreed keys stand for.

    Raises:
        LocalProtocolError: The agreement holds something that a session cannot do.
    """
    if (media.srtp is None) != (contexts.send is None):
        raise LocalProtocolError("srtp: a stream is protected exactly when keys were agreed on")
    send, receive = _voices(media.formats, codecs), _voices(media.receive_formats, codecs)
    send_type = next(iter(send), -1)
    return RtpSessionConfig(
        formats={number: item.label for number, item in receive.items()},
        fallback_formats=_fallbacks(codecs),
        send_formats={number: item.label for number, item in send.items()},
        send_payload_type=send_type,
        send_fmtp=next((item.fmtp for item in media.formats if item.payload_type == send_type), None),
        codecs=codecs,
        sample_rate=audio_rate(config, codecs),
        ptime_ms=TICK_MS,
        dtmf_send_payload_type=media.dtmf_payload_type,
        dtmf_receive_payload_type=media.dtmf_receive_payload_type,
        dtmf_receive_formats=_clocks(media.receive_formats, FormatKind.EVENT, codecs),
        dtmf_clock_rate=_clocks(media.formats, FormatKind.EVENT, codecs).get(media.dtmf_payload_type or -1),
        dtmf_events=_dtmf_events(media),
        noise_send_payload_type=_noise(media.formats, send, codecs),
        noise_receive_payload_type=_noise(media.receive_formats, receive, codecs),
        redundancy_payload_type=_redundancy(media.receive_formats, codecs) if config.redundancy else None,
        inband_digits=config.inband_dtmf,
        cname=cname,
        relatch_after_s=config.relatch_after,
        remote=_destination(media.remote_address, media.remote_port),
        remote_rtcp=_destination(media.remote_rtcp_address, media.remote_rtcp_port),
        rtcp_mux=media.rtcp_mux,
        rtcp_xr=media.voip_metrics,
        send=media.direction.can_send,
        receive=media.direction.can_receive,
        epoch=epoch,
        jitter=JitterConfig(
            min_delay_ms=config.jitter_min_ms, max_delay_ms=min(config.jitter_max_ms, _MAX_JITTER_MS)
        ),
        srtp_send=contexts.send,
        srtp_receive=contexts.receive,
    )


def packet_ms(media: NegotiatedMedia, codecs: CodecRegistry) -> int:
    """Return how long our packets are, in milliseconds: what the peer has asked for, as the codec can."""
    voices = _voices(media.formats, codecs)
    return next((item.ptime_for(media.ptime) for item in voices.values()), TICK_MS)


def _voices(formats: Iterable[MediaFormat], codecs: CodecRegistry) -> dict[int, CodecDescription]:
    """Return the codecs that we can do, by payload type."""
    voices: dict[int, CodecDescription] = {}
    for item in formats:
        codec = codecs.find(item.name, item.clock_rate, item.channels)
        if codec is None or codec.kind is not FormatKind.VOICE or codec.missing is not None:
            continue
        if codec.accepts(item.fmtp):
            voices[item.payload_type] = codec
    return voices


def _fallbacks(codecs: CodecRegistry) -> dict[int, str]:
    """Return the codecs whose numbers mean the same to every telephone, agreed on or not."""
    return {
        item.payload_type: item.label
        for item in codecs.voices
        if item.payload_type is not None and item.clock_rate == BATCH_RATE
    }


def _clocks(formats: Iterable[MediaFormat], kind: FormatKind, codecs: CodecRegistry) -> dict[int, int]:
    """Return the clocks of the formats of a kind, by payload type."""
    known = ((item, codecs.find(item.name, item.clock_rate)) for item in formats)
    return {
        item.payload_type: item.clock_rate
        for item, found in known
        if found is not None and found.kind is kind
    }


def _noise(
    formats: Iterable[MediaFormat], voices: Mapping[int, CodecDescription], codecs: CodecRegistry
) -> int | None:
    """Return the payload type of comfort noise with the clock of the first codec (RFC 3389 §4)."""
    clock = next((codec.clock_rate for codec in voices.values()), None)
    noises = _clocks(formats, FormatKind.NOISE, codecs).items()
    return next((number for number, clock_rate in noises if clock_rate == clock), None)


def _redundancy(formats: Iterable[MediaFormat], codecs: CodecRegistry) -> int | None:
    """Return the payload type of packets with copies, if that was agreed on."""
    return next(iter(_clocks(formats, FormatKind.REDUNDANCY, codecs)), None)


def _destination(host: str, port: int) -> Address | None:
    # The unspecified address is an old way to hold a call. A name would be looked up by the system for every
    # packet, and hold the media of all calls up while its server, perhaps an attacker's, does not answer.
    try:
        nowhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        nowhere = True
    return None if nowhere or not port else (host, port)


def _dtmf_events(media: NegotiatedMedia) -> frozenset[int]:
    fmtp = next((f.fmtp for f in media.formats if f.payload_type == media.dtmf_payload_type), None)
    events: set[int] = set()
    for item in (fmtp or "").split(","):
        first, _, last = item.strip().partition("-")
        if first.isascii() and first.isdecimal() and len(first) <= 3:
            end = int(last) if last.isascii() and last.isdecimal() and len(last) <= 3 else int(first)
            events.update(range(int(first), min(end, 255) + 1))
    return frozenset(events) or frozenset(range(16))
