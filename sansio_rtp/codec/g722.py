"""G.722 at 64 kbit/s as RTP payload: one octet for two samples of 16 kHz (RFC 3551 §4.5.2).

The algorithm is sequential and belongs into C: whoever does I/O finds a library and passes it in.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from .codec import check_samples
from .description import CodecDescription, Missing

SAMPLE_RATE = 16_000
NO_G722 = Missing("the package G722 is not installed", "pip install 'sansio-voip[g722]'")
"""What to say where no library was found."""


class G722State(Protocol):
    """The state of one direction in a library."""

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode an even number of samples at 16 kHz, half as many octets."""
        ...

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode any octets into twice as many samples at 16 kHz."""
        ...


class G722Backend(Protocol):
    """A library that does G.722."""

    def open(self) -> G722State:
        """Return a new state, for one stream and direction."""
        ...


class G722Codec:
    """One direction of one stream; both predictors run over the borders of packets.

    Attributes:
        sample_rate: Always 16000 Hz.
    """

    __slots__ = ("_state", "sample_rate")

    def __init__(self, state: G722State) -> None:
        """Use a state that nobody else uses."""
        self._state = state
        self.sample_rate = SAMPLE_RATE

    def takes(self, n_samples: int) -> bool:
        """Tell whether it is an even number."""
        return n_samples % 2 == 0

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode int16 samples, shape (n_samples,), `n_samples` even, into one octet for two.

        Raises:
            LocalProtocolError: `samples` is no such array.
        """
        check_samples("G722", samples)
        if not self.takes(samples.size):
            raise LocalProtocolError(f"G722 encodes samples in pairs, not {samples.size}")
        return self._state.encode(samples)

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode a payload of any length into int16 samples, shape (2 * len(payload),)."""
        return self._state.decode(payload)

    def expect_loss(self, fraction: float) -> None:
        """Do nothing: there is nothing to protect packets with."""

    def conceal(self, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return None: the concealment of Appendix III and IV is not part of the codec."""
        return None

    def recover(self, following: bytes, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return None: packets hold nothing of those before."""
        return None


def g722_codec(backend: G722Backend | None, missing: Missing = NO_G722) -> CodecDescription:
    """Describe G.722 on a library.

    Args:
        backend: The library, or None where there is none.
        missing: What to say in that case.
    """
    if backend is None:
        return CodecDescription(
            name="G722", clock_rate=8_000, sample_rates=(SAMPLE_RATE,), payload_type=9, missing=missing
        )
    return CodecDescription(
        name="G722",
        # An error of RFC 1890 that is kept for the sake of old phones (RFC 3551 §4.5.2).
        clock_rate=8_000,
        sample_rates=(SAMPLE_RATE,),
        payload_type=9,
        make_encoder=lambda settings: G722Codec(backend.open()),
        make_decoder=lambda sample_rate: G722Codec(backend.open()),
    )
