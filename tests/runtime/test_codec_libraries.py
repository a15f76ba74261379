"""The libraries behind the codecs: found or missed, checked against other implementations, and fuzzed."""

from __future__ import annotations

import ctypes
import gc
import importlib
import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp.audio import find_tone
from sansio_rtp.codec import CodecDescription, CodecRegistry, EncoderSettings, OpusSettings, opus_codec
from sansio_rtp.errors import CodecError
from trio_runtime.media.codecs import codecs_for, find_codecs
from trio_runtime.media.codecs.libopus import LIBRARY_NAMES, LibOpus, load_libopus
from trio_runtime.media.codecs.missing import LibraryMissingError
from trio_runtime.media.codecs.opus_ctypes import CtypesOpus
from trio_runtime.media.codecs.opus_pyav import PyAvOpus

Audio = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def codecs() -> CodecRegistry:
    return find_codecs()


@pytest.fixture(scope="module")
def opus(codecs: CodecRegistry) -> CodecDescription:
    return codecs.get("opus")


def sine(rate: int, seconds: float = 1.0, hz: float = 1000.0) -> Audio:
    return np.asarray(
        np.rint(8000 * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)), np.int16
    )


def speech(rate: int, seconds: float = 2.0) -> Audio:
    """Tones that glide, with noise: something for every part of a codec."""
    time = np.arange(int(rate * seconds)) / rate
    wave = 6000 * np.sin(2 * np.pi * 300 * time) + 4000 * np.sin(2 * np.pi * (500 + 400 * time) * time)
    noise = 1500 * np.random.default_rng(3).standard_normal(time.size)
    return np.asarray(np.clip(wave + noise, -32768, 32767), np.int16)


def voice(rate: int, seconds: float) -> Audio:
    """A vowel on a wandering pitch, with the rhythm of syllables."""
    time = np.arange(int(rate * seconds)) / rate
    pitch = 2 * np.pi * 140 * time + 19 * np.sin(2 * np.pi * 1.3 * time)
    wave = sum(np.sin(harmonic * pitch) / harmonic for harmonic in range(1, 20))
    return np.asarray(4000 * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)) * wave, np.float64).astype(np.int16)


def frames(samples: Audio, size: int) -> list[Audio]:
    return [samples[at : at + size] for at in range(0, samples.size - size + 1, size)]


def pyav_decoder(name: str, rate: int) -> Callable[[bytes], Audio]:
    context: Any = av.CodecContext.create(name, "r")
    context.sample_rate, context.layout = rate, "mono"
    return lambda payload: np.concatenate(
        [each.to_ndarray().ravel() for each in context.decode(av.Packet(payload))]
    )


def snr_db(signal: Audio, other: Audio) -> float:
    wave = signal.astype(np.float64)
    error = wave - other
    return float(10 * np.log10(float(wave @ wave) / max(float(error @ error), 1e-9)))


# Finding


def without(*names: str) -> Callable[[str], ModuleType]:
    def import_module(name: str) -> ModuleType:
        if name in names:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return importlib.import_module(name)

    return import_module


def no_opus() -> LibOpus:
    raise LibraryMissingError("the library libopus was not found")


def test_what_cannot_be_imported_says_why_and_how_to_get_it() -> None:
    """MED-8, MED-9, MED-19: absence is forced; the rest goes on."""
    found = find_codecs(without("G722", "av"), no_opus)
    g722, opus = found.get("G722").missing, found.get("opus").missing
    assert g722 is not None
    assert opus is not None
    assert (g722.reason, g722.install) == (
        "the package G722 is not installed",
        "pip install 'sansio-voip[g722]'",
    )
    assert opus.reason == "the library libopus was not found; No module named 'av'"
    assert "apt-get install libopus0" in opus.install
    assert [item.label for item in found.voices][:2] == ["PCMU", "PCMA"]


def test_a_broken_package_is_told_from_a_missing_one() -> None:
    """MED-8: another package of that name, or one that cannot be loaded."""

    def broken(name: str) -> ModuleType:
        if name == "G722":
            return ModuleType("G722")
        raise ImportError("libavcodec.so.61: cannot open shared object file")

    found = find_codecs(broken, no_opus)
    g722, opus = found.get("G722").missing, found.get("opus").missing
    assert g722 is not None
    assert opus is not None
    assert "is not the codec" in g722.reason
    assert "libavcodec.so.61" in opus.reason
    module = ModuleType("av")
    module.codecs_available = {"pcm_alaw"}  # type: ignore[attr-defined]
    with pytest.raises(LibraryMissingError, match="built without libopus"):
        PyAvOpus(module)


