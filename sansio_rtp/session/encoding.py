"""What we say: frames at one rate to payloads of the codec that we send."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..codec import EncoderSettings
from ..errors import LocalProtocolError
from .config import RtpSessionConfig
from .rate import RateConverter


class VoiceEncoder:
    """The encoder of one stream; it lives as long as codec, parameters and rate stay the same."""

    def __init__(self, config: RtpSessionConfig) -> None:
        """Open the encoder."""
        self._loss = 0.0
        self._open(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Open another encoder where the agreement wants one; what it is for stays (hold and resume)."""
        if self._key(config) != self._known:
            self._open(config)

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Return the payload of a frame; an empty one need not be sent.

        Raises:
            LocalProtocolError: The codec makes no packets of this length.
        """
        converter = self._converter
        if not self._encoder.takes(samples.size * converter.output_rate // converter.input_rate):
            raise LocalProtocolError(f"{self._name} makes no packet of {samples.size} samples")
        return self._encoder.encode(converter.convert(samples))

    @property
    def table(self) -> str | None:
        """Name of the table that turns frames into payloads; None where it takes more than that."""
        same = self._converter.input_rate == self._converter.output_rate
        return self._table if same else None

    def expect_loss(self, fraction: float) -> None:
        """Pass on what the peer reports, 0 to 1."""
        self._loss = fraction
        self._encoder.expect_loss(fraction)

    def _open(self, config: RtpSessionConfig) -> None:
        codec, rate = config.send_format, config.audio_rate
        self._known, self._name = self._key(config), codec.label
        self._table = codec.table
        self._encoder = codec.encoder(EncoderSettings(codec.rate_for(rate), config.send_fmtp))
        self._encoder.expect_loss(self._loss)
        self._converter = RateConverter(rate, self._encoder.sample_rate)

    @staticmethod
    def _key(config: RtpSessionConfig) -> tuple[object, ...]:
        return config.send_format, config.send_fmtp, config.audio_rate
