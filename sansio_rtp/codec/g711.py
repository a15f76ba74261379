"""G.711 as RTP payload: one octet a sample, 8 kHz, one channel (RFC 3551 §4.5.14)."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from .codec import check_samples
from .stateless import Stateless
from .tables import ALAW_DECODE, ALAW_ENCODE, MULAW_DECODE, MULAW_ENCODE


@attrs.frozen(eq=False, repr=False)
class G711Codec(Stateless):
    """PCMU or PCMA; without state, so one object serves every stream.

    Attributes:
        name: `PCMU` or `PCMA`.
        payload_type: 0 or 8 (RFC 3551 §6).
        encode_table: uint8, shape (65536,), indexed by the sample's bits as uint16.
        decode_table: int16, shape (256,), indexed by the code.
        clock_rate: Always 8000 Hz.
        sample_rate: Always 8000 Hz.
        channels: Always 1.
    """

    name: str
    payload_type: int
    encode_table: npt.NDArray[np.uint8]
    decode_table: npt.NDArray[np.int16]
    clock_rate: int = attrs.field(default=8000, init=False)
    sample_rate: int = attrs.field(default=8000, init=False)
    channels: int = attrs.field(default=1, init=False)

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode int16 samples, shape (n_samples,), into one octet a sample.

        Raises:
            LocalProtocolError: `samples` is not an int16 array.
        """
        codes = np.empty(samples.shape, np.uint8)
        self.encode_into(samples, codes)
        return codes.tobytes()

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode a payload of any length into int16 samples, shape (len(payload),)."""
        samples = np.empty(len(payload), np.int16)
        self.decode_into(np.frombuffer(payload, np.uint8), samples)
        return samples

    def encode_into(self, samples: npt.NDArray[np.int16], codes: npt.NDArray[np.uint8]) -> None:
        """Encode int16 samples of any shape into the uint8 array `codes` of the same shape.

        Raises:
            LocalProtocolError: `samples` is not an int16 array.
        """
        check_samples(self.name, samples)
        # With out= and mode= numpy neither allocates nor checks bounds: half the time.
        self.encode_table.take(samples.view(np.uint16), out=codes, mode="clip")

    def decode_into(self, codes: npt.NDArray[np.uint8], samples: npt.NDArray[np.int16]) -> None:
        """Decode uint8 codes of any shape into the int16 array `samples` of the same shape."""
        self.decode_table.take(codes, out=samples, mode="clip")

    def __repr__(self) -> str:
        """Return the name and payload type; the tables say nothing to a reader."""
        return f"G711Codec({self.name}, payload_type={self.payload_type})"


PCMU = G711Codec("PCMU", 0, MULAW_ENCODE, MULAW_DECODE)
"""µ-law, payload type 0."""
PCMA = G711Codec("PCMA", 8, ALAW_ENCODE, ALAW_DECODE)
"""A-law, payload type 8."""
TABLES = {codec.name: codec for codec in (PCMU, PCMA)}
"""The codecs that are nothing but a table, by name: a frame of many streams is one look-up."""
