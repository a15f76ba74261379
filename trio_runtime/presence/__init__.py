"""A presence server: who watches whom, and what is to be seen."""

from trio_runtime.presence.server import PresenceServer
from trio_runtime.presence.types import PresenceStatistics, UserPresence, Watcher

__all__ = ["PresenceServer", "PresenceStatistics", "UserPresence", "Watcher"]
