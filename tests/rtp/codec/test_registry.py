"""Codecs as values: names, payload types, parameters, availability."""

from __future__ import annotations

import numpy as np
import pytest

from sansio_rtp.codec import (
    BUILT_IN,
    PCMA,
    PCMU,
    CodecRegistry,
    EncoderSettings,
    FormatKind,
    Missing,
    event_format,
    g722_codec,
    noise_format,
    redundancy_format,
)
from sansio_rtp.errors import CodecUnavailableError, LocalProtocolError

SETTINGS = EncoderSettings(8_000)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("PCMU", "PCMU"),
        ("pcma", "PCMA"),
        ("PCMU/8000", "PCMU"),
        ("pcmu/8000/1", "PCMU"),
        ("g722", "G722"),
        ("G722/8000", "G722"),
        ("OPUS", "opus"),
        ("opus/48000/2", "opus"),
        ("L16", "L16/16000"),
        ("l16/8000", "L16/8000"),
        ("L16/44100", "L16/44100"),
        ("L16/44100/1", "L16/44100"),
        ("L16/44100/2", "L16/44100/2"),
    ],
)
def test_a_codec_is_found_by_every_spelling_of_its_name(name: str, label: str) -> None:
    """MED-7, MED-8, MED-9, SDP-6: case does not matter; of several with a name the first counts."""
    assert BUILT_IN.get(name).label == label


@pytest.mark.parametrize("name", ["G729", "", "PCMU/16000", "opus/48000/1", "CN", "telephone-event/8000"])
def test_an_unknown_codec_is_answered_with_the_known_ones(name: str) -> None:
    """MED-7: what carries no voice is no codec either."""
    with pytest.raises(
        LocalProtocolError, match=f"unknown codec '{name}'; known are opus, G722, PCMU, PCMA, L"
    ):
        BUILT_IN.get(name)


def test_static_payload_types_are_those_of_the_profile() -> None:
    """MED-7, MED-8, SDP-6: RFC 3551 §6; a dynamic type stands for nothing by itself."""
    found = [BUILT_IN.static(number) for number in (0, 8, 9, 10, 11, 13, 3, 101)]
    labels = [None if item is None else item.label for item in found]
    assert labels == ["PCMU", "PCMA", "G722", "L16/44100/2", "L16/44100", "CN/8000", None, None]


def test_an_rtpmap_finds_its_format_and_nothing_near_it() -> None:
    """SDP-6: name, clock and channels together; G.722 has a clock of 8000 and audio of 16000."""
    g722 = BUILT_IN.find("g722", 8_000)
    assert g722 is not None
    assert (g722.sample_rate, g722.encoding) == (16_000, ("g722", 8_000, 1))
    assert BUILT_IN.find("G722", 16_000) is None
    assert BUILT_IN.find("opus", 48_000) is None
    opus = BUILT_IN.find("opus", 48_000, 2)
    assert opus is not None
    event = BUILT_IN.find("telephone-event", 48_000)
    assert event is not None
    assert (event.kind, event.offer_fmtp(8_000)) == (FormatKind.EVENT, "0-16")


def test_what_has_no_library_says_why_and_how_to_get_it() -> None:
    """MED-8, MED-9: what is missing is described, not offered, and refused by name."""
    assert [item.label for item in BUILT_IN if item.missing] == ["opus", "G722"]
    assert {"opus", "G722"}.isdisjoint(item.label for item in BUILT_IN.voices)
    with pytest.raises(
        CodecUnavailableError, match=r"opus is not available: .*libopus.*; install it with: apt"
    ):
        BUILT_IN.get("opus").encoder(EncoderSettings(48_000))
    with pytest.raises(CodecUnavailableError) as caught:
        g722_codec(None, Missing("no wheel for this machine", "build it")).decoder(16_000)
    assert (caught.value.codec, caught.value.reason) == ("G722", "no wheel for this machine")
    assert caught.value.install == "build it"


def test_voices_come_in_order_of_preference() -> None:
    """MED-19."""
    labels = [item.label for item in BUILT_IN.voices]
    assert labels[:2] == ["PCMU", "PCMA"]
    assert all(item.kind is FormatKind.VOICE for item in BUILT_IN.voices)


def test_two_formats_of_one_label_are_refused() -> None:
    """MED-7."""
    with pytest.raises(LocalProtocolError, match="same label"):
        CodecRegistry((noise_format(8_000), noise_format(8_000)))


def test_what_carries_no_voice_has_no_encoder_and_no_decoder() -> None:
    """MED-12, MED-13."""
    with pytest.raises(LocalProtocolError, match="no voice"):
        noise_format(16_000).encoder(SETTINGS)
    with pytest.raises(LocalProtocolError, match="no voice"):
        event_format(8_000).decoder(8_000)
    with pytest.raises(LocalProtocolError, match="no voice"):
        redundancy_format(8_000).encoder(SETTINGS)
    assert [noise_format(rate).payload_type for rate in (8_000, 16_000)] == [13, None]


def test_redundant_audio_names_the_codec_in_it() -> None:
    """MED-5: RFC 2198 §4; one copy behind each packet."""
    red = BUILT_IN.find("RED", 8_000)
    assert red is not None
    assert (red.kind, red.offer_fmtp(8_000)) == (FormatKind.REDUNDANCY, None)
    assert redundancy_format(8_000, 8).offer_fmtp(8_000) == "8/8"


