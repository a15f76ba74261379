"""L16 as RTP payload: 16-bit samples in network byte order (RFC 3551 §4.5.11)."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from .codec import check_samples
from .stateless import Stateless

_NETWORK = np.dtype(">i2")


@attrs.frozen
class L16Codec(Stateless):
    """Linear audio; without state, so one object serves every stream.

    With two channels it says the same on both, and hears their mean: the audio of calls is mono.

    Attributes:
        sample_rate: Samples a second, in Hz, which is the RTP clock too.
        channels: 1 or 2.
        name: Always `L16`.
    """

    sample_rate: int
    channels: int = 1
    name: str = attrs.field(default="L16", init=False)

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode int16 samples, shape (n_samples,), into two octets a sample and channel.

        Raises:
            LocalProtocolError: `samples` is not an int16 array.
        """
        check_samples(self.name, samples)
        wide = samples.astype(_NETWORK)
        return (wide if self.channels == 1 else np.repeat(wide, self.channels)).tobytes()

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode a payload of any length into int16 samples, shape (n_samples,); half a sample is dropped."""
        whole = len(payload) // (2 * self.channels) * self.channels
        samples = np.frombuffer(payload, _NETWORK, whole).astype(np.int16)
        return samples if self.channels == 1 else _mean(samples)

    def encode_into(self, samples: npt.NDArray[np.int16], codes: npt.NDArray[np.uint8]) -> None:
        """Encode int16 samples, shape (..., n), into uint8 `codes`, shape (..., 2 * n * channels).

        Raises:
            LocalProtocolError: `samples` is not an int16 array.
        """
        check_samples(self.name, samples)
        rows = codes.view(_NETWORK)
        for channel in range(self.channels):
            rows[..., channel :: self.channels] = samples

    def decode_into(self, codes: npt.NDArray[np.uint8], samples: npt.NDArray[np.int16]) -> None:
        """Decode uint8 `codes`, shape (..., 2 * n * channels), into int16 `samples`, shape (..., n)."""
        rows = codes.view(_NETWORK)
        if self.channels == 1:
            samples[...] = rows
        else:
            samples[...] = _mean(rows)


def _mean(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return the mean of left and right, int16, shape (..., n), for shape (..., 2 * n)."""
    both = np.add(samples[..., 0::2], samples[..., 1::2], dtype=np.int32)
    return (both >> 1).astype(np.int16)