def test_pyav_stands_in_for_libopus() -> None:
    """MED-9: at its one rate."""
    opus = find_codecs(load_opus=no_opus).get("opus")
    assert (opus.missing, opus.sample_rates) == (None, (48_000,))


def test_libraries_are_not_looked_for_without_need() -> None:
    """MED-7: G.711 starts at once."""
    assert codecs_for(("PCMU", "l16/8000")).get("opus").missing is not None
    assert codecs_for(("nobody knows it",)).get("opus").missing is not None
    assert codecs_for(("PCMU", "opus")).get("opus").missing is None
    assert codecs_for(("opus",)) is codecs_for(("G722",))


def test_libopus_is_found_by_name_or_by_the_system() -> None:
    """MED-9: and everything that can be wrong with it is one kind of error."""
    loaded: list[str] = []

    def load_by_path(name: str) -> ctypes.CDLL:
        loaded.append(name)
        if name in LIBRARY_NAMES:
            raise OSError("not there")
        return ctypes.CDLL(LIBRARY_NAMES[0])

    assert load_libopus(load_by_path, lambda _: "/opt/lib/libopus.so").version.startswith("libopus")
    assert loaded == [*LIBRARY_NAMES, "/opt/lib/libopus.so"]

    def load_nothing(name: str) -> ctypes.CDLL:
        raise OSError("wrong ELF class")

    with pytest.raises(LibraryMissingError, match="not found"):
        load_libopus(load_nothing, lambda _: None)
    with pytest.raises(LibraryMissingError, match="cannot be loaded: wrong ELF class"):
        load_libopus(load_nothing, lambda _: "libopus.so.0")
    with pytest.raises(LibraryMissingError, match="lacks a function"):
        load_libopus(lambda _: ctypes.CDLL(None))


# G.722


@pytest.mark.parametrize("size", [160, 320, 480, 640, 960])
def test_g722_is_bit_exact_to_a_second_implementation(codecs: CodecRegistry, size: int) -> None:
    """MED-8: both ways, in packets of 10, 20, 30, 40 and 60 ms; the other one is that of FFmpeg."""
    codec = codecs.get("G722")
    encoder, decoder, second = (
        codec.encoder(EncoderSettings(16_000)),
        codec.decoder(16_000),
        pyav_decoder("g722", 16_000),
    )
    context: Any = av.CodecContext.create("g722", "w")
    context.sample_rate, context.layout, context.format = 16_000, "mono", "s16"
    context.open()
    ours = theirs = b""
    for index, frame in enumerate(frames(speech(16_000), size)):
        payload = encoder.encode(frame)
        ours += payload
        raw: Any = av.AudioFrame.from_ndarray(frame.reshape(1, -1), format="s16", layout="mono")
        raw.sample_rate, raw.pts = 16_000, index * size
        theirs += b"".join(bytes(packet) for packet in context.encode(raw))
        assert np.array_equal(decoder.decode(payload), second(payload))
    assert len(theirs) > 0.9 * len(ours)  # it keeps what does not fill its own frames
    assert ours.startswith(theirs)


def test_g722_decodes_any_octets_as_the_other_one_does(codecs: CodecRegistry) -> None:
    """MED-8: random codes drive both predictors to their limits."""
    decoder, second = codecs.get("G722").decoder(16_000), pyav_decoder("g722", 16_000)
    source = random.Random(7)
    for length in [0, 1, 2, 3, *(source.randrange(4, 400) for _ in range(200))]:
        payload = source.randbytes(length)
        samples = decoder.decode(payload)
        assert samples.dtype == np.int16
        assert samples.shape == (2 * length,)
        if payload:
            assert np.array_equal(samples, second(payload))


# Opus


@pytest.mark.parametrize("size", [480, 960, 1920, 2880])
def test_opus_decodes_as_the_reference_decoder_does(opus: CodecDescription, size: int) -> None:
    """MED-9: the other one is the libopus that PyAV brings along, another build and version.

    Opus is defined up to the rounding of its arithmetic (RFC 6716 §6): a step now and then.
    """
    encoder, decoder = opus.encoder(EncoderSettings(48_000, "useinbandfec=1")), opus.decoder(48_000)
    reference = pyav_decoder("libopus", 48_000)
    packets = [encoder.encode(frame) for frame in frames(speech(48_000), size)]
    assert {opus.measure(packet) for packet in packets} == {size}
    ours = np.concatenate([decoder.decode(packet) for packet in packets])
    theirs = np.concatenate([reference(packet) for packet in packets])
    assert np.abs(ours.astype(np.int32) - theirs).max() <= 1
    assert snr_db(ours, theirs) > 90


