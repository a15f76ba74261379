"""When something last happened on a connection, and what is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trio_runtime.base.flow_config import FlowConfig

__all__ = ["FlowActivity"]


class FlowActivity:
    """The clocks of one connection; a sweep over all of them asks what is overdue.

    Args:
        config: Timeouts.
        now: Current time in seconds.
        opened_here: Whether we are the side that connected: that one sends keep-alives.

    Attributes:
        ping_interval: Seconds of quiet after which a keep-alive is sent; ``None`` for never.
    """

    # fmt: off
    __slots__ = ("_begun", "_config", "_has_ponged", "_last", "_message", "_opened_here", "_pinged", "_start",
                 "ping_interval")
    # fmt: on

    def __init__(self, config: FlowConfig, now: float, *, opened_here: bool) -> None:
        self._config = config
        self.ping_interval = config.keep_alive
        self._opened_here = opened_here
        self._start = self._last = now
        self._begun: float | None = None  # since when a message is incomplete
        self._pinged: float | None = None
        self._has_ponged = False
        self._message = False

    def count_on(self, interval: float) -> None:
        """Send keep-alives this often, the first of which has to be answered: the peer has promised that."""
        self.ping_interval, self._has_ponged = interval, True

    def sent(self, now: float) -> None:
        """Note that packets have gone out."""
        self._last = now

    def heard(self, now: float, *, pending: bool, ponged: bool) -> None:
        """Note that octets have come.

        Args:
            now: Current time in seconds.
            pending: Whether the end of a message is still missing.
            ponged: Whether a keep-alive was answered.
        """
        self._last = now
        self._begun = (self._begun or now) if pending else None
        if ponged:
            self._pinged, self._has_ponged = None, True

    def message_came(self) -> None:
        """Note that a whole message has come."""
        self._message, self._begun = True, None

    def pinged(self, now: float) -> None:
        """Note that a keep-alive was sent."""
        self._pinged = now

    def overdue(self, now: float) -> str:
        """Return why the connection has to end, empty when it may stay."""
        config = self._config
        if not self._message and not self._opened_here and now - self._start >= config.silent_timeout:
            return "no message came"
        if self._begun is not None and now - self._begun >= config.message_timeout:
            return "the rest of a message did not come"
        if self._has_ponged and self._pinged is not None and now - self._pinged >= config.pong_timeout:
            return "a keep-alive was not answered"
        if now - self._last >= config.idle_timeout:
            return "it was idle"
        return ""

    def ping_is_due(self, now: float) -> bool:
        """Return whether it is time for a keep-alive."""
        interval = self.ping_interval
        if interval is None or not self._opened_here:
            return False
        return now - max(self._last, self._pinged or self._last) >= interval
