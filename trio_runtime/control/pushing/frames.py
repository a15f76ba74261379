"""A WebSocket frame of a server, which is the same for every client (RFC 6455 §5.2)."""

from __future__ import annotations

__all__ = ["text_frame"]

_FINAL_TEXT = 0x81


def text_frame(text: str) -> bytes:
    """Return a whole text message as the octets of one frame; those of a server are not masked."""
    data = text.encode("utf-8")
    size = len(data)
    if size < 126:
        return bytes((_FINAL_TEXT, size)) + data
    if size < 65_536:
        return bytes((_FINAL_TEXT, 126)) + size.to_bytes(2, "big") + data
    return bytes((_FINAL_TEXT, 127)) + size.to_bytes(8, "big") + data
