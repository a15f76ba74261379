"""NAT boxes and firewalls of the simulated network, by datagrams."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from trio_runtime.base import Address, DatagramSocket
from trio_runtime.testing import FirewallConfig, NatConfig, NatKind, Realm, Wire

INSIDE, NAT, SERVER, OTHER = "192.168.1.2", "198.51.100.1", "203.0.113.5", "203.0.113.6"


async def bound(place: Wire | Realm, host: str, port: int = 5060) -> DatagramSocket:
    return await place.environment(host).network.open_datagram(host, port, receive_buffer=1 << 20)


async def all_of(socket: DatagramSocket) -> list[tuple[bytes, Address]]:
    """What has come within a second from now."""
    await trio.sleep(1)
    seen = []
    while (datagram := socket.receive()) is not None:
        seen.append(datagram)
    return seen


async def mapped(inside: DatagramSocket, peer: DatagramSocket) -> Address:
    """The address that a peer sees."""
    assert inside.send(b"hello", peer.local_address)
    ((_, source),) = await all_of(peer)
    return source


@pytest.mark.parametrize(
    ("kind", "same_port", "strangers"),
    [
        # Who gets in beside the very address that was talked to: another port of its host, another host.
        (NatKind.FULL_CONE, True, [b"port", b"host"]),
        (NatKind.ADDRESS_RESTRICTED, True, [b"port"]),
        (NatKind.PORT_RESTRICTED, True, []),
        (NatKind.SYMMETRIC, False, []),
    ],
)
async def test_each_kind_of_nat_maps_and_filters_as_its_name_says(
    autojump_clock: MockClock, kind: NatKind, same_port: bool, strangers: list[bytes]
) -> None:
    """SIM-1, NAT-1: by the old names (RFC 4787 §5)."""
    async with Wire() as wire:
        home = wire.public.private(nat=NatConfig(kind=kind))
        phone = await bound(home, INSIDE)
        server, its_other_port = await bound(wire, SERVER), await bound(wire, SERVER, 5070)
        other, stranger = await bound(wire, OTHER), await bound(wire, "203.0.113.7")
        seen = await mapped(phone, server)
        assert seen[0] == NAT
        assert seen[1] != 5060
        assert await mapped(phone, server) == seen
        assert (await mapped(phone, other) == seen) is same_port
        server.send(b"answer", seen)
        its_other_port.send(b"port", seen)
        stranger.send(b"host", seen)
        arrived = await all_of(phone)
        assert [data for data, _ in arrived] == [b"answer", *strangers]
        assert arrived[0] == (b"answer", (SERVER, 5060))
        assert wire.statistics().refused == 2 - len(strangers)


@pytest.mark.parametrize("refresh_inbound", [False, True])
async def test_a_mapping_that_is_not_used_is_gone_and_the_next_one_is_another(
    autojump_clock: MockClock, refresh_inbound: bool
) -> None:
    """SIM-1, NAT-1: what comes in keeps it only where the box says so (RFC 4787 REQ-6)."""
    async with Wire() as wire:
        home = wire.public.private(nat=NatConfig(idle_timeout=30, refresh_inbound=refresh_inbound))
        phone, server = await bound(home, INSIDE), await bound(wire, SERVER)
        seen = await mapped(phone, server)
        for _ in range(3):
            await trio.sleep(19)
            server.send(b"still there?", seen)
        assert len(await all_of(phone)) == (3 if refresh_inbound else 1)
        await trio.sleep(31)
        server.send(b"too late", seen)
        assert await all_of(phone) == []
        assert await mapped(phone, server) != seen
        for _ in range(10):
            await trio.sleep(25)
            phone.send(b"keep", (SERVER, 5060))
        assert len({source for _, source in await all_of(server)}) == 1


@pytest.mark.parametrize("hairpin", [False, True])
async def test_neighbours_meet_by_private_addresses_and_by_the_public_one_if_the_box_can(
    autojump_clock: MockClock, hairpin: bool
) -> None:
    """SIM-1."""
    async with Wire() as wire:
        home = wire.public.private(nat=NatConfig(kind="full-cone", hairpin=hairpin))
        one, two = await bound(home, INSIDE), await bound(home, "192.168.1.3")
        server = await bound(wire, SERVER)
        public_one, public_two = await mapped(one, server), await mapped(two, server)
        one.send(b"by the LAN", two.local_address)
        one.send(b"by the NAT", public_two)
        expected = [(b"by the LAN", one.local_address), (b"by the NAT", public_one)]
        assert await all_of(two) == expected[: 2 if hairpin else 1]


async def test_two_homes_have_the_same_addresses_and_one_nat_stands_behind_another(
    autojump_clock: MockClock,
) -> None:
    """SIM-1: private addresses are private; a carrier's NAT around that of a home."""
    async with Wire() as wire:
        server = await bound(wire, SERVER)
        first = await bound(wire.public.private(nat=NatConfig(public_host="198.51.100.1")), INSIDE)
        carrier = wire.public.private(nat=NatConfig(public_host="198.51.100.2", kind="symmetric"))
        second = await bound(carrier.private(nat=NatConfig(public_host="100.64.0.9")), INSIDE)
        seen = [await mapped(first, server), await mapped(second, server)]
        assert [host for host, _ in seen] == ["198.51.100.1", "198.51.100.2"]
        for number, address in enumerate(seen):
            server.send(b"%d" % number, address)
        assert [await all_of(first), await all_of(second)] == [
            [(b"0", (SERVER, 5060))],
            [(b"1", (SERVER, 5060))],
        ]
        assert await all_of(first) == []


