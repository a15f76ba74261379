"""RTP, RTCP, codecs and audio as pure code: bytes and numbers in, bytes and events out."""

from .errors import AudioFormatError, LocalProtocolError, PacketError, ProtocolError, RemoteProtocolError
from .ids import RtpIds
from .jitter import JitterConfig
from .machine import Address, Component, Transmit
from .session import RtpSession, RtpSessionConfig, RtpStatistics

__all__ = [
    "Address",
    "AudioFormatError",
    "Component",
    "JitterConfig",
    "LocalProtocolError",
    "PacketError",
    "ProtocolError",
    "RemoteProtocolError",
    "RtpIds",
    "RtpSession",
    "RtpSessionConfig",
    "RtpStatistics",
    "Transmit",
]
