"""Audio as int16 numpy arrays: files, tones, levels, mixing, resampling, concealment."""

from .dynamics import AutomaticGain, LevelMeter, NoiseGate, VoiceDetector, dbov_rows
from .echo_canceller import EchoCanceller
from .fade import cross_fade, fade_in, fade_out
from .level import dbm0_amplitude, dbov, peak, rms, trim_silence
from .mix import mix, mix_minus_self, saturate, soft_limit, to_mono, to_stereo
from .mixer import ConferenceMixer
from .plc import Concealer, ConcealerBank
from .resample import Resampler
from .resample_bank import ResamplerBank
from .signals import beep, dtmf_digits, sweep
from .spectrum import ToneMeasurement, find_tone
from .stretch import TimeStretcher
from .tone_plans import TONE_PLANS, TonePlan
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
    "TONE_PLANS",
    "AutomaticGain",
    "Concealer",
    "ConcealerBank",
    "ConferenceMixer",
    "EchoCanceller",
    "LevelMeter",
    "NoiseGate",
    "Resampler",
    "ResamplerBank",
    "TimeStretcher",
    "Tone",
    "ToneMeasurement",
    "TonePlan",
    "ToneSource",
    "VoiceDetector",
    "WavEncoding",
    "WavFormat",
    "WavReader",
    "WavWriter",
    "beep",
    "cross_fade",
    "dbm0_amplitude",
    "dbov",
    "dbov_rows",
    "dtmf_digits",
    "dtmf_tone",
    "fade_in",
    "fade_out",
    "find_tone",
    "mix",
    "mix_minus_self",
    "peak",
    "rms",
    "saturate",
    "sine",
    "soft_limit",
    "sweep",
    "to_mono",
    "to_stereo",
    "trim_silence",
]
