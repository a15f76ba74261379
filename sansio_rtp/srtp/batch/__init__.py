"""SRTP for many streams at once, with their state in arrays."""

from .receiver import SrtpReceiverBatch
from .sender import SrtpSenderBatch
from .table import ContextT, ContextTable

__all__ = ["ContextT", "ContextTable", "SrtpReceiverBatch", "SrtpSenderBatch"]
