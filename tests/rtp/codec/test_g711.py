"""G.711 against its tables, whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp.codec import PCMA, PCMU, G711Codec
from sansio_rtp.errors import LocalProtocolError

DATA = Path(__file__).parents[2] / "data" / "codec"
TABLES = json.loads((DATA / "g711.json").read_text())
LAWS = [pytest.param(PCMU, "ulaw", id="PCMU"), pytest.param(PCMA, "alaw", id="PCMA")]
ALL_SAMPLES: npt.NDArray[np.int16] = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)


@pytest.mark.parametrize(("codec", "law"), LAWS)
def test_each_of_the_65536_samples_encodes_to_the_code_of_the_table(codec: G711Codec, law: str) -> None:
    """MED-7."""
    assert codec.encode(ALL_SAMPLES) == (DATA / f"g711-{law}-encode.bin").read_bytes()


@pytest.mark.parametrize(("codec", "law"), LAWS)
def test_each_of_the_256_codes_decodes_to_the_sample_of_the_table(codec: G711Codec, law: str) -> None:
    """MED-7."""
    assert codec.decode(bytes(range(256))).tolist() == TABLES[f"{law}_decode"]


@pytest.mark.parametrize(("codec", "law"), LAWS)
def test_a_decoded_value_survives_any_number_of_passes(codec: G711Codec, law: str) -> None:
    """MED-7: tandem coding with the same law adds nothing."""
    once = codec.decode(codec.encode(ALL_SAMPLES))
    assert np.array_equal(codec.decode(codec.encode(once)), once), law


@pytest.mark.parametrize("codec", [PCMU, PCMA])
def test_arrays_of_streams_are_coded_like_single_streams(codec: G711Codec) -> None:
    """MED-26: any shape goes through one operation, strided views of packet rows too."""
    rows = np.random.default_rng(1).integers(-32768, 32767, (5, 160)).astype(np.int16)
    packets = np.zeros((5, 172), np.uint8)
    codes = np.empty((5, 160), np.uint8)
    codec.encode_into(rows, codes)
    packets[:, 12:] = codes
    decoded = np.empty((5, 160), np.int16)
    codec.decode_into(packets[:, 12:], decoded)
    for row, packet, samples in zip(rows, packets, decoded, strict=True):
        assert packet[12:].tobytes() == codec.encode(row)
        assert np.array_equal(samples, codec.decode(packet[12:].tobytes()))


@pytest.mark.parametrize("codec", [PCMU, PCMA])
def test_every_second_sample_of_a_stereo_buffer_is_encoded_right(codec: G711Codec) -> None:
    """MED-7: a strided view is valid input."""
    stereo = np.random.default_rng(2).integers(-9000, 9000, 320).astype(np.int16)
    assert codec.encode(stereo[::2]) == codec.encode(stereo[::2].copy())


@pytest.mark.parametrize("codec", [PCMU, PCMA])
def test_a_frame_is_one_octet_a_sample(codec: G711Codec) -> None:
    """MED-7."""
    assert (codec.clock_rate, codec.sample_rate, codec.channels) == (8000, 8000, 1)
    assert codec.encode(np.empty(0, np.int16)) == b""
    assert codec.decode(b"").shape == (0,)


def test_other_sample_types_are_refused_not_reinterpreted() -> None:
    """MED-7: a float frame is the caller's mistake."""
    with pytest.raises(LocalProtocolError, match="PCMU encodes int16"):
        PCMU.encode(np.zeros(160, np.float64))


def test_the_shared_tables_cannot_be_written() -> None:
    """MED-7: one stream cannot spoil the codec of all others."""
    with pytest.raises(ValueError, match="read-only"):
        PCMU.decode_table[0] = 1
