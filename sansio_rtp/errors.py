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


class CodecError(RemoteProtocolError):
    """A payload is none of its codec; the text says which codec and what is wrong."""


class CodecUnavailableError(LocalProtocolError):
    """A codec is known, but what it needs is not installed.

    Attributes:
        codec: The codec.
        reason: What is missing.
        install: How to get it, in one line.
    """

    def __init__(self, codec: str, reason: str, install: str) -> None:
        """Remember which `codec` cannot be had, the `reason`, and how to `install` what is missing."""
        super().__init__(codec, reason, install)
        self.codec, self.reason, self.install = codec, reason, install

    def __str__(self) -> str:
        """Return all three in one line."""
        return f"{self.codec} is not available: {self.reason}; install it with: {self.install}"
