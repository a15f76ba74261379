"""The formats that need nothing but this package."""

from __future__ import annotations

from .description import PTIMES, CodecDescription, FormatKind
from .g711 import PCMA, PCMU, G711Codec
from .l16 import L16Codec

_UNFRAGMENTED = 1400  # octets of payload that pass every common path in one piece
_L16_STATIC = {(44_100, 2): 10, (44_100, 1): 11}  # RFC 3551 §6, table 4


def _g711(codec: G711Codec) -> CodecDescription:
    return CodecDescription(
        name=codec.name,
        clock_rate=codec.clock_rate,
        sample_rates=(codec.sample_rate,),
        payload_type=codec.payload_type,
        make_encoder=lambda settings: codec,
        make_decoder=lambda sample_rate: codec,
        batch=codec,
    )


def _l16(sample_rate: int, channels: int = 1) -> CodecDescription:
    codec = L16Codec(sample_rate, channels)
    octets = 2 * channels
    return CodecDescription(
        name=codec.name,
        label=f"L16/{sample_rate}" + (f"/{channels}" if channels > 1 else ""),
        clock_rate=sample_rate,
        sample_rates=(sample_rate,),
        channels=channels,
        payload_type=_L16_STATIC.get((sample_rate, channels)),
        ptimes=tuple(ms for ms in PTIMES if sample_rate * ms // 1000 * octets <= _UNFRAGMENTED) or PTIMES[:1],
        measure=lambda payload: len(payload) // octets,
        make_encoder=lambda settings: codec,
        make_decoder=lambda rate: codec,
        # Other meanings of the samples (RFC 4856 §2.1.10) would be heard as distortion.
        accepts=lambda fmtp: fmtp is None or not any(word in fmtp.lower() for word in ("emphasis", "order")),
        batch=codec,
    )


VOICE = (
    _g711(PCMU),
    _g711(PCMA),
    *(_l16(rate) for rate in (16_000, 8_000, 48_000, 44_100)),
    _l16(44_100, channels=2),
)
"""Codecs that are always there, in order of preference."""


def noise_format(clock_rate: int) -> CodecDescription:
    """Return comfort noise for codecs with this RTP clock, in Hz; 13 is its type at 8 kHz (RFC 3389 §4)."""
    return CodecDescription(
        name="CN",
        label=f"CN/{clock_rate}",
        clock_rate=clock_rate,
        sample_rates=(clock_rate,),
        payload_type=13 if clock_rate == 8_000 else None,
        kind=FormatKind.NOISE,
    )


def event_format(clock_rate: int) -> CodecDescription:
    """Return telephone-events for codecs with this RTP clock, in Hz (RFC 4733 §2.1)."""
    return CodecDescription(
        name="telephone-event",
        label=f"telephone-event/{clock_rate}",
        clock_rate=clock_rate,
        sample_rates=(clock_rate,),
        kind=FormatKind.EVENT,
        offer_fmtp=lambda sample_rate: "0-16",
    )


def redundancy_format(clock_rate: int, payload_type: int | None = None) -> CodecDescription:
    """Return redundant audio for codecs with this RTP clock, in Hz (RFC 2198 §4).

    Args:
        clock_rate: Of the codec in its packets.
        payload_type: That of the codec, of which packets with one copy are asked for; None asks for none.
    """
    return CodecDescription(
        name="red",
        label=f"red/{clock_rate}",
        clock_rate=clock_rate,
        sample_rates=(clock_rate,),
        kind=FormatKind.REDUNDANCY,
        offer_fmtp=lambda sample_rate: None if payload_type is None else f"{payload_type}/{payload_type}",
    )


CLOCK_RATES = (8_000, 16_000, 44_100, 48_000)
"""RTP clocks of the codecs, in Hz."""
COMPANIONS = (
    *(make(rate) for make in (noise_format, event_format) for rate in CLOCK_RATES),
    redundancy_format(8_000),
)
"""Comfort noise and telephone-events for every clock; redundant audio where codecs have fixed numbers."""
