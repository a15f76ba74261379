"""The media side of a coordinator, as its configuration wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trio_runtime.dialog import WILDCARDS, reachable_host
from trio_runtime.media import MediaManager, NoMedia

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.media import MediaEvent
    from trio_runtime.observe.capture import Capture

__all__ = ["open_media"]


def open_media(
    environment: Environment,
    config: CoordinatorConfig,
    host: str,
    on_event: Callable[[str, MediaEvent], None],
    capture: Capture | None,
    *,
    fixed: bool,
) -> MediaManager | NoMedia:
    """Return what has the media of calls.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        host: Our address in messages.
        on_event: Takes what the media of a session tells.
        capture: Takes what passes the sockets, or ``None``.
        fixed: Whether the address is that of a NAT, which is the same for every peer.

    Raises:
        ConfigurationError: A codec cannot be had.
    """
    guess = None
    if not fixed and config.advertised_host is None and config.bind_host in WILDCARDS:
        guess = _guesses(environment)
    if config.no_media:
        random_bytes = environment.random_bytes
        return NoMedia(config.media, advertised_host=host, random_bytes=random_bytes, guess=guess)
    return MediaManager(
        environment,
        config.media,
        advertised_host=host,
        bind_host=config.bind_host if guess is None else None,
        guess=guess,
        on_event=on_event,
        capture=capture if capture is not None and capture.config.media else None,
    )


def _guesses(environment: Environment) -> Callable[[bool], str]:
    """Return what gives an address of ours for media of a family."""

    def guess(six: bool) -> str:
        return reachable_host(environment, "::" if six else "0.0.0.0")

    return guess
