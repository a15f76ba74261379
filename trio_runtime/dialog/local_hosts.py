"""Our own address towards each peer, as the routes of the machine have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import NetworkError

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment

__all__ = ["WILDCARDS", "LocalHosts", "reachable_host"]

WILDCARDS = ("0.0.0.0", "::", "")
_SOMEWHERE = {False: "192.0.2.1", True: "2001:db8::1"}  # RFC 5737, RFC 3849: asks for a route, sends nothing
_LOOPBACK = {False: "127.0.0.1", True: "::1"}
_MAX_HOSTS = 1_024
_KEPT_S = 60.0  # routes change, as when a laptop moves


class LocalHosts:
    """Asks the routing table, and remembers for a while.

    Args:
        environment: Clock and network.
        families: Whether IPv6, for each family that we have listeners for all interfaces of.

    Attributes:
        families: The same, each once.
    """

    def __init__(self, environment: Environment, families: Iterable[bool] = ()) -> None:
        self.families = tuple(dict.fromkeys(families))
        self._network = environment.network
        self._now = environment.clock.now
        self._known: dict[str, tuple[str, float]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def forget(self) -> None:
        """Ask anew for every host: the routes have changed."""
        self._known.clear()

    def usual(self) -> dict[bool, str]:
        """Return our address towards the rest of the world, for each family that has a way there."""
        found: dict[bool, str] = {}
        for six in self.families:
            try:
                found[six] = self._network.local_host_for(_SOMEWHERE[six])
            except NetworkError:
                continue
        return found

    def __call__(self, remote_host: str) -> str:
        """Return the own address, empty when there is no way to the host."""
        found, until = self._known.get(remote_host, ("", 0.0))
        now = self._now()
        if until > now:
            return found
        try:
            found = self._network.local_host_for(remote_host)
        except NetworkError:
            found = ""
        self._known.pop(remote_host, None)
        if len(self._known) >= _MAX_HOSTS:
            del self._known[next(iter(self._known))]
        self._known[remote_host] = (found, now + _KEPT_S)
        return "" if found in WILDCARDS else found


def reachable_host(environment: Environment, host: str) -> str:
    """Return an address for messages: a wildcard address must never reach one."""
    if host not in WILDCARDS:
        return host
    six = host == "::"
    try:
        found = environment.network.local_host_for(_SOMEWHERE[six])
    except NetworkError:
        found = host
    return _LOOPBACK[six] if found in WILDCARDS else found  # no network but the loopback one
