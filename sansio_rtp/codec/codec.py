"""The face that every codec shows to a media session."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class Codec(Protocol):
    """One audio codec as RTP carries it.

    A codec that keeps state between frames (G.711 does not) is one object per stream and direction;
    `get_codec` hands out objects that may be used so.
    """

    @property
    def name(self) -> str:
        """Encoding name of the `rtpmap` attribute, such as `PCMU` (RFC 3551 §6)."""
        ...

    @property
    def clock_rate(self) -> int:
        """RTP timestamp units a second, in Hz; G.722 says 8000 and samples at 16000 (RFC 3551 §4.5.2)."""
        ...

    @property
    def sample_rate(self) -> int:
        """Samples a second of the audio that `encode` takes and `decode` gives, in Hz."""
        ...

    @property
    def channels(self) -> int:
        """Number of audio channels."""
        ...

    @property
    def payload_type(self) -> int | None:
        """Static payload type of RFC 3551 §6, or None where only a dynamic one exists."""
        ...

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode int16 samples, shape (n_samples,), into one RTP payload."""
        ...

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode one RTP payload into int16 samples, shape (n_samples,); any bytes give samples."""
        ...

    def frame_samples(self, ptime_ms: int) -> int:
        """Return the number of samples in a packet of `ptime_ms` milliseconds."""
        ...

    def frame_bytes(self, ptime_ms: int) -> int:
        """Return the payload length in octets of a packet of `ptime_ms` milliseconds."""
        ...
