"""The Opus payload format over a library that only takes notes."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sansio_rtp.codec import BUILT_IN, CodecDescription, EncoderSettings, OpusSettings, opus_codec
from sansio_rtp.errors import CodecError, LocalProtocolError

Audio = npt.NDArray[np.int16]
FB_20_MS = bytes((31 << 3,))  # CELT, full band, 20 ms, one frame
COPY_20_MS = bytes((1 << 3, 0x40))  # SILK, narrow band, 20 ms, with the frame before it


@attrs.define
class Library:
    """Encodes a frame into its number of samples, decodes into zeros, and remembers everything."""

    sample_rates: tuple[int, ...] = (48_000, 16_000, 8_000)
    can_conceal: bool = True
    payload: bytes | None = None
    configured: list[OpusSettings] = attrs.Factory(list)
    calls: list[tuple[Any, ...]] = attrs.Factory(list)

    def encoder(self, sample_rate: int) -> Library:
        self.calls.append(("encoder", sample_rate))
        return self

    def decoder(self, sample_rate: int) -> Library:
        self.calls.append(("decoder", sample_rate))
        return self

    def configure(self, settings: OpusSettings) -> None:
        self.configured.append(settings)

    def encode(self, samples: Audio, max_octets: int) -> bytes:
        return self.payload if self.payload is not None else b"%d of %d" % (samples.size, max_octets)

    def decode(self, payload: bytes, max_samples: int) -> Audio:
        self.calls.append(("decode", payload, max_samples))
        return np.zeros(max_samples, np.int16)

    def conceal(self, n_samples: int) -> Audio | None:
        self.calls.append(("conceal", n_samples))
        return np.ones(n_samples, np.int16) if self.can_conceal else None

    def recover(self, following: bytes, n_samples: int) -> Audio | None:
        self.calls.append(("recover", following, n_samples))
        return np.full(n_samples, 2, np.int16) if self.can_conceal else None


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def opus(library: Library) -> CodecDescription:
    return opus_codec(library)


@pytest.mark.parametrize(
    ("payload", "units"),
    [
        ("00", 480), ("08", 960), ("10", 1920), ("18", 2880),  # SILK 10, 20, 40, 60 ms
        ("60", 480), ("68", 960), ("78", 960),  # hybrid 10 and 20 ms
        ("80", 120), ("88", 240), ("90", 480), ("f8", 960),  # CELT 2.5, 5, 10, 20 ms
        ("f9", 1920), ("fa", 1920),  # two frames
        ("fb03", 2880), ("fb06", 5760), ("8330", 5760), ("fb83", 2880),  # as many as the second octet says
        ("", 0), ("fb", 0), ("fb00", 0), ("fb07", 0), ("1b03", 0), ("1a", 5760),  # none, or beyond 120 ms
    ],
)  # fmt: skip
def test_a_packet_says_how_long_it_is(payload: str, units: int) -> None:
    """MED-9: RFC 6716 §3.1 and §3.2, in units of 48 kHz whatever the audio."""
    assert BUILT_IN.get("opus").measure(bytes.fromhex(payload)) == units


@given(st.binary(max_size=40))
def test_no_octets_last_longer_than_120_ms(payload: bytes) -> None:
    """MED-9."""
    assert 0 <= BUILT_IN.get("opus").measure(payload) <= 5760


@pytest.mark.parametrize(
    ("fmtp", "change"),
    [
        (None, {}),
        ("", {}),
        ("useinbandfec=1", {"inband_fec": True}),
        ("minptime=10; UseInbandFec=1 ;stereo=1", {"inband_fec": True}),
        ("usedtx=1;cbr=1", {"dtx": True, "vbr": False}),
        ("maxaveragebitrate=20000", {"bitrate": 20_000}),
        ("maxaveragebitrate=510000", {}),
        ("maxaveragebitrate=10", {"bitrate": 6_000}),
        ("maxplaybackrate=16000", {"bandwidth_hz": 16_000}),
        ("maxplaybackrate=100;maxplaybackrate=16000", {"bandwidth_hz": 8_000}),
        ("maxaveragebitrate=lots;maxplaybackrate=;=;;useinbandfec=yes;usedtx", {}),
        ("maxaveragebitrate=²0000;maxplaybackrate=" + "9" * 5_000, {}),
        (";".join(f"p{index}=1" for index in range(64)) + ";usedtx=1", {}),
    ],
)
def test_the_encoder_does_what_the_peer_wants(
    library: Library, opus: CodecDescription, fmtp: str | None, change: dict[str, Any]
) -> None:
    """MED-9: RFC 7587 §6.1: wishes of the receiver; nonsense counts as not said."""
    opus.encoder(EncoderSettings(48_000, fmtp))
    plain = OpusSettings(bitrate=64_000, inband_fec=False)
    assert library.configured == [attrs.evolve(plain, **change)]


def test_loss_that_the_peer_reports_reaches_the_encoder_in_steps(
    library: Library, opus: CodecDescription
) -> None:
    """MED-9: FEC costs bits only where it helps; a report that says nothing new changes nothing."""
    encoder = opus.encoder(EncoderSettings(16_000, "useinbandfec=1"))
    for fraction in (0.0, 0.01, 0.06, 0.07, 0.9, 0.0):
        encoder.expect_loss(fraction)
    assert [settings.loss_percent for settings in library.configured] == [0, 5, 30, 0]
    assert library.configured[0].bitrate == 32_000


@pytest.mark.parametrize(("rate", "n_samples"), [(48_000, 960), (16_000, 160), (16_000, 960), (8_000, 320)])
def test_frames_of_10_20_40_and_60_ms_are_encoded(
    opus: CodecDescription, library: Library, rate: int, n_samples: int
) -> None:
    """MED-9, MED-19."""
    encoder = opus.encoder(EncoderSettings(rate, max_octets=500))
    assert encoder.sample_rate == rate
    assert encoder.takes(n_samples)
    assert encoder.encode(np.zeros(n_samples, np.int16)) == b"%d of 500" % n_samples
    assert not encoder.takes(n_samples + 1)
    with pytest.raises(LocalProtocolError, match=f"not {n_samples + 1}"):
        encoder.encode(np.zeros(n_samples + 1, np.int16))
    with pytest.raises(LocalProtocolError, match="int16"):
        encoder.encode(np.zeros(n_samples, np.int32))


def test_silence_is_only_left_out_where_the_peer_wants_it(library: Library, opus: CodecDescription) -> None:
    """MED-9: usedtx."""
    library.payload = b"\xf8\x00"
    frame = np.zeros(960, np.int16)
    assert opus.encoder(EncoderSettings(48_000, "usedtx=1")).encode(frame) == b""
    assert opus.encoder(EncoderSettings(48_000)).encode(frame) == b"\xf8\x00"


def test_the_decoder_asks_for_as_much_as_the_packet_says(library: Library, opus: CodecDescription) -> None:
    """MED-9: and never gives the library what it would take for a loss."""
    decoder = opus.decoder(16_000)
    assert decoder.sample_rate == 16_000
    assert decoder.decode(FB_20_MS).size == 320
    assert library.calls == [("decoder", 16_000), ("decode", FB_20_MS, 320)]
    for wrong in (b"", b"\xfb\x07"):
        with pytest.raises(CodecError, match=f"{len(wrong)} octets are no opus packet"):
            decoder.decode(wrong)


def test_a_loss_is_made_up_by_the_library_if_it_can(library: Library, opus: CodecDescription) -> None:
    """MED-9, MED-15: concealment in steps of 2.5 ms; the next packet's copy only for whole steps."""
    decoder = opus.decoder(16_000)
    library.calls.clear()
    first = decoder.conceal(100)
    assert first is not None
    assert (first.size, library.calls.pop()) == (100, ("conceal", 120))
    second = decoder.recover(COPY_20_MS, 320)
    assert second is not None
    assert (second.tolist(), library.calls.pop()) == ([2] * 320, ("recover", COPY_20_MS, 320))
    assert decoder.recover(COPY_20_MS, 321) is None
    assert decoder.recover(b"", 320) is None
    library.can_conceal = False
    assert decoder.conceal(100) is None
    assert decoder.recover(COPY_20_MS, 320) is None