@pytest.mark.parametrize(
    "label", ["opus", "G722", "PCMU", "PCMA", "L16/8000", "L16/16000", "L16/44100", "L16/48000"]
)
def test_a_tone_keeps_its_purity(codecs: CodecRegistry, label: str) -> None:
    """MED-7, MED-8, MED-9: 1 kHz; 38 dB at least where the band is wide, 33 dB in G.711."""
    codec = codecs.get(label)
    for rate in codec.sample_rates:
        encoder, decoder = codec.encoder(EncoderSettings(rate, "useinbandfec=1")), codec.decoder(rate)
        packets = [encoder.encode(frame) for frame in frames(sine(rate), rate * codec.ptime_for(20) // 1000)]
        heard = np.concatenate([decoder.decode(packet) for packet in packets])[rate // 5 :]
        found = find_tone(heard, rate)
        assert abs(found.frequency_hz - 1000) < 1
        assert found.sndr_db >= (38 if rate >= 16_000 else 33), (rate, found)


def test_the_copy_in_the_next_packet_is_nearer_than_concealment(opus: CodecDescription) -> None:
    """MED-9, MED-15: every fourth packet is lost; FEC against PLC against silence."""
    rate, size = 16_000, 320
    encoder = opus.encoder(EncoderSettings(rate, "useinbandfec=1"))
    encoder.expect_loss(0.25)
    packets = [encoder.encode(frame) for frame in frames(voice(rate, 4), size)]
    whole, by_fec, by_plc = opus.decoder(rate), opus.decoder(rate), opus.decoder(rate)
    errors: dict[str, list[float]] = {"fec": [], "plc": [], "silence": []}
    for index, packet in enumerate(packets[:-1]):
        true = whole.decode(packet).astype(np.float64)
        if index % 4 != 3:
            by_fec.decode(packet)
            by_plc.decode(packet)
            continue
        recovered, concealed = by_fec.recover(packets[index + 1], size), by_plc.conceal(size)
        if recovered is None:  # what is no speech to the encoder is not copied
            by_fec.conceal(size)
            continue
        assert concealed is not None
        assert (recovered.size, concealed.size) == (size, size)
        for name, made in (("fec", recovered), ("plc", concealed), ("silence", np.zeros(size, np.int16))):
            errors[name].append(float(np.mean((true - made) ** 2)))
    assert len(errors["fec"]) > 20
    calm = opus.encoder(EncoderSettings(rate, "useinbandfec=1"))
    assert whole.recover(calm.encode(voice(rate, 0.02)), size) is None  # no loss was reported: no copy
    fec, plc, silence = (np.mean(errors[name][5:]) for name in ("fec", "plc", "silence"))
    assert fec < plc / 2 < silence / 2


@pytest.mark.parametrize(("loss", "least"), [(0.25, 20), (0.0, 0)])
def test_the_library_recovers_exactly_where_a_packet_says_that_it_holds_a_copy(
    loss: float, least: int
) -> None:
    """MED-9, MED-15: everywhere else it only conceals, which must not be counted as recovered."""
    library, rate, size = CtypesOpus(load_libopus()), 16_000, 320
    codec = opus_codec(library)
    encoder = codec.encoder(EncoderSettings(rate, "useinbandfec=1"))
    encoder.expect_loss(loss)
    packets = [encoder.encode(frame) for frame in frames(voice(rate, 3), size)]
    copies = 0
    for at in range(20, len(packets) - 1, 3):
        ours, by_library, concealing = codec.decoder(rate), library.decoder(rate), library.decoder(rate)
        for packet in packets[at - 5 : at]:
            for state in (by_library, concealing):
                state.decode(packet, size)
            ours.decode(packet)
        recovered = by_library.recover(packets[at + 1], size)
        assert recovered is not None
        differs = not np.array_equal(recovered, concealing.conceal(size))
        assert (ours.recover(packets[at + 1], size) is not None) is differs
        copies += differs
    assert copies >= least
    assert loss or not copies


def test_concealment_lasts_as_long_as_asked_and_fades(opus: CodecDescription) -> None:
    """MED-15: also longer than the 120 ms that the library makes at once, also of no whole step."""
    decoder = opus.decoder(16_000)
    encoder = opus.encoder(EncoderSettings(16_000))
    for frame in frames(sine(16_000, 0.2), 320):
        decoder.decode(encoder.encode(frame))
    made = decoder.conceal(16_001)
    assert made is not None
    assert made.size == 16_001
    assert np.abs(made[-1600:]).max() < 100 < np.abs(made[:320]).max()
    assert decoder.recover(encoder.encode(sine(16_000, 0.02)), 16_000) is None


def test_settings_reach_the_encoder(opus: CodecDescription) -> None:
    """MED-9: bit rate, constant rate, silence, bandwidth, as the peer's fmtp wants them."""
    sound = speech(48_000, 1)
    sizes = {}
    for fmtp in ("", "maxaveragebitrate=16000", "maxaveragebitrate=16000;cbr=1", "maxplaybackrate=8000"):
        encoder = opus.encoder(EncoderSettings(48_000, fmtp))
        packets = [encoder.encode(frame) for frame in frames(sound, 960)]
        sizes[fmtp] = packets
    average = {fmtp: sum(map(len, packets)) / len(packets) for fmtp, packets in sizes.items()}
    assert average["maxaveragebitrate=16000"] < average[""] / 2
    assert {len(packet) for packet in sizes["maxaveragebitrate=16000;cbr=1"]} == {40}
    assert all(
        packet[0] >> 3 in (0, 1, 2, 3, 16, 17, 18, 19) for packet in sizes["maxplaybackrate=8000"]
    )  # narrow band
    silent = opus.encoder(EncoderSettings(48_000, "usedtx=1"))
    sent = [silent.encode(np.zeros(960, np.int16)) for _ in range(100)]
    assert sum(not payload for payload in sent) > 70


@pytest.mark.parametrize("backend", ["ctypes", "pyav"])
def test_mutated_packets_give_samples_or_a_typed_error(backend: str) -> None:
    """MED-9: 2,000 of each kind of harm; the decoder stays usable and the process alive."""
    codec = opus_codec(CtypesOpus(load_libopus()) if backend == "ctypes" else PyAvOpus(av))
    encoder = codec.encoder(EncoderSettings(48_000, "useinbandfec=1"))
    good = [encoder.encode(frame) for frame in frames(speech(48_000, 1), 960)]
    source, decoder, refused = random.Random(11), codec.decoder(48_000), 0
    for _ in range(2_000 if backend == "ctypes" else 300):
        payload = _harm(source, source.choice(good))
        try:
            samples = decoder.decode(payload)
            assert samples.dtype == np.int16
            assert samples.ndim == 1
            assert samples.size <= 5760
            decoder.recover(payload, source.choice((120, 960, 2880)))
        except CodecError:
            refused += 1
    assert refused > 20
    assert decoder.decode(good[0]).size == 960


def _harm(source: random.Random, payload: bytes) -> bytes:
    match source.randrange(4):
        case 0:
            return source.randbytes(source.randrange(0, 1500))
        case 1:
            return payload[: source.randrange(len(payload))]
        case 2:
            return payload + source.randbytes(source.randrange(1, 40))
    octets = bytearray(payload)
    for _ in range(source.randrange(1, 6)):
        octets[source.randrange(len(octets))] = source.randrange(256)
    return bytes(octets)


def test_a_state_that_the_library_refuses_is_a_missing_library() -> None:
    """MED-9: no pointer to nothing is ever used."""
    library = CtypesOpus(load_libopus())
    for make in (library.encoder, library.decoder):
        with pytest.raises(LibraryMissingError, match="gives no state: invalid argument"):
            make(11_025)


def test_what_cannot_be_encoded_is_a_typed_error() -> None:
    """MED-9: a buffer too small for the frame; and states are freed with their streams."""
    encoder = CtypesOpus(load_libopus()).encoder(48_000)
    with pytest.raises(CodecError, match="cannot encode"):
        encoder.encode(np.zeros(961, np.int16), 100)
    other = PyAvOpus(av).encoder(48_000)
    with pytest.raises(CodecError, match="octets, not 1"):
        other.encode(speech(48_000, 0.02), 1)
    del encoder
    gc.collect()


def test_pyav_encodes_what_libopus_decodes(opus: CodecDescription) -> None:
    """MED-9: the fallback is the same codec; it opens anew for other settings and lengths."""
    state = PyAvOpus(av)
    encoder, decoder = (
        opus_codec(state).encoder(EncoderSettings(48_000, "useinbandfec=1;cbr=1")),
        opus.decoder(48_000),
    )
    sound = sine(48_000)
    heard = [decoder.decode(encoder.encode(frame)) for frame in frames(sound, 960)]
    encoder.expect_loss(0.2)
    heard += [decoder.decode(encoder.encode(frame)) for frame in frames(sound, 1920)]
    assert sum(piece.size for piece in heard) == 2 * sound.size
    assert find_tone(np.concatenate(heard)[9600:40_000], 48_000).sndr_db > 30
    fallback = state.decoder(48_000)
    assert fallback.conceal(960) is None  # type: ignore[func-returns-value]
    assert fallback.recover(b"", 960) is None  # type: ignore[func-returns-value]
    assert OpusSettings().bitrate == 28_000
