"""Opus as RTP payload (RFC 7587): a clock of 48 kHz, whatever the sample rate, and packets of any length.

The codec itself (RFC 6716) is a library that whoever does I/O finds and passes in.
"""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from ..errors import CodecError, LocalProtocolError
from .codec import check_samples
from .description import CodecDescription, EncoderSettings, Missing
from .opus_backend import OpusBackend
from .opus_packet import CLOCK_RATE, holds_copy, packet_units
from .opus_settings import BITRATES, OpusSettings, offered_fmtp

OPUS_RATES = (48_000, 24_000, 16_000, 12_000, 8_000)
"""Rates at which Opus takes and gives audio, in Hz; the packets are the same."""
PTIMES = (10, 20, 40, 60)
NO_OPUS = Missing(
    "neither the library libopus nor the package av was found",
    "apt-get install libopus0, or brew install opus, or pip install 'sansio-voip[av]'",
)
"""What to say where no library was found."""

_NOT_SENT = 2  # octets: a frame that is no longer than this need not be sent, say the makers of libopus


class OpusEncoder:
    """The encoder of one stream.

    Attributes:
        sample_rate: Samples a second that it takes, in Hz.
        settings: How it works now.
    """

    __slots__ = ("_lengths", "_max_octets", "_state", "sample_rate", "settings")

    def __init__(self, backend: OpusBackend, stream: EncoderSettings) -> None:
        """Open an encoder that does what the peer's `fmtp` wants."""
        self.sample_rate = stream.sample_rate
        self.settings = OpusSettings(bitrate=BITRATES[stream.sample_rate]).for_peer(stream.fmtp)
        self._max_octets = stream.max_octets
        self._lengths = frozenset(ms * stream.sample_rate // 1000 for ms in PTIMES)
        self._state = backend.encoder(stream.sample_rate)
        self._state.configure(self.settings)

    def takes(self, n_samples: int) -> bool:
        """Tell whether it is 10, 20, 40 or 60 ms."""
        return n_samples in self._lengths

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode 10, 20, 40 or 60 ms, int16, shape (n_samples,); nothing where silence need not be sent.

        Raises:
            LocalProtocolError: `samples` is no such frame.
        """
        check_samples("opus", samples)
        if not self.takes(samples.size):
            allowed = ", ".join(str(length) for length in sorted(self._lengths))
            raise LocalProtocolError(f"opus encodes frames of {allowed} samples, not {samples.size}")
        payload = self._state.encode(samples, self._max_octets)
        return b"" if self.settings.dtx and len(payload) <= _NOT_SENT else payload

    def expect_loss(self, fraction: float) -> None:
        """Put as much of each packet into the next one as the loss, 0 to 1, that the peer reports needs."""
        settings = self.settings.with_loss(fraction)
        if settings != self.settings:
            self.settings = settings
            self._state.configure(settings)


class OpusDecoder:
    """The decoder of one stream, with Opus's own concealment and forward error correction.

    Attributes:
        sample_rate: Samples a second that it gives, in Hz.
    """

    __slots__ = ("_state", "_step", "sample_rate")

    def __init__(self, backend: OpusBackend, sample_rate: int) -> None:
        """Open a decoder."""
        self.sample_rate = sample_rate
        self._step = sample_rate // 400
        self._state = backend.decoder(sample_rate)

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode one packet into int16 samples, shape (n_samples,); two channels become their mean.

        Raises:
            CodecError: It is no Opus packet; the decoder goes on with the next one.
        """
        units = packet_units(payload)
        if not units:  # to the library no octets are a lost packet
            raise CodecError(f"{len(payload)} octets are no opus packet")
        return self._state.decode(payload, units * self.sample_rate // CLOCK_RATE)

    def conceal(self, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Go on for `n_samples` samples as if the audio did, which fades; None where the library cannot."""
        samples = self._state.conceal(-(-n_samples // self._step) * self._step)
        return None if samples is None else samples[:n_samples]

    def recover(self, following: bytes, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return the coarse copy that the packet behind a loss holds; None where it holds none.

        None too for a length that is no multiple of 2.5 ms, and where the library cannot.

        Raises:
            CodecError: `following` is no Opus packet.
        """
        if n_samples % self._step or not packet_units(following) or not holds_copy(following):
            return None
        return self._state.recover(following, n_samples)


def opus_codec(backend: OpusBackend | None, missing: Missing = NO_OPUS) -> CodecDescription:
    """Describe Opus on a library.

    Args:
        backend: The library, or None where there is none.
        missing: What to say in that case.
    """
    # Always two channels in the rtpmap, also for mono (RFC 7587 §7).
    description = CodecDescription(
        name="opus",
        clock_rate=CLOCK_RATE,
        sample_rates=OPUS_RATES,
        channels=2,
        ptimes=PTIMES,
        missing=missing,
        measure=packet_units,
        offer_fmtp=offered_fmtp,
    )
    if backend is None:
        return description

    def make_encoder(stream: EncoderSettings) -> OpusEncoder:
        return OpusEncoder(backend, stream)

    def make_decoder(sample_rate: int) -> OpusDecoder:
        return OpusDecoder(backend, sample_rate)

    return attrs.evolve(
        description,
        missing=None,
        sample_rates=backend.sample_rates,
        make_encoder=make_encoder,
        make_decoder=make_decoder,
    )