@pytest.mark.parametrize(
    ("following", "copied"),
    [
        ("0840", True), ("0880", False), ("08", False),  # 20 ms: activity, then the flag
        ("1020", True), ("1040", False), ("1810", True), ("1820", False),  # 40 and 60 ms
        ("0c10", True), ("0c08", False), ("6840", True), ("f840", False),  # side of stereo, hybrid, CELT
        ("090040", False), ("094000", True), ("0a014000", True), ("0afc004000", True),  # two frames
        ("0b0240", True), ("0b820140", True), ("0b8301fc0040", True),  # many, of one or of several lengths
        ("0b420140", True), ("0b42ff0040", True), ("0b42ffff", False), ("0b82", False),  # padding
    ],
)  # fmt: skip
def test_only_a_packet_with_a_copy_is_asked_for_it(
    library: Library, opus: CodecDescription, following: str, copied: bool
) -> None:
    """MED-9, MED-15: RFC 6716 §4.2.4; else the loss is concealed, and not counted as recovered."""
    made = opus.decoder(16_000).recover(bytes.fromhex(following), 320)
    assert (made is not None) is copied


def test_the_offer_says_what_we_like_to_hear(opus: CodecDescription, library: Library) -> None:
    """MED-9: RFC 7587 §7: FEC always, and no more bandwidth than our audio has."""
    assert opus.offer_fmtp(48_000) == "useinbandfec=1"
    assert opus.offer_fmtp(16_000) == "useinbandfec=1;maxplaybackrate=16000;sprop-maxcapturerate=16000"
    assert (opus.clock_rate, opus.channels, opus.sample_rates) == (48_000, 2, library.sample_rates)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bitrate", 5_999),
        ("bitrate", 510_001),
        ("complexity", 11),
        ("loss_percent", 101),
        ("bandwidth_hz", 1),
    ],
)
def test_a_setting_out_of_range_is_named(field: str, value: int) -> None:
    """MED-9."""
    with pytest.raises(LocalProtocolError, match=f"{field} is {value}"):
        OpusSettings(**{field: value})  # type: ignore[arg-type]
