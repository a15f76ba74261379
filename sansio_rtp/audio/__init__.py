"""Audio as int16 numpy arrays: files, tones, levels, mixing, resampling, concealment."""

from .level import dbm0_amplitude, dbov, peak, rms, trim_silence
from .mix import mix, mix_minus_self, saturate, to_mono, to_stereo
from .plc import Concealer, ConcealerBank
from .resample import Resampler
from .spectrum import ToneMeasurement, find_tone
from .stretch import TimeStretcher
from .tones import (
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
from .wav_format import WavEncoding, WavFormat
from .wav_reader import WavReader
from .wav_writer import WavWriter

__all__ = [
    "BUSY_TONE",
    "CONGESTION_TONE",
    "DIAL_TONE",
    "RINGBACK_TONE",
    "SILENCE",
    "Concealer",
    "ConcealerBank",
    "Resampler",
    "TimeStretcher",
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
