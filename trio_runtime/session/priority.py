"""How urgent a call is, by what its caller says, where that one may say so (SES-27)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from sansio_sip.errors import ProtocolError
from sansio_sip.headers import ResourcePriority
from trio_runtime.base.priority import CallPriority

if TYPE_CHECKING:
    from trio_runtime.session.headers import CallHeaders

__all__ = ["PriorityRule", "stated_priority"]

_BY_WORD = {
    "emergency": CallPriority.EMERGENCY,
    "urgent": CallPriority.HIGH,
    "normal": CallPriority.NORMAL,
    "non-urgent": CallPriority.LOW,
}
# Those who may use these at all have something more urgent to say than others (RFC 4412 §10, RFC 7135).
_NEVER_BELOW = {"ets": CallPriority.HIGH, "wps": CallPriority.HIGH, "esnet": CallPriority.EMERGENCY}
_EMERGENCY_RANK = 3


def stated_priority(headers: CallHeaders) -> CallPriority:
    """Return what Resource-Priority (RFC 4412) and Priority (RFC 3261 §20.26) say, the most urgent of it.

    What is not known, or cannot be read, says nothing; a call of which nothing is said is normal.
    """
    stated = [_of_resource(part) for text in headers.get_all("Resource-Priority") for part in text.split(",")]
    word = _BY_WORD.get(headers.get("Priority", "").strip().lower())
    said = [each for each in (*stated, word) if each is not None]
    return max(said, default=CallPriority.NORMAL)


def _of_resource(text: str) -> CallPriority | None:
    try:
        resource = ResourcePriority.parse(text.strip())
    except ProtocolError:
        return None
    least = _NEVER_BELOW.get(resource.namespace)
    rank = resource.rank
    if rank is None:
        return least
    by_rank = (
        CallPriority.EMERGENCY if rank >= _EMERGENCY_RANK else CallPriority(CallPriority.NORMAL + (rank > 0))
    )
    return by_rank if least is None else max(by_rank, least)


class PriorityRule:
    """Believes what some peers say of how urgent their calls are, and nobody else.

    Args:
        networks: Addresses and networks of those peers.
    """

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in networks]

    def __call__(self, host: str, headers: CallHeaders) -> CallPriority:
        """Return how urgent a call is that came from a host."""
        if not self._networks:
            return CallPriority.NORMAL
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return CallPriority.NORMAL
        trusted = any(address in network for network in self._networks)
        return stated_priority(headers) if trusted else CallPriority.NORMAL
