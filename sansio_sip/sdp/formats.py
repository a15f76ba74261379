"""RTP payload formats in session descriptions (RFC 3551 §6, RFC 8866 §6.6)."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import attrs

from .model import Attributes, MediaDescription, values_by_format

__all__ = ["COMFORT_NOISE", "TELEPHONE_EVENT", "MediaFormat", "find_dtmf", "is_voice", "media_formats"]

TELEPHONE_EVENT = "telephone-event"
COMFORT_NOISE = "cn"
REDUNDANCY = "red"
"""Packets that carry earlier ones once more (RFC 2198): a wrapping of speech, and no codec."""
_NO_VOICE = frozenset({TELEPHONE_EVENT, COMFORT_NOISE, REDUNDANCY})


# The hash is kept because negotiations are looked up by it.
@attrs.frozen(cache_hash=True)
class MediaFormat:
    """A codec, or telephone-event, under a payload type.

    Attributes:
        name: Encoding name as the registry spells it, such as ``PCMU``; compared without case.
        clock_rate: RTP clock in Hz (8000 for G.722, by RFC 3551 §4.5.2).
        payload_type: 0 to 127.
        channels: Channels of audio.
        fmtp: Format parameters, or None.
    """

    name: str
    clock_rate: int
    payload_type: int
    channels: int = 1
    fmtp: str | None = None

    @property
    def codec(self) -> tuple[str, int, int]:
        """What makes two formats the same codec: lower-case name, clock rate, channels."""
        return self.name.lower(), self.clock_rate, self.channels

    @property
    def rtpmap(self) -> str:
        """The value of its ``a=rtpmap``."""
        channels = f"/{self.channels}" if self.channels != 1 else ""
        return f"{self.payload_type} {self.name}/{self.clock_rate}{channels}"


_STATIC: dict[str, MediaFormat] = {
    str(number): MediaFormat(name, rate, number, channels)
    for number, name, rate, channels in (
        (0, "PCMU", 8_000, 1), (3, "GSM", 8_000, 1), (4, "G723", 8_000, 1), (5, "DVI4", 8_000, 1),
        (6, "DVI4", 16_000, 1), (7, "LPC", 8_000, 1), (8, "PCMA", 8_000, 1), (9, "G722", 8_000, 1),
        (10, "L16", 44_100, 2), (11, "L16", 44_100, 1), (12, "QCELP", 8_000, 1), (13, "CN", 8_000, 1),
        (14, "MPA", 90_000, 1), (15, "G728", 8_000, 1), (16, "DVI4", 11_025, 1), (17, "DVI4", 22_050, 1),
        (18, "G729", 8_000, 1),
    )
}  # fmt: skip


def media_formats(media: MediaDescription) -> tuple[MediaFormat, ...]:
    """Give the audio formats of a stream in order; those without a known mapping are left out.

    A static payload type needs no ``a=rtpmap`` (RFC 3551 §6).
    """
    return _read_formats(media.formats, media.attributes)


# Phones of one make say the same of their codecs; few are kept, because a stranger's list may be long.
@functools.lru_cache(maxsize=64)
def _read_formats(numbers: tuple[str, ...], attributes: Attributes) -> tuple[MediaFormat, ...]:
    rtpmaps, fmtps = values_by_format(attributes, "rtpmap"), values_by_format(attributes, "fmtp")
    formats: list[MediaFormat] = []
    for number in numbers:
        rtpmap, fmtp = rtpmaps.get(number), fmtps.get(number)
        if len(rtpmap or "") + len(fmtp or "") <= _LONGEST_REMEMBERED:
            found = _read_format(number, rtpmap, fmtp)
        else:
            found = _read_format.__wrapped__(number, rtpmap, fmtp)
        if found is not None:
            formats.append(found)
    return tuple(formats)


# Every call brings the same few formats. Bounded in number and length: a stranger chooses them.
_LONGEST_REMEMBERED = 128


@functools.lru_cache(maxsize=1_024)
def _read_format(number: str, rtpmap: str | None, fmtp: str | None) -> MediaFormat | None:
    found = _STATIC.get(number) if rtpmap is None else _from_rtpmap(number, rtpmap)
    return found if found is None or fmtp is None else attrs.evolve(found, fmtp=fmtp)


def _from_rtpmap(number: str, rtpmap: str) -> MediaFormat | None:
    name, _, rest = rtpmap.partition("/")
    rate, _, channels = rest.strip().partition("/")
    channels = channels or "1"
    if not name or len(number) > 3 or len(rate) > 9 or len(channels) > 3:
        return None
    if not all(text.isascii() and text.isdecimal() for text in (number, rate, channels)):
        return None
    if int(number) > 127 or not int(rate) or not int(channels):
        return None
    return MediaFormat(name, int(rate), int(number), int(channels))


def is_voice(media_format: MediaFormat) -> bool:
    """Tell whether a format is a codec for speech, and not only events, comfort noise or copies."""
    return media_format.name.lower() not in _NO_VOICE


def find_dtmf(formats: Iterable[MediaFormat]) -> int | None:
    """Give the payload type of telephone-event, best at the clock rate of the first codec (RFC 4733 §2.1)."""
    known = tuple(formats)
    events = [found for found in known if found.name.lower() == TELEPHONE_EVENT]
    if not events:
        return None
    rate = next((found.clock_rate for found in known if is_voice(found)), 8_000)
    return next((found.payload_type for found in events if found.clock_rate == rate), events[0].payload_type)