async def test_a_firewall_lets_answers_in_until_both_are_idle_and_all_to_open_ports(
    autojump_clock: MockClock,
) -> None:
    """SIM-1: addresses stay as they are."""
    async with Wire() as wire:
        office = wire.public.private(firewall=FirewallConfig(idle_timeout=30, open_ports=frozenset({5070})))
        inside, open_port = await bound(office, "203.0.113.80"), await bound(office, "203.0.113.80", 5070)
        server, other = await bound(wire, SERVER), await bound(wire, OTHER)
        server.send(b"unasked", inside.local_address)
        server.send(b"to the open port", open_port.local_address)
        assert [data for data, _ in await all_of(open_port)] == [b"to the open port"]
        assert inside.receive() is None
        assert await mapped(inside, server) == inside.local_address
        for _ in range(3):
            await trio.sleep(28)
            server.send(b"answer", inside.local_address)
            other.send(b"unasked", inside.local_address)
        assert [data for data, _ in await all_of(inside)] == [b"answer"] * 3
        await trio.sleep(31)
        server.send(b"too late", inside.local_address)
        assert await all_of(inside) == []
        assert office.firewall is not None
        assert office.firewall.refused == 5


async def test_tables_of_the_gates_are_bounded_and_count(autojump_clock: MockClock) -> None:
    """SIM-1: law 8."""
    async with Wire() as wire:
        home = wire.public.private(nat=NatConfig(kind="symmetric", max_mappings=3, idle_timeout=20))
        office = wire.public.private(firewall=FirewallConfig(max_flows=3))
        phone, desk = await bound(home, INSIDE), await bound(office, "203.0.113.80")
        for number in range(5):
            phone.send(b"x", (SERVER, 6_000 + number))
            desk.send(b"x", (SERVER, 6_000 + number))
        assert home.nat is not None
        assert office.firewall is not None
        assert (len(home.nat), home.nat.exhausted) == (3, 2)
        assert (len(office.firewall), office.firewall.forgotten) == (3, 2)
        await trio.sleep(21)
        phone.send(b"x", (SERVER, 7_000))
        assert (len(home.nat), home.nat.exhausted) == (1, 2)


async def test_a_nat_that_was_rebooted_knows_nobody(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire() as wire:
        home = wire.public.private(nat=NatConfig(kind="full-cone"))
        phone, server = await bound(home, INSIDE), await bound(wire, SERVER)
        seen = await mapped(phone, server)
        assert home.nat is not None
        home.nat.reboot()
        server.send(b"x", seen)
        assert await all_of(phone) == []
        assert await mapped(phone, server) != seen
