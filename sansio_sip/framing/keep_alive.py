"""CRLF keep-alives between the messages of a connection (RFC 5626 §3.5.1, §4.4.1)."""

from __future__ import annotations

__all__ = ["PING", "PONG", "KeepAlive"]

PING = b"\r\n\r\n"
"""What the client of a connection sends now and then."""

PONG = b"\r\n"
"""What the server answers to each ping."""


class KeepAlive:
    """Tells pings and pongs apart, whatever pieces they come in.

    A line end that comes while a ping of our own is open is its pong. Of the others each two are a
    ping of the peer; a single one before a message means nothing (RFC 3261 §7.5).

    Attributes:
        pings: Pings that came.
        pongs: Pongs that came.
    """

    __slots__ = ("_half", "_open", "_owed", "pings", "pongs")

    def __init__(self) -> None:
        self.pings = 0
        self.pongs = 0
        self._open = 0
        self._owed = 0
        self._half = False

    @property
    def awaits_pong(self) -> bool:
        """Whether a ping of our own has no pong yet; after 10 s the flow has failed (RFC 5626 §4.4.1)."""
        return self._open > 0

    def ping(self) -> bytes:
        """Return a ping to send, and expect its pong."""
        self._open += 1
        return PING

    def take_pongs(self) -> bytes:
        """Return the pongs that are owed, to be sent at once (RFC 5626 §5.4); empty when there are none."""
        owed, self._owed = self._owed, 0
        return PONG * owed

    def receive_line_ends(self, count: int) -> None:
        """Take ``count`` times CRLF from between messages."""
        pongs = min(count, self._open)
        self._open -= pongs
        self.pongs += pongs
        pings, half = divmod(count - pongs + self._half, 2)
        self.pings += pings
        self._owed += pings
        self._half = bool(half)

    def receive_message(self) -> None:
        """Note that a message came: a line end before it is not half of a ping."""
        self._half = False
