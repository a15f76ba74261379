"""What makes an agent a presence server, out of the coordinator's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.subscribe import DIALOG, MESSAGE_SUMMARY, PRESENCE, REG, CompositorConfig
from trio_runtime.dialog.serving import changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sansio_sip.agent import AgentConfig
    from trio_runtime.base.presence_config import PresenceConfig

__all__ = ["presence_settings"]

_PACKAGES = {package.name: package for package in (PRESENCE, DIALOG, MESSAGE_SUMMARY, REG)}


def presence_settings(config: PresenceConfig, domains: Iterable[str]) -> Callable[[AgentConfig], AgentConfig]:
    """Return what changes the configuration of an agent.

    Args:
        config: What is told, and to whom.
        domains: Hosts whose users are served, in lower case; none for all.
    """
    packages = tuple([_PACKAGES[name] for name in config.packages])
    published = tuple([package for package in packages if package is not REG])
    compositor = None
    if config.publish and published:
        compositor = CompositorConfig(
            packages=published, domains=frozenset(domains), max_publications=config.max_publications
        )

    def adapt(settings: AgentConfig) -> AgentConfig:
        return changed(
            settings,
            event_packages=(*settings.event_packages, *packages),
            max_subscriptions=config.max_subscriptions,
            compositor=compositor,
            notify_published=False,
        )

    return adapt
