"""How good the ways between hosts are, which may change while the wire runs, and which are cut."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.testing.bandwidth import Bottleneck
from trio_runtime.testing.link import Link, LinkConditions

__all__ = ["Hosts", "LinkKind", "Partition", "Paths"]

LinkKind: TypeAlias = Literal["sip", "rtp", "tcp"]
Hosts: TypeAlias = "str | Iterable[str]"
"""An address, a network such as ``10.0.1.0/24``, ``*`` for all, or several of these. A host behind a NAT goes
by the NAT's public address, except among its neighbours."""


class _HostSet:
    """Some hosts, by address and by network."""

    def __init__(self, hosts: Hosts) -> None:
        names = [hosts] if isinstance(hosts, str) else sorted(hosts)
        self.names = tuple(names)
        self._all = "*" in names
        self._hosts = frozenset(name for name in names if "/" not in name)
        try:
            self._networks = [ipaddress.ip_network(name) for name in names if "/" in name]
        except ValueError as error:
            raise ConfigurationError(str(error), field="hosts") from error

    def __contains__(self, host: str) -> bool:
        if self._all or host in self._hosts:
            return True
        return bool(self._networks) and any(ipaddress.ip_address(host) in each for each in self._networks)


@attrs.frozen(eq=False)
class Partition:
    """A cut between two sets of hosts, until it is healed.

    Attributes:
        left: Hosts on one side.
        right: Hosts on the other side.
    """

    left: _HostSet
    right: _HostSet

    def parts(self, sender: str, receiver: str) -> bool:
        """Return whether two hosts cannot reach each other."""
        if sender in self.left and receiver in self.right:
            return True
        return sender in self.right and receiver in self.left


@attrs.frozen
class _Rule:
    senders: _HostSet
    receivers: _HostSet
    conditions: LinkConditions
    media: LinkConditions

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whom it is for."""
        return self.senders.names, self.receivers.names


class Paths:
    """All links, and the rules that say how good they are: the youngest that fits counts.

    Args:
        seed: What the seeds of all links begin with.
        conditions: How good they are where no rule fits.
        media: The same for media.
    """

    def __init__(self, seed: str, conditions: LinkConditions, media: LinkConditions) -> None:
        self._seed = seed
        everybody = _HostSet("*")
        self._rules = [_Rule(everybody, everybody, conditions, media)]
        self._partitions: list[Partition] = []
        self._links: dict[tuple[LinkKind, str, str], tuple[Link, str]] = {}
        self._lines: dict[tuple[str, str], tuple[object, Bottleneck]] = {}

    def link(self, kind: LinkKind, origin: str, sender: str, receiver: str) -> Link:
        """Return the link that datagrams of one kind take.

        Args:
            kind: What they are.
            origin: Name of the sending host in seeds.
            sender: Its address as the receiver sees it.
            receiver: The receiver's address.
        """
        found = self._links.get((kind, origin, receiver))
        if found is None:
            conditions = self._conditions(kind, sender, receiver)
            seed = f"{self._seed}/{kind}/{origin}/{receiver}"
            link = Link(conditions, seed, self._line(conditions, sender, receiver))
            found = self._links[kind, origin, receiver] = link, sender
        return found[0]

    def change(
        self,
        senders: Hosts,
        receivers: Hosts,
        conditions: LinkConditions,
        media: LinkConditions | None = None,
        *,
        one_way: bool = False,
    ) -> None:
        """Let links be as good as this from now on; see `Wire.set_link`."""
        left, right = _HostSet(senders), _HostSet(receivers)
        self._add(_Rule(left, right, conditions, media or conditions))
        if not one_way:
            self._add(_Rule(right, left, conditions, media or conditions))
        for (kind, _, receiver), (link, sender) in self._links.items():
            conditions = self._conditions(kind, sender, receiver)
            link.change(conditions, self._line(conditions, sender, receiver))

    def _add(self, new: _Rule) -> None:
        """Add a rule in place of an older one for the same hosts: changes for ever must not make a list."""
        self._rules = [rule for rule in self._rules if rule.names != new.names]
        self._rules.append(new)

    def _conditions(self, kind: LinkKind, sender: str, receiver: str) -> LinkConditions:
        rule = next(
            rule for rule in reversed(self._rules) if sender in rule.senders and receiver in rule.receivers
        )
        return rule.media if kind == "rtp" else rule.conditions

    def _line(self, conditions: LinkConditions, sender: str, receiver: str) -> Bottleneck | None:
        """Return the line that all kinds of datagrams between two hosts share."""
        if conditions.bandwidth is None:
            return None
        limits, line = self._lines.get((sender, receiver), (None, None))
        if line is None or limits != conditions.bandwidth:
            line = Bottleneck(conditions.bandwidth)
            self._lines[sender, receiver] = conditions.bandwidth, line
        return line

    # Cuts

    def cut(self, left: Hosts, right: Hosts) -> Partition:
        """Let no datagram pass between two sets of hosts."""
        partition = Partition(_HostSet(left), _HostSet(right))
        self._partitions.append(partition)
        return partition

    def heal(self, partition: Partition | None = None) -> None:
        """End one cut, or all."""
        self._partitions = [each for each in self._partitions if partition not in (None, each)]

    def is_cut(self, sender: str, receiver: str) -> bool:
        """Return whether a cut is between two hosts."""
        return bool(self._partitions) and any(each.parts(sender, receiver) for each in self._partitions)
