"""Questions to a name server, which is played here on the loopback interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trio

from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.resolve import AddressRecord, DnsQuestion, NaptrRecord, RecordType, SrvRecord
from trio_runtime.base.errors import ResolutionError
from trio_runtime.dialog.lookups import DnsLookups
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.testing import Wire
from trio_runtime.transport import KernelNetwork
from trio_runtime.transport.dns import DnsClient

Reply = Callable[[dns.message.Message], dns.message.Message]

RECORDS = {
    ("_sip._udp.example.com.", "SRV"): ["1 10 5060 s1.example.com.", "2 0 5070 s2.example.com."],
    ("example.com.", "NAPTR"): ['10 20 "s" "SIP+D2U" "" _sip._udp.example.com.'],
}


def known(query: dns.message.Message) -> dns.message.Message:
    """Answer from `RECORDS`; a name that is not there does not exist, unless it is below example.com."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    (question,) = query.question
    name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
    rows = RECORDS.get((name, kind))
    if rows is not None:
        reply.answer.append(dns.rrset.from_text(name, 120, "IN", kind, *rows))
    elif not name.endswith("example.com."):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


def refusing(query: dns.message.Message) -> dns.message.Message:
    """Answer no question at all."""
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.REFUSED)
    return reply


@asynccontextmanager
async def name_server(answer: Reply, folder: Path) -> AsyncIterator[DnsClient]:
    """Serve on the loopback interface; give a client that asks there."""
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as sock:
        await sock.bind(("127.0.0.1", 0))

        async def serve(task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
            task_status.started()
            while True:
                data, source = await sock.recvfrom(4_096)
                await sock.sendto(answer(dns.message.from_wire(data)).to_wire(), source)

        async with trio.open_nursery() as nursery:
            await nursery.start(serve)
            configuration = folder / "resolv.conf"
            configuration.write_text("nameserver 127.0.0.1\n")
            yield DnsClient(str(configuration), sock.getsockname()[1])
            nursery.cancel_scope.cancel()


async def test_servers_and_transports_of_a_domain_are_read(tmp_path: Path) -> None:
    """TRN-11: SRV and NAPTR, with their time to live."""
    async with name_server(known, tmp_path) as client:
        network = KernelNetwork(open_media=KernelMediaIO, dns=client)
        servers = await network.look_up(RecordType.SRV, "_sip._udp.example.com")
        assert set(servers.records) == {
            SrvRecord(1, 10, 5060, "s1.example.com."),
            SrvRecord(2, 0, 5070, "s2.example.com."),
        }
        assert servers.ttl == 120.0
        transports = await network.look_up(RecordType.NAPTR, "example.com")
        assert transports.records == (NaptrRecord(10, 20, "s", "SIP+D2U", "_sip._udp.example.com."),)


@pytest.mark.parametrize("name", ["other.example.com", "no.such.domain"])
async def test_name_without_records_has_none(name: str, tmp_path: Path) -> None:
    """TRN-11: whether it exists or not."""
    async with name_server(known, tmp_path) as client:
        assert (await client.look_up(RecordType.SRV, name)).records == ()


async def test_dns_that_refuses_is_an_error(tmp_path: Path) -> None:
    """TRN-11, ERR-1: so is a machine without a name server."""
    with pytest.raises(ResolutionError, match="example"):
        await DnsClient(str(tmp_path / "none")).look_up(RecordType.NAPTR, "example.com")
    async with name_server(refusing, tmp_path) as client:
        with pytest.raises(ResolutionError, match=r"example\.com"):
            await client.look_up(RecordType.NAPTR, "example.com")


@pytest.mark.parametrize(
    "name", ["localhost", "_sip._udp.localhost", "printer", "_sip._tcp.phone.local", "x.invalid"]
)
async def test_names_of_this_network_are_not_asked_for_outside(name: str) -> None:
    """TRN-11: RFC 6761, RFC 6762; there is nobody here who could be asked."""
    client = DnsClient("none")
    assert (await client.look_up(RecordType.SRV, name)).records == ()


async def test_addresses_come_from_the_system_by_their_family() -> None:
    """TRN-11: numbers are their own answer, and the hosts file counts."""
    network = KernelNetwork(open_media=KernelMediaIO)
    four = await network.look_up(RecordType.A, "192.0.2.7")
    six = await network.look_up(RecordType.AAAA, "192.0.2.7")
    assert (four.records, six.records) == ((AddressRecord("192.0.2.7"),), ())
    assert AddressRecord("127.0.0.1") in (await network.look_up(RecordType.A, "localhost")).records


async def test_questions_that_wait_have_a_limit() -> None:
    """TRN-11, law 8: what is beyond fails at once and is counted."""
    agent = Agent(
        AgentConfig(address="<sip:a@h>", contact="<sip:a@192.0.2.1>", sent_by={"UDP": ("192.0.2.1", 5060)}),
        now=0.0,
        ids=Ids(Random(1).randbytes),
    )
    lookups = DnsLookups(agent, Wire().environment(), lambda: None)
    for number in range(1_003):
        agent.request("OPTIONS", f"sip:b@h{number}.example.com:5060", 0.0)
    for event in list(iter(agent.next_event, None)):
        if isinstance(event, DnsQuestion) and event.record_type is RecordType.A:
            lookups.ask(event)
    assert lookups.dropped == 3
    lookups.close()
