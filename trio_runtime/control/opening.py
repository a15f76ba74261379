"""Opening the API of a coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.control.config import ApiConfig
from trio_runtime.control.server import ApiServer

if TYPE_CHECKING:
    from typing import Any

    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["open_api"]


def open_api(
    phone: SessionCoordinator,
    host: str = "127.0.0.1",
    port: int = 8_088,
    *,
    token: str = "",
    config: ApiConfig | None = None,
    **options: Any,
) -> ApiServer:
    """Return the WebSocket API of a coordinator; it runs while its ``async with`` block lasts (SRV-9).

    Give its `ApiServer.take` to `SessionCoordinator.serve`, so that clients hear of calls that come in.

    Args:
        phone: The coordinator, open already.
        host: Address to listen on. Without TLS it should be one that nobody can listen in to.
        port: Port to listen on, 0 for any free one.
        token: Secret that every client has to know, 16 characters or more.
        config: The whole configuration; the other arguments replace fields of it.
        options: Fields of `ApiConfig`.

    Raises:
        ConfigurationError: A value cannot be used, or there is no such field.
    """
    known = {field.name for field in attrs.fields(ApiConfig)}
    for name in options:
        if name not in known:
            raise ConfigurationError("there is no such field", field=name)
    if token or config is None:
        options["token"] = token
    settings = ApiConfig(**options) if config is None else attrs.evolve(config, **options)
    return ApiServer(phone, settings, (host, port))
