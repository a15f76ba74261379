"""Conversion between what signalling agrees on and what an RTP session is told; values in, values out."""

from __future__ import annotations

import ipaddress

from sansio_rtp.codec import CODECS
from sansio_rtp.jitter import JitterConfig
from sansio_rtp.session import RtpSessionConfig
from sansio_sip.sdp import Direction, LocalMedia, MediaFormat, NegotiatedMedia
from trio_runtime.base.config import MediaConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.types import Address

__all__ = [
    "FRAME_SAMPLES",
    "SAMPLE_RATE",
    "TICK_MS",
    "local_formats",
    "local_media",
    "packet_samples",
    "rtp_config",
]

SAMPLE_RATE = 8_000
"""Samples a second of all audio in the runtime so far, in Hz."""
TICK_MS = 20
"""Milliseconds of audio that the media clock moves at each tick."""
FRAME_SAMPLES = SAMPLE_RATE * TICK_MS // 1000
"""Samples of audio that it moves."""

_DTMF_PAYLOAD_TYPE = 101
_DTMF_EVENTS = "0-16"
_MAX_JITTER_MS = 2_000.0
_PACKET_MS = (10, 60)


def local_formats(config: MediaConfig) -> tuple[MediaFormat, ...]:
    """Return the formats to offer, the preferred codec first.

    Raises:
        ConfigurationError: A codec is not known.
    """
    formats: list[MediaFormat] = []
    for name in config.codecs:
        codec = CODECS.get(name.upper())
        if codec is None or codec.payload_type is None:
            raise ConfigurationError(
                f"there is no codec {name!r}; known are {', '.join(CODECS)}", field="codecs"
            )
        formats.append(MediaFormat(codec.name, codec.clock_rate, codec.payload_type, codec.channels))
    if config.dtmf:
        formats.append(MediaFormat("telephone-event", SAMPLE_RATE, _DTMF_PAYLOAD_TYPE, fmtp=_DTMF_EVENTS))
    return tuple(formats)


def local_media(
    config: MediaConfig,
    host: str,
    port: int,
    *,
    direction: Direction = Direction.SENDRECV,
    rtcp_mux: bool = True,
) -> LocalMedia:
    """Return our side of an audio stream that is received at `host` and `port`."""
    return LocalMedia(host, port, local_formats(config), config.ptime_ms, direction, rtcp_mux)


def rtp_config(media: NegotiatedMedia, config: MediaConfig, *, cname: str, epoch: float) -> RtpSessionConfig:
    """Return what an RTP session needs to know of the agreement.

    Args:
        media: What offer and answer agreed on.
        config: Our own settings.
        cname: Our canonical name in RTCP.
        epoch: Seconds since 1970 at the clock's zero.

    Raises:
        LocalProtocolError: The agreement holds something that a session cannot do.
    """
    send, receive = _codecs(media.formats), _codecs(media.receive_formats)
    return RtpSessionConfig(
        formats=receive,
        send_formats=send,
        send_payload_type=next(iter(send), -1),
        clock_rate=SAMPLE_RATE,
        ptime_ms=TICK_MS,
        dtmf_send_payload_type=media.dtmf_payload_type,
        dtmf_receive_payload_type=media.dtmf_receive_payload_type,
        dtmf_events=_dtmf_events(media),
        cname=cname,
        remote=_destination(media.remote_address, media.remote_port),
        remote_rtcp=_destination(media.remote_rtcp_address, media.remote_rtcp_port),
        rtcp_mux=media.rtcp_mux,
        send=media.direction.can_send,
        receive=media.direction.can_receive,
        epoch=epoch,
        jitter=JitterConfig(
            min_delay_ms=config.jitter_min_ms, max_delay_ms=min(config.jitter_max_ms, _MAX_JITTER_MS)
        ),
    )


def packet_samples(media: NegotiatedMedia) -> int:
    """Return how many samples go into a packet, whatever the peer has asked for within reason."""
    low, high = _PACKET_MS
    return SAMPLE_RATE * min(max(media.ptime, low), high) // 1000


def _codecs(formats: tuple[MediaFormat, ...]) -> dict[int, str]:
    return {item.payload_type: item.name.upper() for item in formats if item.name.upper() in CODECS}


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
