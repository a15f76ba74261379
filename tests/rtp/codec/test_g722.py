"""G.722 over a library that only takes notes; the real one is in `runtime/test_codec_libraries.py`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp.codec import EncoderSettings, g722_codec
from sansio_rtp.errors import LocalProtocolError


class Library:
    """Every state that it opens is one more object."""

    def __init__(self) -> None:
        self.opened = 0

    def open(self) -> Library:
        self.opened += 1
        return self

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        return bytes(samples.size // 2)

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        return np.zeros(2 * len(payload), np.int16)


def test_each_stream_and_direction_has_a_state_of_its_own() -> None:
    """MED-8: the predictors run over the borders of packets."""
    library = Library()
    codec = g722_codec(library)
    encoder, decoder = codec.encoder(EncoderSettings(16_000)), codec.decoder(16_000)
    assert library.opened == 2
    assert (encoder.sample_rate, decoder.sample_rate) == (16_000, 16_000)
    assert len(encoder.encode(np.zeros(320, np.int16))) == 160
    assert decoder.decode(bytes(160)).size == 320
    encoder.expect_loss(1.0)
    assert decoder.conceal(320) is None
    assert decoder.recover(bytes(160), 320) is None


def test_samples_come_in_pairs() -> None:
    """MED-8: one octet is two samples."""
    encoder = g722_codec(Library()).encoder(EncoderSettings(16_000))
    assert (encoder.takes(320), encoder.takes(321)) == (True, False)
    with pytest.raises(LocalProtocolError, match="pairs, not 321"):
        encoder.encode(np.zeros(321, np.int16))
    with pytest.raises(LocalProtocolError, match="int16"):
        encoder.encode(np.zeros(320, np.float32))
