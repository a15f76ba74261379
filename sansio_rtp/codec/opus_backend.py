"""What a library has to do for Opus; whoever does I/O finds one and passes it in."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from .opus_settings import OpusSettings


class OpusEncoderState(Protocol):
    """An encoder in a library, mono."""

    def configure(self, settings: OpusSettings) -> None:
        """Work in another way from the next frame on."""
        ...

    def encode(self, samples: npt.NDArray[np.int16], max_octets: int) -> bytes:
        """Encode one frame, int16, shape (n_samples,), into at most `max_octets` octets.

        Raises:
            CodecError: The library refuses.
        """
        ...


class OpusDecoderState(Protocol):
    """A decoder in a library, mono."""

    def decode(self, payload: bytes, max_samples: int) -> npt.NDArray[np.int16]:
        """Decode one packet of at most `max_samples` samples.

        Raises:
            CodecError: It is no Opus packet.
        """
        ...

    def conceal(self, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Go on without a packet, for a multiple of 2.5 ms; None where the library cannot."""
        ...

    def recover(self, following: bytes, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Decode what `following` holds of the time before it; None where the library cannot.

        Raises:
            CodecError: It is no Opus packet.
        """
        ...


class OpusBackend(Protocol):
    """A library that does Opus."""

    @property
    def sample_rates(self) -> tuple[int, ...]:
        """Those of `OPUS_RATES` at which it works, the best first."""
        ...

    def encoder(self, sample_rate: int) -> OpusEncoderState:
        """Return a new encoder for one stream."""
        ...

    def decoder(self, sample_rate: int) -> OpusDecoderState:
        """Return a new decoder for one stream."""
        ...
