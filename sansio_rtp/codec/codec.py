"""The faces that every codec shows to a media session: one object a stream and direction."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError


class Encoder(Protocol):
    """Audio of one stream to RTP payloads; mono, because the audio of calls is."""

    @property
    def sample_rate(self) -> int:
        """Samples a second of what `encode` takes, in Hz."""
        ...

    def takes(self, n_samples: int) -> bool:
        """Tell whether a frame of `n_samples` samples makes a packet."""
        ...

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode int16 samples, shape (n_samples,), into one payload; an empty one is not worth sending.

        Raises:
            LocalProtocolError: The samples are no frame of this codec; its state is as before.
        """
        ...

    def expect_loss(self, fraction: float) -> None:
        """Protect what follows against the loss, 0 to 1, that the peer reports; most codecs cannot."""
        ...


class Decoder(Protocol):
    """RTP payloads of one stream to mono audio."""

    @property
    def sample_rate(self) -> int:
        """Samples a second of what `decode` gives, in Hz."""
        ...

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode one payload into int16 samples, shape (n_samples,).

        Raises:
            CodecError: The payload is none of this codec; the decoder goes on with the next one.
        """
        ...

    def conceal(self, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return `n_samples` samples for audio that did not come; None where the codec has no own way."""
        ...

    def recover(self, following: bytes, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return the lost `n_samples` samples before a payload that is there, None where nothing helps.

        The payload itself is still to be decoded.
        """
        ...


class BatchCodec(Protocol):
    """A codec without state, which does the packets of many streams in one operation."""

    def encode_into(self, samples: npt.NDArray[np.int16], codes: npt.NDArray[np.uint8]) -> None:
        """Encode int16 samples, shape (..., n_samples), into uint8 payloads, shape (..., n_octets)."""
        ...

    def decode_into(self, codes: npt.NDArray[np.uint8], samples: npt.NDArray[np.int16]) -> None:
        """Decode uint8 payloads, shape (..., n_octets), into int16 samples, shape (..., n_samples)."""
        ...


def check_samples(name: str, samples: npt.NDArray[np.int16]) -> None:
    """Check what is to be encoded.

    Raises:
        LocalProtocolError: It is not int16.
    """
    if samples.dtype != np.int16:
        raise LocalProtocolError(f"{name} encodes int16 samples, not {samples.dtype}")
