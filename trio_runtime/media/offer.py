"""Which formats we offer: the configured codecs that can be had, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterator

from sansio_rtp.codec import (
    CodecDescription,
    CodecRegistry,
    FormatKind,
    event_format,
    noise_format,
    redundancy_format,
)
from sansio_rtp.errors import LocalProtocolError
from sansio_sip.sdp import MediaFormat
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.media_config import MediaConfig

__all__ = ["DTMF_PAYLOAD_TYPE", "audio_rate", "local_formats", "offered_codecs"]

DTMF_PAYLOAD_TYPE = 101
"""What everybody takes for telephone-events at 8 kHz."""
_TELEPHONE_CLOCK = 8_000
_DETECTOR_STEP = 200  # Hz: digits are looked for every 5 ms
_DYNAMIC = range(96, 128)  # RFC 3551 §6


def offered_codecs(config: MediaConfig, codecs: CodecRegistry) -> tuple[CodecDescription, ...]:
    """Return the codecs to offer, the preferred one first; what cannot be had is left out.

    Raises:
        ConfigurationError: A codec is not known, is named twice, or none of them can be had.
    """
    try:
        wanted = [codecs.get(name) for name in config.codecs]
    except LocalProtocolError as error:
        raise ConfigurationError(str(error), field="codecs") from error
    if len({item.encoding for item in wanted}) != len(wanted):
        raise ConfigurationError("names a codec twice", field="codecs")
    offered = tuple(item for item in wanted if item.missing is None)
    if not offered:
        reasons: list[str] = []
        for item in wanted:
            try:
                item.check_available()
            except LocalProtocolError as error:
                reasons.append(str(error))
        raise ConfigurationError("; ".join(reasons) or "names no codec", field="codecs")
    return offered


def audio_rate(config: MediaConfig, codecs: CodecRegistry) -> int:
    """Return the sample rate of all audio of a call, in Hz.

    It is known before anything is agreed on and stays, whatever codec the call begins or goes on with.

    Raises:
        ConfigurationError: As for `offered_codecs`; or digits cannot be heard in audio of this rate.
    """
    rate = config.sample_rate or max(item.sample_rate for item in offered_codecs(config, codecs))
    if config.inband_dtmf and rate % _DETECTOR_STEP:
        raise ConfigurationError(f"hears no digits in audio of {rate} Hz", field="inband_dtmf")
    return rate


def local_formats(config: MediaConfig, codecs: CodecRegistry) -> tuple[MediaFormat, ...]:
    """Return the formats to offer: codecs, the preferred one first, then what goes with them.

    Raises:
        ConfigurationError: As for `offered_codecs`.
    """
    voices = offered_codecs(config, codecs)
    rate = audio_rate(config, codecs)
    clocks = list(dict.fromkeys(item.clock_rate for item in voices))
    items = [*voices]
    if config.comfort_noise:
        items += [noise_format(clock) for clock in clocks]
    if config.dtmf:
        # At 8 kHz in any case: there are phones that do Opus and know no other telephone-events.
        items += [event_format(clock) for clock in dict.fromkeys((*clocks, _TELEPHONE_CLOCK))]
    # Copies name the codec in them by its number, which only a static one keeps in the peer's answer.
    fixed = (item.payload_type for item in voices if item.clock_rate == _TELEPHONE_CLOCK)
    if config.redundancy and (copied := next((pt for pt in fixed if pt is not None), None)) is not None:
        items.append(redundancy_format(_TELEPHONE_CLOCK, copied))
    free = iter([number for number in _DYNAMIC if number != DTMF_PAYLOAD_TYPE])
    return tuple(_format(item, rate, _number(item, free)) for item in items)


def _number(item: CodecDescription, free: Iterator[int]) -> int:
    if item.payload_type is not None:
        return item.payload_type
    if item.kind is FormatKind.EVENT and item.clock_rate == _TELEPHONE_CLOCK:
        return DTMF_PAYLOAD_TYPE
    return next(free)


def _format(item: CodecDescription, rate: int, payload_type: int) -> MediaFormat:
    fmtp = item.offer_fmtp(item.rate_for(rate))
    return MediaFormat(item.name, item.clock_rate, payload_type, item.channels, fmtp)
