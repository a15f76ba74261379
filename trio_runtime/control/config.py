"""What the API can be told: who is let in, and how much of everything there may be."""

from __future__ import annotations

from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.base.validation import between, flag, optional, part, text

__all__ = ["ApiConfig"]

_SHORTEST_TOKEN = 16


def _token(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    # Not the value: it is a secret.
    if (
        not isinstance(value, str)
        or len(value) < _SHORTEST_TOKEN
        or not (value.isascii() and value.isprintable())
    ):
        raise ConfigurationError(
            f"must be {_SHORTEST_TOKEN} printable characters of ASCII or more", field=attribute.name
        )


@attrs.frozen(kw_only=True)
class ApiConfig:
    """Who may use the API, and its limits.

    Attributes:
        token: Secret that every client has to know, 16 characters or more; never shown.
        tls: Certificate of the server; None listens without TLS, which is for loopback and closed networks.
        folder: Folder with the files that are played and recorded by clients, who reach nothing outside of
            it; None refuses all that names a file.
        hang_up_on_close: Whether the calls that a connection has made or answered end with it; else only
            those with ``owned``.
        ring_timeout: Seconds that a call which came in waits for a client to decide; then it gets 480.
        max_connections: Connections at one time; one more gets 503.
        max_unsigned: Connections at one time that have not signed in; one more is closed at once, so that
            strangers cannot take all places.
        max_message: Octets of a message from a client; a longer one ends its connection with 1009.
        commands_per_second: Commands of one connection that are taken in a second on the whole; above it
            they are answered with ``too_fast``, no faster than that.
        burst: Commands that may come at once where ``commands_per_second`` is kept on the whole.
        max_running: Commands of one connection that may be under way; one more gets ``limit``.
        max_jobs: Recordings, bridges and so on at one time, of all connections together.
        max_conferences: Conferences at one time.
        max_waiting_events: Events that may wait for a subscriber; who is further behind has lost the oldest,
            and is told how many.
        event_share: Share of the time of the program that sending events may take; above it events gather
            and go out together, so that calls are never slowed.
        login_timeout: Seconds in which a client has to sign in.
        send_timeout: Seconds in which a client has to take what is sent; then its connection is cut.
        ping_interval: Seconds after which a client is asked whether it is alive; it has as long to answer.
    """

    token: str = attrs.field(repr=False, validator=_token)
    tls: TlsConfig | None = attrs.field(default=None, validator=optional(part(TlsConfig)))
    folder: str | None = attrs.field(default=None, validator=optional(text))
    hang_up_on_close: bool = attrs.field(default=False, validator=flag)
    ring_timeout: float = attrs.field(default=60.0, validator=between(1, 600, " s"))
    max_connections: int = attrs.field(default=2_000, validator=between(1))
    max_unsigned: int = attrs.field(default=200, validator=between(1))
    max_message: int = attrs.field(default=65_536, validator=between(1_024))
    commands_per_second: float = attrs.field(default=50.0, validator=between(0.1))
    burst: int = attrs.field(default=100, validator=between(1))
    max_running: int = attrs.field(default=100, validator=between(1))
    max_jobs: int = attrs.field(default=10_000, validator=between(1))
    max_conferences: int = attrs.field(default=100, validator=between(1))
    max_waiting_events: int = attrs.field(default=1_000, validator=between(1))
    event_share: float = attrs.field(default=0.2, validator=between(0.01, 0.9))
    login_timeout: float = attrs.field(default=5.0, validator=between(0.1, 600, " s"))
    send_timeout: float = attrs.field(default=10.0, validator=between(0.1, 600, " s"))
    ping_interval: float = attrs.field(default=30.0, validator=between(1, 3_600, " s"))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        if self.tls is not None and self.tls.certificate is None:
            raise ConfigurationError("a server needs a certificate", field="tls")
