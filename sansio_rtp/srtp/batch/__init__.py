"""SRTP for many streams at once, with their state in arrays."""

from .receiver import SrtpReceiverBatch
from .sender import SrtpSenderBatch

__all__ = ["SrtpReceiverBatch", "SrtpSenderBatch"]
