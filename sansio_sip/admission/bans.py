"""Sources that send nothing but what is malformed or unauthorised are not read for a while."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import attrs

from .sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..machine import Endpoint
    from .config import AdmissionConfig
    from .sources import Sources
    from .statistics import AdmissionCounters

__all__ = ["Bans"]

_PORTS = 5
"""How many times the faults of one port a whole host may have: many phones may stand behind one address."""


@attrs.define
class _Faults:
    malformed: int = 0
    unauthorised: int = 0
    last: float = 0.0


class Bans:
    """Counts the faults of sources in a row, and bans.

    Both a port of a host and the host as a whole can be banned. A ban drops what may be forged: so nobody is
    banned from whom calls are running, and what a ban drops is not answered.

    Args:
        config: Limits.
        counters: Where it counts.
        sources: Knows from where calls are running.
        is_trusted: Whether a host is never banned.
    """

    __slots__ = ("_config", "_counters", "_faults", "_is_trusted", "_sources", "_until")

    def __init__(
        self,
        config: AdmissionConfig,
        counters: AdmissionCounters,
        sources: Sources,
        is_trusted: Callable[[str], bool],
    ) -> None:
        self._config = config
        self._counters = counters
        self._sources = sources
        self._is_trusted = is_trusted
        self._faults: OrderedDict[Hashable, _Faults] = OrderedDict()
        self._until: OrderedDict[Hashable, float] = OrderedDict()

    @property
    def banned(self) -> int:
        """How many are banned."""
        return len(self._until)

    @property
    def suspects(self) -> int:
        """How many have faults."""
        return len(self._faults)

    def holds(self, source: Endpoint, now: float) -> bool:
        """Return whether what comes from a source is not read."""
        if not self._until:
            return False
        return any(self._is_banned(key, now) for key in _keys(source))

    def _is_banned(self, key: Hashable, now: float) -> bool:
        until = self._until.get(key)
        if until is None:
            return False
        if until > now:
            return True
        del self._until[key]
        return False

    def malformed(self, source: Endpoint, now: float) -> None:
        """Take note of what could not be read."""
        self._fault(source, now, malformed=1, unauthorised=0)

    def unauthorised(self, source: Endpoint, now: float) -> None:
        """Take note of a request without good credentials, or of a scanner's."""
        self._fault(source, now, malformed=0, unauthorised=1)

    def well_formed(self, source: Endpoint) -> None:
        """Take note that a source can speak SIP."""
        if self._faults:
            for key in _keys(source):
                faults = self._faults.get(key)
                if faults is not None:
                    faults.malformed = 0

    def welcome(self, source: Endpoint) -> None:
        """Take note that somebody is known here."""
        if self._faults:
            for key in _keys(source):
                self._faults.pop(key, None)

    def _fault(self, source: Endpoint, now: float, *, malformed: int, unauthorised: int) -> None:
        limit = self._config.ban_after
        if not limit or self._is_trusted(source.host):
            return
        for key, factor in zip(_keys(source), (1, _PORTS), strict=True):
            faults = self._faults_of(key, now)
            faults.malformed += malformed
            faults.unauthorised += unauthorised
            enough = faults.malformed + faults.unauthorised >= limit * factor
            if enough and not self._sources.calls_of(key):
                self._ban(key, now)

    def _faults_of(self, key: Hashable, now: float) -> _Faults:
        faults = self._faults.pop(key, None)
        if faults is None or now - faults.last > self._config.ban_time:
            faults = _Faults()
        if len(self._faults) >= 2 * self._config.max_sources:
            self._faults.popitem(last=False)
            self._counters.sources_forgotten += 1
        faults.last = now
        self._faults[key] = faults
        return faults

    def _ban(self, key: Hashable, now: float) -> None:
        self._faults.pop(key, None)
        self._until.pop(key, None)
        if len(self._until) >= self._config.max_sources:
            self._until.popitem(last=False)
            self._counters.sources_forgotten += 1
        self._until[key] = now + self._config.ban_time
        self._counters.bans += 1


def _keys(source: Endpoint) -> tuple[Hashable, Hashable]:
    return (source.host, source.port), source_of(source.host)
