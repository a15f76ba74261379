"""A stream that two write to, each piece whole: the WebSocket library, and we with frames made beforehand."""

from __future__ import annotations

import trio

__all__ = ["SharedStream"]


class SharedStream(trio.abc.Stream):
    """Lets one piece go out after the other; all else is the stream's own.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._lock = trio.StrictFIFOLock()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send a piece, which must be whole frames."""
        async with self._lock:
            await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Wait for octets."""
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.aclose()
