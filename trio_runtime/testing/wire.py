"""A simulated network that carries SIP and RTP between whole phones in one process, in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.resolve import Record, RecordType
from trio_runtime.base.clock import TrioClock
from trio_runtime.base.environment import Environment
from trio_runtime.observe.ladder import render_ladder
from trio_runtime.testing.carriage import Carriage, WireStatistics
from trio_runtime.testing.link import LinkConditions
from trio_runtime.testing.paths import Hosts, Partition, Paths
from trio_runtime.testing.realm import Realm
from trio_runtime.testing.schedule import seed_scheduler
from trio_runtime.testing.timetable import Timetable
from trio_runtime.testing.wire_network import WireNetwork
from trio_runtime.testing.wire_streams import WireStreams

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import TraceEntry
    from trio_runtime.testing.bandwidth import Bandwidth
    from trio_runtime.testing.bursts import BurstLoss
    from trio_runtime.testing.latency import LatencyLike

__all__ = ["Wire"]

# Wall time at the clock's zero: fixed, so that NTP timestamps repeat as well.
_EPOCH = 1_700_000_000.0


class Wire:
    """The network between simulated hosts: `async with wire:` carries datagrams until the block is left.

    Everything that happens follows from the seed: losses, delays, the random octets of every host, and the
    order in which Trio runs tasks that are ready at the same moment.

    Attributes:
        public: The public network; `Realm.private` makes networks behind a NAT or a firewall.
        trace: The datagrams of signalling sockets with their fate, for ladder diagrams.
        datagrams: All datagrams, signalling and media, as they were sent.
        names: Host names that can be resolved; add to it freely.
        records: SRV and NAPTR records by type and name; add to it freely.
        streams: Listeners and connections.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        latency: LatencyLike = 0.010,
        loss: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        bursts: BurstLoss | None = None,
        bandwidth: Bandwidth | None = None,
        media_loss: float | None = None,
        loss_for: Callable[[TraceEntry], bool] | None = None,
        icmp: bool = False,
        max_datagrams: int = 200_000,
    ) -> None:
        """Describe the links, which are all alike until `set_link` says something else.

        Args:
            seed: Everything random follows from it.
            latency: Seconds of delay, the least and the greatest, or a distribution.
            loss: Probability that a datagram is lost.
            duplicate: Probability that a datagram arrives twice.
            reorder: Probability that a datagram is overtaken by later ones.
            bursts: Losses in bursts, besides those of `loss`.
            bandwidth: What each direction between two hosts can carry.
            media_loss: Probability of loss between media sockets; None is the same as `loss`.
            loss_for: Called once with each datagram; True loses it, whatever the probabilities say.
            icmp: Whether a closed port reports an error to the sender.
            max_datagrams: How many datagrams `datagrams` and `trace` keep.
        """
        conditions = LinkConditions(
            latency=latency,
            loss=loss,
            duplicate=duplicate,
            reorder=reorder,
            bursts=bursts,
            bandwidth=bandwidth,
        )
        media = conditions if media_loss is None else attrs.evolve(conditions, loss=media_loss)
        self.seed = seed
        self._timetable = Timetable()
        self._paths = Paths(str(seed), conditions, media)
        self._carriage = Carriage(
            self._timetable, self._paths, loss_for=loss_for, icmp=icmp, max_datagrams=max_datagrams
        )
        self._programs: list[str] = []
        self.public = Realm("", self._carriage, self._make_environment)
        self.streams = WireStreams(self._timetable, self._paths)
        self.trace = self._carriage.trace
        self.datagrams = self._carriage.datagrams
        self.names: dict[str, list[str]] = {}
        self.records: dict[tuple[RecordType, str], list[Record]] = {}

    def environment(self, host: str = "10.0.0.1") -> Environment:
        """Return the ports of one more program that runs on a host of the public network."""
        return self.public.environment(host)

    def _make_environment(self, realm: Realm, host: str) -> Environment:
        machine = realm.machine(host)
        self._programs.append(machine.origin)
        source = random.Random(f"{self.seed}/{machine.origin}/{self._programs.count(machine.origin)}")
        return Environment(
            clock=TrioClock(),
            network=WireNetwork(machine, self.names, self.records, self.streams),
            random_bytes=source.randbytes,
            epoch=_EPOCH,
        )

    # What may change while it runs

    def set_link(
        self,
        senders: Hosts,
        receivers: Hosts,
        conditions: LinkConditions,
        *,
        media: LinkConditions | None = None,
        one_way: bool = False,
    ) -> None:
        """Let the links between some hosts be as good as this from now on.

        Args:
            senders: An address, a network such as ``10.0.1.0/24``, ``*`` for all, or several of these. Hosts
                behind a NAT go by its public address.
            receivers: The same.
            conditions: How good the links are.
            media: The same for media; None is as `conditions`.
            one_way: Whether the way back stays as it was.
        """
        self._paths.change(senders, receivers, conditions, media, one_way=one_way)

    def partition(self, left: Hosts, right: Hosts) -> Partition:
        """Cut two sets of hosts from one another, until `heal`; what is under way still arrives."""
        return self._paths.cut(left, right)

    def heal(self, partition: Partition | None = None) -> None:
        """End a cut, or all."""
        self._paths.heal(partition)

    # Seeing

    @property
    def open_sockets(self) -> list[Address]:
        """The addresses that are bound now, on hosts that live."""
        machines = [machine for realm in self.public for machine in realm.hosts.values() if machine.alive]
        return sorted(
            (machine.host, port) for machine in machines for port in (*machine.sockets, *machine.listeners)
        )

    @property
    def in_flight(self) -> int:
        """How many datagrams and segments are under way."""
        return len(self._timetable)

    def statistics(self) -> WireStatistics:
        """Return what became of the datagrams so far."""
        return attrs.evolve(self._carriage.counters)

    def ladder(self, names: Mapping[Address, str] | None = None) -> str:
        """Return the signalling so far as a ladder diagram."""
        return render_ladder(self.trace, names)

    def assert_quiet(self) -> None:
        """Raise `AssertionError` with the ladder when a socket is open or a datagram is under way."""
        left = [f"open socket {host}:{port}" for host, port in self.open_sockets]
        if self.in_flight:
            left.append(f"{self.in_flight} datagrams in flight")
        if left:
            raise AssertionError("the wire is not quiet: " + ", ".join(left) + "\n" + self.ladder())

    async def __aenter__(self) -> Wire:
        """Begin to carry."""
        seed_scheduler(str(self.seed))
        self._timetable.start()
        await trio.lowlevel.checkpoint()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop; what is under way stays undelivered."""
        with trio.CancelScope(shield=True):
            await self._timetable.stop()
