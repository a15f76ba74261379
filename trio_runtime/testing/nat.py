"""A NAT box: hosts with private addresses, whose datagrams carry its own public one (RFC 4787)."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.types import Address
from trio_runtime.base.validation import between, port_range, text
from trio_runtime.testing.gates import TransportName

__all__ = ["Nat", "NatConfig", "NatKind", "as_nat_kind"]

_Key: TypeAlias = "tuple[TransportName, Address, Address | None]"


class NatKind(Enum):
    """The kinds, by the old names; RFC 4787 has a mapping and a filtering behaviour instead.

    The first three map each inner address to one public port, whoever is talked to, and let in: everybody,
    the hosts that were talked to, or only the very addresses. A symmetric one maps anew for every peer.
    """

    FULL_CONE = "full-cone"
    ADDRESS_RESTRICTED = "address-restricted"
    PORT_RESTRICTED = "port-restricted"
    SYMMETRIC = "symmetric"


def as_nat_kind(value: NatKind | str) -> NatKind:
    """Return a kind by its name.

    Raises:
        ConfigurationError: There is no such kind.
    """
    try:
        return NatKind(value)
    except ValueError:
        names = ", ".join(kind.value for kind in NatKind)
        raise ConfigurationError(f"must be one of {names}, not {value!r}", field="kind") from None


@attrs.frozen(kw_only=True)
class NatConfig:
    """How a NAT box behaves.

    Attributes:
        public_host: Its address outside.
        kind: Whom it maps for and lets in.
        idle_timeout: Seconds after which a mapping is gone that nothing has used from inside.
        stream_idle_timeout: The same for connections (RFC 5382: 2 h 4 min at least).
        refresh_inbound: Whether what comes in keeps a mapping as well.
        hairpin: Whether hosts inside reach one another by their public addresses.
        ports: First and last public port.
        max_mappings: Mappings at once, and peers that are remembered for each; with one mapping more,
            datagrams that need it are dropped and counted.
    """

    public_host: str = attrs.field(default="198.51.100.1", validator=text)
    kind: NatKind = attrs.field(default=NatKind.PORT_RESTRICTED, converter=as_nat_kind)
    idle_timeout: float = attrs.field(default=30.0, validator=between(0.001, unit=" s"))
    stream_idle_timeout: float = attrs.field(default=7_440.0, validator=between(0.001, unit=" s"))
    refresh_inbound: bool = False
    hairpin: bool = False
    ports: tuple[int, int] = attrs.field(default=(20_000, 60_000), validator=port_range)
    max_mappings: int = attrs.field(default=10_000, validator=between(1))


@attrs.define
class _Mapping:
    key: _Key
    public_port: int
    used: float
    contacted: dict[Address, float] = attrs.field(factory=dict)


class Nat:
    """A NAT box at work.

    Attributes:
        config: How it behaves.
        refused: What was not let in.
        exhausted: What found no free mapping.
    """

    def __init__(self, config: NatConfig) -> None:
        """Begin without mappings."""
        self.config = config
        self.refused = 0
        self.exhausted = 0
        self._by_key: dict[_Key, _Mapping] = {}
        self._by_port: dict[tuple[TransportName, int], _Mapping] = {}
        self._next_port = config.ports[0]

    def __len__(self) -> int:
        """Return how many mappings there are, those included that nobody has asked for since they ended."""
        return len(self._by_port)

    @property
    def public_host(self) -> str:
        """Its address outside."""
        return self.config.public_host

    def outgoing(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Map a source; None when no mapping is free, or when it leads back inside and may not."""
        config = self.config
        if destination[0] == config.public_host and not config.hairpin:
            self.refused += 1
            return None
        key = (transport, source, destination if config.kind is NatKind.SYMMETRIC else None)
        mapping = self._by_key.get(key)
        if mapping is not None and self._is_over(mapping, now):
            self._forget(mapping)
            mapping = None
        if mapping is None:
            mapping = self._new(key, now)
        if mapping is None:
            self.exhausted += 1
            return None
        mapping.used = now
        if config.kind is not NatKind.FULL_CONE:
            mapping.contacted.pop(destination, None)  # the youngest stand last
            if len(mapping.contacted) >= config.max_mappings:
                del mapping.contacted[next(iter(mapping.contacted))]
            mapping.contacted[destination] = now
        return config.public_host, mapping.public_port

    def incoming(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Return for whom inside a datagram is, None when there is no mapping or it is a stranger's."""
        mapping = self._by_port.get((transport, destination[1]))
        if mapping is not None and self._is_over(mapping, now):
            self._forget(mapping)
            mapping = None
        if mapping is None or not self._lets_in(mapping, source, now):
            self.refused += 1
            return None
        if self.config.refresh_inbound:
            mapping.used = now
            if source in mapping.contacted:
                mapping.contacted[source] = now
        return mapping.key[1]

    def _lets_in(self, mapping: _Mapping, source: Address, now: float) -> bool:
        kind = self.config.kind
        if kind is NatKind.FULL_CONE:
            return True
        since = now - self._idle(mapping.key[0])
        if kind is NatKind.ADDRESS_RESTRICTED:
            return any(host == source[0] and at >= since for (host, _), at in mapping.contacted.items())
        return mapping.contacted.get(source, float("-inf")) >= since

    def _idle(self, transport: TransportName) -> float:
        config = self.config
        return config.idle_timeout if transport == "udp" else config.stream_idle_timeout

    def _is_over(self, mapping: _Mapping, now: float) -> bool:
        return now - mapping.used > self._idle(mapping.key[0])

    def _new(self, key: _Key, now: float) -> _Mapping | None:
        if len(self._by_port) >= self.config.max_mappings:
            for mapping in [each for each in self._by_port.values() if self._is_over(each, now)]:
                self._forget(mapping)
        port = self._free_port(key[0])
        if port is None or len(self._by_port) >= self.config.max_mappings:
            return None
        mapping = self._by_key[key] = self._by_port[key[0], port] = _Mapping(key, port, now)
        return mapping

    def _free_port(self, transport: TransportName) -> int | None:
        """Return the next port: never the one inside, which hides the mistakes of who believes in it."""
        first, last = self.config.ports
        for _ in range(last - first + 1):
            port = self._next_port
            self._next_port = port + 1 if port < last else first
            if (transport, port) not in self._by_port:
                return port
        return None

    def _forget(self, mapping: _Mapping) -> None:
        del self._by_key[mapping.key]
        del self._by_port[mapping.key[0], mapping.public_port]

    def reboot(self) -> None:
        """Forget every mapping, as a box does that is switched off and on."""
        self._by_key.clear()
        self._by_port.clear()
