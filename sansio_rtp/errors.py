"""Errors of `sansio_rtp`: one tree, so that a caller can catch what it is able to handle."""

from __future__ import annotations


class ProtocolError(Exception):
    """Base of every error that this package raises on purpose."""


class LocalProtocolError(ProtocolError):
    """The caller asked for something that is not allowed now; nothing was changed."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that breaks a rule."""


class PacketError(RemoteProtocolError):
    """Bytes are not a valid RTP, RTCP or telephone-event packet.

    Attributes:
        rule: The rule that was broken, in words.
        position: Offset of the offending octet in the datagram.
        error_class: `truncated`, `version`, `padding` or `format`, for counters.
    """

    def __init__(self, rule: str, position: int = 0, *, error_class: str = "format") -> None:
        """Remember the broken `rule`, the octet `position` where it shows and the `error_class`."""
        super().__init__(rule, position)
        self.rule = rule
        self.position = position
        self.error_class = error_class

    def __str__(self) -> str:
        """Return the rule and the position in one line."""
        return f"{self.rule} (octet {self.position})"


class AudioFormatError(ProtocolError):
    """Audio data (a WAV file, a frame) has a format that cannot be read; the text is one clear line."""
