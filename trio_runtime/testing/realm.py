"""A network whose hosts reach one another: the public one, or a private one behind a NAT or a firewall."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.testing.firewall import Firewall, FirewallConfig
from trio_runtime.testing.machines import DatagramCarrier, Machine
from trio_runtime.testing.nat import Nat, NatConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.testing.gates import Gate, TransportName

__all__ = ["Realm"]


class Realm:
    """One network of hosts; `Wire.public` is the first, `private` makes more.

    Attributes:
        name: Its name, empty for the public one.
        outer: The network around it.
        nat: Its NAT box.
        firewall: Its firewall.
        hosts: The present life of each host.
    """

    def __init__(
        self,
        name: str,
        carrier: DatagramCarrier,
        make_environment: Callable[[Realm, str], Environment],
        *,
        outer: Realm | None = None,
        nat: Nat | None = None,
        firewall: Firewall | None = None,
    ) -> None:
        """Use `Realm.private` instead."""
        self.name = name
        self.outer = outer
        self.nat = nat
        self.firewall = firewall
        self.hosts: dict[str, Machine] = {}
        # From inside to outside: a NAT's own firewall sees the private addresses.
        self._gates: list[Gate] = [gate for gate in (firewall, nat) if gate is not None]
        self._inner: dict[str, Realm] = {}
        self._realms: list[Realm] = []
        self._carrier = carrier
        self._make_environment = make_environment

    def __repr__(self) -> str:
        """Return the name and the hosts."""
        return f"<{self.name or 'public'} network of {', '.join(self.hosts) or 'nobody'}>"

    def private(self, *, nat: NatConfig | None = None, firewall: FirewallConfig | None = None) -> Realm:
        """Return a new network behind a NAT, a firewall or both; behind a mere firewall addresses stay.

        Raises:
            ConfigurationError: Neither is given, or somebody has the NAT's public address already.
        """
        if nat is None and firewall is None:
            raise ConfigurationError("a private network needs one, or a firewall", field="nat")
        name = f"{self.name}/{len(self._realms) + 1}" if self.name else f"private-{len(self._realms) + 1}"
        box = None if nat is None else Nat(nat)
        wall = None if firewall is None else Firewall(firewall)
        realm = Realm(name, self._carrier, self._make_environment, outer=self, nat=box, firewall=wall)
        if nat is not None:
            self._announce(nat.public_host, realm)
        self._realms.append(realm)
        return realm

    def environment(self, host: str) -> Environment:
        """Return the ports of one more program that runs on a host of this network."""
        return self._make_environment(self, host)

    def machine(self, host: str) -> Machine:
        """Return the present life of a host, which begins when it is asked for first."""
        machine = self.hosts.get(host)
        if machine is None:
            if host in self._inner:
                raise ConfigurationError(f"{host} stands for a private network already", field="host")
            origin = f"{self.name}/{host}" if self.name else host
            machine = self.hosts[host] = Machine(self, host, origin, self._carrier)
            if self.outer is not None and self.nat is None:
                self.outer._announce(host, self)
        return machine

    def _announce(self, host: str, realm: Realm) -> None:
        """Let an address lead into an inner network, here and wherever it is seen as it is."""
        if host in self.hosts or host in self._inner:
            raise ConfigurationError(f"somebody has {host} already", field="public_host")
        self._inner[host] = realm
        if self.outer is not None and self.nat is None:
            self.outer._announce(host, self)

    def __iter__(self) -> Iterator[Realm]:
        """Iterate over this network and all that are inside of it."""
        yield self
        for realm in self._realms:
            yield from realm

    # Life and death

    def kill(self, host: str) -> None:
        """Let a host die: nothing goes out or comes in, nobody is told; its programs and memory stay."""
        self.machine(host).alive = False

    def revive(self, host: str) -> None:
        """Let a dead host go on with the sockets and the memory that it had, as after a long sleep."""
        self.machine(host).alive = True

    def restart(self, host: str) -> None:
        """Let a host begin anew, without a socket: what its programs had before reaches nobody any more.

        Connections of before are reset as soon as the far end sends. End the programs, which in this process
        still run, and start new ones with a new `environment`.
        """
        self.hosts[host] = self.machine(host).next_life()

    # Ways

    def leave(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> tuple[Realm, Address] | None:
        """Go outwards to where an address is known; return that network and the source that is seen there."""
        realm = self
        host = destination[0]
        while realm.outer is not None and host not in realm.hosts and host not in realm._inner:
            for gate in realm._gates:
                seen = gate.outgoing(now, transport, source, destination)
                if seen is None:
                    return None
                source = seen
            realm = realm.outer
        return realm, source

    def enter(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> tuple[Realm, Address] | None:
        """Go inwards to the network of a host; return it and the address there, None when a gate is shut."""
        realm = self
        while (inner := realm._inner.get(destination[0])) is not None:
            for gate in reversed(inner._gates):
                inside = gate.incoming(now, transport, source, destination)
                if inside is None:
                    return None
                destination = inside
            realm = inner
        return realm, destination
