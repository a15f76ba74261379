"""What can be wrong with a capture file."""

from __future__ import annotations

from trio_runtime.base.errors import VoipError

__all__ = ["CaptureFileError"]


class CaptureFileError(VoipError):
    """A capture file cannot be opened, written or read; the text says which and where."""
