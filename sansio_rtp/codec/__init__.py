"""Audio codecs: int16 samples to RTP payloads and back."""

from .builtin import event_format, noise_format, redundancy_format
from .codec import BatchCodec, Decoder, Encoder
from .comfort_noise import ComfortNoise, parse_comfort_noise
from .description import PTIMES, CodecDescription, EncoderSettings, FormatKind, Missing
from .g711 import PCMA, PCMU, TABLES, G711Codec
from .g722 import NO_G722, G722Backend, G722State, g722_codec
from .l16 import L16Codec
from .noise import NoiseGenerator, measure_noise
from .opus import NO_OPUS, OPUS_RATES, opus_codec
from .opus_backend import OpusBackend, OpusDecoderState, OpusEncoderState
from .opus_settings import OpusSettings
from .registry import BUILT_IN, CodecRegistry, complete_registry

__all__ = [
    "BUILT_IN",
    "NO_G722",
    "NO_OPUS",
    "OPUS_RATES",
    "PCMA",
    "PCMU",
    "PTIMES",
    "TABLES",
    "BatchCodec",
    "CodecDescription",
    "CodecRegistry",
    "ComfortNoise",
    "Decoder",
    "Encoder",
    "EncoderSettings",
    "FormatKind",
    "G711Codec",
    "G722Backend",
    "G722State",
    "L16Codec",
    "Missing",
    "NoiseGenerator",
    "OpusBackend",
    "OpusDecoderState",
    "OpusEncoderState",
    "OpusSettings",
    "complete_registry",
    "event_format",
    "g722_codec",
    "measure_noise",
    "noise_format",
    "opus_codec",
    "parse_comfort_noise",
    "redundancy_format",
]
