"""Limits of connections."""

from __future__ import annotations

import attrs

from trio_runtime.base.validation import any_of, between, matching, optional

__all__ = ["FlowConfig"]

_path = matching(r"/[!-~]*", "a path such as /ws")
_origins = any_of(matching(r"https?://[^\s/@?#]+", "an origin such as https://example.com"))


@attrs.frozen(kw_only=True)
class FlowConfig:
    """How many connections there may be, for how long, and what a slow or silent peer may cost.

    Attributes:
        max_flows: Connections at once, both ways; one more is refused.
        max_flows_per_source: Connections at once that one address (IPv6: one /64) has opened; one more is
            refused.
        max_queued: Octets that wait for one peer to read them; more closes its connection. Half as many stop
            us from reading more of its requests.
        max_malformed: Messages of one connection that cannot be read; one more closes it.
        connect_timeout: Seconds to open a connection, its TLS and WebSocket handshakes included.
        silent_timeout: Seconds within which who connects has to send a whole message.
        message_timeout: Seconds within which a message that has begun has to be there.
        send_timeout: Seconds within which a peer has to take what is sent to it.
        idle_timeout: Seconds without anything in either direction after which a connection is closed.
        keep_alive: Seconds between keep-alives on connections that we opened; None sends none. A peer that
            has answered one has to answer each within ``pong_timeout``.
        datagram_keep_alive: Seconds between STUN keep-alives over UDP to the outbound proxy; None sends none.
        pong_timeout: Seconds to wait for the answer to a keep-alive.
        websocket_path: Path that a WebSocket is opened at, such as ``/ws``, and then the only one that our
            listeners have. None opens ``/`` and takes every path.
        websocket_origins: Origins whose pages may connect to our listeners, such as ``https://example.com``;
            other pages are refused, programs that are no browsers are not. Empty takes all.
    """

    max_flows: int = attrs.field(default=10_000, validator=between(1))
    max_flows_per_source: int = attrs.field(default=1_000, validator=between(1))
    max_queued: int = attrs.field(default=1024 * 1024, validator=between(1_024))
    max_malformed: int = attrs.field(default=10, validator=between(0))
    connect_timeout: float = attrs.field(default=8.0, validator=between(0.01, 32, " s"))
    silent_timeout: float = attrs.field(default=30.0, validator=between(0.1, 3_600, " s"))
    message_timeout: float = attrs.field(default=30.0, validator=between(0.1, 3_600, " s"))
    send_timeout: float = attrs.field(default=20.0, validator=between(0.1, 3_600, " s"))
    idle_timeout: float = attrs.field(default=3_600.0, validator=between(1, unit=" s"))
    keep_alive: float | None = attrs.field(default=110.0, validator=optional(between(1, unit=" s")))
    datagram_keep_alive: float | None = attrs.field(default=None, validator=optional(between(1, unit=" s")))
    pong_timeout: float = attrs.field(default=10.0, validator=between(0.1, 3_600, " s"))
    websocket_path: str | None = attrs.field(default=None, validator=optional(_path))
    websocket_origins: tuple[str, ...] = attrs.field(default=(), validator=_origins)
