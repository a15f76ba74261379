"""Audio as int16 numpy arrays: files, tones, levels, mixing, resampling, concealment."""

from sansio_rtp.audio.level import dbm0_amplitude, dbov, peak, rms, trim_silence
from sansio_rtp.audio.mix import mix, mix_minus_self, saturate, to_mono, to_stereo
from sansio_rtp.audio.plc import Concealer
from sansio_rtp.audio.resample import Resampler
from sansio_rtp.audio.spectrum import ToneMeasurement, find_tone
from sansio_rtp.audio.tones import (
    BUSY_TONE,
    CONGESTION_TONE,
    DIAL_TONE,
    RINGBACK_TONE,
    SILENCE,
    Tone,
    ToneSource,
    dtmf_tone,
    sine,
)
from sansio_rtp.audio.wav_format import WavEncoding, WavFormat
from sansio_rtp.audio.wav_reader import WavReader
from sansio_rtp.audio.wav_writer import WavWriter

__all__ = [
    "BUSY_TONE",
    "CONGESTION_TONE",
    "DIAL_TONE",
    "RINGBACK_TONE",
    "SILENCE",
    "Concealer",
    "Resampler",
    "Tone",
    "ToneMeasurement",
    "ToneSource",
    "WavEncoding",
    "WavFormat",
    "WavReader",
    "WavWriter",
    "dbm0_amplitude",
    "dbov",
    "dtmf_tone",
    "find_tone",
    "mix",
    "mix_minus_self",
    "peak",
    "rms",
    "saturate",
    "sine",
    "to_mono",
    "to_stereo",
    "trim_silence",
]
