"""Audio codecs: int16 samples to RTP payloads and back."""

from .codec import Codec
from .g711 import PCMA, PCMU, G711Codec
from .registry import CODECS, get_codec, get_static_codec

__all__ = ["CODECS", "PCMA", "PCMU", "Codec", "G711Codec", "get_codec", "get_static_codec"]