def test_codecs_without_state_are_one_object_for_all_streams() -> None:
    """MED-26: and can do many at once; those with state cannot."""
    pcmu = BUILT_IN.get("PCMU")
    same: list[object] = [pcmu.encoder(SETTINGS), pcmu.decoder(8_000), pcmu.batch]
    assert all(each is PCMU for each in same)
    assert BUILT_IN.get("G722").batch is None
    for codec in (PCMU, PCMA):
        codec.expect_loss(0.5)
        assert codec.takes(1)
        assert codec.conceal(160) is None
        assert codec.recover(b"\0", 160) is None
    assert repr(PCMU) == "G711Codec(PCMU, payload_type=0)"


@pytest.mark.parametrize(
    ("name", "wanted", "ours"),
    [
        ("PCMU", 20, 20),
        ("PCMU", 5, 10),
        ("PCMU", 50, 40),
        ("PCMU", 1_000, 60),
        ("opus", 30, 20),
        ("opus", 60, 60),
        ("L16/16000", 60, 40),
        ("L16/44100", 20, 10),
        ("L16/44100/2", 20, 10),
    ],
)
def test_a_packet_is_the_longest_that_codec_and_path_allow(name: str, wanted: int, ours: int) -> None:
    """MED-19: L16 stays under what passes in one piece, Opus knows no 30 ms."""
    assert BUILT_IN.get(name).ptime_for(wanted) == ours


@pytest.mark.parametrize(
    ("name", "payload", "units"),
    [
        ("PCMU", 160, 160),
        ("G722", 160, 160),
        ("L16/16000", 640, 320),
        ("L16/44100/2", 1_764, 441),
        ("L16", 1, 0),
    ],
)
def test_a_payload_is_measured_in_timestamp_units(name: str, payload: int, units: int) -> None:
    """MED-5, MED-8: 20 ms of G.722 are 160 units and 320 samples."""
    assert BUILT_IN.get(name).measure(bytes(payload)) == units


@pytest.mark.parametrize(
    ("fmtp", "accepted"),
    [(None, True), ("", True), ("emphasis=50-15", False), ("Channel-Order=DV.L-R", False), ("x=1", True)],
)
def test_l16_with_another_meaning_of_samples_is_not_accepted(fmtp: str | None, accepted: bool) -> None:
    """MED-19: it would be heard as distortion."""
    assert BUILT_IN.get("L16/16000").accepts(fmtp) is accepted
    assert BUILT_IN.get("PCMU").accepts(fmtp)


def test_a_codec_works_at_the_rate_of_the_audio_if_it_can() -> None:
    """MED-18: else at its own, and somebody has to resample."""
    assert [BUILT_IN.get("opus").rate_for(rate) for rate in (8_000, 16_000, 32_000)] == [
        8_000,
        16_000,
        48_000,
    ]
    assert BUILT_IN.get("G722").rate_for(8_000) == 16_000
    assert BUILT_IN.get("PCMU").offer_fmtp(8_000) is None


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 1), (44_100, 1), (44_100, 2)])
def test_l16_is_samples_in_network_order(rate: int, channels: int) -> None:
    """MED-18: big endian; two channels say the same; any octets decode."""
    name = f"L16/{rate}/{channels}"
    encoder, decoder = BUILT_IN.get(name).encoder(EncoderSettings(rate)), BUILT_IN.get(name).decoder(rate)
    samples = np.array([0, 1, -1, 258, 32_767, -32_768], np.int16)
    payload = encoder.encode(samples)
    one = bytes.fromhex("0000 0001 ffff 0102 7fff 8000")
    assert payload == b"".join(one[at : at + 2] * channels for at in range(0, 12, 2))
    assert np.array_equal(decoder.decode(payload), samples)
    assert np.array_equal(decoder.decode(payload + b"\x01"), samples)
    assert decoder.decode(b"").shape == (0,)
    with pytest.raises(LocalProtocolError, match="L16 encodes int16"):
        encoder.encode(samples.astype(np.int32))


def test_two_channels_are_heard_as_their_mean() -> None:
    """MED-18."""
    decoder = BUILT_IN.get("L16/44100/2").decoder(44_100)
    assert decoder.decode(bytes.fromhex("0064 00c8 8000 7fff")).tolist() == [150, -1]


@pytest.mark.parametrize("name", ["PCMU", "PCMA", "L16/16000", "L16/44100/2"])
def test_rows_of_many_streams_are_coded_like_single_streams(name: str) -> None:
    """MED-26: straight into and out of packet rows."""
    codec = BUILT_IN.get(name)
    assert codec.batch is not None
    rows = np.random.default_rng(1).integers(-32768, 32767, (5, 160)).astype(np.int16)
    encoder, decoder = codec.encoder(EncoderSettings(codec.sample_rate)), codec.decoder(codec.sample_rate)
    size = len(encoder.encode(rows[0]))
    packets, decoded = np.zeros((5, 12 + size), np.uint8), np.empty((5, 160), np.int16)
    codec.batch.encode_into(rows, packets[:, 12:])
    codec.batch.decode_into(packets[:, 12:], decoded)
    for row, packet, samples in zip(rows, packets, decoded, strict=True):
        payload = packet[12:].tobytes()
        assert payload == encoder.encode(row)
        assert np.array_equal(samples, decoder.decode(payload))
