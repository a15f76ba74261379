"""A codec as a value: what signalling says of it, and how to get encoders and decoders."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NoReturn

import attrs

from ..errors import CodecUnavailableError, LocalProtocolError
from .codec import BatchCodec, Decoder, Encoder
from .g711 import TABLES

PTIMES = (10, 20, 30, 40, 60)
"""Packet lengths in milliseconds that telephones use."""


class FormatKind(Enum):
    """What packets of a format carry."""

    VOICE = "voice"
    """Audio."""
    NOISE = "noise"
    """Comfort noise, which stands in for audio (RFC 3389)."""
    EVENT = "event"
    """Telephone-events (RFC 4733)."""
    REDUNDANCY = "redundancy"
    """Packets that carry earlier ones once more (RFC 2198)."""


@attrs.frozen
class Missing:
    """Why a codec cannot be had.

    Attributes:
        reason: What is missing.
        install: How to get it, in one line.
    """

    reason: str
    install: str


@attrs.frozen
class EncoderSettings:
    """What an encoder has to know of its stream.

    Attributes:
        sample_rate: Samples a second of the audio that it will get, one of the codec's rates.
        fmtp: What the peer wants (its `fmtp`), or None.
        max_octets: Longest payload that it may make.
    """

    sample_rate: int
    fmtp: str | None = None
    max_octets: int = 1200


def _no_voice(_: object) -> NoReturn:
    raise LocalProtocolError("a format that carries no voice has neither encoder nor decoder")


@attrs.frozen(kw_only=True)
class CodecDescription:
    """One codec, or another format that goes with codecs.

    Attributes:
        name: Encoding name of the `rtpmap`, such as `PCMU` (RFC 3551 §6).
        clock_rate: RTP timestamp units a second; G.722 says 8000 and samples at 16000 (RFC 3551 §4.5.2).
        sample_rates: Rates at which it takes and gives audio, in Hz; the first is the natural one.
        label: How it is called in settings: the name, with the clock rate where several have that name.
        channels: Channels as the `rtpmap` says; encoders and decoders are mono.
        payload_type: Static payload type of RFC 3551 §6, or None where only dynamic ones exist.
        ptimes: Packet lengths that it can make, in milliseconds, ascending.
        kind: What its packets carry.
        missing: Why it cannot be had, None when it can.
        measure: Returns how many timestamp units a payload lasts; 0 for one that cannot be decoded.
        make_encoder: Makes the encoder of one stream.
        make_decoder: Makes the decoder of one stream, for one of `sample_rates`.
        offer_fmtp: Returns our `fmtp` for audio of a sample rate, or None. It says what we want to receive,
            and stands in offers and answers alike.
        accepts: Tells whether a peer's `fmtp` leaves something that we can do.
        batch: The same codec for many streams at once, None where it keeps state.
    """

    name: str
    clock_rate: int
    sample_rates: tuple[int, ...]
    label: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))
    channels: int = 1
    payload_type: int | None = None
    ptimes: tuple[int, ...] = PTIMES
    kind: FormatKind = FormatKind.VOICE
    missing: Missing | None = None
    measure: Callable[[bytes], int] = len
    make_encoder: Callable[[EncoderSettings], Encoder] = _no_voice
    make_decoder: Callable[[int], Decoder] = _no_voice
    offer_fmtp: Callable[[int], str | None] = attrs.field(default=lambda sample_rate: None)
    accepts: Callable[[str | None], bool] = attrs.field(default=lambda fmtp: True)
    batch: BatchCodec | None = None

    @property
    def sample_rate(self) -> int:
        """Its natural sample rate, in Hz."""
        return self.sample_rates[0]

    @property
    def encoding(self) -> tuple[str, int, int]:
        """What makes two formats the same: lower-case name, clock rate, channels (RFC 4855 §3)."""
        return self.name.lower(), self.clock_rate, self.channels

    @property
    def table(self) -> str | None:
        """Name in `TABLES` when the codec is nothing but that table, else None."""
        return next((name for name, codec in TABLES.items() if codec is self.batch), None)

    def rate_for(self, sample_rate: int) -> int:
        """Return the rate to work at for audio of `sample_rate` Hz: that one if it can, else its own."""
        return sample_rate if sample_rate in self.sample_rates else self.sample_rate

    def ptime_for(self, ptime_ms: float) -> int:
        """Return the longest packet that it can make and that is no longer than wanted, in milliseconds."""
        return max((own for own in self.ptimes if own <= ptime_ms), default=self.ptimes[0])

    def encoder(self, settings: EncoderSettings) -> Encoder:
        """Make the encoder of one stream.

        Raises:
            CodecUnavailableError: What it needs is not installed.
        """
        self.check_available()
        return self.make_encoder(settings)

    def decoder(self, sample_rate: int) -> Decoder:
        """Make the decoder of one stream that gives `sample_rate` samples a second.

        Raises:
            CodecUnavailableError: What it needs is not installed.
        """
        self.check_available()
        return self.make_decoder(sample_rate)

    def check_available(self) -> None:
        """Check that the codec can be had.

        Raises:
            CodecUnavailableError: What it needs is not installed.
        """
        if self.missing is not None:
            raise CodecUnavailableError(self.label, self.missing.reason, self.missing.install)
