"""Calls by names over real sockets: servers in order, dead ones passed over, answers kept, faults bounded."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio

from tests.runtime.name_server import Reply, Zone, name_server, raw
from trio_runtime import CallEnded, IncomingCall, SessionCoordinator, open_coordinator
from trio_runtime.api import kernel_environment
from trio_runtime.base.environment import Environment
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.transport import KernelNetwork

HOST = "127.0.0.1"
HOSTS = {("s1.example.com.", "A"): [HOST], ("s2.example.com.", "A"): [HOST]}


async def answer(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


def closed_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def phones(
    reply: Reply, folder: Path, *, transport: str = "udp", lifetime: float = 4.0
) -> AsyncIterator[tuple[SessionCoordinator, int]]:
    """A phone that asks this name server, and the port of one that answers."""
    async with name_server(reply, folder, lifetime=lifetime) as client:
        real = kernel_environment()
        network = KernelNetwork(KernelMediaIO, client, addresses_from_dns=True)
        environment: Environment = attrs.evolve(real, network=network)
        settings = {"bind_host": HOST, "sip_port": 0, "no_media": True}
        bob = open_coordinator(**settings, listen=(transport,))  # type: ignore[arg-type]
        alice = open_coordinator(environment=environment, **settings, listen=(transport,))  # type: ignore[arg-type]
        try:
            async with alice, bob, trio.open_nursery() as nursery:
                await nursery.start(bob.serve, answer)
                yield alice, bob.listening[0].port
                nursery.cancel_scope.cancel()
        finally:
            real.close()


@pytest.mark.parametrize(("transport", "kind"), [("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)])
async def test_dead_server_is_passed_over(transport: str, kind: socket.SocketKind, tmp_path: Path) -> None:
    """TRN-11: NAPTR, SRV and A from the wire; a closed port, then who answers; the dead is remembered."""
    zone = Zone(dict(HOSTS))
    async with phones(zone, tmp_path, transport=transport) as (alice, port):
        letter = {"udp": "U", "tcp": "T"}[transport]
        service = f"_sip._{transport}.example.com."
        zone.records["example.com.", "NAPTR"] = [f'10 20 "s" "SIP+D2{letter}" "" {service}']
        zone.records[service, "SRV"] = [
            f"1 1 {closed_port(kind)} s1.example.com.",
            f"2 1 {port} s2.example.com.",
        ]
        with trio.fail_after(5):
            for _ in range(3):
                async with alice.make_call("sip:bob@example.com") as call:
                    await call.answered()
        assert alice.statistics().dialogs.agent.failovers == 1
        kinds = [kind for _, kind in zone.asked]
        assert kinds.count("NAPTR") == kinds.count("SRV") == 1  # what was answered holds


async def test_answers_that_do_not_hold_are_asked_for_again(tmp_path: Path) -> None:
    """TRN-11: a time to live of nothing."""
    zone = Zone(dict(HOSTS), ttl=0)
    async with phones(zone, tmp_path) as (alice, port):
        zone.records["_sip._udp.example.com.", "SRV"] = [f"1 1 {port} s1.example.com."]
        with trio.fail_after(5):
            for _ in range(2):
                async with alice.make_call("sip:bob@example.com") as call:
                    await call.answered()
        assert zone.asked.count(("_sip._udp.example.com.", "SRV")) == 2


async def test_all_servers_dead_is_the_end_of_the_call(tmp_path: Path) -> None:
    """TRN-11, TXN-7: at once, as every port is closed."""
    ports = [closed_port(socket.SOCK_DGRAM) for _ in range(3)]
    rows = [f"{port % 7} 1 {port} s1.example.com." for port in ports]
    zone = Zone({**HOSTS, ("_sip._udp.example.com.", "SRV"): rows})
    async with phones(zone, tmp_path) as (alice, _):
        with trio.fail_after(5):
            async with alice.make_call("sip:bob@example.com") as call:
                with pytest.raises(CallEnded, match="cannot be reached"):
                    await call.answered()


@pytest.mark.parametrize("reply", [raw(), raw(b"garbage"), Zone({})])
async def test_dns_that_fails_ends_the_call_in_bounded_time_and_hurts_no_other(
    reply: Reply, tmp_path: Path
) -> None:
    """TRN-11, ERR-1: silence, garbage, and a name that nobody knows; a call by number goes on meanwhile."""
    async with phones(reply, tmp_path, lifetime=0.2) as (alice, port):
        with trio.fail_after(8):
            async with alice.make_call("sip:bob@nowhere.example.com") as lost:
                async with alice.make_call(f"sip:bob@{HOST}:{port}") as call:
                    await call.answered()
                with pytest.raises(CallEnded):
                    await lost.answered()
    assert alice.leftovers() == []
