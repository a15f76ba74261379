"""A stream that two write to, each piece whole: the WebSocket library, and we with frames made beforehand."""

from __future__ import annotations

import os

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
        self._rest = b""
        self._cut = False
        # A task that is woken to send costs ten times what the sending does. The descriptor of a plain socket
        # of Trio never blocks; on Windows it is none of the file system's.
        plain = isinstance(stream, trio.SocketStream) and os.name == "posix"
        self._socket = stream.socket if plain and isinstance(stream, trio.SocketStream) else None

    @property
    def idle(self) -> bool:
        """Whether `send_now` can be used: the stream is a plain socket, and nothing is on its way."""
        return self._socket is not None and not (self._rest or self._cut or self._lock.locked())

    def send_now(self, data: bytes) -> bool:
        """Send a piece without waiting, while `idle`; return False when something is left for `send_all`.

        What is left goes out before all else; a fault of the connection shows there, too.
        """
        try:
            sent = os.write(-1 if self._socket is None else self._socket.fileno(), data)
        except OSError:
            sent = 0
        self._rest = data[sent:]
        return not self._rest

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send a piece, which must be whole frames, behind what `send_now` has left.

        Raises:
            BrokenResourceError: The connection is gone, or a piece before was given up in the middle.
        """
        async with self._lock:
            if self._cut:
                raise trio.BrokenResourceError("half a frame was sent")
            self._cut = True
            if self._rest:
                rest, self._rest = self._rest, b""
                await self._stream.send_all(rest)
            await self._stream.send_all(data)
            self._cut = False

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Wait for octets."""
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.aclose()
